internal import TextCoding

/// Numbers as they are written internationally, with wildcards among the digits: `*` stands for any digits, `?` for one.
enum NumberPattern {
    /// Whether a number is one of a pattern's.
    ///
    /// It goes back to the last star alone, so that no pattern takes long.
    static func fits(_ pattern: String, _ text: String) -> Bool {
        let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
        var (place, at) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while at < text.endIndex {
            if place < pattern.endIndex, pattern[place] == UInt8(ascii: "*") {
                star = (place, at)
                place += 1
            } else if place < pattern.endIndex, pattern[place] == text[at] || pattern[place] == UInt8(ascii: "?") {
                place += 1
                at += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (place, at) = (last.pattern + 1, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

extension ConfigurationForm<String> {
    /// Digits with a plus before and wildcards among them.
    static var numberPattern: Self {
        Self("`\"+…*\"`", shownAs: \.self) { written throws(Complaint) in
            let bytes = written.text.utf8
            let isPattern =
                (1...32).contains(bytes.count)
                && bytes.dropFirst(bytes.first == UInt8(ascii: "+") ? 1 : 0)
                    .allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
            guard isPattern else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is no pattern of numbers",
                    "write an international number with * for any digits, such as \"+49*\", in quotes"
                )
            }
            return written.text
        }
    }
}
