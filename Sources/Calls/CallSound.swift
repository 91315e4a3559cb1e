internal import CallAudio
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
        /// The port of the endpoint, until it is joined.
        var waiting: AudioPort?
        var conversation: UInt64?
        var second: SecondLeg?
        /// One that is to take the place of our end, until it is answered.
        var coming: SecondLeg?
        var isOver = false
        /// What is being opened.
        var openings: [UInt64: Task<Void, Never>] = [:]
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
    }

    private let endpoint: CallEndpoint
    private let call: UUID
    let desk: AudioDesk
    private let log: Logger
    let hooks: Hooks
    let state = Mutex(State())
    private let keyed = KeyedDigits()
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
        isForHelp: Bool = false
    ) {
        let tools = call.tools
        var hooks = Hooks(
            report: { [weak call] in call?.tell($0) },
            hangUp: { [weak call] in call?.finish($0 ?? Self.played) }
        )
        hooks.send = { [weak call, log = tools.log] digits in
            do throws(ControlError) { try await call?.sendTones(digits) } catch {
                log.notice("what was keyed is not sent: \(error)")
            }
        }
        hooks.digit = { [weak call] in call?.heard($0, from: $1) }
        hooks.fail = { [weak call] in call?.fail(as: $0) }
        hooks.shelf = tools.configuration.announcements
        if tools.configuration.calls.tellsRecording { hooks.notice = [.phrase(.recorded)] }
        if let notice { hooks.notice = notice }
        hooks.isForHelp = isForHelp
        if let second {
            hooks.second = { [id = call.id] hooks throws(AudioPortError) in
                try SecondLeg.begin(second.order, for: id, tools, hooks)
            }
        }
        self.init(endpoint, of: call.id, desk: tools.sounds, log: tools.log, hooks: hooks)
    }

    private static let played = "the file was played"

    /// As the endpoint was named.
    var spec: AudioSpec { state.withLock { $0.late } ?? endpoint.spec }

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

    /// See ``CallCarriage/standing()``.
    func standing() async -> CallStatus.Audio? {
        guard let conversation = state.withLock({ $0.conversation }), let loop = try? desk.loop(),
            let leg = await loop.quality(of: conversation).first
        else { return nil }
        return CallStatus.Audio(
            endpoint: endpoint.title,
            levelIn: leg.latestHeard.decibels.rounded(),
            levelOut: leg.latestPlayed.decibels.rounded()
        )
    }

    // MARK: Running

    private func run() async {
        var machine = CallSoundMachine(endpoint.spec, isForHelp: hooks.isForHelp)
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
            if report.endpoint == spec.description { report.endpoint = endpoint.title }
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

    private var metadata: Logger.Metadata { ["call": "\(call.name)"] }

    private func open(_ body: @escaping @Sendable (CallSound) async -> Void) {
        let id = desk.name()
        state.withLock { state in
            state.openings[id] = Task { [self] in
                await body(self)
                self.state.withLock { $0.openings[id] = nil }
            }
        }
    }

    private func tellLeg(_ standing: SoundReport.State) {
        let leg = state.withLock { $0.leg }
        switch standing {
        case .stalled: leg?.soundStands(still: true)
        case .resumed: leg?.soundStands(still: false)
        case .started, .ended: break
        }
    }

    // MARK: The leg

    private func openLeg() async {
        guard let leg = state.withLock({ $0.leg }) else { return fail("its line hands none over") }
        let sound: LegSound
        do throws(LegSoundError) { sound = try await leg.openSound() } catch { return fail("\(error)") }
        do throws(AudioPortError) {
            let loop = try desk.loop()
            let port = try await AudioPort.open(sound, id: desk.name())
            listen(to: port.id, .leg, digitsFrom: sound.digitSource)
            let nobody = SilentPort(id: desk.name())
            let conversation = desk.name()
            let isLate = state.withLock { state in
                guard !state.isOver else { return true }
                (state.legPort, state.endPort, state.conversation) = (port.id, nobody.id, conversation)
                return false
            }
            guard !isLate else { return port.abandon() }
            guard loop.join(conversation, port, nobody, detectsDigits: sound.digitSource == .tone) else {
                throw AudioPortError("too many calls have sound already")
            }
            tell(.legOpened)
            performWanted(at: port.id)
        } catch {
            leg.closeSound()
            fail("\(error)")
        }
    }

    private func reopenLeg(next sound: LegSound) {
        let (older, isFirst) = state.withLock { state in
            defer { (state.nextLeg, state.isReopeningLeg) = (sound, true) }
            return (state.nextLeg, !state.isReopeningLeg)
        }
        if let older { open { await $0.discard(older) } }
        guard isFirst else { return }
        open { this in
            while let next = this.takeNextLeg() { await this.reopenLeg(next) }
        }
    }

    private func takeNextLeg() -> LegSound? {
        state.withLock { state in
            defer { state.nextLeg = nil }
            if state.nextLeg == nil { state.isReopeningLeg = false }
            return state.nextLeg
        }
    }

    /// Closes what nobody wants any more.
    private func discard(_ sound: LegSound) async {
        // What can't be opened is closed by that.
        (try? await AudioPort.open(sound, id: desk.name()))?.abandon()
    }

    private func reopenLeg(_ sound: LegSound) async {
        do throws(AudioPortError) {
            let loop = try desk.loop()
            let port = try await AudioPort.open(sound, id: desk.name())
            listen(to: port.id, .leg, digitsFrom: sound.digitSource)
            let old = state.withLock { state -> AudioPort.ID? in
                guard !state.isOver else { return nil }
                defer { state.legPort = port.id }
                return state.legPort
            }
            guard let old else { return port.abandon() }
            desk.listen(to: old, nil)
            _ = loop.replace(old, by: port)
        } catch {
            tell(.leg(.lost("\(error)")))
        }
    }

    private func pause(_ isPaused: Bool) {
        guard let port = state.withLock({ $0.legPort }), let loop = try? desk.loop() else { return }
        _ = loop.pause(port, isPaused)
    }

    // MARK: The endpoint

    private func openEndpoint() async {
        do throws(AudioPortError) {
            let port = try await endpointPort()
            listen(to: port.id, .endpoint)
            let isLate = state.withLock { state in
                guard !state.isOver else { return true }
                state.waiting = port
                return false
            }
            guard !isLate else { return port.abandon() }
            tell(.endpointOpened)
            // A second call may have ended in between, when nobody listened.
            if state.withLock({ $0.second })?.outcome != nil { tell(.seen(.endpoint, .gone)) }
        } catch {
            tell(.endpointFailed("\(error)"))
        }
    }

    func moveEndpoint() {
        let isFirst = state.withLock { state in
            defer { (state.wantsEndpoint, state.isReopeningEndpoint) = (true, true) }
            return !state.isReopeningEndpoint
        }
        guard isFirst else { return }
        open { this in
            while this.takeNextEndpoint() { await this.reopenEndpoint() }
        }
    }

    private func takeNextEndpoint() -> Bool {
        state.withLock { state in
            defer { state.wantsEndpoint = false }
            if !state.wantsEndpoint { state.isReopeningEndpoint = false }
            return state.wantsEndpoint
        }
    }

    private func reopenEndpoint() async {
        do throws(AudioPortError) {
            _ = seat(try await endpointPort())
        } catch {
            log.notice("the sound of our end can't be moved: \(error)", metadata: metadata)
        }
    }

    /// Has a port take the place of our end; false where there is none yet, or no more, and then the port is closed.
    func seat(_ port: AudioPort) -> Bool {
        let old = state.withLock { state -> AudioPort.ID? in
            // Not joined yet, it waits in the place of the one before.
            guard !state.isOver, state.waiting == nil, state.endPort != nil else { return nil }
            defer { state.endPort = port.id }
            return state.endPort
        }
        guard let old, let loop = try? desk.loop() else {
            port.abandon()
            return false
        }
        desk.listen(to: old, nil)
        listen(to: port.id, .endpoint)
        return loop.replace(old, by: port)
    }

    private func endpointPort() async throws(AudioPortError) -> AudioPort {
        if let second = state.withLock({ $0.second }) { return try await second.movedPort() }
        switch endpoint.spec {
        case .wave, .play, .record: return try await endpoint.wavePort(desk.name())
        case .audioSocket(let host, let port, let uuid):
            let uuid = uuid.flatMap { UUID(uuidString: $0) } ?? call
            let bytes = withUnsafeBytes(of: uuid.uuid) { Array($0) }
            return try await endpoint.socketPort(desk.name(), host: host, port: port, telling: bytes)
        case .audioSocketCall:
            let id = desk.name()
            guard let socket = await desk.connection(for: call, within: .seconds(60)) else {
                throw AudioPortError("no Asterisk came for the call within 60 s")
            }
            return AudioSocketPort(id: id, socket: socket)
        case .alsa(let device): return try await AudioPort.open(card: device, id: desk.name())
        case .modem, .account:
            guard let begin = hooks.second else { throw AudioPortError("a second call can't be made here") }
            let second = try begin(
                SecondLeg.Hooks(
                    left: { [weak self] in self?.tell(.seen(.endpoint, .gone)) },
                    moved: { [weak self] in self?.moveEndpoint() }
                )
            )
            let isLate = state.withLock { state in
                state.second = second
                return state.isOver
            }
            if isLate { second.hangUp() }
            return try await reached(second)
        case .phone, .sip: return try await desk.phonePort(of: call)
        case .browser:
            let id = desk.name()
            guard await desk.browserComes(to: call) else { throw AudioPortError("nobody came to speak at the page") }
            guard let socket = desk.sit(in: call) else { throw AudioPortError("nobody is at the page") }
            return AudioSocketPort(id: id, socket: socket)
        case .none: throw AudioPortError("there is nobody")
        }
    }

    private func join() {
        let (port, old) = state.withLock { state -> (AudioPort?, AudioPort.ID?) in
            defer {
                if let port = state.waiting { state.endPort = port.id }
                state.waiting = nil
            }
            return (state.waiting, state.endPort)
        }
        guard let port, let old, let loop = try? desk.loop() else { return }
        _ = loop.replace(old, by: port)
        if case .record = endpoint.spec, !hooks.notice.isEmpty {
            perform(.announce(hooks.notice, repeats: false)) { _ in }
        }
        guard let second = state.withLock({ $0.second }) else { return }
        // It has heard the second one ring.
        perform(.hush) { _ in }
        hooks.report(.joined(with: second.name))
    }

    private func leave() {
        let nobody = SilentPort(id: desk.name())
        let old = state.withLock { state -> AudioPort.ID? in
            defer { state.endPort = nobody.id }
            return state.endPort
        }
        guard let old, let loop = try? desk.loop() else { return }
        desk.listen(to: old, nil)
        _ = loop.replace(old, by: nobody)
    }

    // MARK: The end

    private func part() async {
        let (conversation, second, openings, leg) = state.withLock { state in
            state.isOver = true
            state.coming?.hangUp()
            return (state.conversation, state.second, state.openings, state.leg)
        }
        second?.hangUp()
        leg?.closeSound()
        if let next = takeNextLeg() { await discard(next) }
        for opening in openings.values {
            // An opening that hangs is left to itself: what it brings is closed.
            opening.cancel()
        }
        let (line, legPort, endPort, waiting) = state.withLock { state in
            defer { state.waiting = nil }
            return (state.line, state.legPort, state.endPort, state.waiting)
        }
        waiting?.abandon()
        for port in [legPort, endPort, waiting?.id] { port.map { desk.listen(to: $0, nil) } }
        guard let conversation, let loop = try? desk.loop() else { return }
        let sides = await loop.part(conversation)
        guard sides.count == 2 else { return }
        hooks.report(.quality(SoundQuality(of: sides[0], to: sides[1], named: line)))
        second?.take(SoundQuality(of: sides[1], to: sides[0], named: second?.line ?? line))
    }

    func listen(
        to port: AudioPort.ID,
        _ side: CallSoundMachine.Side,
        digitsFrom source: DigitSource = .tone
    ) {
        desk.listen(to: port) { [weak self] kind in
            guard let self else { return }
            switch kind {
            case .stalled(.heard): tell(.seen(side, .silent))
            case .stalled(.played): tell(.seen(side, .blocked))
            case .resumed, .started: tell(.seen(side, .resumed))
            case .played: tell(.seen(side, .played))
            case .ended: tell(.seen(side, .gone))
            case .digit(let digit) where side == .endpoint:
                hooks.report(.dtmf(digit, from: .rtp))
                if keyed.take(digit) { open { await $0.sendKeyed() } }
            case .digit(let digit): hooks.digit(digit, source)
            case .prompt: heard(.prompt)
            case .announced: heard(.announced)
            }
        }
    }

    private func sendKeyed() async {
        while let digits = keyed.next() { await hooks.send(digits) }
    }
}

extension LegSound {
    /// How keys of the other side come.
    fileprivate var digitSource: DigitSource {
        if case .rtp(let sound) = self, sound.eventType != nil { return .rtp }
        return .tone
    }
}

extension SoundQuality {
    /// What the loop counted at a leg and at the other end.
    init(of leg: AudioQuality, to other: AudioQuality, named line: String) {
        self.init(
            leg: line,
            frames: leg.heardFrames,
            underruns: leg.counts.underruns + other.counts.underruns,
            overruns: leg.counts.overruns + other.counts.overruns,
            slips: leg.counts.slips + other.counts.slips,
            drift: (other.counts.drift * 10).rounded() / 10,
            delayMedian: max(leg.delayMedian ?? 0, other.delayMedian ?? 0),
            delayWorst: max(leg.delayWorst ?? 0, other.delayWorst ?? 0),
            levelIn: (leg.heard.decibels * 10).rounded() / 10,
            levelOut: (leg.played.decibels * 10).rounded() / 10
        )
    }
}
