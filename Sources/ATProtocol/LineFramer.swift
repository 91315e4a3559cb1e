/// Cuts a modem's byte stream into lines, with any kind of line end.
///
/// - Any run of CR and LF ends a line; empty lines vanish; a missing leading CR LF does not matter.
/// - NUL, DEL and all other control bytes vanish, but for those in a text of USSD, where they are characters of the seven-bit
///   alphabet (`+CSCS="GSM"`, 27.007 §5.5): `ESC e` is the sign of the euro. So do spaces and bytes from 0x80 up at the start of a line (line noise
///   after a speed change or a reset); inside a line such bytes are kept, they may be a network's name.
/// - `> ` at the start of a line is a prompt and is handed out at once, as the line `>`.
/// - Results that firmware glues to a neighbour are taken apart: `ERROR+CNUM: …`, `OK^RSSI:26`, `OKRING`,
///   `+CSQ: 24,99OK`, `+CSSI: 1^CONN:1,0`.
/// - A line longer than the limit keeps its beginning; the rest is counted and dropped.
///
/// How the stream is cut into reads never changes the lines. The only memory is the unfinished line.
package struct LineFramer: Sendable {
    /// The number of bytes dropped since the last ``reset()`` because their line was too long.
    package private(set) var discardedBytes = 0
    /// The number of control and noise bytes dropped since the last ``reset()``.
    package private(set) var noiseBytes = 0

    /// The longest line handed out, in bytes.
    package let lineLimit: Int

    /// The unfinished line, never empty while inside one.
    private var partial: [UInt8] = []
    /// Whether a text of USSD goes on in the next line, as its quote is not closed.
    private var isAmidText: Bool { textLines > 0 }
    /// How many lines it has had; 0 outside.
    private var textLines = 0

    /// Creates a framer whose lines are at most `lineLimit` bytes long (never less than 16).
    package init(lineLimit: Int = 4096) {
        self.lineLimit = max(16, lineLimit)
        partial.reserveCapacity(min(self.lineLimit, 256))
    }

    /// Whether a line has begun and not ended yet.
    package var hasPartialLine: Bool { !partial.isEmpty }

    /// Forgets the unfinished line and sets the counters back.
    package mutating func reset() {
        partial.removeAll(keepingCapacity: true)
        textLines = 0
        discardedBytes = 0
        noiseBytes = 0
    }

    /// Takes bytes as they were read and returns the lines that they complete.
    package mutating func receive(_ bytes: [UInt8]) -> [ATLine] {
        var lines: [ATLine] = []
        bytes.withUnsafeBufferPointer { buffer in
            receive(buffer) { lines.append(ATLine(bytes: $0)) }
        }
        return lines
    }

    /// Takes bytes as they were read and calls `body` with each line that they complete.
    ///
    /// The bytes lent to `body` are valid only during that call. Once the longest line has been seen, nothing is
    /// allocated.
    package mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var index = 0
        while index < bytes.count {
            if partial.isEmpty {
                index = skipNoise(bytes, from: index)
                guard index < bytes.count else { return }
                if bytes[index] == UInt8(ascii: ">") {
                    partial.append(bytes[index])
                    index += 1
                    continue
                }
            } else if bytes[index] == .space, partial.count == 1, partial[0] == UInt8(ascii: ">") {
                finishPartial(body)
                index += 1
                continue
            }

            let end = Self.textEnd(bytes, from: index)
            let isFinished = end < bytes.count && (bytes[end] == .carriageReturn || bytes[end] == .lineFeed)
            if partial.isEmpty, isFinished {
                let whole = Bytes(rebasing: bytes[index..<end])
                discardedBytes += max(0, whole.count - lineLimit)
                textLines = Self.textLines(behind: whole, textLines)
                Self.takeApart(whole.upTo(lineLimit), body)
            } else {
                append(Bytes(rebasing: bytes[index..<end]))
                if isFinished {
                    finishPartial(body)
                } else if end < bytes.count {
                    if isAmidText || partial.starts(with: Self.textStart) {
                        append(Bytes(rebasing: bytes[end..<(end + 1)]))
                    } else {
                        noiseBytes += 1
                    }
                }
            }
            index = end + 1
        }
    }

    /// Returns the index of the first byte that can begin a line.
    private mutating func skipNoise(_ bytes: Bytes, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            let isText = byte > .space && byte < 0x7F
            if isText || isAmidText && byte != .carriageReturn && byte != .lineFeed { break }
            if byte != .carriageReturn, byte != .lineFeed, byte != .space { noiseBytes += 1 }
            index += 1
        }
        return index
    }

    /// Returns the index of the first control byte at or after `start`.
    private static func textEnd(_ bytes: Bytes, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] >= .space, bytes[index] != 0x7F { index += 1 }
        return index
    }

    private mutating func append(_ bytes: Bytes) {
        let room = max(0, lineLimit - partial.count)
        discardedBytes += max(0, bytes.count - room)
        partial.append(contentsOf: bytes.upTo(room))
    }

    private static let textStart = Array("+CUSD:".utf8)

    /// How many lines the text of USSD has that is open behind a line, 0 for none; what begins like a message of the modem's is
    /// none of it, and no text has more than ``LineJoiner/mostLines``.
    private static func textLines(behind line: Bytes, _ before: Int) -> Int {
        if line.starts(with: textStart) { return line.count(where: { $0 == .quote }) == 1 ? 1 : 0 }
        guard before > 0, before < LineJoiner.mostLines, line.first?.isSigil != true, !line.contains(.quote) else {
            return 0
        }
        return before + 1
    }

    private mutating func finishPartial(_ body: (Bytes) -> Void) {
        textLines = partial.withUnsafeBufferPointer { [textLines] line in
            Self.takeApart(line, body)
            return Self.textLines(behind: line, textLines)
        }
        partial.removeAll(keepingCapacity: true)
    }
}

