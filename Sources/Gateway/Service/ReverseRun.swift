internal import CallFlows
internal import CallLog
internal import CallModel
internal import FoundationEssentials
internal import Modem

/// Runs one ``ReverseMachine`` on a modem: answers the PBX's ring, or refuses it, has the caller claimed, and dials in.
///
/// Lives on the modem's loop.
actor ReverseRun {
    /// What the run does with the world beyond its modem.
    struct Tools: Sendable {
        /// Claims the caller, and returns what came of it.
        var claim: @Sendable () async -> ReverseMachine.Event
        /// Gives the caller back.
        var release: @Sendable (ReverseMachine.ReleaseReason) -> Void
        /// Is told before a number is dialled, and may refuse it.
        var journal: any DialJournal
        /// How long each tone of the token lasts.
        var tone: Duration
        /// Takes the progress, in order.
        var report: @Sendable (CallProgress) -> Void
    }

    private let session: ModemSession
    private let loop: any ModemLoop
    private let executor: any SerialExecutor
    private let tools: Tools

    private var machine: ReverseMachine
    private var timer: (any ModemTimer)?
    private var finished: [CheckedContinuation<CallEnd, Never>] = []
    private var end: CallEnd?
    private var ring: IncomingCall.ID?
    /// Whether a call of ours is what happens now; the ring is over by then.
    private var isDialling = false
    private var isHangingUp = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(plan: ReverseMachine.Plan, session: ModemSession, loop: any ModemLoop, ring: IncomingCall.ID?, tools: Tools) {
        self.session = session
        self.loop = loop
        self.ring = ring
        self.tools = tools
        executor = loop.serialExecutor
        machine = ReverseMachine(plan: plan)
    }

    /// Begins with what made the caller known.
    func start(_ notice: ReverseMachine.Notice) { perform(machine.start(notice, at: loop.now)) }

    /// Waits until it is over, and returns how it ended.
    func result() async -> CallEnd {
        if let end { return end }
        return await withCheckedContinuation { finished.append($0) }
    }

    /// Looks once more whether the modem has none of its calls any more.
    func verify(_ end: CallEnd, on session: ModemSession) async -> CallEnd {
        await session.verify(end, after: isDialling ? nil : ring)
    }

    /// Takes something that somebody wants, or that the PBX says.
    func handle(_ event: ReverseMachine.Event) { perform(machine.handle(event, at: loop.now)) }

    /// Takes what the PBX says, in the order in which it says it.
    nonisolated func post(_ event: ReverseMachine.Event) { loop.start { await self.handle(event) } }

    /// Takes what the session says of the PBX's ring.
    func take(_ update: IncomingUpdate) {
        guard update.call.id == ring, let event = IncomingCallMachine.Event(update) else { return }
        handle(.ring(event))
    }

    // MARK: Actions

    private func perform(_ actions: [ReverseMachine.Action]) {
        for action in actions {
            switch action {
            case .answer: answer()
            case .refuse: conclude { await $0.refuse() }
            case .claim: loop.start { await self.claiming() }
            case .dial(let number):
                isDialling = true
                isHangingUp = false
                loop.start { await self.dialling(number) }
            case .sendDigit(let digit, _): loop.start { await self.sending(digit) }
            case .hangUp:
                isHangingUp = true
                conclude { await $0.hangUp() }
            // Who is joined hears it; the event of our call tells everybody else.
            case .reportArrival: break
            case .release(let reason): tools.release(reason)
            case .arm(let instant): arm(instant)
            case .disarm:
                timer?.cancel()
                timer = nil
            case .report(let progress): tools.report(progress)
            case .finish(let end): finish(end)
            }
        }
    }

    private func claiming() async { handle(await tools.claim()) }

    private func answer() {
        guard !session.assumeIsolated({ $0.answer() }) else { return }
        // Gone by now: its end has been told, or is being told.
        loop.start { await self.handle(.ring(.released(OutgoingCallMachine.Release(kind: .unknown)))) }
    }

    private func conclude(_ body: @escaping @Sendable (ModemSession) async -> Bool) {
        let isOfOurCall = isDialling
        loop.start { [session] in
            let verified = await body(session)
            await self.handle(isOfOurCall ? .leg(.hungUp(verified: verified)) : .ring(.hungUp(verified: verified)))
        }
    }

    private func dialling(_ number: String) async {
        do throws(ModemError) {
            try await session.prepareToDial()
        } catch {
            tools.journal.didDial(sent: false)
            return handle(.leg(.modemFailed(error.description)))
        }
        do throws(CallLogError) { try await tools.journal.willDial(number) } catch {
            return handle(.leg(.modemFailed("a call that can't be written down isn't made: \(error)")))
        }
        // Hung up meanwhile: nothing is dialled, and the hang-up says so.
        guard end == nil, !isHangingUp else { return tools.journal.didDial(sent: false) }
        do throws(ModemError) {
            try await session.dial(number, blocksFor: machine.plan.answerWithin) { [weak self] update in
                self?.assumeIsolated { $0.take(update) }
            }
            tools.journal.didDial(sent: !isHangingUp)
        } catch {
            tools.journal.didDial(sent: false)
            handle(.leg(.modemFailed(error.description)))
        }
    }

    private func take(_ update: ModemSession.CallUpdate) {
        handle(.leg(OutgoingCallMachine.Event(update)))
    }

    private func sending(_ digit: Character) async {
        switch await session.sendDigit(digit, tone: tools.tone) {
        case .acknowledged(let tone): handle(.leg(.digitAcknowledged(tone: tone)))
        case .callIsOver: break  // The release is on its way.
        case .refused(let reason), .ambiguous(let reason): handle(.leg(.digitFailed(reason)))
        }
    }

    private func arm(_ instant: ContinuousClock.Instant) {
        timer?.cancel()
        timer = loop.schedule(at: instant) { [weak self] in
            self?.assumeIsolated { $0.handle(.timer) }
        }
    }

    private func finish(_ end: CallEnd) {
        self.end = end
        timer?.cancel()
        for waiter in finished { waiter.resume(returning: end) }
        finished = []
    }
}
