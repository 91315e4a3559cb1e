internal import CallEndpoints
internal import CallFlows
internal import CallLog
internal import CallModel
internal import CallRecords
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import PBX
internal import PBXLinks
internal import Settings
internal import Synchronization

/// A caller whom a PBX holds: taken by answering its ring, or by refusing that and dialling in.
///
/// Begun by a ring, or by the PBX's word alone.
final class ReverseScript: CallScript {
    struct State: Sendable {
        var run: CallRun<ReverseMachine>?
        var ring: ModemLeg?
        var leg: ModemLeg?
        var reference: CallReference?
        /// Until when the PBX said that it holds the caller.
        var heldUntil: ContinuousClock.Instant?
        var hasRung: Bool
        /// What the policy said against the call.
        var refusal: String?
        /// How long the policy lets it last, where that is known.
        var lasts: Duration?
    }

    /// How long after the one word of a caller the other still means the same caller.
    private static let sameWithin: Duration = .seconds(10)
    /// How long a PBX that tells of it may take to join our call, from its arrival on: an answer and three requests, and as
    /// long as a PBX takes that rings its caller's side on before it joins.
    private static let joinWithin: Duration = .seconds(30)
    /// How long the PBX's word is waited for once it rings, where it sends one.
    static let wordWithin: Duration = .seconds(3)

    let id = UUID()
    let pbx: String
    let rule: IncomingDesk.Rule
    let held: HeldCaller?
    let tools: CallTools
    let link: PBXLink?
    let access: Configuration.Callthrough?
    /// The modem that the call gets, for what can't go on without it; nil where another call has it.
    let lease = Later<ModemLease?>()
    private let number: String?
    private let place: RingPlace?
    private let beganAt = ContinuousClock.now
    let words: AsyncStream<CallReference>
    private let word: AsyncStream<CallReference>.Continuation
    let state: Mutex<State>

    var people: Configuration.IncomingRule? { rule.people }

    /// Whether a person decides, and how long is waited for that; nil takes every caller.
    private func asksFor(within limit: Duration) -> Duration? {
        guard let people = rule.people else { return rule.isAsked ? limit : nil }
        if people.audio != nil { return nil }
        switch people.otherwise {
        case .ask: return limit
        case .ring: return min(limit, people.ringsFor * 2)
        case .reject, .voicemail: return min(limit, people.ringsFor)
        }
    }

    /// Whether the modem was told to answer at once.
    private var answersAtOnce: Bool { rule.mode == .answer && !rule.isAsked }

    var tones: ManualTones {
        ManualTones(
            length: access?.tone ?? .milliseconds(120),
            gap: access?.gap ?? .milliseconds(120),
            refusal: "tones can be sent once people talk, and one series at a time"
        )
    }

    private init(
        rule: IncomingDesk.Rule,
        number: String?,
        place: RingPlace?,
        held: (HeldCaller, CallReference)?,
        tools: CallTools
    ) {
        pbx = rule.pbx
        self.rule = rule
        self.number = number
        self.place = place
        self.held = held?.0
        self.tools = tools
        link = rule.isHeldHere ? tools.desk.holds.link(rule.pbx) : tools.directory.link(rule.pbx)
        access = tools.configuration.pbx.first { $0.name == rule.pbx }?.callthrough
        (words, word) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let until = held?.0.validFor.map { ContinuousClock.now + $0 }
        state = Mutex(State(reference: held?.1, heldUntil: until, hasRung: held == nil))
    }

    // MARK: Beginning

    /// Begins with a ring; to be called on the loop of its session.
    ///
    /// Where the caller is answered without asking, the modem has been told so already.
    ///
    /// - Returns: what takes the updates of the ring.
    static func begin(
        _ ring: IncomingCall,
        rule: IncomingDesk.Rule,
        place: RingPlace,
        tools: CallTools
    ) -> @Sendable (IncomingUpdate) -> Void {
        let number = tools.shown(ring.number)
        let script = ReverseScript(rule: rule, number: number, place: place, held: nil, tools: tools)
        let call = Call(script, id: script.id, tools: tools)
        tools.carrySound(call, asking: rule.confirm, pbx: rule.pbx, modem: place.modem.name)
        let leg = ModemLeg(place.session, place.loop)
        leg.follow(ring)
        let run = script.makeRun(call, place.session, place.loop, ring: leg)
        script.enter(call, .ringing, modem: place.modem)
        let notice: ReverseMachine.Notice = script.answersAtOnce ? .ringAnswering : .ring
        run.assumeIsolated { run in run.begin { $0.start(notice, at: $1) } }
        tools.begin(call)
        return { leg.take($0) }
    }

