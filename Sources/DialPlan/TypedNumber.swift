/// What a person typed, without what people put between digits; its length is not checked yet.
struct TypedNumber: Sendable, Equatable {
    /// Whether it began with `+`.
    var hasPlus = false
    /// The ASCII digits.
    var digits = ""

    /// Removes separators, a `tel:` with its parameters (RFC 3966), and the `(0)` of `+49 (0)221…`; a local number of
    /// such an address gets its `phone-context` in front.
    ///
    /// - Parameters:
    ///   - typed: The text as it came from a person.
    ///   - internationalPrefix: What may stand for the `+` where the number is typed.
    init(_ typed: String, internationalPrefix: String) throws(NumberError) {
        let characters = Array(typed)
        let address = Self.telephoneURI(characters)
        let range = address ?? 0..<characters.count
        var index = range.lowerBound
        while index < range.upperBound {
            let character = characters[index]
            let position = index + 1
            index += 1
            switch character {
            case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9":
                digits.append(character)
            case "+":
                guard digits.isEmpty else {
                    throw hasPlus ? .secondPlus(position: position) : .plusInside(position: position)
                }
                guard !hasPlus else { throw .secondPlus(position: position) }
                hasPlus = true
            case "(":
                if let end = Self.zeroInParentheses(characters[range], from: index),
                    isCountryCodeOnly(internationalPrefix: internationalPrefix)
                {
                    index = end
                }
            case _ where Self.isSeparator(character):
                continue
            default:
                throw Self.refusal(of: character, position: position)
            }
        }
        if let address, let context = Self.context(String(characters[address.upperBound...])) {
            try move(into: context)
        }
    }

    /// Puts the context of a local number in front of it (RFC 3966 §5.1.5).
    ///
    /// A country's code is a context, and so is a country's code with an area code; a domain is one of which only its
    /// own network knows how to call its numbers.
    private mutating func move(into context: Substring) throws(NumberError) {
        // What is written in full needs none, and help is called by the same two numbers everywhere.
        guard !hasPlus, !digits.isEmpty, !EmergencyNumbers.everywhere.contains(digits) else { return }
        let code = context.filter { $0.isASCII && $0.isNumber }
        guard context.hasPrefix("+"), !code.isEmpty, context.dropFirst().allSatisfy({ "0123456789-.()".contains($0) })
        else { throw .localToNetwork }
        hasPlus = true
        guard let country = Region.abroad(code) else {
            digits = code + digits
            return
        }
        let prefixes = (international: country.internationalPrefix, trunk: country.trunkPrefix)
        if country.emergencyNumbers.contains(digits) {
            digits = country.countryCode + digits
        } else if prefixes.international.utf8.count > 1, digits.hasPrefix(prefixes.international) {
            digits.removeFirst(prefixes.international.utf8.count)
        } else if ["0", "1"].contains(prefixes.trunk), digits.hasPrefix(prefixes.trunk) {
            // No area code and no line begins with one of these: the number has its area code already.
            digits = country.countryCode + digits.dropFirst()
        } else {
            digits = code + digits
        }
    }

    /// Whether so far there is nothing but a country code that is followed by a trunk zero only out of politeness.
    ///
    /// Italy and its neighbours inside keep their zero: `+39 (0)6` is dialled `+39 06`.
    private func isCountryCodeOnly(internationalPrefix: String) -> Bool {
        var code = digits[...]
        if !hasPlus {
            guard !internationalPrefix.isEmpty, digits.hasPrefix(internationalPrefix) else { return false }
            code = digits.dropFirst(internationalPrefix.count)
        }
        return (1...3).contains(code.count) && !["39", "378", "379"].contains(code)
    }

    /// The index behind `0)`, where that is what follows; spaces inside are tolerated.
    private static func zeroInParentheses(_ characters: ArraySlice<Character>, from start: Int) -> Int? {
        var zeros = 0
        for index in start..<characters.endIndex {
            switch characters[index] {
            case "0": zeros += 1
            case " ": continue
            case ")": return zeros == 1 ? index + 1 : nil
            default: return nil
            }
        }
        return nil
    }

    /// The part of a `tel:` address that is the number, or nothing if it is no such address.
    private static func telephoneURI(_ characters: [Character]) -> Range<Int>? {
        guard let start = characters.firstIndex(where: { !isSeparator($0) }) else { return nil }
        let scheme = characters[start...].prefix(4).map { $0.lowercased() }.joined()
        guard scheme == "tel:" else { return nil }
        let number = start + 4
        return number..<(characters[number...].firstIndex(of: ";") ?? characters.count)
    }

    /// The context among the parameters of a `tel:` address.
    private static func context(_ parameters: String) -> Substring? {
        for parameter in parameters.split(separator: ";") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].lowercased() == "phone-context" else { continue }
            return parts[1]
        }
        return nil
    }

    private static func isSeparator(_ character: Character) -> Bool {
        // By scalar, for a range of characters would let in what has an accent on top.
        guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return false }
        switch scalar {
        case " ", "\t", "-", "/", ".", "(", ")": return true
        // No-break, fixed-width, thin, hair, narrow no-break, mathematical and ideographic spaces.
        case "\u{A0}", "\u{2000}"..."\u{200A}", "\u{202F}", "\u{205F}", "\u{3000}": return true
        // Hyphens, figure and en dash, minus: word processors and web pages put them for "-".
        case "\u{2010}"..."\u{2013}", "\u{2212}": return true
        // Direction marks, which phones' contact lists copy along with a number.
        case "\u{200E}", "\u{200F}", "\u{202A}", "\u{202C}", "\u{202D}", "\u{2066}"..."\u{2069}": return true
        default: return false
        }
    }

    private static func refusal(of character: Character, position: Int) -> NumberError {
        switch character {
        case "*", "#": .serviceCode(character, position: position)
        case ",", ";", "!", "@", "w", "p", "t", "W", "P", "T": .dialModifier(character, position: position)
        case _ where character.isLetter: .letter(character, position: position)
        case _ where character.isNumber: .foreignDigit(character, position: position)
        default: .unexpected(character, position: position)
        }
    }
}
