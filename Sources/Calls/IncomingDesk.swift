internal import CallFlows
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
package import Lines
internal import Logging
package import Modem
internal import Settings
internal import Synchronization

/// Decides what becomes of each call that comes in, on the modem's own loop, while the modem waits for the word.
///
/// One table for all modems: the callbacks that are expected, the numbers that PBXs ring from, and what is done with
/// all other callers. It is asked between the last byte of a caller's number and the first one of the answer, so nothing here
/// waits, and nothing is built before the answer is on its way.
package final class IncomingDesk: Sendable {
    /// A PBX that rings us for callers whom it holds.
    struct Rule: Sendable {
        var pbx: String
        var from: CallerMatch
        var mode: Configuration.Reverse.Mode
        var isAsked: Bool
        /// The keys that the caller has to press before our end is joined; nil for none.
        var confirm: String?
        /// Whether this box itself holds its callers.
        var isHeldHere = false
        /// Who is rung for the caller, or hears and speaks; nil where that is left to the PBX's entry.
        var people: Configuration.IncomingRule?
    }

    /// A call that a PBX was asked to make.
    struct Expectation: Sendable {
        var session: ObjectIdentifier
        var from: CallerMatch
        /// Whether a call still waits for it; else it is refused.
        var isWanted = true
        var call: CallbackCall
    }

    /// What a ring turned out to be.
    enum Choice: Sendable {
        /// It is answered, for a callback.
        case callback(CallbackCall)
        /// It is a callback's that was given up.
        case lateCallback(CallbackCall)
        /// A PBX rings for a caller whom it holds.
        case held(Rule)
        /// A PBX rings for a caller whom it has announced before.
        case announced
        /// One who may call on through the box, by a PIN.
        case callsOn(DISAAccess)
        /// No call waits for it, and no PBX rings from there; what is done, and by which rule where there is one.
        case stranger(Configuration.Gateway.UnknownCallers, by: Configuration.IncomingRule? = nil)
        /// Another call has the modem, and this one would be in its way.
        case inTheWay(refuse: Bool)
    }

    private struct State {
        var rules: [Rule] = []
        var strangers = Configuration.Gateway.UnknownCallers.ignore
        /// Who is refused because a rule has them called back.
        var calledBack = CallerMatch([])
        var expectations: [Expectation] = []
        /// The sessions of modems that are lent to calls which dial.
        var busy: Set<ObjectIdentifier> = []
        var reverses: [ReverseScript] = []
        var bells: [ObjectIdentifier: Doorbell] = [:]
        var isStopping = false
        var tools: CallTools?

        /// Who may call on through the box, where such a call is one of theirs.
        func access(for caller: String?, on session: ObjectIdentifier) -> DISAAccess? {
            guard let access = tools?.disa, let caller else { return nil }
            return access.fits(caller, on: bells[session]?.modem.withLock { $0.name }) ? access : nil
        }

        /// The rule for such a call; nil for none.
        func rule(for caller: String?, on session: ObjectIdentifier) -> Configuration.IncomingRule? {
            tools?.rule(line: bells[session]?.modem.withLock { $0.name }, caller: caller)
        }
    }

    private let state = Mutex(State())
    /// The callers whom this box itself holds.
    let holds = HoldAgent()
    /// Who has keyed wrong PINs.
    let wards = PINWard()

    /// Creates an empty desk; ``configure(_:)`` puts it to work.
    package init() {}

    /// Takes a configuration and what calls work with from now on.
    package func configure(_ tools: CallTools) {
        let rules = tools.configuration.pbx.compactMap { Rule($0) }
        let listed = tools.configuration.arrivals.filter { $0.trigger == .ring }
        let calledBack = CallerMatch(listed.map(\.number.description))
        state.withLock { state in
            state.rules = rules
            state.strangers = tools.configuration.gateway.unknownCallers
            state.calledBack = calledBack
            state.tools = tools
        }
    }

    /// Refuses callers whom nothing expects, until it is configured anew.
    package func refuseStrangers() { state.withLock { $0.strangers = .reject } }

    /// Takes no new calls any more, but those that were asked for.
    package func stop() { state.withLock { $0.isStopping = true } }

    /// Lets go of everything; what rings from here on is left alone.
    package func close() {
        state.withLock { state in
            state.tools = nil
            state.bells = [:]
            state.expectations = []
        }
    }

    /// Whether no new calls are taken.
    package var isStopping: Bool { state.withLock { $0.isStopping } }

    /// What calls work with now; nil before the service is complete.
    package var tools: CallTools? { state.withLock { $0.tools } }

    // MARK: Modems

    /// Watches a modem's session for calls from now on.
    package func watch(_ session: ModemSession, _ loop: any ModemLoop, _ modem: LineStatus) {
        let bell = state.withLock { state in
            state.bells = state.bells.filter { $0.value.session != nil }
            if let bell = state.bells[ObjectIdentifier(session)], bell.session === session { return bell }
            let bell = Doorbell(session: session, loop: loop, modem: modem, desk: self)
            state.bells[ObjectIdentifier(session)] = bell
            return bell
        }
        bell.modem.withLock { $0 = modem }
        Task {
            await session.watchIncoming { [bell] call in
                bell.decide(call)
            } updates: { [bell] update in
                bell.take(update)
            }
        }
    }

    /// Notes that a call has a modem, or has given it back; a ring there would be in its way.
    func modem(of session: ModemSession, isBusy: Bool) {
        state.withLock { state in
            if isBusy {
                state.busy.insert(ObjectIdentifier(session))
            } else {
                state.busy.remove(ObjectIdentifier(session))
            }
        }
    }

    // MARK: Deciding

    /// Says what a ring is; a callback's expectation is used up by it.
    func choose(_ caller: String?, on session: ObjectIdentifier) -> Choice {
        state.withLock { state in
            var isWaitedFor = false
            var late: CallbackCall?
            for place in state.expectations.indices where state.expectations[place].session == session {
                let expectation = state.expectations[place]
                if expectation.from.matches(caller) {
                    if expectation.isWanted {
                        state.expectations.remove(at: place)
                        return .callback(expectation.call)
                    }
                    late = expectation.call
                }
                if expectation.isWanted { isWaitedFor = true }
            }
            if let late { return .lateCallback(late) }
            // Only the call that is waited for may ring there.
            if isWaitedFor { return .inTheWay(refuse: true) }
            let rule = state.rules.first { $0.from.matches(caller) }
            if let rule, state.reverses.contains(where: { $0.isAnnounced(by: rule.pbx) }) { return .announced }
            if state.busy.contains(session) { return .inTheWay(refuse: false) }
            if state.isStopping { return .stranger(.reject) }
            if let rule { return .held(rule) }
            // Who is locked is a stranger like any other.
            if let access = state.access(for: caller, on: session), !wards.isLocked(Self.key(caller)) {
                return .callsOn(access)
            }
            if state.calledBack.matches(caller) { return .stranger(.reject) }
            guard let wanted = state.rule(for: caller, on: session) else { return .stranger(state.strangers) }
            // People are rung, and one of them decides.
            return .stranger(wanted.audio == nil ? .ask : .answer, by: wanted)
        }
    }

    /// Under what a caller's wrong PINs are counted: the digits of the number, from the end, so that its ways of being written are one.
    static func key(_ caller: String?) -> String {
        String((caller ?? "").filter { $0.isASCII && $0.isNumber }.suffix(CallerMatch.least))
    }

    // MARK: Callbacks

    /// Expects a call on a modem.
    func expect(_ expectation: Expectation) { state.withLock { $0.expectations.append(expectation) } }

    /// Expects it only to refuse it.
    func markUnwanted(_ call: CallbackCall) {
        state.withLock { state in
            for place in state.expectations.indices where state.expectations[place].call === call {
                state.expectations[place].isWanted = false
            }
        }
    }

    /// Expects it no more.
    func forget(_ call: CallbackCall) {
        state.withLock { $0.expectations.removeAll { $0.call === call } }
    }

    // MARK: Held callers

    /// Enters a caller whom a PBX holds.
    func add(_ call: ReverseScript) { state.withLock { $0.reverses.append(call) } }

    /// Lets a caller go.
    func remove(_ call: ReverseScript) {
        state.withLock { $0.reverses.removeAll { $0 === call } }
    }

    /// The callers whom a PBX holds.
    func held(by pbx: String) -> [ReverseScript] {
        state.withLock { state in state.reverses.filter { $0.pbx == pbx } }
    }
}

