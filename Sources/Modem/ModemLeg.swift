package import CallModel
internal import Synchronization

/// The leg of a call over one modem: a call that it dials, that rings it, or that a dead program left up on it.
///
/// To be used on the loop of its session, so that an answer leaves in the same turn in which it is told. The tasks that it
/// starts there are those of the session's procedures, each with its own limit, and each ends in one event.
package final class ModemLeg: CallLeg {
    private struct State: Sendable {
        var listener: @Sendable (LegEvent) -> Void = { _ in }
        /// The call that rings, in its session; nil for one that is dialled.
        var ring: IncomingCall.ID?
        /// Whether the modem was told to answer before the leg was.
        var isAnswering = false
        var isDialling = false
        var isEnding = false
    }

    private let session: ModemSession
    private let loop: any ModemLoop
    /// Whether our number is kept from the one who is called.
    private let isHidden: Bool
    private let state = Mutex(State())

    /// Creates the leg of a call that is to be dialled, or that will ring; see ``follow(_:isAnswering:)``.
    package init(_ session: ModemSession, _ loop: any ModemLoop, isHidden: Bool = false) {
        self.session = session
        self.loop = loop
        self.isHidden = isHidden
    }

    /// Whether the modem is gone.
    package var isGone: Bool { session.assumeIsolated { $0.isClosed } }

    /// See ``CallLeg/listen(_:)``.
    package func listen(_ take: @escaping @Sendable (LegEvent) -> Void) {
        state.withLock { $0.listener = take }
        // A modem has one call at a time: what is keyed is the present call's, whose leg listened last.
        session.assumeIsolated { session in
            session.heardDigit = { [weak self] in self?.tell(.heard(.digit($0))) }
        }
    }

    private func tell(_ event: LegEvent) { state.withLock { $0.listener }(event) }

    // MARK: A call that rings

    /// Makes a call that rings the leg's own.
    ///
    /// - Parameter isAnswering: whether the modem has been told to answer it.
    package func follow(_ call: IncomingCall, isAnswering: Bool = false) {
        state.withLock { state in
            state.ring = call.id
            state.isAnswering = isAnswering
        }
    }

    /// Takes what the session says of the calls that ring; what is about another one is passed over.
    package func take(_ update: IncomingUpdate) {
        guard update.call.id == state.withLock({ $0.ring }) else { return }
        switch update {
        case .ringing, .identified: break
        case .answered: tell(.answered)
        case .answerFailed(_, let reason): tell(.answerFailed(reason))
        case .released(_, _, let release): tell(.released(release))
        case .failed(_, let error): tell(.failed(error.description))
        }
    }

    /// Takes on a call that is up already.
    ///
    /// - Returns: whether it is followed from now on.
    package func adopt(_ listed: LeftBehindCall) async -> Bool {
        await session.adopt(listed) { [weak self] update in self?.take(update) }
    }

    // MARK: Commands

    /// See ``CallLeg/perform(_:)``.
    package func perform(_ command: LegCommand) {
        switch command {
        case .dial(let number, let blocksFor):
            state.withLock { state in
                state.isDialling = true
                state.isEnding = false
            }
            loop.start { await self.dial(number, blocksFor) }
        case .answer: answer()
        case .refuse: loop.start { self.tell(.hungUp(verified: await self.session.refuse())) }
        case .hangUp:
            state.withLock { $0.isEnding = true }
            loop.start { self.tell(.hungUp(verified: await self.session.hangUp())) }
        case .tone(let digit, let length, _): loop.start { await self.send(digit, length) }
        case .repairSound: loop.start { await self.session.repairSound() }
        }
    }

    /// See ``CallLeg/openSound()``.
    package func openSound() async throws(LegSoundError) -> LegSound {
        try await session.openSound { [weak self] news in self?.tell(.sound(news)) }
    }

    /// See ``CallLeg/closeSound()``.
    package func closeSound() { loop.start { await self.session.closeSound() } }

    private func dial(_ number: String, _ blocksFor: Duration) async {
        // Hung up before it began: nothing is dialled, and the hang-up says the rest.
        guard !state.withLock({ $0.isEnding }) else { return }
        do throws(ModemError) {
            try await session.dial(number, blocksFor: blocksFor, isHidden: isHidden) { [weak self] update in
                self?.take(update)
            }
        } catch {
            tell(.failed(error.description))
        }
    }

    private func take(_ update: ModemSession.CallUpdate) {
        switch update {
        case .dialled: tell(.dialled)
        case .alerting: tell(.alerting)
        case .answered: tell(.answered)
        case .released(let release): tell(.released(release))
        case .failed(let error): tell(.failed(error.description))
        }
    }

    private func answer() {
        let isUnderWay = state.withLock { state in
            defer { state.isAnswering = false }
            return state.isAnswering
        }
        // The session lives on the same loop: no task, no turn of the loop in between.
        guard !isUnderWay, !session.assumeIsolated({ $0.answer() }) else { return }
        // Gone by now, or never there: its end has been told, or is being told.
        loop.start { self.tell(.released(CallRelease(kind: .vanished))) }
    }

    private func send(_ digit: Character, _ length: Duration) async {
        switch await session.sendDigit(digit, tone: length) {
        case .acknowledged(let length): tell(.toneTaken(length))
        case .callIsOver: break  // The release is on its way.
        case .refused(let reason): tell(.toneRefused(reason))
        case .ambiguous(let reason): tell(.toneFailed(reason))
        }
    }

    // MARK: Afterwards

    /// Makes sure that nothing of the call is left on the modem; the next call that rings there by now is left alone.
    ///
    /// - Parameter waits: whether the second look is waited for that a call needs which ended before anything rang.
    /// - Returns: whether the modem is known to have no such call.
    package func ensureIdle(waits: Bool = true) async -> Bool {
        let ring = state.withLock { $0.isDialling ? nil : $0.ring }
        if let ring { return await session.ensureIdle(after: ring) }
        return await session.ensureIdle(waits: waits)
    }
}
