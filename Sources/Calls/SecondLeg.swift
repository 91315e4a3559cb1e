internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Modem
internal import Synchronization

/// A second call on another modem, whose leg is the endpoint of the first one.
///
/// It is a call like every other: permitted, counted, written down, told of and hung up by itself. Only its sound is the first one's.
final class SecondLeg: CallCarriage {
    /// What it tells the first call.
    struct Hooks: Sendable {
        /// It is over.
        var left: @Sendable () -> Void
        /// Its sound lies elsewhere now.
        var moved: @Sendable () -> Void
    }

    private struct State: Sendable {
        var leg: (any CallLeg)?
        var loop: (any ModemLoop)?
        var result: Result<AudioPort, AudioPortError>?
        var waiting: CheckedContinuation<Result<AudioPort, AudioPortError>, Never>?
        var quality: SoundQuality?
        var isOpening = false
        /// What plays and hears before the first call has its sound: prompts, tones, who has to confirm.
        var before: CallSound?
        var isOver = false
        /// How its call ended.
        var end: CallEnd?
        /// How it came out, once it is over.
        var outcome: CallOutcome?
        /// Tells the first call that this one is over; nil once it was told.
        var left: (@Sendable () -> Void)?
        /// Where its sound lies since it has moved, until that is opened.
        var moved: LegSound?
    }

    private let id: UUID
    private let first: String
    /// The number that it is to reach.
    let number: String
    private let desk: AudioDesk
    private let hangUpCall: @Sendable () -> Void
    private let tell: @Sendable (CallEvent.Kind) -> Void
    private let makeSound: @Sendable () -> CallSound?
    private let openings = Openings()
    private let moved: @Sendable () -> Void
    private let state = Mutex(State())

    /// Begins the call.
    ///
    /// - Parameters:
    ///   - order: what it is to do.
    ///   - first: the call that it is for.
    ///   - hooks: are told what becomes of it.
    /// - Throws: where it can't be begun.
    static func begin(
        _ order: DialOrder,
        for first: UUID,
        _ tools: CallTools,
        _ hooks: Hooks
    ) throws(AudioPortError) -> SecondLeg {
        let id = UUID()
        let (call, status) = order.makeCall(id, tools)
        let leg = SecondLeg(call, to: order.route.target.description, first: first, hooks)
        call.carry(leg)
        guard tools.calls.insert(status, call) else { throw AudioPortError("the second call can't be entered") }
        guard tools.begin(call) else {
            tools.calls.withdraw(id)
            throw AudioPortError("the service begins no more calls")
        }
        return leg
    }

    private init(_ call: Call, to number: String, first: UUID, _ hooks: Hooks) {
        id = call.id
        self.number = number
        self.first = first.name
        desk = call.tools.sounds
        hangUpCall = { [weak call] in call?.finish("the other call has ended") }
        tell = { [weak call] in call?.tell($0) }
        makeSound = { [weak call] in call.map { CallSound(before: $0) } }
        moved = hooks.moved
        state.withLock { $0.left = hooks.left }
    }

    /// How it came out; nil while it goes on.
    var outcome: CallOutcome? { state.withLock { $0.outcome } }

    /// The call's id, as it is shown.
    var name: String { id.name }

    /// The name of its line in the quality.
    var line: String { lineName.withLock { $0 } }

    private let lineName = Mutex(CallSoundMachine.modem)

    func hangUp() { hangUpCall() }

    /// How its call ended; nil while it lives.
    var end: CallEnd? { state.withLock { $0.end } }

    // MARK: What the first call asks for

