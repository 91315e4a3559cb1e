internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import WebAccess

// Live calls.
extension Endpoint {
    static let calls = [
        Endpoint(.get, "/v1/calls") { question in try .json(try await question.control.calls()) },
        Endpoint(.post, "/v1/calls") { question in try await question.dial() },
        Endpoint(.post, "/v1/routes") { question in
            let request = try await question.content(DialBody.self).request
            return try .json(try await question.control.preview(request, origin: question.responder.origin))
        },
        Endpoint(.get, "/v1/calls/{id}") { question in
            let id = try question.callID(question.parameter)
            guard let call = try await question.control.calls().first(where: { $0.call == id }) else {
                throw Problem(.notFound, "there is no live call \(question.parameter)")
            }
            return try .json(call)
        },
        Endpoint(.post, "/v1/calls/{id}/hangup") { question in
            try await question.noBody()
            try await question.control.hangUp(try question.callID(question.parameter))
            return Response(status: .accepted)
        },
        Endpoint(.post, "/v1/calls/{id}/interrupt") { question in
            try await question.noBody()
            try await question.control.interrupt(try question.callID(question.parameter))
            return Response(status: .accepted)
        },
        Endpoint(.post, "/v1/calls/{id}/answer") { question in
            let isAtPage = try await question.answersAtPage()
            let call = try question.callID(question.parameter)
            if isAtPage {
                try await question.answerHere(call)
            } else {
                try await question.control.answer(call)
            }
            question.tellTaken(call)
            return Response(status: .accepted)
        },
        Endpoint(.post, "/v1/calls/{id}/dtmf") { question in
            let tones = try await question.content(ToneRequest.self).tones
            guard !tones.isEmpty else { throw Problem(.invalid, "no tones to send") }
            try await question.control.sendTones(tones, in: try question.callID(question.parameter))
            return Response(status: .noContent)
        },
    ]
}

extension ControlQuestion {
    func callID(_ text: String) throws(Problem) -> UUID {
        guard let id = UUID(uuidString: text) else { throw Problem(.invalid, "a call's id is a UUID") }
        return id
    }

    /// Whether who answers will hear and speak at the page; a body need not be there.
    fileprivate func answersAtPage() async throws -> Bool {
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard length > 0, request.headers[.contentType]?.hasPrefix("application/json") == true else {
            try await noBody()
            return false
        }
        guard let audio = try await content(AnswerRequest.self).audio else { return false }
        guard audio == "browser", responder.origin == .page else {
            throw Problem(.invalid, "audio: known is browser, for people at the page")
        }
        return true
    }

    /// Answers a call for a person who hears and speaks at the page: the first who wants it has it.
    fileprivate func answerHere(_ call: UUID) async throws {
        guard let session = responder.session, let door = responder.door else {
            throw Problem(.forbidden, "only people at the page hear and speak there")
        }
        let seating = door.keepSeat(in: call, for: session.id)
        guard seating != .others else { throw Problem(.conflict, "somebody at the page takes the call already") }
        do throws(ControlError) { try await control.answerAtPage(call) } catch {
            if seating == .new { door.giveUpSeat(in: call) }
            throw error
        }
    }

    /// Tells the others at the page who took a call.
    fileprivate func tellTaken(_ call: UUID) {
        guard let session = responder.session else { return }
        control.events.publish(CallTaken(call: call, by: session.browser))
    }

    fileprivate func dial() async throws -> Response {
        let body = try await content(DialBody.self)
        let key = try request.headers[named: "Idempotency-Key"]
            .map { text in
                // Some write it as a quoted string, as structured fields are.
                try callID(text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text)
            }
        if let key, let id = body.id, key != id {
            throw Problem(.conflict, "Idempotency-Key and id name two different calls")
        }
        let id = key ?? body.id ?? UUID()
        // Heard of from its first event on, because the listener is there before the call is.
        let stream = request.wantsEvents ? try self.stream(from: nil, call: id, last: "call.ended") : nil
        let status: CallStatus
        var seating: WebDoor.Seating?
        if body.request.audio == "browser", let session = responder.session {
            seating = responder.door?.keepSeat(in: id, for: session.id)
            guard let seating, seating != .others else {
                stream?.abandon()
                throw Problem(.conflict, "another browser has made a call with this id")
            }
        }
        do { status = try await control.dial(body.request, id: id, origin: responder.origin) } catch {
            if seating == .new { responder.door?.giveUpSeat(in: id) }
            stream?.abandon()
            throw error
        }
        var response = try stream.map { .events($0, status: .accepted) } ?? Response.json(status, status: .accepted)
        response.headers[.location] = "/v1/calls/\(id.name)"
        return response
    }
}

/// The body of `POST /v1/calls` and `POST /v1/routes`.
struct DialBody: RequestBodyFormat {
    static let fields = DialRequest.CodingKeys.allCases.map(\.rawValue) + ["id"]

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

/// The body of `POST /v1/calls/{id}/answer`.
struct AnswerRequest: RequestBodyFormat {
    static let fields = ["audio"]

    let audio: String?
}

/// The body of `POST /v1/calls/{id}/dtmf`.
struct ToneRequest: RequestBodyFormat, Encodable {
    static let fields = ["tones"]

    let tones: String
}
