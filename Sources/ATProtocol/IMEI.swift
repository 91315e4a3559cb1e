/// A modem's own number: what `AT+CGSN` answers (3GPP TS 23.003 §6).
package struct IMEI: Sendable, Hashable, CustomStringConvertible {
    /// The digits, 14 (without check digit) to 16 (with software version) of them.
    package let digits: String

    /// Creates a number from text that is exactly its digits; nil for all other text.
    package init?(_ digits: String) {
        guard (14...16).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit) else { return nil }
        self.digits = digits
    }

    /// Finds the number in an answer: alone on its line, quoted, or behind a name such as `+CGSN:` or `IMEI:`.
    ///
    /// An echoed command is never taken for a number.
    package init?(reply lines: [ATLine]) {
        guard let found = lines.firstValue({ IMEI($0) }) else { return nil }
        self = found
    }

    /// The digits.
    package var description: String { digits }
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
