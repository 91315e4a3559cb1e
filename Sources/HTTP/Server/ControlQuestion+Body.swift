internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTP1
internal import PBX
internal import WebRequests

/// A body of a request; a field that it does not have is refused, so that no limit is dropped for a slip of the pen.
protocol RequestBodyFormat: Decodable {
    static var fields: [String] { get }
}

extension ControlQuestion {
    /// Reads a body that says nothing, so that the connection can go on.
    func noBody() async throws { _ = try await bytes(upTo: responder.limits.body) }

    func content<Body: RequestBodyFormat>(
        _ type: Body.Type,
        upTo limit: Int? = nil
    ) async throws -> Body {
        let media = request.headers[.contentType]?.split(separator: ";").first
            .map { part in
                part.trimmed.lowercased()
            }
        guard media == "application/json" else {
            throw Problem(.mediaType, "send JSON with the header 'Content-Type: application/json'")
        }
        let bytes = try await bytes(upTo: limit ?? responder.limits.body)
        do {
            let value = try JSONValue(parsing: bytes)
            guard let names = value.names else { throw Problem(.invalid, "the body is not a JSON object") }
            if let unknown = names.first(where: { !Body.fields.contains($0) }) {
                throw Problem(
                    .invalid,
                    "the field \(String(unknown.prefix(40))) is not known; known are \(Body.fields.joined(separator: ", "))"
                )
            }
            // Nothing at all is said by leaving the field out.
            if let empty = names.first(where: { value[$0] == .null }) {
                throw Problem(.invalid, "the field \(empty) is null; leave it out")
            }
            return try WireFormat.decode(type, from: bytes)
        } catch is JSONError {
            throw Problem(.invalid, "the body is not JSON, or has a field twice")
        } catch let error as DecodingError {
            throw Problem(.invalid, error.words)
        }
    }

    private func bytes(upTo limit: Int) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Problem(.tooLarge, "the body has more than \(limit) bytes")
        }
        channel.triggerUserOutboundEvent(MessageGuard.WantsContent(), promise: nil)
        do {
            let buffer = try await request.body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.tooLarge, "the body has more than \(limit) bytes")
        } catch is HTTPParserError {
            throw Problem(.invalid, "the body does not come as HTTP wants it, such as a chunk of no possible size")
        }
    }
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
