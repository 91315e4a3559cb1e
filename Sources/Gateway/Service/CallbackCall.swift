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

/// A call on a modem that is lent to it: one that dials, or one that a PBX is asked to make.
protocol LentCall: Sendable {
    /// Makes the call and returns how it ended.
    func run() async -> CallEnd
    /// Asks the call to end.
    @discardableResult
    func interrupt() -> Bool
}

extension ModemCall: LentCall {}

/// One callback on a modem: asks the PBX to call it and the target, and answers.
final class CallbackCall: LentCall {
    private struct State: Sendable {
        var reference: CallReference?
        var run: CallRun<CallbackMachine>?
        var wasAsked = false
        /// The request, while it is under way.
        var asking: Task<Result<CallReference?, PBXError>, Never>?
        /// What asks the PBX how its call stands.
        var watch: Task<Void, Never>?
        var isAnswered = false
        var hasRung = false
        var isOver = false
    }

    private let id: UUID
    private let target: PhoneNumber
    private let pbx: Configuration.PBX
    private let own: PhoneNumber?
    private let link: PBXLink
    private let tools: CallTools
    private let emit: @Sendable (CallEvent) -> Void
    private let state = Mutex(State())
    private let isInterrupted = Mutex(false)
    private let lease: ModemLease
    private let leg: ModemLeg
    private let maxDuration: Duration

    /// Creates the call; ``run()`` makes it.
    ///
    /// - Parameters:
    ///   - id: the call.
    ///   - target: whom the PBX shall call.
    ///   - pbx: the PBX as it is configured; it has a callback.
    ///   - own: the number of the modem's SIM; nil where the PBX knows it by itself.
    init(
        id: UUID,
        target: PhoneNumber,
        pbx: Configuration.PBX,
        own: PhoneNumber?,
        link: PBXLink,
        lease: ModemLease,
        maxDuration: Duration,
        tools: CallTools,
        emit: @escaping @Sendable (CallEvent) -> Void
    ) {
        self.id = id
        self.target = target
        self.pbx = pbx
        self.own = own
        self.link = link
        self.lease = lease
        leg = ModemLeg(lease.session, lease.loop)
        self.maxDuration = maxDuration
        self.tools = tools
        self.emit = emit
    }

    /// Whether the PBX was asked, so that the call may cost something.
    var wasAsked: Bool { state.withLock { $0.wasAsked } }

    func run() async -> CallEnd {
        let plan = CallbackMachine.Plan(
            ringFrom: CallerMatch(pbx.callback?.ringFrom.map(\.description) ?? []),
            expectWithin: pbx.callback?.expectWithin ?? .seconds(30),
            // Behind the limits of what it does: the journal, and the request with its repeats.
            requestWithin: PBXConnection.actionLimit + .seconds(8),
            maxDuration: maxDuration,
            tellsJoins: link.capabilities.tellsState,
            hangUpWithin: .seconds(120)
        )
        var hooks = CallRun<CallbackMachine>.Hooks { [weak self] progress in self?.take(progress) }
        hooks.pbx = { [weak self] step in self?.say(step) }
        // Until nothing can ring any more, the desk keeps the call.
        hooks.finished = { [weak self] in self.map { $0.tools.desk.isNotWanted($0) } }
        hooks.retired = { [weak self] in self.map { $0.tools.desk.forget($0) } }
        let run = CallRun(CallbackMachine(plan: plan), on: leg, loop: lease.loop, hooks: hooks)
        state.withLock { $0.run = run }
        if isInterrupted.withLock({ $0 }) { await run.take(.interrupted) }
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
        let watch = state.withLock { state in
            state.isOver = true
            return state.watch
        }
        watch?.cancel()
        return end
    }

    @discardableResult
    func interrupt() -> Bool {
        isInterrupted.withLock { $0 = true }
        state.withLock { $0.run }?.post(.interrupted)
        stopAsking()
        return false
    }

    /// Has a request that was not taken yet not repeated.
    private func stopAsking() { state.withLock { $0.asking }?.cancel() }

    // MARK: On the modem's loop

    /// Takes the ring that was expected; the modem has been told to answer it, if it is still wanted.
    func rang(_ call: IncomingCall) {
        guard
            let run = state.withLock({ state in
                state.hasRung = true
                return state.run
            })
        else { return }
        run.assumeIsolated { [leg] run in
            leg.follow(call, isAnswering: run.machine.expects(call.number))
            run.take(.rang(caller: call.number))
        }
    }

