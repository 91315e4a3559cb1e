package import CallFlows
internal import CallLog
package import CallModel
package import Modem

/// Runs one ``OutgoingCallMachine`` on a modem: performs its actions and feeds back what happens.
///
/// Lives on the modem's loop, so that nothing here waits for another thread.
package actor OutgoingCallRun {
    private let session: ModemSession
    private let loop: any ModemLoop
    private let executor: any SerialExecutor
    private let tone: Duration
    private let journal: (any DialJournal)?
    private let report: @Sendable (CallProgress) -> Void

    private var machine: OutgoingCallMachine
    private var timer: (any ModemTimer)?
    private var finished: CheckedContinuation<CallEnd, Never>?
    private var end: CallEnd?
    private var isInterrupted = false

    /// The executor of the modem's loop.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Creates a run; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - plan: what to dial and to send, and every limit.
    ///   - tone: the length of each DTMF tone.
    ///   - session: a modem that is ready to dial.
    ///   - loop: the loop of that session.
    ///   - journal: is told before the number is dialled, and may refuse it; nil for a run that nobody keeps account of.
    ///   - report: takes the progress, in order, the end included.
    package init(
        plan: OutgoingCallMachine.Plan,
        tone: Duration = .milliseconds(120),
        session: ModemSession,
        loop: any ModemLoop,
        journal: (any DialJournal)? = nil,
        report: @escaping @Sendable (CallProgress) -> Void
    ) {
        self.session = session
        self.loop = loop
        self.tone = tone
        self.journal = journal
        self.report = report
        executor = loop.serialExecutor
        machine = OutgoingCallMachine(plan: plan)
    }

    /// Makes the call, follows it to its end, and returns how it ended.
    package func run() async -> CallEnd {
        if let refusal = await refusal() {
            report(.ended(refusal))
            return refusal
        }
        if let end { return end }
        perform(machine.start(at: loop.now))
        if isInterrupted { handle(.interrupted) }
        if let end { return end }
        return await withCheckedContinuation { finished = $0 }
    }

    /// Has the call written down before anything of it happens; an end when that is impossible.
    private func refusal() async -> CallEnd? {
        guard let journal else { return nil }
        do throws(CallLogError) {
            try await journal.willDial(machine.plan.number)
            return nil
        } catch {
            // Interrupted meanwhile, it has been reported as that.
            guard end == nil else { return nil }
            return CallEnd(unrecorded: error)
        }
    }

    /// Ends the call, wherever it is; ``run()`` returns once the modem is known to be idle or a limit has passed.
    package func interrupt() {
        isInterrupted = true
        handle(.interrupted)
    }

    // MARK: Events and actions

    private func handle(_ event: OutgoingCallMachine.Event) {
        perform(machine.handle(event, at: loop.now))
    }

    private func perform(_ actions: [OutgoingCallMachine.Action]) {
        for action in actions {
            switch action {
            case .dial(let number): dial(number)
            case .sendDigit(let digit, _): send(digit)
            case .hangUp: hangUp()
            case .arm(let instant): arm(instant)
            case .disarm:
                timer?.cancel()
                timer = nil
            case .report(let progress): report(progress)
            case .finish(let end): finish(end)
            }
        }
    }

    private func dial(_ number: String) {
        loop.start { await self.dialing(number) }
    }

    private func dialing(_ number: String) async {
        guard !isInterrupted else { return }
        do throws(ModemError) {
            try await session.dial(number, blocksFor: machine.plan.answerWithin) { [weak self] update in
                self?.assumeIsolated { $0.take(update) }
            }
            // An interruption that came first has kept the session from sending the command.
            journal?.didDial(sent: !isInterrupted)
        } catch {
            journal?.didDial(sent: false)
            handle(.modemFailed(error.description))
        }
    }

    private func take(_ update: ModemSession.CallUpdate) {
        handle(OutgoingCallMachine.Event(update))
    }

    private func send(_ digit: Character) {
        loop.start { await self.sending(digit) }
    }

    private func sending(_ digit: Character) async {
        switch await session.sendDigit(digit, tone: tone) {
        case .acknowledged(let tone): handle(.digitAcknowledged(tone: tone))
        case .callIsOver: break  // The release is on its way.
        case .refused(let reason), .ambiguous(let reason): handle(.digitFailed(reason))
        }
    }

    private func hangUp() {
        loop.start { await self.hangingUp() }
    }

    private func hangingUp() async {
        let verified = await session.hangUp()
        handle(.hungUp(verified: verified))
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
        finished?.resume(returning: end)
        finished = nil
    }
}

extension OutgoingCallMachine.Event {
    /// Says in the machine's terms what the session says of the call that it makes.
    init(_ update: ModemSession.CallUpdate) {
        switch update {
        case .alerting: self = .alerting
        case .answered: self = .answered
        case .released(let release): self.init(release)
        case .failed(let error): self = .modemFailed(error.description)
        }
    }

    private init(_ release: CallRelease) {
        let kind: OutgoingCallMachine.Release.Kind
        switch release.kind {
        case .busy: kind = .busy
        case .noAnswer: kind = .noAnswer
        case .noService: kind = .noService
        case .rejected: kind = .rejected
        case .unknown: kind = .normal
        case .refusedByModem, .modemSilent:
            self = .modemFailed(release.text ?? "the modem did not dial")
            return
        }
        self = .released(OutgoingCallMachine.Release(kind: kind, cause: release.cause))
    }
}
