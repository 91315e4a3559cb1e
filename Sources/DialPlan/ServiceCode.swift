/// Codes for the network that begin with `*` or `#` (3GPP TS 22.030 §6.5.2, 22.090).
package enum ServiceCode {
    /// What is wrong with how a code is written; nil for nothing.
    package static func mistake(in code: String) -> String? {
        guard (2...182).contains(code.utf8.count), code.utf8.allSatisfy(isKey) else {
            return "a code is made of digits, * and #"
        }
        guard code.hasPrefix("*") || code.hasPrefix("#"), code.hasSuffix("#") else {
            return "a code begins with * or # and ends with #"
        }
        return nil
    }

    /// What speaks against sending a code, for everyone who asks; nil for nothing.
    ///
    /// Those of annex B of 22.030 belong to the modem's own supplementary services: diversion (21, 61, 62, 67, 002, 004), barring
    /// (33, 35, 330 to 353), waiting (43), the numbers of others (30, 31, 76, 77), PIN and PUK (04, 05, 042, 052), and the
    /// barring password (03). They cost money, or lock people out.
    package static func problem(with code: String) -> String? {
        if let mistake = mistake(in: code) { return mistake }
        let service = code.drop { $0 == "*" || $0 == "#" }.prefix { $0 != "*" && $0 != "#" }
        guard !reserved.contains(String(service)) else {
            return "it diverts or bars calls, or changes the card's codes"
        }
        return nil
    }

    /// Whether a reply within a session is one: digits, signs and letters of a choice.
    package static func isReply(_ text: String) -> Bool {
        (1...182).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 }
    }

    /// Whether a text is written like a code, which some firmware acts on in the middle of a session too: `*` and `#` around
    /// digits.
    package static func isCode(_ text: String) -> Bool {
        let signs = text.filter { $0 != " " }
        return (signs.hasPrefix("*") || signs.hasPrefix("#")) && signs.hasSuffix("#")
            && signs.contains { $0.isASCII && $0.isNumber }
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#")
    }

    private static let reserved: Set<String> = [
        "21", "61", "62", "67", "002", "004", "33", "331", "332", "35", "351", "330", "333", "353", "43", "30", "31",
        "76", "77",
        "300", "03", "04", "05", "042", "052", "06", "60", "66", "75",
    ]
}
