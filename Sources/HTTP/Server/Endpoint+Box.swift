internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import ServiceFigures
internal import Settings

// The box: how it stands, its modems, its events, its figures.
extension Endpoint {
    static let box = [
        Endpoint(.get, "/v1/status", .looking) { question in
            try .json(question.right.shown(try await question.status()))
        },
        Endpoint(.get, "/v1/modems", .looking) { question in
            try .json(question.right.shown(try await question.control.modems()))
        },
        Endpoint(.get, "/v1/accounts") { question in
            try .json(try await question.control.accounts())
        },
        Endpoint(.get, "/v1/phones") { question in
            try .json(try await question.control.phones())
        },
        Endpoint(.post, "/v1/modems/{name}/command", .local("AT commands are taken over the Unix socket only")) {
            question in
            let body = try await question.content(CommandRequest.self)
            let wait = body.waitSeconds ?? 0
            guard (0...60).contains(wait) else { throw Problem(.invalid, "wait_seconds: give 0 to 60") }
            let limit = body.timeoutSeconds.map { Duration.seconds($0) } ?? CommandAnswer.longestAnswer
            guard limit > .zero, limit <= CommandAnswer.longestAnswer else {
                throw Problem(.invalid, "timeout_seconds: give more than 0 and at most 180")
            }
            return try .json(
                try await question.control.command(
                    body.command,
                    modem: question.parameter,
                    within: limit,
                    wait: .seconds(wait)
                )
            )
        },
        Endpoint(
            .post,
            "/v1/modems/{name}/order",
            .inside("modems are switched over the Unix socket and at the page only"),
            role: .admin
        ) { question in
            let order = try await question.content(OrderRequest.self).order
            return try .json(try await question.control.perform(order, modem: question.parameter))
        },
        Endpoint(.get, "/v1/modems/{name}/volte") { question in
            try .json(try await question.control.voiceReadiness(question.parameter))
        },
        Endpoint(.post, "/v1/modems/{name}/volte", .local("modems are set over the Unix socket only")) { question in
            try await question.noBody()
            return try .json(try await question.control.enableVoice(question.parameter))
        },
        Endpoint(.get, "/v1/modems/{name}/now") { question in
            try .json(try await question.control.modemNow(question.parameter))
        },
        Endpoint(.get, "/v1/modems/{name}/signal") { question in
            let hours = question.text("hours").map { Int($0) } ?? 24
            guard let hours else { throw Problem(.invalid, "hours: give a whole number") }
            return try .json(try await question.control.signals(of: question.parameter, hours: hours))
        },
        Endpoint(.get, "/v1/limits") { question in try .json(try await question.control.limits()) },
        Endpoint(.get, "/v1/events") { question in
            var position: EventHub.Position?
            if let text = question.request.headers[named: "Last-Event-ID"] ?? question.text("after") {
                position = EventHub.Position(text)
                guard position != nil else { throw Problem(.invalid, "the position is not the id of an event") }
            }
            let call = try question.text("call").map { try question.callID($0) }
            return .events(try question.stream(from: position, call: call))
        },
        Endpoint(
            .get,
            "/v1/settings",
            .inside("the configuration is shown over the Unix socket and at the page only"),
            role: .admin
        ) { question in
            try .json(await question.responder.values().map(SettingValue.init))
        },
        Endpoint(.get, "/healthz", .looking) { _ in .text("ok\n") },
        Endpoint(.get, "/readyz", .looking) { question in
            let status = try await question.status()
            if status.isStopping { throw Problem(.unavailable, "the service is stopping") }
            guard status.isReady else { throw Problem(.unavailable, status.warnings.last ?? "no modem is ready") }
            return .text("ok\n")
        },
        Endpoint(.get, "/metrics", .looking) { question in
            .text(
                question.responder.metrics.text(
                    status: try await question.status(),
                    hub: question.control.events,
                    webhooks: question.responder.webhooks
                ),
                type: "text/plain; version=0.0.4; charset=utf-8"
            )
        },
    ]
}

/// An effective value of the configuration, and where it comes from; of a secret only where it is read.
struct SettingValue: Encodable {
    let key: String
    let value: String
    let origin: String

    init(_ setting: Configuration.Setting) {
        (key, value, origin) = (setting.key, "\(setting.value)", "\(setting.origin)")
    }
}

/// The body of `POST /v1/modems/{name}/command`.
struct CommandRequest: RequestBodyFormat, Encodable {
    static let fields = ["command", "timeout_seconds", "wait_seconds"]

    let command: String
    /// How long the answer may take.
    var timeoutSeconds: Double?
    /// How long to listen to what is said unasked behind the answer.
    var waitSeconds: Double?

    private enum CodingKeys: String, CodingKey {
        case command
        case timeoutSeconds = "timeout_seconds"
        case waitSeconds = "wait_seconds"
    }
}

/// The body of `POST /v1/modems/{name}/order`.
struct OrderRequest: RequestBodyFormat, Encodable {
    static let fields = ["order"]

    let order: ModemOrder
}
