extension Indication {
    /// Reads a line that no command asked for.
    ///
    /// Known names whose parameters make no sense, and everything else in the shape of `NAME: …`, become
    /// ``unknown(name:)``. Returns nil for plain text, for a prompt, and for final results that are not about a call.
    package init?(_ line: ATLine) {
        guard let indication = line.withBytes({ Indication(bytes: $0) }) else { return nil }
        self = indication
    }

    /// Reads the bytes of a line that no command asked for; see ``init(_:)``.
    package init?(bytes: UnsafeBufferPointer<UInt8>) {
        let line = bytes.trimmed
        guard let first = line.first, first.isSigil || first.isLetter else { return nil }
        if let result = FinalResult(bytes: line) {
            guard result.isAboutACall else { return nil }
            self = .result(result)
            return
        }
        let colon = line.firstIndex(of: .colon)
        let name = line.upTo(colon ?? line.count).trimmed
        let parameters = colon.map { line.from($0 + 1).trimmed } ?? line.from(line.count)
        if !first.isSigil, let indication = Self.words(line, name: name, parameters: parameters, colon: colon) {
            self = indication
            return
        }
        guard Self.isName(name, hasColon: colon != nil) else { return nil }
        // Names up to 15 bytes are looked up without an allocation; no known one is longer.
        if name.count <= 15, let read = Self.readers[name.string] {
            self = read(parameters) ?? .unknown(name: name.string)
        } else {
            self = .unknown(name: name.upTo(32).string)
        }
    }

    /// Whether these bytes can be the name of a message: a sigil and a word, or a word in front of a colon.
    private static func isName(_ name: Bytes, hasColon: Bool) -> Bool {
        guard let first = name.first else { return false }
        if first.isSigil { return name.count == 1 || name[1].isLetter }
        return hasColon && name.count <= 32
            && name.allSatisfy {
                $0.isLetter || $0.isDigit || $0 == .space || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }

    /// Reads the messages that are words without a sigil in front.
    private static func words(_ line: Bytes, name: Bytes, parameters: Bytes, colon: Int?) -> Indication? {
        switch line[0].uppercased {
        case UInt8(ascii: "R"):
            if line.equals("RING") { return .ring(kind: nil) }
            if line.equals("RDY") { return .started(stage: line.string) }
        case UInt8(ascii: "P"), UInt8(ascii: "S"), UInt8(ascii: "C"), UInt8(ascii: "A"):
            if line.equals("PB DONE") || line.equals("SMS DONE") || line.equals("SMS READY")
                || line.equals("CALL READY") || line.equals("APP RDY")
            {
                return .started(stage: line.string)
            }
        default: break
        }
        let key = line.upTo(colon.map { $0 + 1 } ?? line.count)
        // Most lines of text begin with another letter.
        if wordStarts & (1 << UInt32(line[0] & 0x1F)) != 0, key.count <= 15, let read = readers[key.string] {
            return read(parameters) ?? .unknown(name: name.string)
        }
        return isAnnouncement(line) ? .unknown(name: line.upTo(32).string) : nil
    }

    /// Whether the line is one of the sentences that modems say by themselves and that mean nothing to us.
    private static func isAnnouncement(_ line: Bytes) -> Bool {
        line.equals("REMOTE CALL END") || line.equals("NORMAL POWER DOWN") || line.equals("POWERED DOWN")
            || line.starts(with: "UNDER-VOLTAGE") || line.starts(with: "OVER-VOLTAGE")
    }
}
