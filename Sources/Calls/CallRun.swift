package import CallFlows
internal import CallLog
package import CallModel
package import CallRecords
package import Modem

/// Runs one call: performs the steps of its machine on its legs, and feeds back what happens.
///
/// Lives on the loop of the legs, so that nothing here waits for another thread. What is told of it in turn, by
/// ``post(_:)``, comes in that turn.
package actor CallRun<Machine: CallMachine> {
    /// What the run does with the world beyond its legs; each is called on the loop, and returns at once.
    package struct Hooks: Sendable {
        /// Is told when a number has gone out.
        package var journal: (any DialJournal)?
        /// What has to be done before a number is dialled; why it must not be, if it must not.
        package var beforeDial: (@Sendable (String) async -> String?)?
        /// Takes what is to be said to the PBX.
        package var pbx: @Sendable (PBXStep) -> Void = { _ in }
        /// Takes a key that the leg itself reports; who takes it feeds what counts as an event.
        package var digit: (@Sendable (Character) -> Void)?
        /// Takes what is wanted of the call's sound, with where to tell what becomes of it, on the loop; nil where the call has none.
        package var sound: (@Sendable (SoundCommand, @escaping @Sendable (LegEvent) -> Void) -> Void)?
        /// Takes what the leg says of its sound.
        package var soundNews: @Sendable (SoundNews) -> Void = { _ in }
        /// Takes that the outcome is settled, before those who wait for it.
        package var finished: @Sendable () -> Void = {}
        /// Takes that nothing is waited for any more, where that is later than the outcome.
        package var retired: @Sendable () -> Void = {}
        /// Takes the progress, in order, the end included.
        package var report: @Sendable (CallProgress) -> Void

        /// Creates the hooks of a call that does nothing but report.
        package init(report: @escaping @Sendable (CallProgress) -> Void) { self.report = report }
    }

    private let leg: any CallLeg
    private let ring: (any CallLeg)?
    private let loop: any ModemLoop
    private let executor: any SerialExecutor
    private let hooks: Hooks

    /// The call itself.
    package private(set) var machine: Machine
    private var timer: (any ModemTimer)?
    private var waiting: [CheckedContinuation<CallEnd, Never>] = []
    private var end: CallEnd?
    /// Whether the leg was told to hang up, so that nothing is dialled that was still being prepared.
    private var isHangingUp = false
    /// Whether a number is to be dialled and has not gone out yet.
    private var isPreparing = false
    private var dials = 0
    private var hasBegun = false
    /// What came before the call had begun and meant nothing then.
    private var early: [Machine.Event] = []

    /// The executor of the modem's loop.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Creates a run; ``begin(_:)`` starts it.
    ///
    /// - Parameters:
    ///   - machine: the call, not begun.
    ///   - leg: what it dials, or what rings.
    ///   - ring: the leg on which a PBX rings for it, where that is not its own.
    ///   - loop: the loop of both.
    package init(
        _ machine: Machine,
        on leg: any CallLeg,
        ring: (any CallLeg)? = nil,
        loop: any ModemLoop,
        hooks: Hooks
    ) {
        self.machine = machine
        self.leg = leg
        self.ring = ring
        self.loop = loop
        self.hooks = hooks
        executor = loop.serialExecutor
    }

    /// Begins the call, by one of the machine's ways to begin.
    package func begin(_ start: (inout Machine, ContinuousClock.Instant) -> [CallStep]) {
        leg.listen { [weak self] event in self?.assumeIsolated { $0.heard(event) } }
        hasBegun = true
        perform(start(&machine, loop.now))
        // A hang-up that came too soon is not lost.
        let early = early
        self.early = []
        for event in early { take(event) }
    }

    /// Waits until the outcome is settled, and returns it.
    package func result() async -> CallEnd {
        if let end { return end }
        return await withCheckedContinuation { waiting.append($0) }
    }

    /// Takes what happened.
    package func take(_ event: Machine.Event) {
        let steps = machine.handle(event, at: loop.now)
        if !hasBegun, steps.isEmpty, early.count < Self.mostEarly { early.append(event) }
        perform(steps)
    }

    /// How much may come before a call begins: a hang-up, an interruption, the word of a PBX.
    private static var mostEarly: Int { 8 }

    /// Takes what happened, behind what was posted before; returns at once.
    package nonisolated func post(_ event: Machine.Event) { loop.start { await self.take(event) } }

    // MARK: Events and steps

    private func heard(_ event: LegEvent) {
        switch event {
        case .dialled:
            isPreparing = false
            hooks.journal?.didDial()
        // The call before, on the same line, ends late: the one that is about to be dialled has not begun.
        case .released where isPreparing && !isHangingUp: return
        case .sound(let news): hooks.soundNews(news)
        case .heard(.digit(let digit)):
            if let take = hooks.digit { return take(digit) }
        default: break
        }
        take(.leg(event))
    }

    private func timeIsUp() {
        // A line that is gone while no call is up tells of it by nothing else.
        if leg.isGone { take(.leg(.failed("the modem vanished"))) }
        take(.timer)
    }

    private func perform(_ steps: [CallStep]) {
        for step in steps {
            switch step {
            case .leg(let command): perform(command)
            case .ring(let command): ring?.perform(command)
            case .sound(let command): perform(command)
            case .arm(let instant):
                timer?.cancel()
                timer = loop.schedule(at: instant) { [weak self] in self?.assumeIsolated { $0.timeIsUp() } }
            case .disarm:
                timer?.cancel()
                timer = nil
            case .report(let progress): hooks.report(progress)
            case .pbx(let step): hooks.pbx(step)
            case .finish(let end): finish(end)
            case .retire: hooks.retired()
            }
        }
    }

    private func perform(_ command: LegCommand) {
        switch command {
        case .dial(let number, _):
            isHangingUp = false
            isPreparing = true
            dials += 1
            guard let beforeDial = hooks.beforeDial else { return leg.perform(command) }
            let dial = dials
            loop.start { await self.prepared(await beforeDial(number), for: command, dial) }
        case .hangUp:
            isHangingUp = true
            leg.perform(command)
        case .answer, .refuse, .tone, .repairSound: leg.perform(command)
        }
    }

    private func perform(_ command: SoundCommand) {
        let tell: @Sendable (LegEvent) -> Void = { [weak self] in self?.post(.leg($0)) }
        guard let sound = hooks.sound else { return command.fail("the call has no sound", tell) }
        sound(command, tell)
    }

    private func prepared(_ refusal: String?, for command: LegCommand, _ dial: Int) {
        // One that took too long was given up, and another one is under way.
        guard dial == dials else { return }
        if let refusal { return take(.leg(.failed(refusal))) }
        // Hung up meanwhile: nothing is dialled, and the hang-up says so.
        if end == nil, !isHangingUp { leg.perform(command) }
    }

    private func finish(_ end: CallEnd) {
        self.end = end
        hooks.finished()
        for waiter in waiting { waiter.resume(returning: end) }
        waiting = []
    }
}

