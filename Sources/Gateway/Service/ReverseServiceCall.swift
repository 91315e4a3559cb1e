internal import CallFlows
internal import CallLog
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import PBX
internal import Settings
internal import Synchronization

/// A caller whom a PBX holds: taken by answering its ring, or by refusing that and dialling in.
///
/// Begun by a ring, or by the PBX's word alone. Every way out ends with exactly one `call.ended` event.
final class ReverseServiceCall: SteerableCall, ServiceWork {
    struct State: Sendable {
        var run: CallRun<ReverseMachine>?
        var ring: ModemLeg?
        var leg: ModemLeg?
        var session: ModemSession?
        var reference: CallReference?
        /// Until when the PBX said that it holds the caller.
        var heldUntil: ContinuousClock.Instant?
        /// The modem, or that there is none.
        var lease: Task<ModemLease?, Never>?
        var hasRung: Bool
        var isInterrupted = false
        var isTalking = false
        var isSendingTones = false
        var wasDialled = false
        /// What the policy said against the call.
        var refusal: String?
        /// How long the policy lets it last, where that is known.
        var lasts: Duration?
    }

    /// How long after the one word of a caller the other still means the same caller.
    private static let sameWithin: Duration = .seconds(10)
    /// How long a PBX that tells of it may take to join our call, from its arrival on: an answer and three requests.
    private static let joinWithin: Duration = .seconds(10)
    /// How long the PBX's word is waited for once it rings, where it sends one.
    static let wordWithin: Duration = .seconds(3)

    let id = UUID()
    let pbx: String
    let rule: IncomingDesk.Rule
    private let number: String?
    let held: HeldCaller?
    let tools: CallTools
    let link: PBXLink?
    let access: Configuration.Callthrough?
    private let beganAt = ContinuousClock.now
    let words: AsyncStream<CallReference>
    private let word: AsyncStream<CallReference>.Continuation
    let state: Mutex<State>

    private init(
        rule: IncomingDesk.Rule,
        number: String?,
        held: (HeldCaller, CallReference)?,
        tools: CallTools
    ) {
        pbx = rule.pbx
        self.rule = rule
        self.number = number
        self.held = held?.0
        self.tools = tools
        link = tools.directory.link(rule.pbx)
        access = tools.configuration.pbx.first { $0.name == rule.pbx }?.callthrough
        (words, word) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let until = held?.0.validFor.map { ContinuousClock.now + $0 }
        state = Mutex(State(reference: held?.1, heldUntil: until, hasRung: held == nil))
    }

    // MARK: Beginning

    /// Begins with a ring; to be called on the loop of its session.
    ///
    /// Where the caller is answered without asking, the modem has been told so already.
    convenience init(ring: IncomingCall, rule: IncomingDesk.Rule, place: RingPlace, tools: CallTools) {
        self.init(rule: rule, number: tools.shown(ring.number), held: nil, tools: tools)
        let run = makeRun(session: place.session, loop: place.loop, ring: ring)
        let makeWay: @Sendable () -> Void = { [weak self] in self?.interrupt() }
        let lease = Task { await tools.fleet.leaseForIncoming(place.session, preempt: makeWay) }
        state.withLock { $0.lease = lease }
        enter(.ringing, modem: place.modem)
        run.assumeIsolated { run in
            run.begin { $0.start(rule.mode == .answer && !rule.isAsked ? .ringAnswering : .ring, at: $1) }
        }
        tools.begin(self)
    }

    /// Begins with the PBX's word; a modem is looked for by ``run()``.
    convenience init(held: HeldCaller, _ reference: CallReference, rule: IncomingDesk.Rule, tools: CallTools) {
        self.init(rule: rule, number: held.from.shown, held: (held, reference), tools: tools)
        enter(.queued, modem: nil)
        tools.begin(self)
    }

