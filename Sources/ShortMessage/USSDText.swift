/// The text of `+CUSD` (3GPP TS 27.007 §7.15), which firmware writes in three ways: as it is, as packed septets in hexadecimal
/// digits, and as UCS-2 in hexadecimal digits.
package enum USSDText {
    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: what stood between the quotes.
    ///   - coding: the data coding; nil where the modem gave none.
    ///   - isPacked: whether this modem writes septets in hexadecimal digits.
    ///   - isSevenBit: whether a text as it is has the codes of the seven-bit alphabet (`+CSCS="GSM"`, 27.007 §5.5).
    package static func decode(_ text: String, coding: UInt8?, isPacked: Bool, isSevenBit: Bool = false) -> String {
        let coding = BroadcastCoding(coding ?? 0x0F)
        guard !text.isEmpty, let octets = [UInt8](hex: text) else {
            return isSevenBit && coding.unit == .septets ? Self.text(ofCodes: text) : text
        }
        let decoded: String
        switch coding.unit {
        case .ucs2:
            guard octets.count % 2 == 0 else { return text }
            decoded = String(decoding: UserData.units(octets), as: UTF16.self)
        case .septets:
            // Some firmware writes UCS-2 and says that it is seven-bit.
            if let text = wide(octets, isNumber: text.allSatisfy(\.isNumber)) { return text }
            let septets = unpacked(octets)
            let candidate = Alphabet().text(of: septets)
            // Digits alone may be an amount or a number; with letters among them it is no text that people write.
            guard isPacked || text.contains(where: { $0.isLetter }) && isPlausible(candidate) else { return text }
            decoded = candidate
        case .octets:
            // Eight bits: most such texts are ASCII.
            guard octets.allSatisfy({ $0 >= 0x0A && $0 < 0x7F }) else { return text }
            decoded = String(decoding: octets, as: UTF8.self)
        }
        return String(String.UnicodeScalarView(decoded.unicodeScalars.dropFirst(coding.languageMark)))
    }

    /// A text whose characters are codes of the seven-bit alphabet; one with others among them is as it should be.
    ///
    /// Firmware that writes ASCII all the same is known by characters where words of the alphabet have no such sign: `$` (¤),
    /// and `@` (¡) and `_` (§) between two letters.
    private static func text(ofCodes text: String) -> String {
        let codes = Array(text.unicodeScalars)
        guard codes.allSatisfy({ $0.value < 0x80 }) else { return text }
        let isASCII = codes.indices.contains { index in
            if codes[index] == "$" { return true }
            guard codes[index] == "@" || codes[index] == "_", index > 0, index + 1 < codes.count else { return false }
            return codes[index - 1].properties.isAlphabetic && codes[index + 1].properties.isAlphabetic
        }
        return isASCII ? text : Alphabet().text(of: codes.map { UInt8($0.value) })
    }

    /// A code as packed septets in hexadecimal digits; nil where it is not made of the seven-bit alphabet.
    package static func packed(_ code: String) -> String? {
        let septets = code.unicodeScalars.compactMap { Alphabet().septets(of: $0) }
        guard septets.count == code.unicodeScalars.count else { return nil }
        var flat = septets.flatMap { $0 }
        // Seven spare bits would read as `@`; a return fills them (23.038 §6.1.2.3.1).
        if flat.count % 8 == 7 { flat.append(0x0D) }
        return Septets.pack(flat).hex
    }

    private static func unpacked(_ octets: [UInt8]) -> [UInt8] {
        var septets = Septets.unpack(octets, count: octets.count * 8 / 7)
        if septets.count % 8 == 0, septets.last == 0x0D { septets.removeLast() }
        return septets
    }

    /// Octets as UCS-2, where they are unlike anything else.
    ///
    /// Every second one is zero, or the same for all letters of a script, with spaces, digits or signs among them. What may be a
    /// number has no letters of another script.
    private static func wide(_ octets: [UInt8], isNumber: Bool) -> String? {
        guard octets.count >= 4, octets.count % 2 == 0 else { return nil }
        let units = UserData.units(octets)
        let isText = units.allSatisfy { $0 == 0x0A || $0 == 0x0D || $0 >= 0x20 && !(0x7F...0x9F).contains($0) }
        let scripts = Set(units.map { $0 >> 8 }.filter { $0 != 0 && $0 != 0x20 })
        guard isText, scripts.count <= (isNumber ? 0 : 1), units.contains(where: { $0 < 0x100 }) else { return nil }
        return String(decoding: units, as: UTF16.self)
    }

    /// Whether a text looks like one that a network writes: letters, digits, spaces and the usual signs, most of them without
    /// accents.
    private static func isPlausible(_ text: String) -> Bool {
        let signs = " \n.,:;-+/*#€$()!?'\"".unicodeScalars
        let scalars = text.unicodeScalars
        let plain = scalars.count { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || signs.contains(scalar)
        }
        let accented = scalars.count { !$0.isASCII && $0.properties.isAlphabetic }
        return (plain + accented) * 10 >= scalars.count * 9 && plain * 2 >= scalars.count
    }
}