    /// Begins with the PBX's word; a modem is looked for.
    static func begin(_ held: HeldCaller, _ reference: CallReference, rule: IncomingDesk.Rule, tools: CallTools) {
        let number = held.from.shown
        let script = ReverseScript(rule: rule, number: number, place: nil, held: (held, reference), tools: tools)
        let call = Call(script, id: script.id, tools: tools)
        if let people = rule.people, !people.ring.isEmpty {
            // The first of them to take it.
            let waits = rule.confirm != nil
            call.carry(CallSound(CallEndpoint(.phone(people.ringNames)), of: call, waitsForKey: waits))
        } else {
            tools.carrySound(call, rule: rule.people, asking: rule.confirm, pbx: rule.pbx, modem: nil)
        }
        script.enter(call, .queued, modem: nil)
        tools.begin(call)
    }

    private func enter(_ call: Call, _ status: CallStatus.State, modem: LineStatus?) {
        var details = CallRecorder.Details(method: .reverse, direction: .incoming)
        details.target = number
        details.number = number
        details.pbx = pbx
        details.modem = modem?.name
        details.payer = rule.mode == .answer ? "pbx" : "sim"
        _ = tools.calls.insert(call.status(details, status), call)
        tools.desk.add(self)
        call.open(details, on: modem)
    }

    private func makeRun(
        _ call: Call,
        _ session: ModemSession,
        _ loop: any ModemLoop,
        ring: ModemLeg?
    ) -> CallRun<ReverseMachine> {
        let holds = held?.validFor ?? .seconds(120)
        var plan = ReverseMachine.Plan(
            mode: rule.mode == .answer ? .answer : .dialBack(.pbx),
            asksFor: asksFor(within: min(.seconds(120), holds)),
            caller: number,
            // Behind the limits of what it does: the PBX's word, the journal, and the request with its repeats.
            claimWithin: PBXConnection.actionLimit + Self.wordWithin + .seconds(8),
            settle: access?.settle ?? .milliseconds(1500),
            gap: access?.gap ?? .milliseconds(120),
            tone: access?.tone ?? .milliseconds(120),
            maxDuration: tools.configuration.policy.maxDuration,
            hangUpWithin: .seconds(120),
            joining: link?.capabilities.tellsJoins == true
                ? .told(within: Self.joinWithin) : .presumed(after: .seconds(5))
        )
        plan.confirmation = rule.confirm.map { OutgoingCallMachine.Confirmation(digits: $0) }
        var hooks = CallRun<ReverseMachine>.Hooks { [weak call] in call?.take($0) }
        hooks.soundNews = { [weak call] in call?.sound?.take($0) }
        hooks.digit = { [weak call] in call?.heard($0, from: .modem) }
        hooks.sound = { [weak call] command, tell in call?.perform(command, tell: tell) }
        let journal = tools.recorder.journal(for: id)
        hooks.journal = journal
        hooks.beforeDial = { number in
            do throws(ModemError) { try await session.prepareToDial() } catch { return error.description }
            do throws(CallLogError) { try await journal.willDial(number) } catch {
                return "a call that can't be written down isn't made: \(error)"
            }
            return nil
        }
        hooks.pbx = { [weak self, weak call] step in
            if let self, let call { say(step, call) }
        }
        let leg = ModemLeg(session, loop)
        let run = CallRun(ReverseMachine(plan: plan), on: leg, ring: ring, loop: loop, hooks: hooks)
        ring?
            .listen { [weak run, weak call] event in
                switch event {
                case .sound(let news): call?.sound?.take(news)
                case .heard(.digit(let digit)): call?.heard(digit, from: .modem)
                default: run?.assumeIsolated { $0.take(.ring(event)) }
                }
            }
        state.withLock { state in
            state.run = run
            (state.ring, state.leg) = (ring, leg)
        }
        // What is answered is the ring; what is dialled back is our own call.
        let talking = rule.mode == .answer ? ring ?? leg : leg
        let hears: @Sendable (LegEvent) -> Void = { run.post(.leg($0)) }
        call.runs(on: session, talking, loop, hears: hears) { run.post($0 == .makeWay ? .interrupted : .hangUp) }
        return run
    }

    private func say(_ step: PBXStep, _ call: Call) {
        switch step {
        case .claim:
            call.errand { [self] in
                let answer = await claim(for: call)
                await state.withLock { $0.run }?.take(answer)
            }
        case .release(let reason): release(reason, call)
        case .request, .cancelRequest, .refusedLateRing: break  // No call is asked for.
        }
    }

    // MARK: Running

    func findModem(for call: Call) async -> Result<ModemLease?, Call.Refusal> {
        guard let place else {
            let limit = min(held?.validFor ?? .seconds(30), tools.configuration.gateway.queuesFor)
            let found = await call.lease(ModemWish(), within: limit)
            switch found {
            case .success(let found): lease.arrives(found)
            case .failure: release(call.isEnding ? .declined : nil, call)
            }
            return found
        }
        // The answer is on its way: waiting for a disk would make the PBX's caller wait, and costs the SIM nothing.
        if answersAtOnce { call.errand { await call.note(.answer) } }
        let found = await call.lease(ringingOn: place.session)
        lease.arrives(found)
        return .success(found)
    }

