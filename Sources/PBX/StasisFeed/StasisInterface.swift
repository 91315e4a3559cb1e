internal import TextCoding
internal import WebRequests

/// One request of a command.
struct StasisStep: Sendable {
    let request: WebRequest
    /// Whether the command fails with it; what was done or is gone already is no failure elsewhere.
    let isNeeded: Bool
    /// What is asked where it fails: success means that another one has done it meanwhile.
    var look: WebRequest?
    /// Whether the next step is needed no more when this one succeeds.
    var replacesNext = false
}

/// Where an application is at work: its requests.
struct StasisInterface: Sendable {
    /// The longest call that `policy.max_duration` may permit, in seconds.
    static let longestTalk = 86_400

    /// The application's name at Asterisk (`Stasis(NAME)`).
    let application: String
    private let base: RequestURL
    private let user: String
    private let password: Secret

    /// How the ids of its bridges for two begin.
    var joinPrefix: String { application + "-join-" }
    /// The bridge in which callers hear music.
    private var holding: String { application + "-hold" }

    /// Makes the interface of an account; nil for one without an application.
    ///
    /// Throws when the account lacks what such a connection needs.
    init?(_ account: PBXAccount) throws(PBXError) {
        guard let application = account.options.application else { return nil }
        guard let address = account.address, let user = account.user, let password = account.password else {
            throw PBXError(
                .misconfigured,
                "app needs url, user and password",
                remedy: "add them to the PBX's section",
                pbx: account.name
            )
        }
        self.application = application
        base = RequestURL(address)
        self.user = user
        self.password = password
    }

    /// Where events come from, by WebSocket; all events of the application's own channels and no others.
    var events: WebRequest {
        request(.get, base.appending("events").with([("app", application), ("subscribeAll", "false")]))
    }

    var channels: WebRequest { request(.get, base.appending("applications", application)) }

    /// All bridges.
    var bridges: WebRequest { request(.get, base.appending("bridges")) }

    /// What a command is made of.
    func steps(_ command: StasisCommand) -> [StasisStep] {
        switch command {
        case .hold(let channel, let answers):
            return (answers ? [needed(channel, "answer")] : []) + bridge(holding, type: "holding") + [
                add([channel], to: holding),
                StasisStep(request: request(.post, base.appending("bridges", holding, "moh")), isNeeded: false),
            ]
        case .makeBridge(let id): return bridge(id, type: "mixing")
        case .listen(let channel, let answers): return answers ? [needed(channel, "answer")] : []
        case .join(let held, let dialIn, let answers, let bridge):
            let leave = base.appending("bridges", holding, "removeChannel").with([("channel", held.text)])
            // The dialplan limits how long a caller waits; a conversation has the limits of the side that dials.
            let limit = url(held).appending("variable")
                .with([("variable", "TIMEOUT(absolute)"), ("value", String(Self.longestTalk))])
            return (answers ? [needed(dialIn, "answer")] : []) + [
                StasisStep(request: request(.post, leave), isNeeded: false), add([held, dialIn], to: bridge),
                StasisStep(request: request(.post, limit), isNeeded: false),
            ]
        case .lead(let channel, let context, let target):
            let place = url(channel).appending("continue")
                .with([("context", context), ("extension", target), ("priority", "1")])
            return [StasisStep(request: request(.post, place), isNeeded: true)]
        case .goOn(let channel):
            return [StasisStep(request: request(.post, url(channel).appending("continue")), isNeeded: false)]
        case .hangUp(let channel): return [end(channel, "reason", "normal")]
        // 3GPP 24.008, 10.5.4.11: 21 is a call rejected.
        case .turnAway(let channel): return [end(channel, "reason_code", "21")]
        case .removeBridge(let id):
            return [StasisStep(request: request(.delete, base.appending("bridges", id)), isNeeded: false)]
        }
    }

    private func url(_ channel: CallReference) -> RequestURL { base.appending("channels", channel.text) }

    private func needed(_ channel: CallReference, _ action: String) -> StasisStep {
        StasisStep(request: request(.post, url(channel).appending(action)), isNeeded: true)
    }

    private func end(_ channel: CallReference, _ name: String, _ value: String) -> StasisStep {
        StasisStep(request: request(.delete, url(channel).with([(name, value)])), isNeeded: false)
    }

    /// Makes a bridge, unless it is there.
    ///
    /// To make one that exists is 409 in 20.19, 22.5 and later, and in earlier ones 500, because its type can't be changed
    /// (`ast_ari_bridges_create_with_id` in res/ari/resource_bridges.c). Because 500 has other reasons as well, it is looked
    /// again whether it is there now.
    private func bridge(_ id: String, type: String) -> [StasisStep] {
        let url = base.appending("bridges", id)
        let look = request(.get, url)
        return [
            StasisStep(request: look, isNeeded: false, replacesNext: true),
            StasisStep(request: request(.post, url.with([("type", type)])), isNeeded: true, look: look),
        ]
    }

    private func add(_ channels: [CallReference], to bridge: String) -> StasisStep {
        let list = channels.map(\.text).joined(separator: ",")
        let url = base.appending("bridges", bridge, "addChannel").with([("channel", list)])
        return StasisStep(request: request(.post, url), isNeeded: true)
    }

    /// Each may come twice: it sets how things shall be.
    private func request(_ method: WebRequest.Method, _ url: RequestURL) -> WebRequest {
        WebRequest(method, url, effect: .harmless).basic(user, password)
    }
}