    /// Takes what the session says of the call.
    func take(_ update: IncomingUpdate) { leg.take(update) }

    private func say(_ step: PBXStep) {
        switch step {
        case .request: lease.loop.start { await self.asking() }
        case .cancelRequest: cancel()
        case .refusedLateRing:
            tools.log.notice(
                "the PBX called when nobody waited any more; the call was refused",
                metadata: ["call": "\(id.uuidString.lowercased())"]
            )
        case .claim, .release: break  // No caller is held.
        }
    }

    private func asking() async {
        let answer = await ask()
        await state.withLock { $0.run }?.take(answer)
    }

    private func take(_ progress: CallProgress) {
        switch progress {
        case .ended: return
        case .ringing(let number):
            // It has been heard.
            stopAsking()
            emit(CallEvent(.progress(.ringing(number: tools.shown(number))), call: id))
        case .inProgress:
            state.withLock { $0.isAnswered = true }
            emit(CallEvent(.progress(progress), call: id))
        default: emit(CallEvent(.progress(progress), call: id))
        }
    }

    // MARK: What becomes of the PBX's call

    /// How often the PBX is asked.
    private static let asksEvery: Duration = .seconds(1)
    /// How long the modem may be behind the PBX with the end of the call.
    private static let modemLag: Duration = .seconds(3)

    /// Asks how the PBX's call stands, until that says all: one that is over rings nobody, and one in which two are joined has
    /// its target.
    private func watch(_ reference: CallReference) {
        guard link.capabilities.tellsState else { return }
        let watch = Task { [weak self] in
            // Cancelled, the call is over.
            while (try? await Task.sleep(for: Self.asksEvery)) != nil {
                guard let self, await self.goesOn(reference) else { return }
            }
        }
        state.withLock { state in
            if state.isOver { watch.cancel() } else { state.watch = watch }
        }
    }

    private func goesOn(_ reference: CallReference) async -> Bool {
        let (run, isAnswered) = state.withLock { ($0.run, $0.isAnswered) }
        let call: PBXCallState
        do throws(PBXError) { call = try await link.control.status(of: reference) } catch {
            guard isAnswered else { return true }
            call = .unknown
        }
        switch call {
        case .bridged: await run?.take(.targetJoined)
        case .ended where !isAnswered: await run?.take(.requestOver)
        case .ended:
            // Over, or another channel has taken its place in the bridge: then our call goes on.
            guard (try? await Task.sleep(for: Self.modemLag)) != nil else { return false }
            await run?.take(.targetJoined)
        case .unknown where isAnswered: await run?.take(.targetJoined)
        case .pending, .ringing, .held, .answered, .unknown: return true
        }
        return false
    }

    /// Writes down that the PBX is asked, and asks it: once, whatever comes of it.
    private func ask() async -> CallbackMachine.Event {
        do throws(CallLogError) { try await tools.recorder.intend(.askPBX, id, number: own?.description) } catch {
            return .requestRefused("a call that can't be written down isn't asked for: \(error)")
        }
        guard !isInterrupted.withLock({ $0 }) else { return .requestRefused("interrupted before the request") }
        state.withLock { $0.wasAsked = true }
        do throws(PBXError) {
            let request = CallbackRequest(call: CallKey(id), target: target, caller: own)
            let asking = Task { [link] () -> Result<CallReference?, PBXError> in
                do throws(PBXError) {
                    return .success(try await link.control.requestCallback(request))
                } catch {
                    return .failure(error)
                }
            }
            state.withLock { $0.asking = asking }
            if isInterrupted.withLock({ $0 }) { asking.cancel() }
            let reference = try await asking.value.get()
            state.withLock { $0.reference = reference }
            if let reference {
                tools.recorder.refer(id, to: reference.text)
                watch(reference)
            }
            return .requestAccepted
        } catch {
            switch error.kind {
            case .unreachable:
                state.withLock { $0.wasAsked = false }
                return .requestUnreachable(error.description)
            case .ambiguous: return .requestUnanswered(error.description)
            case .refused, .lost, .expired, .unsupported, .misconfigured:
                state.withLock { $0.wasAsked = false }
                return .requestRefused(error.description)
            }
        }
    }

    private func cancel() {
        guard let reference = state.withLock({ $0.reference }) else { return }
        Task { [link, tools] in
            do throws(PBXError) { try await link.control.hangUp(reference) } catch {
                tools.log.notice("the PBX's call could not be taken back: \(error)")
            }
        }
    }
}
