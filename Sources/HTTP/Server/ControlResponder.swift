internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTP1
internal import PBX
internal import ServiceFigures
internal import Settings
internal import WebAccess

/// Answers requests: finds the endpoint, asks the service, writes what it says.
struct ControlResponder: Sendable {
    let control: any LocalControl
    let origin: RequestOrigin
    /// Who must bring a token; nil where the connection itself says enough.
    let gate: TokenGate?
    let limits: ControlLimits
    /// The names under which it is asked now.
    let hosts: @Sendable () -> HostNames
    let streams: OpenStreams
    let metrics: ServiceMetrics
    /// What is shown of webhooks; nil for nothing.
    let webhooks: WebhookFigures?
    /// The page's door; nil where there is no page.
    let door: WebDoor?
    /// What the service runs with.
    let values: @Sendable () async -> [Configuration.Setting]
    /// What examines the box; nil where nothing does.
    let diagnosis: BoxDiagnosis?
    /// Who asks by the page; nil for all others.
    var session: WebCaller?

    func respond(to request: Request, over channel: any Channel) async -> Response {
        var response = await Response.made { try await answer(request, channel) }
        // RFC 9110, 9.3.2: all of the answer but its content.
        if request.method == .head { response = response.createHeadResponse() }
        // Those at the page are counted with its files and views.
        if origin != .page { metrics.answered(origin, status: response.status.code) }
        return response
    }

    private func answer(_ request: Request, _ channel: any Channel) async throws -> Response {
        guard hosts().include(request.head.authority) else {
            throw Problem(
                .misdirected,
                "this is no host of that name; a reverse proxy's name belongs into control.names"
            )
        }
        let right = try await admit(request, channel)
        guard request.uri.string.utf8.count <= limits.address else {
            throw Problem(.tooLong, "the address has more than \(limits.address) bytes")
        }
        let path = request.uri.path
        // An event stream has nothing but its content.
        let method = request.method == .head && path != "/v1/events" ? .get : request.method
        switch Endpoint.resolve(method, path: path) {
        case .unknown: throw Problem(.notFound, "there is nothing at \(request.uri.path)")
        case .wrongMethod(let allowed):
            let heads = allowed.contains(.get) && path != "/v1/events" ? ["HEAD"] : []
            let list = (allowed.map(\.rawValue) + heads).joined(separator: ", ")
            var response = Problem(.methodNotAllowed, "\(request.uri.path) takes \(list)").response
            response.headers[.allow] = list
            return response
        case .found(let endpoint, let parameter):
            let question = ControlQuestion(
                responder: self,
                request: request,
                parameter: parameter ?? "",
                channel: channel,
                right: right
            )
            switch endpoint.access {
            case .looking: break
            case .everything, .inside, .local:
                guard right == .everything else {
                    throw Problem(.forbidden, "this token is for status, modems, health and metrics alone")
                }
            }
            switch endpoint.access {
            case .local(let reason) where origin != .local: throw Problem(.forbidden, reason)
            case .inside(let reason) where origin != .local && origin != .page: throw Problem(.forbidden, reason)
            case .looking, .everything, .inside, .local: break
            }
            if origin == .page {
                guard let session, session.role >= endpoint.role else {
                    throw Problem(
                        .forbidden,
                        "this session may \(session?.role.rawValue ?? "nothing"), and not do this"
                    )
                }
            }
            return try await endpoint.answer(question)
        }
    }

    private func admit(_ request: Request, _ channel: any Channel) async throws -> TokenGate.Right {
        guard let gate else { return .everything }
        let source = RequestSource(channel.remoteAddress)
        switch gate.judge(request.headers[.authorization], from: source, at: .now) {
        case .admitted(let right): return right
        case .refused:
            metrics.tokenRefused()
            try await Task.sleep(for: limits.tokenDelay)
            throw Problem(.unauthorized, "send the header 'Authorization: Bearer TOKEN'")
        case .turnedAway(let seconds):
            metrics.tokenRefused()
            throw Problem(
                .tooMany,
                "too many wrong tokens; try again in \(seconds) seconds",
                retryAfter: seconds
            )
        }
    }
}
