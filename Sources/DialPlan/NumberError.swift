/// Why what a person typed is not a number that can be dialled.
///
/// Positions count the typed characters from 1.
package enum NumberError: Error, Sendable, Equatable {
    /// Nothing was typed, or nothing but separators.
    case empty
    /// Fewer digits than any number has: 3, or 6 of an international one.
    case tooShort(digits: Int, least: Int)
    /// More digits than may be dialled: 20, or 15 of an international number (ITU-T E.164 §6).
    case tooLong(digits: Int, limit: Int)
    /// A letter, of any script; `A` to `D` are tones, not digits.
    case letter(Character, position: Int)
    /// `*` or `#`: service codes are not calls.
    case serviceCode(Character, position: Int)
    /// A sign that steers a modem rather than names a number: `,` `;` `!` `@` `w` `p` `t` `W` `P` `T`.
    case dialModifier(Character, position: Int)
    /// A digit of another script, such as full-width or Arabic ones.
    case foreignDigit(Character, position: Int)
    /// Anything else that has no place in a number.
    case unexpected(Character, position: Int)
    /// A `+` with no number behind it.
    case plusAlone
    /// A second `+`.
    case secondPlus(position: Int)
    /// A `+` behind digits.
    case plusInside(position: Int)
    /// A zero where the country code begins; no country code begins with one.
    case zeroCountryCode
    /// A country code that no country and no network has.
    case unknownCountryCode
    /// A number of digits, the country code included, that no number of its country has.
    case wrongLength(digits: Int)
    /// A `tel:` address whose `phone-context` is a network of its own, outside which its number means something else.
    case localToNetwork
}

extension NumberError: CustomStringConvertible {
    /// What is wrong, which character at which position, and what to do, in one line.
    package var description: String {
        switch self {
        case .empty:
            "there is no number; type its digits, with '+' and the country code for a number abroad"
        case .tooShort(let digits, let least):
            "a number with \(digits) \(digits == 1 ? "digit" : "digits") is too short; "
                + (least == DialString.shortest
                    ? "type at least \(least) (in an emergency, 112 works from every mobile)"
                    : "an international one has at least \(least), the country code included")
        case .tooLong(let digits, let limit):
            "a number with \(digits) digits is too long; "
                + (limit == DialString.longestInternational
                    ? "an international one has at most \(limit), the country code included"
                    : "at most \(limit) can be dialled")
        case .letter(let character, let position):
            "\(Self.shown(character)) at position \(position) is a letter"
                + ("ABCD".contains(character) ? ", a tone at best" : "") + "; type the number in digits"
        case .serviceCode(let character, let position):
            "\(Self.shown(character)) at position \(position) makes this a service code, and service codes are not calls; "
                + "type a number in digits"
        case .dialModifier(let character, let position):
            "\(Self.shown(character)) at position \(position) steers a modem and is no part of a number; leave it out"
        case .foreignDigit(let character, let position):
            "\(Self.shown(character)) at position \(position) is not one of the digits 0 to 9; type it as one of them"
        case .unexpected(let character, let position):
            "\(Self.shown(character)) at position \(position) has no place in a number; leave it out"
        case .plusAlone:
            "there is no number behind the '+'; type the country code and the number"
        case .secondPlus(let position):
            "the '+' at position \(position) is the second one; leave it out"
        case .plusInside(let position):
            "the '+' at position \(position) stands behind digits; put it in front, or leave it out"
        case .zeroCountryCode:
            "the country code begins with 0, and none does; type '+' and the country code, such as +49, "
                + "or the national number without '+'"
        case .unknownCountryCode:
            "no country has this country code; check the digits behind the '+'"
        case .wrongLength(let digits):
            "a number with \(digits) digits, the country code included, does not exist in its country; "
                + "check whether digits are missing or twice there"
        case .localToNetwork:
            "its phone-context says that it is a number of a private network; write it with '+' and the country code"
        }
    }

    /// A character that is safe on a terminal: everything but printable ASCII by its code point and its Unicode name.
    private static func shown(_ character: Character) -> String {
        guard let ascii = character.asciiValue, (0x20...0x7E).contains(ascii), character.utf8.count == 1 else {
            return character.unicodeScalars.prefix(2).map(shown).joined(separator: " + ")
                + (character.unicodeScalars.count > 2 ? " + …" : "")
        }
        return "'\(character)'"
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        guard let name = scalar.properties.name ?? scalar.properties.nameAlias else { return code }
        return "\(code) (\(name))"
    }
}