extension CallRun<OutgoingCallMachine> {
    /// Has the call written down, makes it, and returns how it ended; at once where it was interrupted before.
    package func run() async -> CallEnd {
        if !machine.isEnded, let refusal = await refusal(), !machine.isEnded {
            hooks.report(.ended(refusal))
            return refusal
        }
        if !machine.isEnded { begin { $0.start(at: $1) } }
        return await result()
    }

    /// Has the call written down before anything of it happens; an end when that is impossible.
    private func refusal() async -> CallEnd? {
        do throws(CallLogError) {
            try await hooks.journal?.willDial(machine.plan.number)
            return nil
        } catch {
            return CallEnd(unrecorded: error)
        }
    }
}

extension ModemLeg {
    /// Looks once more whether the modem has nothing left of the call, however it ended, because a call that is left up costs
    /// money.
    ///
    /// - Parameters:
    ///   - end: how the call ended, as far as is known.
    ///   - waits: whether the second look is waited for that some ends need.
    /// - Returns: the end, and whether it is certain.
    func verify(_ end: CallEnd, waits: Bool = true) async -> CallEnd {
        var end = end
        if await ensureIdle(waits: waits) {
            end.hangUpVerified = true
        } else if end.outcome != .modemFailed {
            end.hangUpVerified = false
        }
        return end
    }
}

extension ModemError {
    /// What the error means for the call that it stops.
    var callOutcome: CallOutcome {
        switch category {
        case .unusable: .noModem
        case .failed: .modemFailed
        case .noService: .noService
        case .sim: .sim
        }
    }
}