    /// Waits until the call is answered and its sound is open.
    func port() async throws(AudioPortError) -> AudioPort {
        let result = await withCheckedContinuation { continuation in
            let result = state.withLock { state -> Result<AudioPort, AudioPortError>? in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
        let port = try result.get()
        tell(.joined(with: first))
        return port
    }

    /// Takes how good its sound was.
    func take(_ quality: SoundQuality) { state.withLock { $0.quality = quality } }

    // MARK: What its own call says

    func take(_ leg: any CallLeg, on loop: any ModemLoop, named line: String?) {
        if let line { lineName.withLock { $0 = line } }
        let before = state.withLock { state in
            (state.leg, state.loop) = (leg, loop)
            return state.before
        }
        before?.take(leg, on: loop, named: line)
    }

    func take(_ progress: CallProgress) {
        switch progress {
        case .inProgress:
            let (leg, before) = state.withLock { state -> ((any CallLeg)?, CallSound?) in
                defer { state.isOpening = true }
                return (state.isOpening ? nil : state.leg, state.before)
            }
            if let leg {
                openings.begin { [self] in
                    // From here on the sound is the first call's.
                    await before?.finish()
                    let result = await open(leg)
                    settle(result)
                    // Answered and paid, and nobody can hear it.
                    if case .failure = result { hangUp() }
                }
            }
        case .ended(let end):
            state.withLock { state in
                state.outcome = state.outcome ?? end.outcome
                state.end = end
            }
            over(end.detail ?? "the second call has ended: \(end.outcome.rawValue)")
        case .dialing, .alerting, .ringing, .connected, .handover: return
        }
    }

    func take(_ news: SoundNews) {
        if let before = state.withLock({ $0.isOpening ? nil : $0.before }) { return before.take(news) }
        switch news {
        case .repaired(let sound):
            // The first call's loop has its port, and opens the next one.
            let (older, isLate) = state.withLock { state in
                guard !state.isOver else { return (Optional(sound), true) }
                defer { state.moved = sound }
                return (state.moved, false)
            }
            if let older { discard(older) }
            if !isLate { moved() }
        case .lost, .uplink, .early: break
        }
    }

    /// Closes what nobody wants any more.
    private func discard(_ sound: LegSound) {
        // What can't be opened is closed by that.
        openings.begin { [desk] in (try? await AudioPort.open(sound, id: desk.name()))?.abandon() }
    }

    /// The port of its sound where that lies now.
    func movedPort() async throws(AudioPortError) -> AudioPort {
        let sound = state.withLock { state in
            defer { state.moved = nil }
            return state.moved
        }
        guard let sound else { throw AudioPortError("the second call's sound has not moved") }
        return try await AudioPort.open(sound, id: desk.name())
    }

    func perform(_ command: SoundCommand, tell: @escaping @Sendable (LegEvent) -> Void) {
        let before = state.withLock { state -> CallSound? in
            guard !state.isOpening, !state.isOver else { return nil }
            if state.before == nil {
                state.before = makeSound()
                if let leg = state.leg, let loop = state.loop { state.before?.take(leg, on: loop, named: nil) }
            }
            return state.before
        }
        guard let before else { return command.fail("its sound is the other call's", tell) }
        before.perform(command, tell: tell)
    }

    private func open(_ leg: any CallLeg) async -> Result<AudioPort, AudioPortError> {
        do throws(LegSoundError) {
            let sound = try await leg.openSound()
            do throws(AudioPortError) { return .success(try await AudioPort.open(sound, id: desk.name())) } catch {
                return .failure(error)
            }
        } catch { return .failure(AudioPortError("the second call has no sound: \(error)")) }
    }

    private func settle(_ result: Result<AudioPort, AudioPortError>) {
        let (waiting, isLate) = state.withLock {
            state -> (CheckedContinuation<Result<AudioPort, AudioPortError>, Never>?, Bool) in
            guard state.result == nil else { return (nil, true) }
            state.result = result
            defer { state.waiting = nil }
            return (state.waiting, false)
        }
        if isLate, case .success(let port) = result { port.abandon() }
        waiting?.resume(returning: result)
    }

    private func over(_ reason: String) {
        settle(.failure(AudioPortError(reason)))
        let (left, moved) = state.withLock { state in
            state.isOver = true
            defer { (state.left, state.moved) = (nil, nil) }
            return (state.left, state.moved)
        }
        if let moved { discard(moved) }
        left?()
    }

    func finish() async {
        over("the second call has ended")
        let (leg, before) = state.withLock { ($0.leg, $0.before) }
        await before?.finish()
        leg?.closeSound()
        // The first call closes the sound and says how good it was; it has begun to.
        let end = ContinuousClock.now + .seconds(2)
        while state.withLock({ $0.quality == nil && $0.isOpening }), ContinuousClock.now < end {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
        }
        if let quality = state.withLock({ $0.quality }) { tell(.quality(quality)) }
    }

    func settle() async {
        await state.withLock { $0.before }?.settle()
        await openings.settle()
    }

    func standing() async -> CallStatus.Audio? { nil }
}

extension CallSound {
    /// The sound of a second call until the first one has it; how good that was is not told.
    fileprivate convenience init(before call: Call) {
        var hooks = Hooks(of: call)
        hooks.report = { [weak call] kind in
            if case .quality = kind { return }
            call?.tell(kind)
        }
        self.init(CallEndpoint(.none), of: call.id, desk: call.tools.sounds, log: call.tools.log, hooks: hooks)
    }
}

/// What a second call is to do; kept apart, because an order can't hold another of its kind.
package final class SecondOrder: Sendable {
    let order: DialOrder

    /// Takes the order.
    package init(_ order: DialOrder) { self.order = order }
}
