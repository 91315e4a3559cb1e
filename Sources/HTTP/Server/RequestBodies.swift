internal import FoundationEssentials
internal import Gateway
internal import GatewayAPI

/// A body of a request; a field that it does not have is refused, so that no limit is dropped for a slip of the pen.
protocol RequestBodyFormat: Decodable {
    static var fields: [String] { get }
}

/// The body of `POST /v1/calls`.
struct DialBody: RequestBodyFormat {
    static let fields = ["number", "via", "pbx", "modem", "access_number", "max_seconds", "id"]

    let request: DialRequest
    let id: UUID?

    private enum CodingKeys: String, CodingKey {
        case id
    }

    init(from decoder: any Decoder) throws {
        request = try DialRequest(from: decoder)
        id = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(UUID.self, forKey: .id)
    }
}

/// The body of `POST /v1/calls/{id}/dtmf`.
struct ToneRequest: RequestBodyFormat, Encodable {
    static let fields = ["tones"]

    let tones: String
}

/// The body of `POST /v1/modems/{name}/command`.
struct CommandRequest: RequestBodyFormat, Encodable {
    static let fields = ["command", "wait_seconds"]

    let command: String
    /// How long to listen to what is said unasked behind the answer.
    var waitSeconds: Double?

    private enum CodingKeys: String, CodingKey {
        case command
        case waitSeconds = "wait_seconds"
    }
}

/// The body of `POST /v1/modems/{name}/order`.
struct OrderRequest: RequestBodyFormat, Encodable {
    static let fields = ["order"]

    let order: ModemOrder
}

extension DecodingError {
    /// What is wrong with a body, in one line.
    var words: String {
        switch self {
        case .keyNotFound(let key, _): return "the field \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "the body is not a JSON object" : "the field \(path) has a wrong value"
        @unknown default: return "the body is not what belongs here"
        }
    }
}

extension Substring {
    /// The text without spaces at its ends.
    var trimmed: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
