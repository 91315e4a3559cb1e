internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import PBX
internal import WebRequests

/// Answers webhooks; what they tell is handed on behind the answer.
struct WebhookResponder: Sendable {
    let receivers: WebhookReceivers
    let limits: WebhookLimits
    let gate: WebhookGate
    let lanes: WebhookLanes
    let figures: WebhookFigures
    let logger: Logger

    /// An answer, and what to do behind it.
    struct Outcome {
        var response: Response
        var pbx = ""
        var events: [PBXEvent] = []
    }

    func respond(to request: Request, over channel: any Channel) async -> Outcome {
        let source = WebhookSource(channel.remoteAddress, request.headers)
        guard HostNames(receivers.hosts).include(request.head.authority) else {
            tellForeign(request.head.authority ?? "")
            return refusal(421, "host", from: source)
        }
        let target = request.uri.string
        guard target.utf8.count <= limits.connection.address, let name = receivers.name(for: target) else {
            return refusal(404, WebhookVerdict.Refusal.path.rawValue, from: source)
        }
        guard request.method == .post else {
            return refusal(405, WebhookVerdict.Refusal.method.rawValue, of: name, from: source)
        }
        // Asked to wait before it counts as known, so that it comes again.
        if lanes.isFull(name) { return refusal(503, "busy", of: name, retryAfter: 5) }
        let body: [UInt8]
        switch await self.body(of: request, over: channel) {
        case .all(let bytes): body = bytes
        case .tooLong: return refusal(413, WebhookVerdict.Refusal.size.rawValue, of: name, from: source)
        case .garbled: return refusal(400, WebhookVerdict.Refusal.body.rawValue, of: name, from: source)
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
            tell(reason, of: name)
            // What is signed is never counted: the PBX may share its address with a sender of nonsense.
            let counted = reason.isSigned ? nil : source
            return refusal(verdict.answer.status, reason.rawValue, of: name, from: counted)
        }
        figures.received(pbx: name, result: verdict.isRepetition ? "repetition" : "taken")
        return Outcome(response: Self.response(verdict.answer), pbx: name, events: verdict.events)
    }

    private enum Body {
        case all([UInt8])
        case tooLong
        /// It does not come as HTTP wants it, or the connection ended within it: then the answer is not read.
        case garbled
    }

    private func body(of request: Request, over channel: any Channel) async -> Body {
        let most = limits.connection.body
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most { return .tooLong }
        channel.triggerUserOutboundEvent(MessageGuard.WantsContent(), promise: nil)
        do {
            return .all(Array(try await request.body.collect(upTo: most).readableBytesView))
        } catch is NIOTooManyBytesError {
            return .tooLong
        } catch {
            return .garbled
        }
    }

    /// Says why a PBX's webhooks are not taken; each reason once a minute, as any machine can send such requests.
    private func tell(_ reason: WebhookVerdict.Refusal, of pbx: String) {
        guard gate.isNews(pbx, reason.rawValue, at: .now) else { return }
        logger.notice("a webhook was refused", metadata: ["pbx": "\(pbx)", "reason": "\(reason.words)"])
    }

    /// Tells of a host name in a request that is none of this box's, once a minute for all names together.
    private func tellForeign(_ host: String) {
        guard gate.isNews("", "host", at: .now) else { return }
        logger.notice(
            "a webhook was refused: it is for another host; if that is this box, write it into the PBX's public_url, or into web.names",
            metadata: ["host": "\(host.prefix(100))"]
        )
    }

    /// A refusal says nothing but its status: the owner of the PBX finds what is wrong in the log.
    ///
    /// - Parameter source: against whom it is counted; nil when it is not.
    private func refusal(
        _ status: Int,
        _ reason: String,
        of pbx: String = "",
        from source: WebhookSource? = nil,
        retryAfter: Int? = nil
    ) -> Outcome {
        var (status, reason, pbx, retryAfter) = (status, reason, pbx, retryAfter)
        if let seconds = source.flatMap({ gate.refused($0, at: .now) }) {
            (status, reason, pbx, retryAfter) = (429, "turned_away", "", seconds)
        }
        figures.received(pbx: pbx, result: reason)
        var response = Self.response(WebhookAnswerForm(status: status))
        if status == 405 { response.headers[.allow] = "POST" }
        if status == 413 || status == 421 { response.headers[.connection] = "close" }
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
