/// One line of `AT+CPBR`, `+CPBR: <index>,<number>,<type>,<text>[,…]`: an entry of a phone book (27.007 §8.12).
package struct PhonebookEntry: Sendable, Hashable {
    /// Its place, from 1 on most cards.
    package var index: Int
    /// The number, `+` added where the type says international.
    package var number: String
    /// The name; empty where the entry has none.
    package var text: String

    /// Creates an entry from its parts.
    package init(index: Int, number: String, text: String) {
        self.index = index
        self.number = number
        self.text = text
    }

    /// Reads one line of the answer; nil for another line, and for an empty entry.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - characters: the character set that was chosen with `AT+CSCS`.
    package init?(cpbr line: ATLine, in characters: TerminalCharacters) {
        let entry = line.withBytes { bytes -> PhonebookEntry? in
            guard let body = bytes.body(of: "+CPBR") else { return nil }
            let fields = Fields(body)
            guard let index = fields[0].int, let written = fields[1].text else { return nil }
            // Some modems write the number in the chosen character set too, others never do.
            let plain = characters == .ucs2 ? TerminalCharacters.digits(inUCS2: written) ?? written : written
            let number =
                fields[2].int.map { $0 & 0xF0 == 0x90 } == true && plain.utf8.first?.isDigit == true
                ? "+" + plain : plain
            return PhonebookEntry(index: index, number: number, text: characters.text(of: fields[3].string))
        }
        guard let entry else { return nil }
        self = entry
    }

    /// Reads the places that a phone book has from the answer of `AT+CPBR=?`: `+CPBR: (1-250),40,20`.
    ///
    /// - Returns: at most 1000 places; nil for another line.
    package static func places(_ line: ATLine) -> ClosedRange<Int>? {
        line.withBytes { bytes -> ClosedRange<Int>? in
            guard let body = bytes.body(of: "+CPBR") else { return nil }
            var numbers: [Int] = []
            var current: Int?
            for byte in body {
                if byte.isDigit {
                    current = min(100_000, (current ?? 0) * 10 + Int(byte & 0x0F))
                } else if let number = current {
                    numbers.append(number)
                    current = nil
                    if byte == UInt8(ascii: ")") || byte == .comma { break }
                }
            }
            guard let first = numbers.first, let last = numbers.last ?? current, first <= last else { return nil }
            return first...min(last, first + 999)
        }
    }
}

/// A character set between us and the modem (`AT+CSCS`, 27.007 §5.5).
package enum TerminalCharacters: String, Sendable, Hashable, CaseIterable {
    /// Hexadecimal digits of UTF-16.
    case ucs2 = "UCS2"
    /// The GSM default alphabet, one byte a character.
    case gsm = "GSM"
    /// ASCII.
    case ira = "IRA"

    /// Reads a text; what can't be read in this character set is shown as it is.
    package func text(of written: String) -> String {
        switch self {
        case .ucs2: Self.utf16(written) ?? written
        case .gsm: Self.coded(written) ?? Self.gsm(written)
        case .ira: Self.coded(written) ?? written
        }
    }

    /// A telephone number that is written in UCS2; nil for digits that are none.
    static func digits(inUCS2 written: String) -> String? {
        guard written.utf8.count >= 12, let text = utf16(written) else { return nil }
        return text.utf8.allSatisfy { $0.isDigit || "+*#".utf8.contains($0) } ? text : nil
    }

    /// Four hexadecimal digits a unit; padding (FFFF) ends the text.
    private static func utf16(_ written: String) -> String? {
        let bytes = Array(written.utf8)
        guard bytes.count % 4 == 0 else { return nil }
        var units: [UInt16] = []
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var unit: UInt16 = 0
            for byte in bytes[start..<(start + 4)] {
                guard let value = hex(byte) else { return nil }
                unit = unit << 4 | UInt16(value)
            }
            if unit == 0xFFFF { break }
            units.append(unit)
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// What cards write that hold another alphabet, where the modem shows their bytes as they are: `80` and UTF-16
    /// (3GPP TS 11.11 annex B).
    private static func coded(_ written: String) -> String? {
        guard written.hasPrefix("80"), written.utf8.count >= 6, (written.utf8.count - 2) % 4 == 0 else { return nil }
        guard let text = utf16(String(written.dropFirst(2))), !text.isEmpty else { return nil }
        return text
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The default alphabet where it differs from ASCII (3GPP TS 23.038 §6.2.1).
    private static func gsm(_ written: String) -> String {
        var result = ""
        var isExtended = false
        for scalar in written.unicodeScalars {
            if isExtended {
                isExtended = false
                switch scalar.value {
                case 0x14: result += "^"
                case 0x28: result += "{"
                case 0x29: result += "}"
                case 0x2F: result += "\\"
                case 0x3C: result += "["
                case 0x3D: result += "~"
                case 0x3E: result += "]"
                case 0x40: result += "|"
                case 0x65: result += "€"
                default: result.unicodeScalars.append(scalar)
                }
                continue
            }
            if scalar.value == 0x1B {
                isExtended = true
            } else if scalar.value < 0x20 {
                result.unicodeScalars.append(low[Int(scalar.value)])
            } else if let other = high[scalar.value] {
                result.unicodeScalars.append(other)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static let low = Array("@£$¥èéùìòÇ\u{20}Øø\u{20}ÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{20}ÆæßÉ".unicodeScalars)
    private static let high: [UInt32: Unicode.Scalar] = [
        0x24: "¤", 0x40: "¡", 0x5B: "Ä", 0x5C: "Ö", 0x5D: "Ñ", 0x5E: "Ü", 0x5F: "§", 0x60: "¿", 0x7B: "ä", 0x7C: "ö",
        0x7D: "ñ", 0x7E: "ü", 0x7F: "à",
    ]
}
