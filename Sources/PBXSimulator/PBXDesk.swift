internal import FoundationEssentials
internal import ModemSimulator
internal import NIOHTTP1
internal import NetworkSimulator
internal import SimulatedTerminals
internal import Synchronization

/// Understands requests, lets the PBX act in the world, and says what came of it.
final class PBXDesk: Sendable {
    private struct State {
        var rules: [(fault: PBXServer.Fault, action: PBXServer.Action?, left: Int?)] = []
        var received: [PBXServer.Action: Int] = [:]
        /// The callers' own names of calls, by the PBX's reference.
        var keys: [String: String] = [:]
        var bridges: [String: PBXBridge] = [:]
        var applications: [String: StasisApplication] = [:]
        /// The calls that were placed for an application.
        var placedForApplications: Set<String> = []
        /// How often an application said goodbye before its connection for events ended.
        var goodbyes = 0
    }

    let host: PseudoTerminalHost
    private let configuration: PBXServer.Configuration
    private let state = Mutex(State())

    init(host: PseudoTerminalHost, configuration: PBXServer.Configuration) {
        self.host = host
        self.configuration = configuration
    }

    // MARK: Faults and counters

    func inject(_ fault: PBXServer.Fault, into action: PBXServer.Action?, times: Int?) {
        state.withLock { $0.rules.append((fault, action, times)) }
    }

    func clearFaults() { state.withLock { $0.rules = [] } }

    func received(_ action: PBXServer.Action) -> Int { state.withLock { $0.received[action] ?? 0 } }

    /// What the one who asked calls a call.
    func key(of id: String) -> String? { state.withLock { $0.keys[id] } }

    func remember(_ key: String?, of id: String) {
        guard let key else { return }
        state.withLock { state in
            if state.keys.count >= 4096 { state.keys = [:] }
            state.keys[id] = key
        }
    }

    func withBridges<Result>(_ body: (inout [String: PBXBridge]) -> sending Result) -> sending Result {
        state.withLock { body(&$0.bridges) }
    }

    func withApplications<Result>(
        _ body: (inout [String: StasisApplication]) -> sending Result
    ) -> sending Result {
        state.withLock { body(&$0.applications) }
    }

    func noteGoodbye() { state.withLock { $0.goodbyes += 1 } }

    var goodbyes: Int { state.withLock { $0.goodbyes } }

    func notePlaced(forApplication id: String) {
        state.withLock { state in
            if state.placedForApplications.count >= 4096 { state.placedForApplications = [] }
            state.placedForApplications.insert(id)
        }
    }

    func isPlaced(forApplication id: String) -> Bool { state.withLock { $0.placedForApplications.contains(id) } }

    /// The application that the dialplan hands channels to.
    var application: String? { configuration.application }

    /// Whether a connection for events may begin; else its request is answered like any other.
    func admitsEvents(_ message: PBXMessage) -> Bool {
        guard message.path == ["ari", "events"], !(message.query["app"] ?? "").isEmpty, isAllowed(message.headers)
        else {
            return false
        }
        return !state.withLock { $0.rules.contains { $0.action == nil || $0.action == .events } }
    }

    private func strike(_ action: PBXServer.Action) -> PBXServer.Fault? {
        state.withLock { state in
            state.received[action, default: 0] += 1
            guard let index = state.rules.firstIndex(where: { $0.action == nil || $0.action == action }) else {
                return nil
            }
            let fault = state.rules[index].fault
            if let left = state.rules[index].left {
                state.rules[index].left = left - 1
                if left <= 1 { state.rules.remove(at: index) }
            }
            return fault
        }
    }

    // MARK: Requests

    /// Answers a request; the fault says what becomes of the answer on its way.
    func answer(_ message: PBXMessage) -> (answer: PBXAnswer, fault: PBXServer.Fault?) {
        guard let action = Self.action(of: message) else { return (.problem(404, "there is nothing here"), nil) }
        if action == .outside { return (outside(message), nil) }
        let fault = strike(action)
        switch fault {
        case .refusesAuthorization: return (Self.unauthorized, fault)
        case .status(let status): return (.problem(status, "something went wrong"), fault)
        case .tooMany(let seconds):
            var answer = PBXAnswer.problem(429, "too many requests")
            answer.headers.append(("Retry-After", String(seconds)))
            return (answer, fault)
        case .hangsUp: return (.empty(503), fault)
        case .slow, .garbage, .halfBody, .lostReply, nil: break
        }
        guard isAllowed(message.headers) else { return (Self.unauthorized, fault) }
        if action == .events { return (.problem(400, "this is no WebSocket"), fault) }
        return (action == .ari ? asterisk(message) : generic(message, action), fault)
    }

