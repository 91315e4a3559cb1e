internal import Gateway
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import PBX

/// Answers webhooks; what they tell is handed on behind the answer.
struct WebhookResponder: Sendable {
    let receivers: WebhookReceivers
    let limits: WebhookLimits
    let gate: WebhookGate
    let lanes: WebhookLanes
    let figures: WebhookFigures

    /// An answer, and what to do behind it.
    struct Outcome {
        var response: Response
        var pbx = ""
        var events: [PBXEvent] = []
    }

    func respond(to request: Request, over channel: any Channel) async -> Outcome {
        let source = WebhookSource(channel.remoteAddress, request.headers)
        if let seconds = gate.admit(source, at: .now) {
            return refusal(429, "turned_away", retryAfter: seconds)
        }
        let target = request.uri.string
        guard target.utf8.count <= limits.connection.address, let name = receivers.name(for: target) else {
            gate.refused(source, at: .now)
            return refusal(404, WebhookVerdict.Refusal.path.rawValue)
        }
        guard request.method == .post else {
            gate.refused(source, at: .now)
            return refusal(405, WebhookVerdict.Refusal.method.rawValue, of: name)
        }
        // Asked to wait before it counts as known, so that it comes again.
        if lanes.isFull(name) { return refusal(503, "busy", of: name, retryAfter: 5) }
        guard let body = await body(of: request) else {
            gate.refused(source, at: .now)
            return refusal(413, WebhookVerdict.Refusal.size.rawValue, of: name)
        }
        let webhook = WebhookRequest(
            method: request.method.rawValue,
            target: target,
            headers: request.headers.map { ($0.name.rawName, $0.value) },
            body: body
        )
        guard let verdict = receivers.receive(webhook, for: name, now: .now) else {
            return refusal(404, WebhookVerdict.Refusal.path.rawValue)
        }
        if let reason = verdict.refusal {
            gate.refused(source, at: .now)
            return refusal(verdict.answer.status, reason.rawValue, of: name)
        }
        figures.received(pbx: name, result: verdict.isRepetition ? "repetition" : "taken")
        return Outcome(response: Self.response(verdict.answer), pbx: name, events: verdict.events)
    }

    /// The body; nil when it is too long.
    private func body(of request: Request) async -> [UInt8]? {
        let most = limits.connection.body
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most { return nil }
        do {
            return Array(try await request.body.collect(upTo: most).readableBytesView)
        } catch {
            // Too long, or the connection ended within it: then nobody reads the answer.
            return nil
        }
    }

    /// A refusal says nothing but its status: whoever may send webhooks knows what is wrong from the log.
    private func refusal(_ status: Int, _ reason: String, of pbx: String = "", retryAfter: Int? = nil) -> Outcome {
        figures.received(pbx: pbx, result: reason)
        var response = Self.response(WebhookAnswerForm(status: status))
        if status == 405 { response.headers[.allow] = "POST" }
        if status == 413 { response.headers[.connection] = "close" }
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        return Outcome(response: response)
    }

    private static func response(_ answer: WebhookAnswer) -> Response {
        response(WebhookAnswerForm(status: answer.status, contentType: answer.contentType, body: answer.body))
    }

    private struct WebhookAnswerForm {
        var status: Int
        var contentType: String?
        var body: [UInt8] = []
    }

    private static func response(_ answer: WebhookAnswerForm) -> Response {
        var response = Response(
            status: HTTPResponse.Status(code: answer.status),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        )
        if let type = answer.contentType { response.headers[.contentType] = type }
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
