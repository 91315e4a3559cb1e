/// Reads the parameters of a message; nil when they make no sense.
package typealias MessageReader = @Sendable (UnsafeBufferPointer<UInt8>) -> Indication?

extension Indication {
    /// What reads the parameters of each known message: the standard's, and those of every family.
    ///
    /// The names carry their sigil; all of them fit into fifteen bytes.
    static let readers: [String: MessageReader] = ModemDriver.all
        .reduce(into: standardReaders) { readers, driver in
            readers.merge(driver.messages) { earlier, _ in earlier }
        }

    /// The letters with which the names without a sigil begin, as a set of bits.
    static let wordStarts: UInt32 = readers.keys.reduce(into: 0) { letters, name in
        if let first = name.utf8.first, first.isLetter { letters |= 1 << UInt32(first & 0x1F) }
    }

    private static let standardReaders: [String: MessageReader] = [
        "+CRING": { .ring(kind: Fields($0)[0].text) },
        "+CLIP": { CallerLine(clip: Fields($0)).map(callerLine) },
        "+CCWA": { CallerLine(ccwa: Fields($0)).map(callWaiting) },
        "+CLCC": { CallListEntry(Fields($0), numberAt: 5).map(listed) },

        "+CREG": { Registration(unsolicited: Fields($0), domain: .circuit).map(registration) },
        "+CGREG": { Registration(unsolicited: Fields($0), domain: .packet).map(registration) },
        "+CEREG": { Registration(unsolicited: Fields($0), domain: .evolved).map(registration) },

        "+CPIN": { $0.isEmpty ? nil : .sim(.state(SIMState(cpin: $0))) },

        "+CSQ": { signal(Fields($0)[0]) },
        "+CSQN": { signal(Fields($0)[0]) },
        "+CESQ": { Fields($0)[0].int == nil ? nil : .signal(dBm: SignalStrength(cesq: Fields($0)).dBm) },

        "+CFUN": { Fields($0)[0].int == nil ? nil : .started(stage: "+CFUN: \($0.string)") },
        "+READY": { _ in .started(stage: "+READY") },
        "*ATREADY": { .started(stage: "*ATREADY: \($0.string)") },
        "^SYSSTART": { _ in .started(stage: "^SYSSTART") },

        "+CMTI": { _ in .message },
        "+CMT": { _ in .message },
        "+CDSI": { _ in .message },
        "+CDS": { _ in .message },
        "+CMGS": { Fields($0)[0].int.map(messageSent) },
        "+CUSD": { _ in .ussd },
    ]

    private static func signal(_ field: Field) -> Indication? {
        field.int.map { .signal(dBm: SignalStrength(csq: $0).dBm) }
    }

    /// Reads whether a card is there; 2 is "not known yet" where it is used.
    static func card(isPresent value: Int?) -> Indication? {
        switch value {
        case .some(0): .sim(.removed)
        case .some(1): .sim(.inserted)
        default: nil
        }
    }

    /// Reads a key that the modem heard.
    static func digit(_ field: Field) -> Indication? {
        guard field.bytes.count == 1 else { return nil }
        return digit(code: field.bytes.first.map(Int.init))
    }

    /// Maps the ASCII code of a key; letters are given in upper case.
    static func digit(code: Int?) -> Indication? {
        guard let code, let byte = UInt8(exactly: code), byte.isKey else { return nil }
        return .digitHeard(Character(UnicodeScalar(byte.uppercased)))
    }
}