/// One modem's bell: asks the desk, and tells the call that the ring belongs to what becomes of it.
///
/// All of it happens on the loop of the modem's session, in the order of the modem's lines.
final class Doorbell: Sendable {
    private struct Ringing {
        var id: IncomingCall.ID
        var choice: IncomingDesk.Choice
        /// Takes what follows, once the ring belongs to a call.
        var take: (@Sendable (IncomingUpdate) -> Void)?
    }

    weak let session: ModemSession?
    let loop: any ModemLoop
    let modem: Mutex<LineStatus>
    private let key: ObjectIdentifier
    private let desk: IncomingDesk
    private let ringing = Mutex<Ringing?>(nil)

    init(session: ModemSession, loop: any ModemLoop, modem: LineStatus, desk: IncomingDesk) {
        self.session = session
        key = ObjectIdentifier(session)
        self.loop = loop
        self.modem = Mutex(modem)
        self.desk = desk
    }

    /// Says what the modem is to do with a call that rings.
    func decide(_ call: IncomingCall) -> IncomingDecision {
        // One behind another call is left alone: the call that is up goes on.
        guard !call.isWaiting else { return .ignore }
        if case .notYet = call.caller { return .later }
        let choice = desk.choose(call.number, on: key)
        ringing.withLock { $0 = Ringing(id: call.id, choice: choice) }
        return choice.decision
    }

