internal import TextCoding
internal import WebRequests

/// A text with placeholders such as `{target}`, whose values can't leave their place.
///
/// What is between braces and is not a name of small letters and `_` is left as it is, so that JSON can be written plainly.
package struct RequestTemplate: Sendable, Equatable {
    /// Where the text stands, which decides how values are written into it.
    package enum Place: String, Sendable, CaseIterable {
        /// A path with its query: values are percent-encoded.
        case path
        /// JSON; placeholders stand between quotes, and values are escaped.
        case json
        /// A form: values are percent-encoded.
        case form
        /// A header field: values with line breaks are refused.
        case header
        /// Text as it is; values with line breaks are refused.
        case plain
    }

    /// What can be put into a template.
    package enum Placeholder: String, Sendable, CaseIterable {
        /// The number to reach.
        case target
        /// The number of our SIM.
        case caller
        /// The identity of our call.
        case call
        /// The held caller.
        case held
        /// Why a held caller is given back.
        case reason
        /// The PBX's reference of a call.
        case reference
        /// The key `user`.
        case user
        /// The secret `password`; never in a path.
        case password
        /// The key `device`.
        case device
        /// The key `caller_id`.
        case callerID = "caller_id"
        /// The session that the PBX gave (`fonial`).
        case session
    }

    /// Why a text is no template.
    package struct Problem: Error, Sendable, Equatable {
        /// What is wrong.
        package let message: String
        /// What to do.
        package let remedy: String
    }

    private enum Part: Sendable, Equatable {
        case literal(String)
        case placeholder(Placeholder)
    }

    /// The longest template, in bytes.
    package static let longest = 4096

    /// Where it stands.
    package let place: Place
    private let parts: [Part]

    /// Reads a template; throws at an unknown placeholder, one where it must not be, or a text that its place does not take.
    package init(_ text: String, in place: Place) throws(Problem) {
        guard text.utf8.count <= Self.longest else {
            throw Problem(message: "the template is longer than \(Self.longest) bytes", remedy: "shorten it")
        }
        self.place = place
        parts = try Self.parts(of: text)
        if place == .path, parts.contains(.placeholder(.password)) {
            throw Problem(
                message: "a password in an address would get into logs",
                remedy: "put {password} into a header or the body"
            )
        }
        try checkForm(text)
    }

    private static func parts(of text: String) throws(Problem) -> [Part] {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            literal += rest[..<open]
            let name = rest[rest.index(after: open)...].prefix { $0 == "_" || ("a"..."z").contains($0) }
            guard !name.isEmpty, name.endIndex < rest.endIndex, rest[name.endIndex] == "}" else {
                literal += "{"
                rest = rest[rest.index(after: open)...]
                continue
            }
            guard let placeholder = Placeholder(rawValue: String(name)) else {
                let known = Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
                throw Problem(message: "the placeholder {\(name)} is not known", remedy: "known are \(known)")
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(.placeholder(placeholder))
            rest = rest[rest.index(after: name.endIndex)...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    private func checkForm(_ text: String) throws(Problem) {
        switch place {
        case .path:
            guard text.hasPrefix("/"), !text.hasPrefix("//"),
                text.utf8.allSatisfy({
                    (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\")
                }),
                !text.split(separator: "/").contains("..")
            else {
                throw Problem(
                    message: "this is not a path below the PBX's url",
                    remedy: "begin it with one '/', and write no spaces, '#', '\\' or '..'"
                )
            }
        case .json:
            guard let sample = try? fill({ _ in "0" }), (try? JSONValue(parsing: Array(sample.utf8))) != nil else {
                throw Problem(
                    message: "this is not JSON",
                    remedy: "write placeholders between quotes, as in {\"to\": \"{target}\"}"
                )
            }
        case .form, .header, .plain:
            guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw Problem(message: "the text has line breaks", remedy: "write it in one line")
            }
        }
    }

    package var placeholders: Set<Placeholder> {
        var found: Set<Placeholder> = []
        for case .placeholder(let placeholder) in parts { found.insert(placeholder) }
        return found
    }

    /// Puts values into their places; throws where one is missing, or can't stand there.
    ///
    /// A value that is not known, nil, leaves its place empty; in JSON a text that would be nothing but this value is `null`,
    /// because an empty number is none.
    func fill(_ value: (Placeholder) throws(PBXError) -> String?) throws(PBXError) -> String {
        var text = ""
        // Whether the quote that the next literal begins with has been written over.
        var isQuoteTaken = false
        for (index, part) in parts.enumerated() {
            switch part {
            case .literal(let literal):
                text += isQuoteTaken ? literal.dropFirst() : literal[...]
                isQuoteTaken = false
            case .placeholder(let placeholder):
                if let known = try value(placeholder) {
                    text += try encode(known, of: placeholder)
                } else if standsAlone(index) {
                    text.removeLast()
                    text += "null"
                    isQuoteTaken = true
                }
            }
        }
        return text
    }

    /// Whether a placeholder is the whole of a text that is a value in JSON, not the name of one.
    private func standsAlone(_ index: Int) -> Bool {
        guard place == .json, index > 0, index + 1 < parts.count, case .literal(let before) = parts[index - 1],
            case .literal(let after) = parts[index + 1], before.hasSuffix("\""), after.hasPrefix("\"")
        else { return false }
        // A quote behind a backslash is a sign of the text.
        let backslashes = before.dropLast().reversed().prefix { $0 == "\\" }.count
        let next = after.dropFirst().first { !$0.isWhitespace }
        return backslashes.isMultiple(of: 2) && next != ":"
    }

    private func encode(_ value: String, of placeholder: Placeholder) throws(PBXError) -> String {
        switch place {
        case .path, .form: return PercentCoding.encode(value)
        case .json: return JSONValue.escape(value)
        case .header, .plain:
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw PBXError(
                    .misconfigured,
                    "the value of {\(placeholder.rawValue)} has line breaks",
                    remedy: "correct that value"
                )
            }
            return value
        }
    }
}

extension RequestTemplate: CustomStringConvertible {
    /// The template; no values are in it.
    package var description: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .placeholder(let placeholder): "{\(placeholder.rawValue)}"
            }
        }
        .joined()
    }
}
