package import FoundationEssentials

/// A gateway, as those who steer it see it: the service in this process, or a running one that a client asks.
///
/// Every method but ``follow(_:id:origin:within:onEvent:)`` returns in bounded time; a dial is accepted or refused at
/// once, and what becomes of it comes as events.
package protocol GatewayControl: RecordControl, MessageControl, VoiceControl {
    /// Every modem that is there or configured, in the order of the configuration, then of discovery.
    func modems() async throws(ControlError) -> [ModemStatus]

    /// The accounts at PBXs, in the order of the configuration.
    func accounts() async throws(ControlError) -> [AccountStatus]

    /// The phones of the house, in the order of the configuration.
    func phones() async throws(ControlError) -> [PhoneStatus]

    /// The messages of SIP since the last look, without secrets; they are kept while somebody looks every few seconds.
    ///
    /// - Parameters:
    ///   - number: the number of the last message that was seen; nil for all that are kept.
    ///   - showsNumbers: whether numbers of people are shown in full.
    func sipTrace(behind number: UInt64?, showsNumbers: Bool) async throws(ControlError) -> SIPTraceView

    /// The live calls, oldest first.
    func calls() async throws(ControlError) -> [CallStatus]

    /// How the service stands.
    func status() async throws(ControlError) -> GatewayStatus

    /// What a call would be: how it would be made, who pays, what the policy says; no modem is touched.
    ///
    /// - Parameters:
    ///   - request: what would be asked for.
    ///   - origin: who asks; to remote ones emergency calls are refused.
    func preview(_ request: DialRequest, origin: RequestOrigin) async throws(ControlError) -> RoutePreview

    /// Takes a call to be made, and returns as soon as it is accepted; it may have to wait for a modem.
    ///
    /// - Parameters:
    ///   - request: what to do.
    ///   - id: the call's id; a second request with the id of a call that lives or was made before is refused, after a
    /// restart too.
    ///   - origin: who asks; emergency calls are refused to remote ones.
    func dial(_ request: DialRequest, id: UUID, origin: RequestOrigin) async throws(ControlError) -> CallStatus

    /// Has a call made and follows it to its end; it is listened to before it is made, so that no event is lost.
    ///
    /// - Parameters:
    ///   - request: what to do.
    ///   - id: the call's id.
    ///   - origin: who asks.
    ///   - patience: how long the service may take to answer, and then until its first event.
    ///   - onEvent: takes each event of the call, from `call.requested` to `call.ended`.
    /// - Throws: ``ControlError/callMayGoOn(_:reason:)`` when the connection breaks once the call may have begun.
    func follow(
        _ request: DialRequest,
        id: UUID,
        origin: RequestOrigin,
        within patience: Duration,
        onEvent: (any GatewayEvent) async -> Void
    ) async throws(ControlError)

    /// Hangs a live call up, as a person does; returns once that has begun. A call in which people talk is `completed` by it.
    func hangUp(_ call: UUID) async throws(ControlError)

    /// Breaks a live call off for the one who dialled it, in any phase: it ends `interrupted`.
    func interrupt(_ call: UUID) async throws(ControlError)

    /// Answers a call that rings and waits for a decision.
    func answer(_ call: UUID) async throws(ControlError)

    /// Sends tones in an answered call, each once and in order; returns when all are sent.
    func sendTones(_ tones: String, in call: UUID) async throws(ControlError)

    /// Sends one AT command to a modem that has no call.
    ///
    /// - Parameters:
    ///   - limit: how long the answer may take; at most ``CommandAnswer/longestAnswer``.
    ///   - wait: how long to listen, once it is answered, to what the modem says unasked; at most 60 s.
    /// - Returns: what it answered, secrets hidden.
    func command(
        _ command: String,
        modem: String,
        within limit: Duration,
        wait: Duration
    ) async throws(ControlError) -> CommandAnswer

    /// Restarts a modem that has no call, takes it out of service, or back.
    ///
    /// - Returns: how it stands then.
    func perform(_ order: ModemOrder, modem: String) async throws(ControlError) -> ModemStatus
}

extension GatewayControl {
    /// Follows a call for a person at this box.
    package func follow(
        _ request: DialRequest,
        id: UUID,
        within patience: Duration = .seconds(30),
        onEvent: (any GatewayEvent) async -> Void
    ) async throws(ControlError) {
        try await follow(request, id: id, origin: .local, within: patience, onEvent: onEvent)
    }
}

/// What a person wants done with a modem.
package enum ModemOrder: String, Sendable, Hashable, Codable, CaseIterable {
    /// Have it start anew.
    case restart
    /// Take it out of service, until `on` or the end of the service.
    case off
    /// Take it into service again.
    case on
}

