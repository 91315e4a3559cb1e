package import CallFlows
package import CallModel
package import Modem

/// Runs one ``IncomingCallMachine`` on a modem: performs its actions and feeds back what happens.
///
/// Lives on the modem's loop. Whoever watches the session's calls makes one for a call, and passes on the updates of that call
/// by ``take(_:)``.
package actor IncomingCallRun {
    /// The call's number in its session.
    package nonisolated let id: IncomingCall.ID

    private let session: ModemSession
    private let loop: any ModemLoop
    private let executor: any SerialExecutor
    private let report: @Sendable (CallProgress) -> Void

    private var machine: IncomingCallMachine
    private var timer: (any ModemTimer)?
    private var finished: [CheckedContinuation<CallEnd, Never>] = []
    private var end: CallEnd?

    /// The executor of the modem's loop.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Creates a run; ``start(_:)`` begins it.
    ///
    /// - Parameters:
    ///   - call: the call that rings.
    ///   - plan: what is to become of it, and every limit.
    ///   - session: the modem that rings.
    ///   - loop: the loop of that session.
    ///   - report: takes the progress, in order, the end included.
    package init(
        call: IncomingCall,
        plan: IncomingCallMachine.Plan,
        session: ModemSession,
        loop: any ModemLoop,
        report: @escaping @Sendable (CallProgress) -> Void
    ) {
        id = call.id
        self.session = session
        self.loop = loop
        self.report = report
        executor = loop.serialExecutor
        machine = IncomingCallMachine(plan: plan)
    }

    /// Begins with what has been decided; `answering` where the session was told to answer by its decision.
    package func start(_ decision: IncomingCallMachine.Decision) {
        perform(machine.start(decision, at: loop.now))
    }

    /// Waits until the call is over, and returns how it ended.
    package func result() async -> CallEnd {
        if let end { return end }
        return await withCheckedContinuation { finished.append($0) }
    }

    /// Takes the call; nothing happens when it does not ring any more.
    package func accept() { handle(.accept) }

    /// Refuses the call; one that was answered is hung up.
    package func decline() { handle(.decline) }

    /// Hangs up; a call that rings is refused.
    package func hangUp() { handle(.hangUp) }

    /// Ends the call because everything ends; ``result()`` returns once the modem is known to be idle or a limit has passed.
    package func interrupt() { handle(.interrupted) }

    /// Sends a tone in the call.
    package func send(_ digit: Character, tone: Duration = .milliseconds(120)) async -> ModemSession.DigitResult {
        await session.sendDigit(digit, tone: tone)
    }

    /// Takes what the session says of its calls; updates about other calls are ignored.
    package func take(_ update: IncomingUpdate) {
        guard update.call.id == id else { return }
        if let event = IncomingCallMachine.Event(update) { handle(event) }
    }

    // MARK: Events and actions

    private func handle(_ event: IncomingCallMachine.Event) {
        perform(machine.handle(event, at: loop.now))
    }

    private func perform(_ actions: [IncomingCallMachine.Action]) {
        for action in actions {
            switch action {
            case .answer: answer()
            case .refuse: conclude { await $0.refuse() }
            case .hangUp: conclude { await $0.hangUp() }
            case .arm(let instant): arm(instant)
            case .disarm:
                timer?.cancel()
                timer = nil
            case .report(let progress): report(progress)
            case .finish(let end): finish(end)
            }
        }
    }

    private func answer() {
        // The session lives on the same loop: no task, no turn of the loop in between.
        let hasBegun = session.assumeIsolated { $0.answer() }
        guard !hasBegun else { return }
        // Gone by now, or never there: its end has been told, or is being told.
        loop.start { await self.handle(.released(OutgoingCallMachine.Release(kind: .unknown))) }
    }

    private func conclude(_ body: @escaping @Sendable (ModemSession) async -> Bool) {
        loop.start { [session] in
            let verified = await body(session)
            await self.handle(.hungUp(verified: verified))
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

extension IncomingCallMachine.Event {
    /// Says in the machine's terms what the session says of a call; nil for what changes nothing.
    package init?(_ update: IncomingUpdate) {
        switch update {
        case .ringing, .identified: return nil
        case .answered: self = .answered
        case .answerFailed(_, let reason): self = .answerFailed(reason)
        case .released(_, _, let release): self = .released(OutgoingCallMachine.Release(release))
        case .failed(_, let error): self = .modemFailed(error.description)
        }
    }
}

extension OutgoingCallMachine.Release {
    /// Says in the machines' terms why a modem's call ended.
    init(_ release: CallRelease) {
        let kind: Kind =
            switch release.kind {
            case .busy: .busy
            case .noAnswer: .noAnswer
            case .noService: .noService
            case .rejected: .rejected
            case .unknown, .refusedByModem, .modemSilent: .normal
            }
        self.init(kind: kind, cause: release.cause)
    }
}