    /// Takes what becomes of a call.
    func take(_ update: IncomingUpdate) {
        let call = update.call
        guard !call.isWaiting else { return }
        let current = ringing.withLock { $0?.id == call.id ? $0 : nil }
        // A call that is over is let go: it holds its session, and that holds this bell. Without this, a modem that is pulled
        // out would stay in memory with all that it ever read.
        defer { if update.isLast { ringing.withLock { if $0?.id == call.id { $0?.take = { _ in } } } } }
        if let take = current?.take { return take(update) }
        if let current {
            let take = begin(call, current.choice)
            ringing.withLock { if $0?.id == call.id { $0?.take = take } }
            return take(update)
        }
        // Gone before the caller was known: told all the same.
        switch update {
        case .released, .failed: begin(call, .stranger(.ignore))(update)
        case .ringing, .identified, .answered, .answerFailed: break
        }
    }

    private func begin(_ call: IncomingCall, _ choice: IncomingDesk.Choice) -> @Sendable (IncomingUpdate) -> Void {
        guard let session, let tools = desk.tools else { return { _ in } }
        let place = RingPlace(session: session, loop: loop, modem: modem.withLock { $0 })
        switch choice {
        case .callback(let expected), .lateCallback(let expected):
            expected.rang(call)
            return { expected.take($0) }
        case .held(let rule):
            return ReverseScript.begin(call, rule: rule, place: place, tools: tools)
        case .announced:
            tools.log.info("the PBX rings for a caller whom it has announced; the ring is refused")
            return { _ in }
        case .callsOn(let access):
            let caller = DISACaller(access, desk.wards, caller: IncomingDesk.key(call.number), log: tools.log)
            return StrangerScript.begin(call, .answer, takesModem: true, place: place, tools: tools, callingOn: caller)
        case .stranger(let wish, let rule):
            return StrangerScript.begin(call, wish, by: rule, takesModem: true, place: place, tools: tools)
        case .inTheWay(let refuse):
            let wish: Configuration.Gateway.UnknownCallers = refuse ? .reject : .ignore
            return StrangerScript.begin(call, wish, takesModem: false, place: place, tools: tools)
        }
    }
}

/// Where a call rings.
struct RingPlace: Sendable {
    var session: ModemSession
    var loop: any ModemLoop
    var modem: LineStatus
}

extension IncomingDesk.Choice {
    /// What the modem is told at once; everything else is told it by the call's own machine.
    fileprivate var decision: IncomingDecision {
        switch self {
        case .callback, .callsOn: .answer
        case .held(let rule): rule.mode == .answer && !rule.isAsked ? .answer : .ignore
        case .announced: .refuse
        case .stranger(.answer, _), .stranger(.voicemail, _): .answer
        case .stranger, .lateCallback, .inTheWay: .ignore
        }
    }
}

extension IncomingDesk.Rule {
    /// How a PBX rings us for callers whom it holds; nil for one that does not.
    init?(_ pbx: Configuration.PBX) {
        guard let reverse = pbx.reverse else { return nil }
        self.init(
            pbx: pbx.name,
            from: CallerMatch(reverse.ringFrom.map(\.description)),
            mode: reverse.mode,
            isAsked: reverse.accept == .ask,
            confirm: reverse.confirm,
            isHeldHere: reverse.hold == .agent
        )
    }
}