/// Who asks for something.
package enum RequestOrigin: Sendable, Hashable {
    /// A process of this box, over the Unix socket.
    case local
    /// Over TCP, or a webhook.
    case remote
    /// A person with a session at the page.
    case page
    /// A telephone of the house, by its name.
    case phone(String)
    /// A PBX of the house, by its name.
    case trunk(String)
    /// A rule of this box, for what came from outside: a caller who calls on, one who is called back, who is rung for a call.
    case rule

    /// The contract's word for `origin`.
    package var word: String {
        switch self {
        case .local: "cli"
        case .remote: "api"
        case .page: "page"
        case .phone(let name): "phone:\(name)"
        case .trunk(let name): "trunk:\(name)"
        case .rule: "rule"
        }
    }

    /// Whether who asks holds a telephone, which is our end of the call.
    package var isAtPhone: Bool {
        switch self {
        case .phone, .trunk: true
        case .local, .remote, .page, .rule: false
        }
    }

    /// How long its calls wait for a modem at most; nil for as long as the configuration lets calls wait.
    package var queuesFor: Duration? {
        switch self {
        // Who holds a telephone hears nothing meanwhile.
        case .phone: .seconds(3)
        // A PBX that is told at once takes another box.
        case .trunk: .zero
        case .local, .remote, .page, .rule: nil
        }
    }

    /// Whether help may be called for it: by people at this box and at its telephones, and by no machine elsewhere.
    package var mayCallHelp: Bool {
        switch self {
        case .local, .phone: true
        case .remote, .page, .trunk, .rule: false
        }
    }
}

/// What a modem answered to one command.
package struct CommandAnswer: Sendable, Hashable, Codable {
    /// The lines before the final result.
    package var lines: [String]
    /// The final result, `OK` or an error.
    package var result: String
    /// How long the answer took, in milliseconds.
    package var milliseconds: Double
    /// What the modem said unasked until the wait was over; nil where no wait was asked for.
    package var later: [String]?

    package init(lines: [String], result: String, milliseconds: Double, later: [String]? = nil) {
        self.lines = lines
        self.result = result
        self.milliseconds = milliseconds
        self.later = later
    }

    /// The longest wait for what is said unasked.
    package static let longestWait: Duration = .seconds(60)
    /// The longest time for the answer itself: a search for networks takes minutes (3GPP 27.007 §7.3).
    package static let longestAnswer: Duration = .seconds(180)
}

/// How the service stands, at a glance.
package struct GatewayStatus: Sendable, Hashable, Codable {
    /// What the box is called.
    package var name: String
    /// The program's version.
    package var version: String
    /// The service's process.
    package var pid: Int32
    /// When the service started.
    package var startedAt: Date
    /// Whether a call could be made at once: at least one modem is ready.
    package var isReady: Bool
    /// Whether the service is stopping.
    package var isStopping: Bool
    /// How many calls wait for a modem.
    package var queued: Int
    package var modems: [ModemStatus]
    /// The live calls.
    package var calls: [CallStatus]
    /// The PBXs, by name, and how they are reached.
    package var pbx: [PBXStatus]
    /// The accounts at PBXs.
    package var accounts: [AccountStatus]
    /// What needs a look, one line each.
    package var warnings: [String]

    /// How a PBX is reached.
    package struct PBXStatus: Sendable, Hashable, Codable {
        /// Its name in the configuration.
        package var name: String
        package var profile: String
        /// Whether it can be reached: `yes`, `no` or `unknown`.
        package var reachable: String
        /// Why not, in one line.
        package var reason: String?
        /// How the connection for its events stands: `open`, `connecting` or `down`; nil where none is kept.
        package var events: String?
        /// Why no events come, in one line.
        package var eventsReason: String?
        /// The last webhook of it since the start; nil where there was none.
        package var lastWebhook: LastWebhook?

        /// When a webhook came, and what became of it.
        package struct LastWebhook: Sendable, Hashable, Codable {
            package var at: Date
            /// `taken`, `repetition`, or why it was refused.
            package var result: String
        }

        package init(name: String, profile: String, reachable: String, reason: String? = nil) {
            self.name = name
            self.profile = profile
            self.reachable = reachable
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case name, profile, reachable, reason, events
            case eventsReason = "events_reason"
            case lastWebhook = "last_webhook"
        }
    }

    /// Creates a status of a service with nothing in it.
    package init(name: String, version: String, pid: Int32, startedAt: Date) {
        self.name = name
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        isReady = false
        isStopping = false
        queued = 0
        modems = []
        calls = []
        pbx = []
        accounts = []
        warnings = []
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case version
        case pid
        case startedAt = "started_at"
        case isReady = "ready"
        case isStopping = "stopping"
        case queued
        case modems
        case calls
        case pbx
        case accounts
        case warnings
    }
}
