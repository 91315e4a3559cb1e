/// A JSON value (RFC 8259).
///
/// Own code, because what a PBX replies is looked at by pointer and never by a fixed form, and because it must be bounded:
/// at most ``deepest`` levels, and no more bytes than the transport lets through.
package enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number as it was written, so that a long identity keeps its digits.
    case number(String)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Named values, in their order; what is read has each name once.
    case object([Member])

    /// A named value.
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The most levels of lists and objects in one another.
    package static let deepest = 32

    /// A named value of an object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The names of an object's values; nil for everything else.
    package var names: [String]? {
        guard case .object(let members) = self else { return nil }
        return members.map(\.name)
    }

    /// Text, or a number or flag as text; nil for everything else.
    package var scalar: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// Named values, without those that are nil.
    package static func object(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }

    /// Text, or nil for none.
    package static func text(_ text: String?) -> JSONValue? { text.map(JSONValue.string) }

    /// The value as JSON, without spaces, in ASCII but for what is inside texts.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let text): text
        case .string(let text): "\"" + Self.escape(text) + "\""
        case .array(let list): "[" + list.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\"" + Self.escape($0.name) + "\":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }

    /// A text as it stands between the quotes of JSON.
    package static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 {
                    let hex = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
