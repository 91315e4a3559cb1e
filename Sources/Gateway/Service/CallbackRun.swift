internal import CallFlows
internal import CallModel
internal import FoundationEssentials
internal import Modem

/// Runs one ``CallbackMachine`` on a modem: has the PBX asked, and follows the call that it makes.
///
/// Lives on the modem's loop, as the modem's bell does: what is expected and what rings can't miss each other.
actor CallbackRun {
    /// What the run does with the world beyond its modem.
    struct Tools: Sendable {
        var desk: IncomingDesk
        /// Asks the PBX, and returns what came of it.
        var ask: @Sendable () async -> CallbackMachine.Event
        /// Takes the request back, as far as the PBX can.
        var cancel: @Sendable () -> Void
        /// Takes that the PBX called when nobody wanted it any more.
        var rangLate: @Sendable () -> Void
        /// Takes the progress, in order.
        var report: @Sendable (CallProgress) -> Void
    }

    private let session: ModemSession
    private let loop: any ModemLoop
    private let executor: any SerialExecutor
    private let tools: Tools

    private var machine: CallbackMachine
    private var timer: (any ModemTimer)?
    private var finished: CheckedContinuation<CallEnd, Never>?
    private var end: CallEnd?
    /// The call that was expected, once it has rung.
    private(set) var ring: IncomingCall.ID?
    /// Whether the modem was told to answer before the machine knew of the ring.
    private var isAnswering = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(plan: CallbackMachine.Plan, session: ModemSession, loop: any ModemLoop, tools: Tools) {
        self.session = session
        self.loop = loop
        self.tools = tools
        executor = loop.serialExecutor
        machine = CallbackMachine(plan: plan)
    }

    /// Has the PBX asked, and returns how the call ended; a ring that comes later is still refused.
    func run() async -> CallEnd {
        if let end { return end }
        tools.desk.expect(
            IncomingDesk.Expectation(session: ObjectIdentifier(session), from: machine.plan.ringFrom, run: self)
        )
        perform(machine.start(at: loop.now))
        if let end { return end }
        return await withCheckedContinuation { finished = $0 }
    }

    /// Takes what the PBX says of its call.
    func take(_ news: CallbackMachine.Event) { handle(news) }

    /// Ends the call, or the waiting for it.
    func interrupt() { handle(.interrupted) }

    /// Takes the ring that was expected; the modem has been told to answer it, if it is still wanted.
    func rang(_ call: IncomingCall) {
        ring = call.id
        isAnswering = machine.expects(call.number)
        handle(.rang(caller: call.number))
    }

    /// Takes what the session says of the call.
    func take(_ update: IncomingUpdate) {
        guard update.call.id == ring, let event = IncomingCallMachine.Event(update) else { return }
        handle(.leg(event))
    }

    // MARK: Events and actions

    private func handle(_ event: CallbackMachine.Event) { perform(machine.handle(event, at: loop.now)) }

    private func perform(_ actions: [CallbackMachine.Action]) {
        for action in actions {
            switch action {
            case .request: loop.start { await self.requesting() }
            case .cancelRequest: tools.cancel()
            case .answer: answer()
            case .refuse: conclude { await $0.refuse() }
            case .hangUp: conclude { await $0.hangUp() }
            case .arm(let instant): arm(instant)
            case .disarm:
                timer?.cancel()
                timer = nil
            case .report(let progress): tools.report(progress)
            case .refusedLateRing: tools.rangLate()
            case .finish(let end): finish(end)
            case .retire: tools.desk.forget(self)
            }
        }
    }

    private func requesting() async { handle(await tools.ask()) }

    private func answer() {
        guard !isAnswering, !session.assumeIsolated({ $0.answer() }) else { return }
        // Gone by now, or never there: its end has been told, or is being told.
        loop.start { await self.handle(.leg(.released(OutgoingCallMachine.Release(kind: .unknown)))) }
    }

    private func conclude(_ body: @escaping @Sendable (ModemSession) async -> Bool) {
        loop.start { [session] in
            let verified = await body(session)
            await self.handle(.leg(.hungUp(verified: verified)))
        }
    }

    private func arm(_ instant: ContinuousClock.Instant) {
        timer?.cancel()
        timer = loop.schedule(at: instant) { [weak self] in
            self?.assumeIsolated { $0.timeIsUp() }
        }
    }

    private func timeIsUp() {
        // A modem that was pulled out rings no more, and nothing else tells of it while there is no call.
        if end == nil, ring == nil, session.assumeIsolated({ $0.isClosed }) {
            return handle(.modemFailed("the modem vanished while the PBX's call was waited for"))
        }
        handle(.timer)
    }

    private func finish(_ end: CallEnd) {
        self.end = end
        tools.desk.isNotWanted(self)
        finished?.resume(returning: end)
        finished = nil
    }
}
