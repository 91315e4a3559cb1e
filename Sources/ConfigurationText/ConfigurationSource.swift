internal import TextCoding
package import Yams

/// The text of a configuration file before it is parsed.
package struct ConfigurationSource {
    package let file: String?
    package let scalars: [Unicode.Scalar]
    private let bytes: [UInt8]

    /// Takes bytes that must be UTF-8 text without control characters.
    package init(_ bytes: [UInt8], file: String?) throws(ConfigurationError) {
        self.file = file
        self.bytes = bytes
        guard let text = String(validating: bytes, as: UTF8.self) else {
            scalars = []
            let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            throw error(
                isUTF16 ? "the file is UTF-16" : "this is not UTF-8 text",
                "save the file as UTF-8",
                line: isUTF16 ? 1 : Self.firstInvalidLine(of: bytes)
            )
        }
        scalars = Array(text.unicodeScalars)
        var line = 1
        for scalar in scalars {
            if scalar == "\n" { line += 1 }
            guard Self.isPrintable(scalar) else {
                throw error("a control character (\(scalar.code)) stands in the file", "remove it", line: line)
            }
        }
    }

    /// Whether the text holds the characters with which keys given twice would be marked.
    package var hasMarks: Bool {
        let last = ConfigurationDocument.firstMark + UInt32(ConfigurationDocument.mostRepeatedKeys)
        return scalars.contains { (ConfigurationDocument.firstMark..<last).contains($0.value) }
    }

    /// Throws when references could blow the tree up while the parser compares keys.
    ///
    /// Counts every sign that could begin one, in text and comments too, and looks for the rest only if there is
    /// something to refer to.
    package func checkReferences() throws(ConfigurationError) {
        var hasAnchor = false
        var aliases = 0
        var line = 1
        var before = UInt8(ascii: "\n")
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"), index + 1 < bytes.count,
                Self.isNameByte(bytes[index + 1]), Self.canBeginValue(after: before)
            {
                if byte == UInt8(ascii: "&") {
                    hasAnchor = true
                } else {
                    aliases += 1
                }
                if hasAnchor, aliases > ConfigurationDocument.mostAliases {
                    throw error(
                        "more than \(ConfigurationDocument.mostAliases) references (*name)",
                        "write the values out",
                        line: line
                    )
                }
            }
            before = byte
        }
    }

    /// The place behind which a mark makes a key another one: its first letter, behind a quote if there is one.
    ///
    /// - Returns: nil when the key is written in a way that can't be marked.
    package static func keyStart(in scalars: [Unicode.Scalar], at mark: Mark) -> Int? {
        var line = 1
        var index = 0
        while index < scalars.count, line < mark.line {
            if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
            if isLineBreak(scalars[index]) { line += 1 }
            index += 1
        }
        index += mark.column - 1
        guard line == mark.line, index < scalars.count else { return nil }
        switch scalars[index] {
        case "\"", "'": return index + 1
        case "&", "*", "!", "[", "{", "|", ">": return nil
        default: return index
        }
    }

    /// Whether a line ends with this character (YAML 1.1, 5.4).
    static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    package func error(_ message: String, _ remedy: String, line: Int?) -> ConfigurationError {
        ConfigurationError(problems: [ConfigurationProblem(file: file, line: line, message: message, remedy: remedy)])
    }

    private static func firstInvalidLine(of bytes: [UInt8]) -> Int {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return 1
    }

    /// The characters that YAML allows in a file (YAML 1.1 §5.1).
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Whether a value can begin behind this byte.
    ///
    /// Bytes beyond ASCII count: some of them are YAML's line breaks.
    private static func canBeginValue(after byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x20, 0x80..., UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"),
            UInt8(ascii: ":"), UInt8(ascii: "?"):
            true
        default: false
        }
    }
}
