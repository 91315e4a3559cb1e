internal import FoundationEssentials
internal import NIOHTTP1

/// A request as it came.
struct PBXMessage: Sendable {
    var method: HTTPMethod
    /// The path's segments, decoded.
    var path: [String]
    /// The query, decoded; of equal names the last counts.
    var query: [String: String]
    var headers: HTTPHeaders
    var body: [UInt8]

    /// Takes a request apart; nil when its target can't be understood.
    init?(method: HTTPMethod, target: String, headers: HTTPHeaders, body: [UInt8]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.hasPrefix("/") else { return nil }
        var path: [String] = []
        for segment in first.split(separator: "/") {
            guard let decoded = Self.decoded(segment) else { return nil }
            path.append(decoded)
        }
        var query: [String: String] = [:]
        for item in parts.count == 2 ? parts[1].split(separator: "&") : [] {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(pair[0]),
                let value = Self.decoded(pair.count == 2 ? pair[1] : "")
            else { return nil }
            query[name] = value
        }
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// Undoes the percent coding of RFC 3986 section 2.1; nil when it is none.
    static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The fields that a body may have; what is not known is ignored.
    struct Fields: Decodable {
        var call: String?
        var target: String?
        var to: String?
        var caller: String?
        var from: String?
        var reason: String?
        var modem: Int?
        var givesUpAfter: Double?

        private enum CodingKeys: String, CodingKey {
            case call
            case target
            case to
            case caller
            case from
            case reason
            case modem
            case givesUpAfter = "gives_up_after"
        }
    }

    /// The body's fields, none without a body; nil when it is no JSON object.
    var fields: Fields? {
        if body.isEmpty { return Fields() }
        return try? JSONDecoder().decode(Fields.self, from: Data(body))
    }
}

/// An answer before anything goes wrong with it.
struct PBXAnswer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// An answer without a body.
    static func empty(_ status: Int) -> PBXAnswer { PBXAnswer(status: status) }

    static func json(_ status: Int, _ value: JSONText) -> PBXAnswer {
        PBXAnswer(status: status, headers: [("Content-Type", "application/json")], body: Array(value.text.utf8))
    }

    static func problem(_ status: Int, _ message: String) -> PBXAnswer {
        json(status, .object([("error", .string(message))]))
    }
}

/// JSON as it is written.
enum JSONText: Sendable {
    case string(String)
    case number(Int)
    case flag(Bool)
    case list([JSONText])
    case object([(name: String, value: JSONText?)])

    var text: String {
        switch self {
        case .string(let text): return Self.quoted(text)
        case .number(let number): return String(number)
        case .flag(let flag): return flag ? "true" : "false"
        case .list(let list): return "[" + list.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            let written = members.compactMap { member in
                member.value.map { Self.quoted(member.name) + ":" + $0.text }
            }
            return "{" + written.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let code = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Instants of the world as times of day.
enum TimeOfDay {
    /// RFC 3339 in UTC with milliseconds.
    static func text(_ instant: ContinuousClock.Instant, present: ContinuousClock.Instant) -> String {
        let (seconds, attoseconds) = present.duration(to: instant).components
        let date = Date().addingTimeInterval(Double(seconds) + Double(attoseconds) * 1e-18)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