    private func enter(_ status: CallStatus.State, modem: LineStatus?) {
        var details = CallRecorder.Details(method: .reverse, direction: .incoming)
        details.target = number
        details.number = number
        details.pbx = pbx
        details.modem = modem?.name
        details.payer = rule.mode == .answer ? "pbx" : "sim"
        tools.recorder.begin(id, details)
        if let modem { place(modem) }
        var entry = CallStatus(call: id, method: .reverse, direction: .incoming, state: status, requestedAt: Date())
        entry.target = number
        entry.pbx = pbx
        entry.modem = modem?.name
        _ = tools.calls.insert(entry, self)
        tools.desk.add(self)
        let request = CallEvent.Request(
            method: .reverse,
            direction: .incoming,
            target: number ?? "",
            pbx: pbx,
            modem: modem?.name
        )
        tools.emit(CallEvent(.requested(request), call: id))
    }

    private func place(_ modem: LineStatus) {
        tools.recorder.place(id, modem: modem.name, imei: modem.imei, imsi: nil, tty: modem.tty)
    }

    private func makeRun(session: ModemSession, loop: any ModemLoop, ring: IncomingCall?) -> CallRun<ReverseMachine> {
        let holds = held?.validFor ?? .seconds(120)
        let plan = ReverseMachine.Plan(
            mode: rule.mode == .answer ? .answer : .dialBack(.pbx),
            asksFor: rule.isAsked ? min(.seconds(120), holds) : nil,
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
        var hooks = CallRun<ReverseMachine>.Hooks { [weak self] progress in self?.take(progress) }
        let journal = tools.recorder.journal(for: id)
        hooks.journal = journal
        hooks.beforeDial = { number in
            do throws(ModemError) { try await session.prepareToDial() } catch { return error.description }
            do throws(CallLogError) { try await journal.willDial(number) } catch {
                return "a call that can't be written down isn't made: \(error)"
            }
            return nil
        }
        hooks.pbx = { [self] step in say(step, on: loop) }
        let leg = ModemLeg(session, loop)
        let ringLeg = ring.map { ring in
            let leg = ModemLeg(session, loop)
            leg.follow(ring)
            return leg
        }
        let run = CallRun(ReverseMachine(plan: plan), on: leg, ring: ringLeg, loop: loop, hooks: hooks)
        ringLeg?.listen { [weak run] event in run?.assumeIsolated { $0.take(.ring(event)) } }
        state.withLock { state in
            state.run = run
            state.session = session
            (state.ring, state.leg) = (ringLeg, leg)
        }
        return run
    }

    // MARK: Running

    func run() async -> CallEnd {
        let end = await follow()
        word.finish()
        tools.desk.remove(self)
        let (lease, wasDialled) = state.withLock { state in
            state.isTalking = false
            return (state.lease, state.wasDialled)
        }
        await tools.authority.settle(id, DialAuthority.Settlement(of: end, dialled: wasDialled))
        if let lease = await lease?.value {
            tools.desk.modem(of: lease.session, isBusy: false)
            await lease.giveBack(clean: end.hangUpVerified && end.outcome != .modemFailed)
        }
        // The run and this call know each other.
        state.withLock { $0.run = nil }
        tools.emit(CallEvent(.progress(.ended(end)), call: id))
        return end
    }

    private func follow() async -> CallEnd {
        if state.withLock({ $0.run }) == nil, let failure = await findModem() { return failure }
        guard let run = state.withLock({ $0.run }) else { return ModemCall.interruptedEarly }
        if rule.mode == .answer, !rule.isAsked {
            // The answer is on its way: waiting for a disk would make the PBX's caller wait, and costs the SIM nothing.
            Task { [tools, id] in await IncomingServiceCall.note(.answer, id, tools) }
        }
        let lease = await state.withLock { $0.lease }?.value
        if let lease {
            // Others who ring now would be in the way.
            tools.desk.modem(of: lease.session, isBusy: true)
            await tools.identify(id, lease.session)
        } else {
            await run.take(.decline)
        }
        var end = await run.result()
        // Where the modem is somebody else's, that one looks.
        if lease != nil { end = await verify(end) }
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
    private func verify(_ end: CallEnd) async -> CallEnd {
        let (ring, leg, wasDialled) = state.withLock { ($0.ring, $0.leg, $0.wasDialled) }
        return await (wasDialled ? leg : ring ?? leg)?.verify(end) ?? end
    }

    private func say(_ step: PBXStep, on loop: any ModemLoop) {
        switch step {
        case .claim:
            loop.start {
                let answer = await self.claim()
                await self.state.withLock { $0.run }?.take(answer)
            }
        case .release(let reason): release(reason)
        case .request, .cancelRequest, .refusedLateRing: break  // No call is asked for.
        }
    }

    /// Takes a modem for a caller whom the PBX announced without a ring; an end where there is none.
    private func findModem() async -> CallEnd? {
        let limit = min(held?.validFor ?? .seconds(30), tools.configuration.gateway.queuesFor)
        let failure = Failure()
        let makeWay: @Sendable () -> Void = { [weak self] in self?.interrupt() }
        let search = Task { [tools, failure] () -> ModemLease? in
            do throws(FleetError) {
                return try await tools.fleet.lease(ModemWish(), within: limit, preempt: makeWay)
            } catch {
                failure.set(error)
                return nil
            }
        }
        let goesOn = state.withLock { state in
            state.lease = search
            return !state.isInterrupted
        }
        if !goesOn { search.cancel() }
        guard let lease = await search.value else {
            let isOurs = state.withLock { $0.isInterrupted }
            release(isOurs ? .declined : nil)
            if isOurs { return ModemCall.interruptedEarly }
            let error = failure.error ?? .noModem("no modem is free")
            return CallEnd(outcome: error.outcome, by: .local, detail: error.reason)
        }
        tools.calls.took(lease.status.name, for: id)
        place(lease.status)
        guard state.withLock({ !$0.isInterrupted }) else {
            release(.declined)
            return ModemCall.interruptedEarly
        }
        await makeRun(session: lease.session, loop: lease.loop, ring: nil).begin { $0.start(.announcement, at: $1) }
        return nil
    }

    private func take(_ progress: CallProgress) {
        switch progress {
        case .ended: return
        case .dialing: state.withLock { $0.wasDialled = true }
        case .inProgress: state.withLock { $0.isTalking = true }
        default: break
        }
        tools.emit(CallEvent(.progress(progress), call: id))
    }

    /// Takes what the session says of the PBX's ring.
    func take(_ update: IncomingUpdate) {
        state.withLock { $0.ring }?.take(update)
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

    // MARK: Steering

    private func interrupt() { steer(.interrupted) }

    func hangUp() {
        tools.calls.isEnding(id)
        steer(.hangUp)
    }

    private func steer(_ event: ReverseMachine.Event) {
        let (run, search) = state.withLock { state in
            state.isInterrupted = true
            return (state.run, state.lease)
        }
        guard let run else {
            search?.cancel()
            return
        }
        run.post(event)
    }

    func answer() async throws(ControlError) {
        guard rule.isAsked, let run = state.withLock({ $0.isTalking ? nil : $0.run }) else {
            throw .conflict("the call does not wait for a decision")
        }
        if rule.mode == .answer {
            do { try await tools.recorder.intend(.answer, id) } catch {
                throw .unavailable("a call that can't be written down isn't answered: \(error)")
            }
        }
        await run.take(.accept)
    }

    func sendTones(_ tones: String) async throws(ControlError) {
        let session = state.withLock { state -> ModemSession? in
            guard state.isTalking, !state.isSendingTones else { return nil }
            state.isSendingTones = true
            return state.session
        }
        guard let session else {
            throw .conflict("tones can be sent once people talk, and one series at a time")
        }
        defer { state.withLock { $0.isSendingTones = false } }
        try await Tones.send(
            tones,
            on: session,
            tone: access?.tone ?? .milliseconds(120),
            gap: access?.gap ?? .milliseconds(120)
        )
    }
}

/// Why no modem was found.
private final class Failure: Sendable {
    private let found = Mutex<FleetError?>(nil)
    var error: FleetError? { found.withLock { $0 } }
    func set(_ error: FleetError) { found.withLock { $0 = error } }
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
