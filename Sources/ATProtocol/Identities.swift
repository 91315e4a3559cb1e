package import CallModel

/// A subscriber's number inside the network: what `AT+CIMI` answers (3GPP TS 23.003 §2.2).
package struct IMSI: Sendable, Hashable, CustomStringConvertible {
    /// The digits, 14 or 15 of them, country code first.
    package let digits: String

    /// Creates a number from text that is exactly its digits; nil for all other text.
    package init?(_ digits: String) {
        guard (14...15).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit) else { return nil }
        self.digits = digits
    }

    /// Finds the number in an answer: alone on its line, quoted, or behind a name such as `+CIMI:`.
    package init?(reply lines: [ATLine]) {
        guard let found = lines.firstValue({ IMSI($0) }) else { return nil }
        self = found
    }

    package var description: String { digits }
}

extension IMEI {
    /// Finds the number in an answer: alone on its line, quoted, or behind a name such as `+CGSN:` or `IMEI:`.
    ///
    /// An echoed command is never taken for a number.
    package init?(reply lines: [ATLine]) {
        guard let found = lines.firstValue({ IMEI($0) }) else { return nil }
        self = found
    }
}

extension ICCID {
    /// Finds the number in an answer: alone on its line, quoted, or behind a name such as `+QCCID:`.
    package init?(reply lines: [ATLine]) {
        guard let found = lines.firstValue({ ICCID($0) }) else { return nil }
        self = found
    }
}

extension [ATLine] {
    /// The first line whose only or first value `make` accepts, a name in front and quotes aside.
    func firstValue<Value>(_ make: (String) -> Value?) -> Value? {
        for line in self {
            if let value = line.withBytes({ make(Fields($0.afterColon)[0].string) }) { return value }
        }
        return nil
    }
}
