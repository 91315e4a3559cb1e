/// Texts as short messages carry them, read and written bit by bit (3GPP TS 23.038 clauses 6.1.2.1 and 6.2.1).
///
/// Written from the clauses, and of only as much of the alphabet as the messages of this world need; other characters go as
/// UCS2.
package enum ShortMessageText {
    /// Clause 6.2.1, by code; `\u{1B}` is the escape.
    private static let basic: [Character] = [
        "@", "£", "$", "¥", "è", "é", "ù", "ì", "ò", "Ç", "\n", "Ø", "ø", "\r", "Å", "å", "Δ", "_", "Φ", "Γ", "Λ", "Ω",
        "Π",
        "Ψ", "Σ", "Θ", "Ξ", "\u{1B}", "Æ", "æ", "ß", "É", " ", "!", "\"", "#", "¤", "%", "&", "'", "(", ")", "*", "+",
        ",",
        "-", ".", "/", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ":", ";", "<", "=", ">", "?", "¡", "A", "B",
        "C",
        "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y",
        "Z",
        "Ä", "Ö", "Ñ", "Ü", "§", "¿", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
        "q",
        "r", "s", "t", "u", "v", "w", "x", "y", "z", "ä", "ö", "ñ", "ü", "à",
    ]
    /// Clause 6.2.1.1, behind the escape.
    private static let extended: [(code: Int, character: Character)] = [
        (0x14, "^"), (0x28, "{"), (0x29, "}"), (0x2F, "\\"), (0x3C, "["), (0x3D, "~"), (0x3E, "]"), (0x40, "|"),
        (0x65, "€"),
    ]

    /// The codes of a text, an array for each character; nil where a character is not in the alphabet.
    package static func codes(_ text: String) -> [[Int]]? {
        var codes: [[Int]] = []
        for character in text {
            if let code = basic.firstIndex(of: character) {
                codes.append([code])
            } else if let code = extended.first(where: { $0.character == character })?.code {
                codes.append([0x1B, code])
            } else {
                return nil
            }
        }
        return codes
    }

    package static func text(codes: [Int]) -> String {
        var text = ""
        var isEscaped = false
        for code in codes {
            if code == 0x1B {
                isEscaped = true
                continue
            }
            let found = extended.first { $0.code == code }?.character
            text.append(isEscaped ? found ?? basic[code & 0x7F] : basic[code & 0x7F])
            isEscaped = false
        }
        return text
    }

    /// Seven bits for each code, the lowest first, behind as many zero bits.
    package static func octets(codes: [Int], behind zeros: Int) -> [UInt8] {
        var bits = [Bool](repeating: false, count: zeros)
        for code in codes { for bit in 0..<7 { bits.append(code >> bit & 1 == 1) } }
        while bits.count % 8 != 0 { bits.append(false) }
        var octets: [UInt8] = []
        for start in stride(from: 0, to: bits.count, by: 8) {
            var octet: UInt8 = 0
            for bit in 0..<8 where bits[start + bit] { octet |= 1 << UInt8(bit) }
            octets.append(octet)
        }
        return octets
    }

    package static func codes(octets: [UInt8], count: Int, behind zeros: Int) -> [Int] {
        var bits: [Int] = []
        for octet in octets { for bit in 0..<8 { bits.append(Int(octet) >> bit & 1) } }
        bits.removeFirst(min(zeros, bits.count))
        var codes: [Int] = []
        while codes.count < count, (codes.count + 1) * 7 <= bits.count {
            let start = codes.count * 7
            var code = 0
            for bit in 0..<7 { code |= bits[start + bit] << bit }
            codes.append(code)
        }
        return codes
    }

    package static func hex(_ octets: [UInt8]) -> String {
        octets.map { octet in
            let digits = String(octet, radix: 16, uppercase: true)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }
        .joined()
    }

    package static func octets(hex: String) -> [UInt8]? {
        let digits = Array(hex)
        guard digits.count % 2 == 0 else { return nil }
        var octets: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let octet = UInt8(String(digits[start...(start + 1)]), radix: 16) else { return nil }
            octets.append(octet)
        }
        return octets
    }
}
