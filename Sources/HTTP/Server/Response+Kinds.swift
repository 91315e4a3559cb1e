internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

extension Response {
    /// The answer that is made, or the problem that kept it from being made; kept in no cache unless it says how.
    static func made(_ answer: () async throws -> Response) async -> Response {
        var response: Response
        do {
            response = try await answer()
        } catch let problem as Problem {
            response = problem.response
        } catch let error as ControlError {
            response = Problem(error).response
        } catch {
            response = Problem(.internal, "the answer could not be made: \(error)").response
        }
        if response.status.code == 413 || response.status.code == 421 { response.headers[.connection] = "close" }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        var bytes = try WireFormat.encode(value)
        bytes.append(0x0A)
        return Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func events(_ stream: EventStream, status: HTTPResponse.Status = .ok) -> Response {
        var response = Response(
            status: status,
            headers: [.contentType: "text/event-stream"],
            body: stream.body()
        )
        // Keeps reverse proxies from holding events back.
        response.headers[named: "X-Accel-Buffering"] = "no"
        return response
    }
}

extension Problem {
    /// The problem as an answer.
    var response: Response {
        var response: Response
        do {
            response = try .json(self, status: HTTPResponse.Status(code: status))
        } catch {
            response = Response(status: HTTPResponse.Status(code: status))
        }
        response.headers[.contentType] = "application/problem+json"
        switch kind {
        case .unauthorized: response.headers[.wwwAuthenticate] = "Bearer realm=\"gsmbridge\""
        case .unavailable, .tooMany: response.headers[.retryAfter] = "\(retryAfter)"
        default: break
        }
        return response
    }
}

extension Request {
    /// Whether the answer shall be a stream of events.
    var wantsEvents: Bool {
        headers[.accept]?.split(separator: ",")
            .contains { $0.split(separator: ";").first?.trimmed == "text/event-stream" }
            ?? false
    }
}

extension HTTPFields {
    /// A field by a name that has no constant; nil when it is not there.
    subscript(named name: String) -> String? {
        get { HTTPField.Name(name).flatMap { self[$0] } }
        set {
            guard let name = HTTPField.Name(name) else { return }
            self[name] = newValue
        }
    }
}
