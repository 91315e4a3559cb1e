internal import CallModel
internal import Calls
internal import FoundationEssentials
internal import Modem
internal import SIP
internal import Synchronization

/// A leg of a call over an account.
///
/// It is commanded, and tells its events, on a loop of its own; what it says to the agent goes there in order.
final class SIPLeg: AccountLeg {
    private struct State: Sendable {
        var id: UInt64
        var listener: (@Sendable (LegEvent) -> Void)?
        /// What was told before anybody listened.
        var early: [LegEvent] = []
        var wasEarly = false
        var isOver = false
        var isKnownOver = true
        /// Whether nothing comes from the far end just now, and whether that is being watched.
        var isStill = false
        var isWatched = false
        /// Whether its new place is being asked for, and whether it has moved again since.
        var isMoving = false
        var hasMoved = false
    }

    /// What is said to the agent, in order.
    private enum Errand: Sendable {
        case perform(LegCommand)
        /// Ask whether the far end still has the call.
        case probe
        /// Follow the far end's sound to its new place.
        case move
    }

    let loop: any ModemLoop
    private let agent: SIPAgent
    private let account: String
    private let state: Mutex<State>
    private let errands: AsyncStream<Errand>.Continuation
    private let life = Mutex<Task<Void, Never>?>(nil)

    /// Makes a leg.
    ///
    /// - Parameter id: the call's name at the agent.
    init(_ agent: SIPAgent, over account: String, id: UInt64) {
        self.agent = agent
        self.account = account
        loop = EventLoopModemLoop(ModemLoops.next())
        state = Mutex(State(id: id))
        // A call has few commands; each of its machine's waits for what came of the one before, and of the others one waits at a time.
        let (inbox, errands) = AsyncStream<Errand>.makeStream(bufferingPolicy: .bufferingOldest(64))
        self.errands = errands
        let task = Task { [weak self] in
            for await errand in inbox {
                switch errand {
                case .perform(let command): await self?.carryOut(command)
                case .probe: await self?.probe()
                case .move: await self?.move()
                }
            }
        }
        life.withLock { $0 = task }
    }

    deinit { errands.finish() }

    func perform(_ command: LegCommand) { errands.yield(.perform(command)) }

    func listen(_ take: @escaping @Sendable (LegEvent) -> Void) {
        let early = state.withLock { state in
            state.listener = take
            defer { state.early = [] }
            return state.early
        }
        for event in early { tell(event) }
    }

    var isGone: Bool { false }

    var wasEarly: Bool { state.withLock { $0.wasEarly } }

    func openSound() async throws(LegSoundError) -> LegSound {
        let (id, isOver) = state.withLock { ($0.id, $0.isOver) }
        guard !isOver else { throw .over }
        guard let sound = await agent.sound(ofLine: id) else {
            throw .unavailable("the other side has said nothing of its sound that is known here")
        }
        return .rtp(sound)
    }

    func closeSound() {
        // The socket is closed with its port, and with the call.
    }

    func join(_ other: any AccountLeg) async -> Bool? {
        guard let other = other as? SIPLeg else { return false }
        return await agent.join(line: state.withLock { $0.id }, with: other.state.withLock { $0.id })
    }

    func verify(_ end: CallEnd) -> CallEnd {
        var end = end
        if !state.withLock({ $0.isKnownOver }) { end.hangUpVerified = false }
        return end
    }

    // MARK: Commands

    private func carryOut(_ command: LegCommand) async {
        let id = state.withLock { $0.id }
        switch command {
        case .dial(let number, _):
            state.withLock { $0.isKnownOver = false }
            tell(.dialled)
            await agent.call(id, over: account, to: number) { [weak self] in self?.take($0) }
        case .answer: await agent.answer(line: id)
        case .refuse, .hangUp:
            // What is over already has nobody to answer a hang-up.
            if state.withLock({ $0.isOver }) { return tell(.hungUp(verified: state.withLock { $0.isKnownOver })) }
            await agent.hangUp(line: id)
        // Digits go beside the sound.
        case .tone: tell(.toneRefused("digits go beside the sound"))
        // What can be done is to ask whether the far end is there: see soundStands(still:).
        case .repairSound: break
        }
    }

    /// While nothing is heard, whether the far end still has the call is asked every 30 s.
    func soundStands(still: Bool) {
        let begins = state.withLock { state in
            state.isStill = still
            defer { state.isWatched = state.isWatched || still }
            return still && !state.isWatched
        }
        if begins { watch() }
    }

    private func watch() {
        _ = loop.schedule(at: loop.now + .seconds(28)) { [weak self] in
            guard let self else { return }
            let isWatched = self.state.withLock { state in
                state.isWatched = state.isStill && !state.isOver
                return state.isWatched
            }
            guard isWatched else { return }
            self.errands.yield(.probe)
            self.watch()
        }
    }

    private func probe() async { await agent.probe(line: state.withLock { $0.id }) }

    /// Takes what becomes of the call.
    func take(_ news: LineNews) {
        switch news {
        case .alerting: tell(.alerting)
        case .early:
            state.withLock { $0.wasEarly = true }
            tell(.sound(.early))
        case .answered: tell(.answered)
        case .moved:
            // One at a time: the last place is the one that counts.
            let isFirst = state.withLock { state in
                defer { (state.isMoving, state.hasMoved) = (true, true) }
                return !state.isMoving
            }
            if isFirst { errands.yield(.move) }
        case .released(let end):
            state.withLock { ($0.isOver, $0.isKnownOver) = (true, end.isKnownOver) }
            tell(.released(CallRelease(end)))
        case .hungUp(let isKnown):
            state.withLock { ($0.isOver, $0.isKnownOver) = (true, isKnown) }
            tell(.hungUp(verified: isKnown))
        }
    }

    private func move() async {
        while let id = takeMove() {
            if let sound = await agent.movedSound(ofLine: id) { tell(.sound(.repaired(.rtp(sound)))) }
        }
    }

    private func takeMove() -> UInt64? {
        state.withLock { state in
            defer { state.hasMoved = false }
            if !state.hasMoved { state.isMoving = false }
            return state.hasMoved ? state.id : nil
        }
    }

    private func tell(_ event: LegEvent) {
        let isHeard = state.withLock { state in
            if state.listener == nil { state.early.append(event) }
            return state.listener != nil
        }
        guard isHeard else { return }
        loop.start { [self] in state.withLock { $0.listener }?(event) }
    }
}

extension CallRelease {
    /// What the end of a call over an account is (RFC 3398 §7.2.4.1 the other way round, and 3GPP TS 29.163 §7.2.3.1.8).
    init(_ end: LineEnd) {
        self.init(cause: end.cause)
        guard let status = end.status else { return }
        text = "\(status) \(end.phrase)"
        guard end.isReal else {
            (kind, text) = (.unreachable, end.phrase)
            return
        }
        switch status {
        case 486, 600: (kind, cause) = (.busy, cause ?? 17)
        case 408, 480, 487: kind = .noAnswer
        case 404, 410, 484, 485, 604, 603, 606: kind = .rejected
        case 401, 403, 407, 405, 415, 416, 420, 421, 488, 489, 493: kind = .refusedByPBX
        case 500...: kind = cause == nil ? .unreachable : .rejected
        default: kind = .rejected
        }
        if cause == nil {
            switch status {
            case 404, 604: cause = 1
            case 410: cause = 22
            case 484: cause = 28
            case 603: cause = 21
            default: break
            }
        }
    }
}