// MARK: - Glued results

extension LineFramer {
    /// Hands out one line, or the several that firmware has run together in it.
    private static func takeApart(_ line: Bytes, _ body: (Bytes) -> Void) {
        var rest = line
        while true {
            switch rest.first {
            case UInt8(ascii: "O"), UInt8(ascii: "E"):
                let length = rest[0] == UInt8(ascii: "O") ? 2 : 5
                guard rest.count > length, isResult(rest.upTo(length)), isUnsolicited(rest.from(length)) else {
                    return body(rest)
                }
                body(rest.upTo(length))
                rest = rest.from(length)
            case .some(let sigil) where sigil.isSigil:
                if let length = unterminatedNotice(rest) {
                    body(rest.upTo(length))
                    rest = rest.from(length)
                } else if endsWithGluedOK(rest) {
                    body(rest.upTo(rest.count - 2))
                    return body(rest.from(rest.count - 2))
                } else {
                    return body(rest)
                }
            case .none: return
            case .some: return body(rest)
            }
        }
    }

    /// Whether these bytes are `OK` or `ERROR` as a modem writes them; text in mixed case is text.
    private static func isResult(_ bytes: Bytes) -> Bool {
        isExactly(bytes, "OK") || isExactly(bytes, "ERROR")
    }

    private static func isExactly(_ bytes: Bytes, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount && text.withUTF8Buffer { bytes.elementsEqual($0) }
    }

    /// Whether a line that begins like this can follow a result without a line end between them.
    private static func isUnsolicited(_ bytes: Bytes) -> Bool {
        if bytes.count >= 2, bytes[0].isSigil, bytes[1].isLetter { return true }
        return isExactly(bytes.upTo(4), "RING")
    }

    /// Whether the line is `+NAME: …` with `OK` stuck to its last number or closing quote.
    private static func endsWithGluedOK(_ bytes: Bytes) -> Bool {
        guard bytes.count > 6, isExactly(bytes.from(bytes.count - 2), "OK") else { return false }
        let before = bytes[bytes.count - 3]
        guard before.isDigit || before == .quote, bytes[1].isLetter else { return false }
        var index = 1
        while index < bytes.count, bytes[index].isLetter || bytes[index].isDigit || bytes[index] == UInt8(ascii: "_") {
            index += 1
        }
        return index < bytes.count - 3 && bytes[index] == .colon
    }

    /// Returns the length of a `+CSSI: n` or `+CSSU: n` that has lost its line end to what follows it (seen on Huawei).
    private static func unterminatedNotice(_ bytes: Bytes) -> Int? {
        guard isExactly(bytes.upTo(6), "+CSSI:") || isExactly(bytes.upTo(6), "+CSSU:") else { return nil }
        var index = 6
        while index < bytes.count, bytes[index].isDigit || bytes[index] == .space || bytes[index] == .comma {
            index += 1
        }
        guard index > 6, index < bytes.count else { return nil }
        let next = bytes.from(index)
        return isUnsolicited(next) || isResult(next) ? index : nil
    }
}