    private static let unauthorized = PBXAnswer(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"pbx\"")])

    private func isAllowed(_ headers: HTTPHeaders) -> Bool {
        guard let password = configuration.password else { return true }
        let basic = Data("\(configuration.user):\(password)".utf8).base64EncodedString()
        return ["Basic \(basic)", "Bearer \(password)"].contains(headers.first(name: "Authorization") ?? "")
    }

    /// What a method on a path means; `*` stands for a reference.
    private static func action(of message: PBXMessage) -> PBXServer.Action? {
        if message.path == ["ari", "events"] { return .events }
        if message.path.first == "ari" { return .ari }
        if message.path.first == "outside" { return .outside }
        var path = message.path
        if path.count > 1 { path[1] = "*" }
        switch (message.method, path.joined(separator: "/")) {
        case (.POST, "callthrough"), (.POST, "prepare"): return .callthrough
        case (.POST, "callback"): return .callback
        case (.GET, "held"): return .list
        case (.POST, "held/*/claim"): return .claim
        case (.POST, "held/*/release"), (.DELETE, "held/*"): return .release
        case (.GET, "calls/*"): return .status
        case (.DELETE, "calls/*"), (.POST, "calls/*/hangup"): return .hangUp
        case (.GET, "health"): return .health
        default: return nil
        }
    }

    private func generic(_ message: PBXMessage, _ action: PBXServer.Action) -> PBXAnswer {
        guard let fields = message.fields else { return .problem(400, "the body is no JSON object") }
        let header = message.headers.first(name: "Idempotency-Key")
        let call = fields.call ?? header
        let id = message.path.count > 1 ? message.path[1] : ""
        // A PBX is told its own modem as `caller`, or as `from`.
        let own = [fields.caller, fields.from].compactMap { $0 }.first { !$0.isEmpty }
        let target = fields.target ?? fields.to
        switch action {
        case .health: return .json(200, .object([("status", .string("ok")), ("version", .string("simulated 1"))]))
        case .list: return heldCallers()
        case .callthrough:
            return ask(.announce(target: target ?? "", caller: own), key: header, call: call)
        case .callback:
            return ask(.originate(party: own, target: target ?? "", id: nil), key: header, call: call)
        case .claim: return ask(.claim(held: id, caller: own), key: header, call: call, held: id)
        case .release: return ask(.release(held: id, reason: fields.reason ?? "declined"), key: header)
        case .hangUp: return ask(.hangUp(id), key: nil)
        case .status: return ask(.status(id), key: nil)
        case .ari, .events, .outside: return .empty(404)
        }
    }

    private func ask(
        _ request: SimulatedPBX.Request,
        key: String?,
        call: String? = nil,
        held: String? = nil
    ) -> PBXAnswer {
        let (reply, now) = host.withWorld { world, now in (world.ask(request, key: key, at: now), now) }
        switch reply {
        case .ticket(let ticket):
            remember(call, of: ticket.id)
            if let held { remember(call, of: held) }
            let fields: [(name: String, value: JSONText?)] = [
                ("id", .string(ticket.id)), ("dial", .string(ticket.dial)),
                ("token", ticket.token.map(JSONText.string)),
                ("expiresAt", .string(TimeOfDay.text(ticket.expiresAt, present: now))),
            ]
            return .json(200, .object(fields))
        case .accepted(let id):
            remember(call, of: id)
            return .json(202, .object([("id", .string(id)), ("state", .string("pending"))]))
        case .done: return .empty(204)
        case .state(let state): return .json(200, .object([("state", .string(state))]))
        case .taken: return .problem(409, "somebody else has this caller")
        case .exists: return .problem(409, "there is such a call already")
        case .gone: return .problem(410, "that is over")
        case .unknown: return .problem(404, "there is no such call")
        case .refused(let why): return .problem(422, why)
        }
    }

    private func heldCallers() -> PBXAnswer {
        let (callers, now) = host.withWorld { world, now in (world.pbx.held.filter(\.isWaiting), now) }
        let list = callers.map { caller in
            JSONText.object([
                ("id", .string(caller.id)), ("from", .string(caller.from)), ("did", .string(caller.to)),
                ("state", .string(caller.state.rawValue)),
                ("expiresAt", .string(TimeOfDay.text(caller.expiresAt, present: now))),
            ])
        }
        return .json(200, .object([("held", .list(list))]))
    }

    // MARK: Outside

    /// What people outside do; no credentials are asked for.
    private func outside(_ message: PBXMessage) -> PBXAnswer {
        guard let fields = message.fields else { return .problem(400, "the body is no JSON object") }
        switch (message.method, message.path.dropFirst().first, message.path.count) {
        case (.POST, "call", 2):
            let wanted = fields.givesUpAfter.map { min(max($0, 0), 86_400) }
            let result = host.withWorld { world, now -> (isReached: Bool, held: String?) in
                let number = fields.to ?? world.pbx.settings.holdingNumbers.first ?? ""
                guard world.isReachableFromOutside(number) else { return (false, nil) }
                let held = world.callFromOutside(
                    from: fields.from ?? "",
                    to: number,
                    modem: fields.modem,
                    givesUpAfter: wanted.map { .milliseconds(Int64($0 * 1000)) },
                    at: now
                )
                return (true, held)
            }
            guard result.isReached else { return .problem(404, "that number leads neither to the PBX nor to a modem") }
            return .json(201, .object([("held", result.held.map(JSONText.string))]))
        case (.POST, "hangup", 3):
            let isKnown = host.withWorld { world, now in
                guard world.pbx.heldCaller(message.path[2]) != nil else { return false }
                world.outsideHangsUp(message.path[2], at: now)
                return true
            }
            return isKnown ? .empty(204) : .problem(404, "nobody of that name calls")
        default: return .problem(404, "there is nothing here")
        }
    }
}
