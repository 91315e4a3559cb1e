/// One property of a vCard: `item1.TEL;TYPE=cell:+49…` (RFC 2426 §4, RFC 6350 §3.3).
struct VCardLine {
    /// The line of the file in which it begins, from 1.
    let number: Int
    /// What ties it to other properties, such as `item1`; nil where nothing does.
    let group: String?
    /// Its name in upper case.
    let name: String
    /// Its parameters, names in upper case; the bare ones of version 2.1 as `TYPE`.
    let parameters: [(name: String, value: String)]
    /// The value as text, still with its escapes; nil for one that is no text.
    let text: String?
    /// What is uncertain about the text; nil where nothing is.
    let doubt: String?

    /// Reads a line; nil for one without a name and a colon.
    init?(_ bytes: [UInt8], number: Int) {
        var isQuoted = false
        var cuts: [Int] = []
        var colon: Int?
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ";") where !isQuoted: cuts.append(index)
            case UInt8(ascii: ":") where !isQuoted: colon = index
            default: break
            }
            if colon != nil { break }
        }
        // A quote that is never closed hides the colon; then the first one counts.
        if colon == nil, let first = bytes.firstIndex(of: UInt8(ascii: ":")) {
            colon = first
            cuts = bytes[..<first].indices.filter { bytes[$0] == UInt8(ascii: ";") }
        }
        guard let colon else { return nil }
        var parts: [String] = []
        var start = 0
        for cut in cuts.prefix(32) + [colon] {
            parts.append(String(decoding: bytes[start..<cut], as: UTF8.self))
            start = cut + 1
        }
        let head = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let name = (head.last ?? "").uppercased()
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else { return nil }
        self.number = number
        self.name = name
        group = head.count == 2 ? head[0].lowercased() : nil
        parameters = parts.dropFirst()
            .map { part in
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { return ("TYPE", part) }
                return (pair[0].uppercased(), pair[1].filter { $0 != "\"" })
            }
        let words = { [parameters] in Self.words($0, in: parameters) }
        let encodings = words("ENCODING") + words("TYPE")
        guard !encodings.contains("b"), !encodings.contains("base64") else {
            (text, doubt) = (nil, nil)
            return
        }
        let value = Array(bytes[(colon + 1)...])
        (text, doubt) = Self.decoded(
            encodings.contains("quoted-printable") ? Self.unquoted(value) : value,
            label: words("CHARSET").first
        )
    }

    /// The words of a parameter, in lower case: `TYPE=CELL,voice` has two.
    func words(_ parameter: String) -> [String] { Self.words(parameter, in: parameters) }

    private static func words(_ parameter: String, in parameters: [(name: String, value: String)]) -> [String] {
        parameters.filter { $0.name == parameter }
            .flatMap { $0.value.lowercased().split(separator: ",").map(String.init) }
    }

    /// Whether the value is written in quoted-printable.
    var isQuotedPrintable: Bool {
        words("ENCODING").contains("quoted-printable") || words("TYPE").contains("quoted-printable")
    }

    /// The value cut at the semicolons that are not escaped, escapes resolved.
    var components: [String] {
        guard let text else { return [] }
        var parts = [""]
        var isEscaped = false
        for character in text {
            if isEscaped {
                parts[parts.count - 1].append(character == "n" || character == "N" ? " " : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == ";" {
                if parts.count < 16 { parts.append("") }
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts.map(Self.cleaned)
    }

    /// The value with its escapes resolved, in one line.
    var line: String { Self.cleaned(components.joined(separator: ";")) }

    /// A text without control and direction characters, which have no place in a list, and with single spaces.
    private static func cleaned(_ text: String) -> String {
        let visible = text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator: " "
            case .format, .privateUse, .surrogate, .unassigned: ""
            default: String(scalar)
            }
        }
        return String(visible.joined().split(separator: " ").joined(separator: " ").prefix(200))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "="), index + 2 < bytes.count, let high = bytes[index + 1].hexValue,
                let low = bytes[index + 2].hexValue
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// The text of a value, and what is uncertain about it.
    private static func decoded(_ bytes: [UInt8], label: String?) -> (text: String, doubt: String?) {
        let named = label.map { CharacterSet($0) } ?? .utf8
        if named == .utf8, let text = String(validating: bytes, as: UTF8.self) { return (text, nil) }
        let shown = (label ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }.prefix(40)
        if let named, named != .utf8, let read = named.text(bytes) {
            return (read.text, read.isWhole ? nil : "it holds what is no \(shown), shown as \u{FFFD}")
        }
        let reason =
            named == .utf8
            ? label == nil ? "it is no UTF-8 and names no character set" : "it says that it is UTF-8, and is not"
            : "the character set '\(shown)' is not known here"
        if let text = String(validating: bytes, as: UTF8.self) {
            return (text, bytes.allSatisfy { $0 < 0x80 } ? nil : reason + "; it was read as UTF-8")
        }
        let text = CharacterSet.western.text(bytes)?.text ?? String(decoding: bytes, as: UTF8.self)
        return (text, reason + "; it was read as Windows-1252")
    }
}

extension UInt8 {
    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
