/// Text as it is compared: without case, accents and what stands between words.
enum SearchText {
    /// The words of a text, each in one form: `Ä` is `a`.
    static func words(_ text: String) -> [String] { words(text, spelledOut: false) }

    /// The whole text in its compared form.
    static func key(_ text: String) -> String { words(text).joined(separator: " ") }

    /// Whether each word of a query begins a word of the text of its own, in any order.
    ///
    /// `Mueller` finds `Müller` and the other way round.
    static func matches(_ query: [String], _ text: String) -> Bool {
        guard !query.isEmpty else { return false }
        return begin(query, words(text, spelledOut: false)) || begin(query, words(text, spelledOut: true))
    }

    /// Both compared forms of a query's words.
    static func forms(_ query: String) -> [[String]] {
        let plain = words(query, spelledOut: false)
        let spelled = words(query, spelledOut: true)
        return plain == spelled ? [plain] : [plain, spelled]
    }

    /// The words, with `ä` as `ae` where it is spelled out.
    static func words(_ text: String, spelledOut: Bool) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            // An accent on its own belongs to the letter before it; spelled out, it makes an umlaut of that.
            if scalar.properties.canonicalCombiningClass != .notReordered {
                if spelledOut, scalar.value == 0x308, let last = word.last, "aou".contains(last) { word += "e" }
                continue
            }
            guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else {
                // An apostrophe is inside a word: O'Neill is found as oneill.
                if scalar == "'" || scalar == "\u{2019}" { continue }
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word += folded(scalar, spelledOut: spelledOut)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// Whether a word of a label says fax: `fax`, `Telefax`, `Bürofax`, `Faxnummer`.
    static func isFax(_ word: String) -> Bool {
        ["fax", "faks", "telecop", "факс", "φαξ", "ファックス", "ファクス", "传真", "傳真"]
            .contains { word.hasPrefix($0) || word.hasSuffix($0) || word.hasPrefix("tele" + $0) }
    }

    private static func begin(_ query: [String], _ words: [String]) -> Bool {
        var free = words
        // The longest first, so that it does not find its only word taken by a shorter one.
        for wanted in query.sorted(by: { $0.count > $1.count }) {
            guard let index = free.firstIndex(where: { $0.hasPrefix(wanted) }) else { return false }
            free.remove(at: index)
        }
        return true
    }

    private static func folded(_ scalar: Unicode.Scalar, spelledOut: Bool) -> String {
        let lower = scalar.properties.lowercaseMapping
        guard let first = lower.unicodeScalars.first, !first.isASCII else { return lower }
        if spelledOut {
            switch first {
            case "ä", "æ": return "ae"
            case "ö", "ø", "œ": return "oe"
            case "ü": return "ue"
            case "å": return "aa"
            default: break
            }
        }
        switch first {
        case "ß": return "ss"
        case "æ": return "ae"
        case "œ": return "oe"
        case "þ": return "th"
        case "à"..."å", "ā", "ă", "ą", "ǎ": return "a"
        case "ç", "ć", "ĉ", "ċ", "č": return "c"
        case "ď", "đ", "ð": return "d"
        case "è"..."ë", "ē", "ĕ", "ė", "ę", "ě": return "e"
        case "ĝ", "ğ", "ġ", "ģ": return "g"
        case "ĥ", "ħ": return "h"
        case "ì"..."ï", "ĩ", "ī", "ĭ", "į", "ı": return "i"
        case "ĵ": return "j"
        case "ķ": return "k"
        case "ĺ", "ļ", "ľ", "ŀ", "ł": return "l"
        case "ñ", "ń", "ņ", "ň": return "n"
        case "ò"..."ö", "ø", "ō", "ŏ", "ő": return "o"
        case "ŕ", "ŗ", "ř": return "r"
        case "ś", "ŝ", "ş", "š", "ș": return "s"
        case "ţ", "ť", "ŧ", "ț": return "t"
        case "ù"..."ü", "ũ", "ū", "ŭ", "ů", "ű", "ų": return "u"
        case "ŵ": return "w"
        case "ý", "ÿ", "ŷ": return "y"
        case "ź", "ż", "ž": return "z"
        default: return lower
        }
    }
}
