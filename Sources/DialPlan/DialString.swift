/// A number that may follow `ATD` or be sent as tones: `^\+?[0-9]{3,20}$`, and at most 15 digits behind a `+`.
///
/// Only a region's emergency numbers may have two digits (France's 15, 17 and 18).
///
/// There is no other way to make one, so nothing that a person or a peer writes can reach a modem as a service code
/// (`ATD*100#;`), a diversion (`**21*…#`) or a second command.
package struct DialString: Sendable, Hashable {
    /// The fewest digits of a number.
    package static let shortest = 3
    /// The most digits that a modem is asked to dial.
    package static let longest = 20
    /// The most digits of an international number, the country code included (ITU-T E.164 §6).
    package static let longestInternational = 15

    /// The number, with a leading `+` where it has one.
    package let text: String

    /// The number without `+`.
    package var digits: String { isInternational ? String(text.dropFirst()) : text }

    /// Whether it begins with `+`: type of address 145 rather than 129 (3GPP TS 24.008 §10.5.4.7).
    package var isInternational: Bool { text.hasPrefix("+") }

    /// Reads what a person typed: spaces, `-` `/` `.` `(` `)`, a `tel:` with its parameters and the `(0)` of `+49 (0)…`
    /// go, a `phone-context` goes in front; throws at the first character that is neither one of these nor a digit.
    package init(typed: String) throws(NumberError) {
        try self.init(TypedNumber(typed, internationalPrefix: "00"))
    }

    init(_ number: TypedNumber) throws(NumberError) {
        try self.init(digits: number.digits, international: number.hasPlus)
    }

    /// Checks the lengths of digits that are known to be digits.
    init(digits: String, international: Bool) throws(NumberError) {
        let count = digits.utf8.count
        guard count > 0 else { throw international ? .plusAlone : .empty }
        if international {
            guard !digits.hasPrefix("0") else { throw .zeroCountryCode }
        }
        guard count >= Self.shortest else { throw .tooShort(digits: count, least: Self.shortest) }
        let limit = international ? Self.longestInternational : Self.longest
        guard count <= limit else { throw .tooLong(digits: count, limit: limit) }
        self.text = international ? "+" + digits : digits
    }

    /// Takes a text that is known to keep the grammar.
    init(known text: String) {
        self.text = text
    }
}

extension DialString: CustomStringConvertible {
    /// The number as it is dialled.
    package var description: String { text }
}
