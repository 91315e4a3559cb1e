internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Modem
internal import Settings
internal import Synchronization

/// The sound of one call: does what its machine says, and feeds back what happens, in the order in which it happens.
final class CallSound: CallCarriage {
    /// What it tells of itself.
    struct Hooks: Sendable {
        var report: @Sendable (CallEvent.Kind) -> Void
        /// Ends the call; why, where that is not as it should be.
        var hangUp: @Sendable (String?) -> Void
        /// Has the call end with this outcome in place of `completed`: what it was for was not reached.
        var fail: @Sendable (CallOutcome) -> Void = { _ in }
        /// Sends digits that were keyed at the endpoint over the leg.
        var send: @Sendable (String) async -> Void = { _ in }
        /// Begins a second call on another modem, whose leg becomes the endpoint.
        var second: (@Sendable (SecondLeg.Hooks) throws(AudioPortError) -> SecondLeg)?
        /// Takes a key that the other side of the leg pressed.
        var digit: @Sendable (Character, DigitSource) -> Void = { _, _ in }
        /// Where announcements are found.
        var shelf = AnnouncementShelf(directories: [], language: "en")
        /// Whether help is called, which goes on without sound.
        var isForHelp = false
        /// What is said to who is recorded.
        var notice: [Playback] = []
    }

    /// What is wanted of the sound, and who is told what becomes of it.
    struct Wanted: Sendable {
        var command: SoundCommand
        var tell: @Sendable (LegEvent) -> Void
    }

    struct State: Sendable {
        var leg: (any CallLeg)?
        var loop: (any ModemLoop)?
        var line = CallSoundMachine.modem
        var legPort: AudioPort.ID?
        var endPort: AudioPort.ID?
        /// Whether the machine has been told that the leg's sound stands.
        var isOpen = false
        /// The port of the endpoint, until it is joined.
        var waiting: AudioPort?
        var conversation: UInt64?
        var second: SecondLeg?
        /// One that is to take the place of our end, until it is answered.
        var coming: SecondLeg?
        var isOver = false
        /// Whether the other side has to press a key before anybody is joined with it.
        var waitsForKey = false
        /// Where the leg's sound is to be opened anew next, and whether that is under way: one at a time, the last counts.
        var nextLeg: LegSound?
        var isReopeningLeg = false
        /// The same of the endpoint, which says itself where it is.
        var wantsEndpoint = false
        var isReopeningEndpoint = false
        /// What is wanted and waits for the leg's sound.
        var wanted: [Wanted] = []
        /// Why the leg has none; nil where it has, or may yet have.
        var lack: String?
        /// Who is told of what is heard.
        var listener: (@Sendable (LegEvent) -> Void)?
        /// Who came to the call later.
        var late: AudioSpec?
        /// Who has our end since it was transferred.
        var heir: AudioSpec?
        /// Whether our end was joined, and whether it was given to somebody else before that.
        var isJoined = false
        var isGivenAway = false
        var isHeld = false
        /// What the other end hears while it is held.
        var music = HoldMusic.notes
        /// Who waits until the leg's sound stands.
        var awaiting: [CheckedContinuation<Bool, Never>] = []
    }

    let endpoint: CallEndpoint
    let call: UUID
    let desk: AudioDesk
    let log: Logger
    let hooks: Hooks
    let state = Mutex(State())
    let keyed = KeyedDigits()
    let openings = Openings()
    private let inbox: AsyncStream<CallSoundMachine.Event>
    private let post: AsyncStream<CallSoundMachine.Event>.Continuation
    private let life = Mutex<Task<Void, Never>?>(nil)

    init(_ endpoint: CallEndpoint, of call: UUID, desk: AudioDesk, log: Logger, hooks: Hooks) {
        self.endpoint = endpoint
        self.call = call
        self.desk = desk
        self.log = log
        self.hooks = hooks
        // A call has few of these; one that told thousands a second would lose the oldest.
        (inbox, post) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
    }

    /// The sound of a call that ends it, and tells of itself as the call does.
    convenience init(
        _ endpoint: CallEndpoint,
        of call: Call,
        second: SecondOrder? = nil,
        notice: [Playback]? = nil,
        isForHelp: Bool = false,
        waitsForKey: Bool = false
    ) {
        let tools = call.tools
        var hooks = Hooks(of: call)
        if tools.configuration.calls.tellsRecording { hooks.notice = [.phrase(.recorded)] }
        if let notice { hooks.notice = notice }
        hooks.isForHelp = isForHelp
        if let second {
            hooks.second = { [id = call.id] hooks throws(AudioPortError) in
                try SecondLeg.begin(second.order, for: id, tools, hooks)
            }
        }
        self.init(endpoint, of: call.id, desk: tools.sounds, log: tools.log, hooks: hooks)
        if waitsForKey { waitForKey() }
    }

    /// Joins the two sides only behind the key; to be said before the call is answered.
    func waitForKey() { state.withLock { $0.waitsForKey = true } }

