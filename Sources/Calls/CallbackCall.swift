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

/// One callback on a modem: asks the PBX to call it and the target, and answers.
final class CallbackCall: Sendable {
    private struct State: Sendable {
        var run: CallRun<CallbackMachine>?
        var reference: CallReference?
        /// The request, while it is under way.
        var asking: Task<Result<CallReference?, PBXError>, Never>?
        var hasRung = false
    }

    private let call: Call
    private let target: PhoneNumber
    private let pbx: Configuration.PBX
    private let own: PhoneNumber?
    private let link: PBXLink
    private let lease: ModemLease
    private let leg: ModemLeg
    private let maxDuration: Duration
    private let announcement: [Playback]
    private let confirmation: OutgoingCallMachine.Confirmation?
    private let state = Mutex(State())
    /// What the PBX calls its call, once it is known; then it can be asked how that stands.
    private let references: AsyncStream<CallReference>
    private let follow: AsyncStream<CallReference>.Continuation

    private var tools: CallTools { call.tools }

    /// Creates the callback; ``run()`` makes it.
    ///
    /// - Parameters:
    ///   - call: the call that it is made for.
    ///   - target: whom the PBX shall call.
    ///   - pbx: the PBX as it is configured; it has a callback.
    ///   - own: the number of the modem's SIM; nil where the PBX knows it by itself.
    ///   - announcement: what is told to the target.
    ///   - confirmation: the key that it has to press.
    init(
        _ call: Call,
        target: PhoneNumber,
        pbx: Configuration.PBX,
        own: PhoneNumber?,
        link: PBXLink,
        lease: ModemLease,
        maxDuration: Duration,
        announcement: [Playback],
        confirmation: OutgoingCallMachine.Confirmation?
    ) {
        self.call = call
        self.target = target
        self.pbx = pbx
        self.own = own
        self.link = link
        self.lease = lease
        self.maxDuration = maxDuration
        (self.announcement, self.confirmation) = (announcement, confirmation)
        leg = ModemLeg(lease.session, lease.loop)
        (references, follow) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Has the PBX asked, and returns how the call ended; a ring that comes later is still refused.
    func run() async -> CallEnd {
        var plan = CallbackMachine.Plan(
            ringFrom: CallerMatch(pbx.callback?.ringFrom.map(\.description) ?? []),
            expectWithin: pbx.callback?.expectWithin ?? .seconds(30),
            // Behind the limits of what it does: the journal, and the request with its repeats.
            requestWithin: PBXConnection.actionLimit + .seconds(8),
            maxDuration: maxDuration,
            tellsJoins: link.capabilities.tellsState,
            hangUpWithin: .seconds(120)
        )
        (plan.announcement, plan.confirmation) = (announcement, confirmation)
        if confirmation != nil { (call.sound as? CallSound)?.waitForKey() }
        var hooks = CallRun<CallbackMachine>.Hooks { [weak self] progress in self?.take(progress) }
        hooks.soundNews = { [weak call] in call?.sound?.take($0) }
        hooks.digit = { [weak call] in call?.heard($0, from: .modem) }
        hooks.sound = { [weak call] command, tell in call?.perform(command, tell: tell) }
        hooks.pbx = { [weak self] step in self?.say(step) }
        // Until nothing can ring any more, the desk keeps the call.
        hooks.finished = { [weak self] in self.map { $0.tools.desk.markUnwanted($0) } }
        hooks.retired = { [weak self] in self.map { $0.tools.desk.forget($0) } }
        let run = CallRun(CallbackMachine(plan: plan), on: leg, loop: lease.loop, hooks: hooks)
        state.withLock { $0.run = run }
        let hears: @Sendable (LegEvent) -> Void = { run.post(.leg($0)) }
        call.runs(on: lease.session, leg, lease.loop, hears: hears) { [weak self] wish in
            if case .finish = wish { run.post(.hangUp) } else { run.post(.interrupted) }
            self?.stopAsking()
        }
        // Cancelled when this returns.
        async let _ = followPBX(run)
        let expectation = IncomingDesk.Expectation(
            session: ObjectIdentifier(lease.session),
            from: plan.ringFrom,
            call: self
        )
        await run.begin { [desk = tools.desk] machine, now in
            if !machine.isRetired { desk.expect(expectation) }
            return machine.start(at: now)
        }
        var end = await run.result()
        if state.withLock({ $0.hasRung }) { end = await leg.verify(end) }
        return end
    }

    /// Has a request that was not taken yet not repeated.
    private func stopAsking() { state.withLock { $0.asking }?.cancel() }

    // MARK: On the modem's loop

    /// Takes the ring that was expected; the modem has been told to answer it, if it is still wanted.
    func rang(_ ring: IncomingCall) {
        let run = state.withLock { state in
            state.hasRung = true
            return state.run
        }
        run?
            .assumeIsolated { [leg] run in
                leg.follow(ring, isAnswering: run.machine.expects(ring.number))
                run.take(.rang(caller: ring.number))
            }
    }

    /// Takes what the session says of the ring.
    func take(_ update: IncomingUpdate) { leg.take(update) }

    private func say(_ step: PBXStep) {
        switch step {
        case .request:
            call.errand { [self] in
                let answer = await ask()
                await state.withLock { $0.run }?.take(answer)
            }
        case .cancelRequest:
            guard let reference = state.withLock({ $0.reference }) else { return }
            call.errand { [link, tools] in
                do throws(PBXError) { try await link.control.hangUp(reference) } catch {
                    tools.log.notice("the PBX's call could not be taken back: \(error)")
                }
            }
        case .refusedLateRing:
            tools.log.notice(
                "the PBX called when nobody waited any more; the call was refused",
                metadata: ["call": "\(call.id.uuidString.lowercased())"]
            )
        case .claim, .release: break  // No caller is held.
        }
    }

    private func take(_ progress: CallProgress) {
        guard case .ringing(let number) = progress else { return call.take(progress) }
        // It has been heard.
        stopAsking()
        call.take(.ringing(number: tools.shown(number)))
    }

    // MARK: What becomes of the PBX's call

    /// How often the PBX is asked.
    private static let asksEvery: Duration = .seconds(1)

    /// How many questions in a row may fail once the call is answered, until the target is taken for reached: it waits in silence.
    private static let mostFailures = 5

    /// For how long, where each of them takes its time.
    private static let failsFor: Duration = .seconds(6)

    /// Asks how the PBX's call stands, until that says all: one that is over rings no phone, and one in which two are joined has
    /// its target.
    private func followPBX(_ run: CallRun<CallbackMachine>) async {
        for await reference in references {
            var (failures, failingSince) = (0, ContinuousClock.now)
            // Cancelled, the call is over.
            while (try? await Task.sleep(for: Self.asksEvery)) != nil {
                let isAnswered = call.isTalking
                let standing: PBXCallState
                if failures == 0 { failingSince = .now }
                do throws(PBXError) {
                    standing = try await link.control.status(of: reference)
                    failures = 0
                } catch {
                    // What could not be asked says nothing.
                    if isAnswered { failures += 1 }
                    guard failures >= Self.mostFailures || failures > 0 && .now - failingSince >= Self.failsFor
                    else { continue }
                    standing = .unknown
                }
                guard await goesOn(standing, isAnswered, run) else { return }
            }
        }
    }

    private func goesOn(_ standing: PBXCallState, _ isAnswered: Bool, _ run: CallRun<CallbackMachine>) async -> Bool {
        switch standing {
        case .bridged: await run.take(.targetJoined)
        case .ended: await run.take(.requestOver)
        case .unknown where isAnswered: await run.take(.targetJoined)
        case .pending, .ringing, .held, .answered, .unknown: return true
        }
        return false
    }

    /// Writes down that the PBX is asked, and asks it: once, also when that fails.
    private func ask() async -> CallbackMachine.Event {
        do throws(CallLogError) { try await tools.recorder.intend(.askPBX, call.id, number: own?.description) } catch {
            return .requestRefused("a call that can't be written down isn't asked for: \(error)")
        }
        guard !call.isEnding else { return .requestRefused("interrupted before the request") }
        call.markCost(true)
        let request = CallbackRequest(call: CallKey(call.id), target: target, caller: own)
        let asking = Task { [link] () -> Result<CallReference?, PBXError> in
            do throws(PBXError) {
                return .success(try await link.control.requestCallback(request))
            } catch {
                return .failure(error)
            }
        }
        state.withLock { $0.asking = asking }
        if call.isEnding { asking.cancel() }
        switch await asking.value {
        case .success(let reference):
            guard let reference else { return .requestAccepted(isFollowed: false) }
            state.withLock { $0.reference = reference }
            tools.recorder.refer(call.id, to: reference.text)
            if link.capabilities.tellsState { follow.yield(reference) }
            return .requestAccepted(isFollowed: link.capabilities.tellsState)
        case .failure(let error):
            switch error.kind {
            case .unreachable:
                call.markCost(false)
                return .requestUnreachable(error.description)
            case .ambiguous: return .requestUnanswered(error.description)
            case .refused, .lost, .expired, .unsupported, .misconfigured:
                call.markCost(false)
                return .requestRefused(error.description)
            }
        }
    }
}
