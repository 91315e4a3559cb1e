/// An entry of a simulated SIM's phone book.
package struct SimulatedPhonebookEntry: Sendable, Equatable {
    /// How many places the card has.
    package static let places = 250

    /// Its place, 1 to ``places``.
    package var place: Int
    /// The number as it is kept, in international format with `+` or as it was typed.
    package var number: String
    package var name: String
    /// Whether it is listed without its contents, until the key to hidden entries is entered.
    package var isHidden: Bool

    package init(_ place: Int, _ number: String, _ name: String, isHidden: Bool = false) {
        self.place = place
        self.number = number
        self.name = name
        self.isHidden = isHidden
    }

    /// What a card holds unless something else is said: empty places between them, a name beyond ASCII, and one beyond
    /// the default alphabet.
    package static let samples = [
        SimulatedPhonebookEntry(1, "+493012345678", "Anna Beispiel"),
        SimulatedPhonebookEntry(2, "022166966966", "Büro Müller"),
        SimulatedPhonebookEntry(57, "+48221234567", "Łukasz"),
    ]
}

/// A character set of the phone book (3GPP TS 27.007 clause 5.5).
enum PhonebookCharacters: String, Sendable, CaseIterable {
    case gsm = "GSM"
    case ira = "IRA"
    case ucs2 = "UCS2"

    /// A text as a modem writes it in this character set.
    func written(_ text: String) -> String {
        switch self {
        case .ucs2: Self.hexadecimal(text)
        // A name that the set can't hold is on the card in another coding, and is shown as it is (TS 11.11 annex B).
        case .gsm: Self.defaultAlphabet(text) ?? "80" + Self.hexadecimal(text)
        case .ira: text.utf8.allSatisfy { $0 < 0x80 } ? text : "80" + Self.hexadecimal(text)
        }
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf16
            .map { unit in
                let digits = String(unit, radix: 16, uppercase: true)
                return String(repeating: "0", count: 4 - digits.count) + digits
            }
            .joined()
    }

    /// The printable part of 3GPP TS 23.038 clause 6.2.1; nil for a text that has something else.
    private static func defaultAlphabet(_ text: String) -> String? {
        var written = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let other = moved[scalar] {
                written.append(other)
            } else if (0x20...0x7A).contains(scalar.value), !displaced.contains(scalar) {
                written.append(scalar)
            } else {
                return nil
            }
        }
        return String(written)
    }

    private static let moved: [Unicode.Scalar: Unicode.Scalar] = [
        "Ä": "[", "Ö": "\\", "Ñ": "]", "Ü": "^", "§": "_", "ä": "{", "ö": "|", "ñ": "}", "ü": "~",
    ]
    /// ASCII characters in whose places others stand.
    private static let displaced: Set<Unicode.Scalar> = ["$", "@", "[", "\\", "]", "^", "_", "`"]
}
