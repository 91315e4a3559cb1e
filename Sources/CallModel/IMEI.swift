/// A modem's own number: what `AT+CGSN` answers (3GPP TS 23.003 §6).
package struct IMEI: Sendable, Hashable, CustomStringConvertible {
    /// The digits, 14 (without check digit) to 16 (with software version) of them.
    package let digits: String

    /// Creates a number from text that is exactly its digits; nil for all other text.
    package init?(_ digits: String) {
        guard (14...16).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        self.digits = digits
    }

    package var description: String { digits }
}