    func make(_ call: Call, on lease: ModemLease?) async -> CallEnd {
        var run = state.withLock { $0.run }
        if run == nil {
            guard let lease, !call.isEnding else {
                release(.declined, call)
                return .interruptedEarly
            }
            let begun = makeRun(call, lease.session, lease.loop, ring: nil)
            await begun.begin { $0.start(.announcement, at: $1) }
            run = begun
        }
        guard let run else { return .interruptedEarly }
        // Another call was quicker to take the modem, and this one would be in its way.
        if let lease { await tools.identify(id, lease.session) } else { await run.take(.decline) }
        var end = await run.result()
        // Where the modem is another call's, that one looks.
        if lease != nil { end = await verify(end, call) }
        if end.detail == ReverseMachine.stranger {
            tools.log.warning(
                "PBX \(pbx): \(ReverseMachine.stranger)",
                metadata: ["call": "\(id.uuidString.lowercased())"]
            )
        }
        if let refusal = state.withLock({ $0.refusal }), end.outcome == .pbxUnreachable {
            end = CallEnd(outcome: .policy, by: .local, detail: refusal, hangUpVerified: end.hangUpVerified)
        }
        return end
    }

    /// Looks once more whether the modem has nothing left of the ring, or of our call.
    private func verify(_ end: CallEnd, _ call: Call) async -> CallEnd {
        let (ring, leg) = state.withLock { ($0.ring, $0.leg) }
        return await (call.mayCost ? leg : ring ?? leg)?.verify(end) ?? end
    }

    func letGo() {
        word.finish()
        tools.desk.remove(self)
        lease.arrives(nil)
    }

    func answer(_ call: Call) async throws(ControlError) {
        guard asksFor(within: .seconds(120)) != nil, !call.isTalking, let run = state.withLock({ $0.run }) else {
            throw .conflict("the call does not wait for a decision")
        }
        let isTaken = try await call.seatTaker()
        if rule.mode == .answer { try await call.noteAnswer() }
        if !isTaken, call.ringsPhones {
            // A person at this box takes it: none of the phones that ring is our end.
            call.carry(CallSound(CallEndpoint(.none), of: call))
            tools.carrySound(call, pbx: pbx, modem: tools.calls.entry(call.id)?.status.modem)
        }
        await run.take(.accept)
    }

    // MARK: What the PBX says

    /// Whether a ring of this PBX is for this caller, whom it has announced before.
    func isAnnounced(by pbx: String) -> Bool {
        guard self.pbx == pbx, ContinuousClock.now - beganAt < Self.sameWithin else { return false }
        return state.withLock { state in
            guard !state.hasRung else { return false }
            state.hasRung = true
            return true
        }
    }

    /// Takes the PBX's word of a caller, if it can be the one who rings.
    ///
    /// - Parameters:
    ///   - reference: what the PBX calls the caller.
    ///   - validFor: how long it holds the caller; nil where it does not say.
    /// - Returns: whether it was taken.
    func take(_ reference: CallReference, validFor: Duration?) -> Bool {
        let (isOurs, run) = state.withLock { state -> (Bool, CallRun<ReverseMachine>?) in
            if state.reference == reference { return (true, nil) }
            guard state.reference == nil, ContinuousClock.now - beganAt < Self.sameWithin else { return (false, nil) }
            state.reference = reference
            state.heldUntil = validFor.map { ContinuousClock.now + $0 }
            return (true, state.run)
        }
        guard let run else { return isOurs }
        word.yield(reference)
        run.post(.announced)
        return true
    }

    /// Takes what the PBX says of a caller whom it held: joined with a call, or gone.
    func take(_ event: ReverseMachine.Event, of reference: CallReference, key: String?) {
        guard reference == state.withLock({ $0.reference }) || key == CallKey(id).text else { return }
        state.withLock { $0.run }?.post(event)
    }
}

/// A value that is waited for.
final class Later<Value: Sendable>: Sendable {
    private struct State: Sendable {
        var value: Value?
        var waiting: [CheckedContinuation<Value, Never>] = []
    }

    private let state = Mutex(State())

    /// Gives the value to everything that waits; only the first counts.
    func arrives(_ value: Value) {
        let waiting = state.withLock { state in
            guard state.value == nil else { return [CheckedContinuation<Value, Never>]() }
            state.value = value
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    /// The value, once it is there.
    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.value == nil { state.waiting.append(continuation) }
                return state.value
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}

extension CallerIdentity {
    /// The caller as people read it; nil when withheld.
    var shown: String? {
        switch self {
        case .number(let number): number.description
        case .local(let text): text
        case .withheld: nil
        }
    }
}
