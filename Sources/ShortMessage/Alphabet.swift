/// A table of the seven-bit alphabet (3GPP TS 23.038 §6.2.1, annex A): one character for each septet.
///
/// A text has a basic table, and an extension whose characters come behind an escape (0x1B) and so take two septets. A national
/// language may replace either of them.
package struct Alphabet: Sendable, Hashable {
    /// The languages that have tables of their own here (23.038 §6.2.1.2.4).
    package enum Language: UInt8, Sendable, Hashable, CaseIterable {
        case turkish = 1
        case spanish = 2
        case portuguese = 3
    }

    static let escape: UInt8 = 0x1B

    /// The language of the basic table (locking shift), where it is not the default.
    package var locking: Language?
    /// The language of the extension (single shift), where it is not the default.
    package var single: Language?

    /// Creates the default alphabet, or one with tables of a language; Spanish has no basic table of its own (A.3.2).
    package init(locking: Language? = nil, single: Language? = nil) {
        self.locking = locking == .spanish ? nil : locking
        self.single = single
    }

    private var basic: Table {
        switch locking {
        case nil, .spanish: .standard
        case .turkish: .turkish
        case .portuguese: .portuguese
        }
    }

    private var extra: Extension {
        switch single {
        case nil: .standard
        case .turkish: .turkish
        case .spanish: .spanish
        case .portuguese: .portuguese
        }
    }

    /// The septets of a character: one, or an escape and another; nil where the alphabet does not have it.
    package func septets(of scalar: Unicode.Scalar) -> [UInt8]? {
        if let septet = basic.codes[scalar] { return [septet] }
        return extra.codes[scalar].map { [Self.escape, $0] }
    }

    /// The text of septets.
    ///
    /// A septet behind an escape that the extension does not have stands for what the basic table has there, and an escape
    /// behind an escape for a space (23.038 §6.2.1.1).
    package func text(of septets: some Sequence<UInt8>) -> String {
        let (basic, extra) = (basic, extra)
        var text = String.UnicodeScalarView()
        var isEscaped = false
        for septet in septets {
            if isEscaped {
                isEscaped = false
                let scalar = extra.characters[septet] ?? (septet == Self.escape ? " " : basic[septet])
                text.append(scalar)
            } else if septet == Self.escape {
                isEscaped = true
            } else {
                text.append(basic[septet])
            }
        }
        return String(text)
    }
}

/// A basic table: 128 characters, the escape's place taken by a space.
private struct Table {
    let characters: [Unicode.Scalar]
    let codes: [Unicode.Scalar: UInt8]

    init(_ text: String) {
        characters = Array(text.unicodeScalars)
        var codes: [Unicode.Scalar: UInt8] = [:]
        for (code, scalar) in zip(UInt8(0)..., characters) where code != Alphabet.escape && codes[scalar] == nil {
            codes[scalar] = code
        }
        self.codes = codes
    }

    subscript(septet: UInt8) -> Unicode.Scalar {
        let place = Int(septet & 0x7F)
        return place < characters.count ? characters[place] : "\u{FFFD}"
    }

    private static let digits = "0123456789:;<=>?"
    private static let signs = " !\"#¤%&'()*+,-./" + digits
    private static let greek = "Δ_ΦΓΛΩΠΨΣΘΞ "
    private static let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    private static let lower = "abcdefghijklmnopqrstuvwxyz"

    /// 23.038 §6.2.1.
    static let standard = Table(
        "@£$¥èéùìòÇ\nØø\rÅå" + greek + "ÆæßÉ" + signs + "¡" + upper + "ÄÖÑÜ§" + "¿" + lower + "äöñüà"
    )
    /// 23.038 A.3.1.
    static let turkish = Table(
        "@£$¥€éùıòÇ\nĞğ\rÅå" + greek + "ŞşßÉ" + signs + "İ" + upper + "ÄÖÑÜ§" + "ç" + lower + "äöñüà"
    )
    /// 23.038 A.3.3.
    static let portuguese = Table(
        "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó| ÂâÊÉ" + " !\"#º%&'()*+,-./" + digits + "Í" + upper + "ÃÕÚÜ§" + "~" + lower
            + "ãõ`üà"
    )
}

/// An extension: the characters behind an escape.
private struct Extension {
    let characters: [UInt8: Unicode.Scalar]
    let codes: [Unicode.Scalar: UInt8]

    init(_ characters: [UInt8: Unicode.Scalar]) {
        let common: [UInt8: Unicode.Scalar] = [
            0x0A: "\u{C}", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
            0x65: "€",
        ]
        self.characters = common.merging(characters) { $1 }
        codes = Dictionary(self.characters.map { ($1, $0) }) { min($0, $1) }
    }

    /// 23.038 §6.2.1.1.
    static let standard = Extension([:])
    /// 23.038 A.2.1.
    static let turkish = Extension([
        0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş",
    ])
    /// 23.038 A.2.2.
    static let spanish = Extension([
        0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú",
    ])
    /// 23.038 A.2.3.
    static let portuguese = Extension([
        0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á", 0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π",
        0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê", 0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ",
        0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â",
    ])
}