    /// Takes over from the sound in whose place it comes.
    func waitForKey(as old: any CallCarriage) {
        if (old as? CallSound)?.state.withLock({ $0.waitsForKey }) == true { waitForKey() }
    }

    fileprivate static let played = "the file was played"

    /// As the endpoint was named.
    var spec: AudioSpec { state.withLock { $0.late } ?? endpoint.spec }

    /// As it is told of.
    private var title: String { state.withLock { $0.heir }?.description ?? endpoint.title }

    /// Takes the leg whose sound it is; its name is what `call.quality` shows.
    func take(_ leg: any CallLeg, on loop: any ModemLoop, named line: String?) {
        state.withLock { state in
            (state.leg, state.loop) = (leg, loop)
            if let line { state.line = line }
        }
    }

    /// Takes how far the call is.
    func take(_ progress: CallProgress) {
        switch progress {
        case .connected: tell(.answered)
        case .inProgress: tell(.inProgress)
        // A call that was not answered may be dialled once more.
        case .ended: if life.withLock({ $0 != nil }) { tell(.over) }
        case .dialing, .alerting, .ringing, .handover: return
        }
    }

    /// Takes what the leg says of its sound.
    func take(_ news: SoundNews) { tell(.leg(news)) }

    func tell(_ event: CallSoundMachine.Event) {
        life.withLock { life in
            if life == nil { life = Task { [self] in await run() } }
        }
        post.yield(event)
    }

    /// Ends it, and waits until everything is closed and told.
    func finish() async {
        let running = life.withLock { $0 }
        if let running {
            post.yield(.over)
            await running.value
        }
        if endpoint.spec == .audioSocketCall { desk.withdraw(call) }
        if endpoint.spec == .browser { desk.giveUpSeat(in: call) }
        await endpoint.finish()
    }

    /// See ``CallCarriage/settle()``.
    func settle() async { await openings.settle() }

    /// See ``CallCarriage/standing()``.
    func standing() async -> CallStatus.Audio? {
        guard let conversation = state.withLock({ $0.conversation }), let loop = try? desk.loop(),
            let leg = await loop.quality(of: conversation).first
        else { return nil }
        return CallStatus.Audio(
            endpoint: title,
            levelIn: leg.latestHeard.decibels.rounded(),
            levelOut: leg.latestPlayed.decibels.rounded()
        )
    }

    // MARK: Running

    private func run() async {
        let waitsForKey = state.withLock { $0.waitsForKey }
        var machine = CallSoundMachine(endpoint.spec, isForHelp: hooks.isForHelp, waitsForKey: waitsForKey)
        for await event in inbox {
            for step in machine.handle(event) {
                if await perform(step) { return }
            }
        }
    }

    /// Returns whether that was the last.
    private func perform(_ step: CallSoundMachine.Step) async -> Bool {
        switch step {
        case .openLeg: open { await $0.openLeg() }
        case .openLegAgain(let sound): reopenLeg(next: sound)
        case .discard(let sound): open { await $0.discard(sound) }
        case .repairLeg:
            let (leg, loop) = state.withLock { ($0.leg, $0.loop) }
            loop?.start { leg?.perform(.repairSound) }
        case .pauseLeg(let isPaused): pause(isPaused)
        case .openEndpoint: open { await $0.openEndpoint() }
        case .join: join()
        case .leave: leave()
        case .part:
            await part()
            return true
        case .report(var report):
            if report.endpoint == spec.description { report.endpoint = title }
            if report.endpoint == CallSoundMachine.modem { tellLeg(report.state) }
            if let reason = report.reason {
                log.notice("sound \(report.state.rawValue): \(report.endpoint): \(reason)", metadata: metadata)
            }
            hooks.report(.audio(report))
        case .fail(let outcome): hooks.fail(outcome)
        case .hangUp(let reason): hooks.hangUp(reason)
        }
        return false
    }

    var metadata: Logger.Metadata { ["call": "\(call.name)"] }

    /// Begins something that nothing here waits for; see ``settle()``.
    func open(_ body: @escaping @Sendable (CallSound) async -> Void) {
        openings.begin { [self] in await body(self) }
    }

    private func tellLeg(_ standing: SoundReport.State) {
        let leg = state.withLock { $0.leg }
        switch standing {
        case .stalled: leg?.soundStands(still: true)
        case .resumed: leg?.soundStands(still: false)
        case .started, .ended: break
        }
    }
}

extension CallSound.Hooks {
    /// Those of a call that its sound ends.
    init(of call: Call) {
        let tools = call.tools
        self.init(
            report: { [weak call] in call?.tell($0) },
            hangUp: { [weak call] in call?.finish($0 ?? CallSound.played) }
        )
        send = { [weak call, log = tools.log] digits in
            do throws(ControlError) { try await call?.sendTones(digits) } catch {
                log.notice("what was keyed is not sent: \(error)")
            }
        }
        digit = { [weak call] in call?.heard($0, from: $1) }
        fail = { [weak call] in call?.fail(as: $0) }
        shelf = tools.configuration.announcements
    }
}
