package import CallEndpoints
internal import CallFlows
package import CallModel
internal import CallPlanning
internal import CallRecords
internal import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import Settings
internal import Synchronization

/// One call of the service: written down, given a modem, made by its script, settled, and told of to its end.
///
/// Every way out ends with exactly one `call.ended` event. What people and other calls want of it goes through one place, in
/// the order in which they want it: it breaks off the wait for a modem, is kept until the script has something that runs, and
/// from then on goes to that.
package final class Call: Sendable {
    /// What ends a call from outside.
    enum Wish: Sendable, Equatable {
        /// A person or a program hangs up.
        case hangUp
        /// Help, or the end of the service, needs the modem.
        case makeWay
        /// Our end has left, or had its say; how.
        case finish(String)
    }

    /// What is known of it by all that serve it.
    struct State: Sendable {
        /// The first wish for the end; nil while the call may go on.
        var wish: Wish?
        /// Breaks off what is waited for now.
        var breakOff: (@Sendable () -> Void)?
        /// Takes wishes, once something runs.
        var runs: (@Sendable (Wish) -> Void)?
        var session: ModemSession?
        /// The leg on which people talk.
        var line: (leg: any CallLeg, loop: any ModemLoop)?
        var sound: (any CallCarriage)?
        /// Which keys of the other side count.
        var digits = HeardDigits()
        /// Takes what is heard, on the leg's loop.
        var hears: (@Sendable (LegEvent) -> Void)?
        /// Whether the keys that the other side presses now are told to nobody else.
        var hidesKeys: @Sendable () -> Bool = { false }
        /// Whether it may have cost something: it was dialled, or the PBX was asked.
        var mayCost = false
        /// The leases of the modems that it has left.
        var left: Set<UInt64> = []
        var hasRung = false
        /// How it came out where what it was for was not reached; nil where nothing is known of that.
        var failure: CallOutcome?
        /// Whether its share of the limits was granted, and is to be settled.
        var isReserved = false
        var isTalking = false
        var isSendingTones = false
        /// The question for a key to the end that took the ringing call, if one is asked; and whether a key was not pressed.
        var question: TakerQuestion?
        var isUnconfirmed = false
        /// What is still being said to a PBX.
        var errands: [Task<Void, Never>] = []
    }

    let id: UUID
    let tools: CallTools
    private let script: any CallScript
    let state = Mutex(State())

    init(_ script: any CallScript, id: UUID = UUID(), tools: CallTools) {
        (self.script, self.id, self.tools) = (script, id, tools)
    }

    // MARK: Beginning

    /// The status of the call as it begins.
    func status(_ details: CallRecorder.Details, _ state: CallStatus.State) -> CallStatus {
        var status = CallStatus(
            call: id,
            method: details.method,
            direction: details.direction,
            state: state,
            requestedAt: Date()
        )
        status.target = details.target
        status.pbx = details.pbx
        status.modem = details.modem
        status.line = details.modem ?? details.account
        return status
    }

    /// Writes down what is known of the call, and tells of it.
    ///
    /// - Parameter modem: where it rings already.
    func open(_ details: CallRecorder.Details, on modem: LineStatus? = nil) {
        tools.recorder.begin(id, details)
        if let modem { place(modem) }
        let request = CallEvent.Request(
            method: details.method,
            direction: details.direction,
            target: details.target ?? "",
            pbx: details.pbx,
            modem: details.modem,
            line: details.modem ?? details.account,
            origin: details.origin
        )
        emit(CallEvent(.requested(request), call: id))
    }

    private func place(_ modem: LineStatus) {
        tools.recorder.place(id, modem: modem.name, imei: modem.imei, imsi: nil, tty: modem.tty)
    }

    // MARK: Running

    /// Makes the call and returns how it ended, once everything is said to a PBX that is to be said of it.
    package func run() async -> CallEnd {
        let end = await follow()
        emit(CallEvent(.progress(.ended(end)), call: id))
        while let errand = state.withLock({ $0.errands.popLast() }) { await errand.value }
        // A claim that was slower than the call may have been granted a share since.
        await settle(end)
        return end
    }

    /// Begins something that the call has to say to a PBX and does not wait for; ``run()`` does, behind the end.
    ///
    /// What it does has limits of its own, or is cancelled before the end.
    @discardableResult
    func errand(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        let errand = Task { await body() }
        state.withLock { $0.errands.append(errand) }
        return errand
    }

    private func follow() async -> CallEnd {
        let lease: ModemLease?
        switch await script.findModem(for: self) {
        case .success(let found): lease = found
        case .failure(let refusal):
            script.letGo()
            sound?.take(.ended(refusal.end))
            await putAwaySound()
            return refusal.end
        }
        if let lease, script.occupiesModem { tools.desk.modem(of: lease.session, isBusy: true) }
        var end = await script.make(self, on: lease)
        _ = endQuestion("the call is over")
        // Of the modem, which what became of a second call says nothing of.
        let isSound = end.hangUpVerified && end.outcome != .modemFailed
        sound?.take(.ended(end))
        await putAwaySound()
        if end.outcome == .completed, let failure = state.withLock({ $0.failure }) { end.outcome = failure }
        if end.detail == nil, case .finish(let reason) = state.withLock({ $0.wish }) { end.detail = reason }
        // From here on the next ring of the PBX is for another caller.
        script.letGo()
        state.withLock { state in
            state.isTalking = false
            (state.runs, state.session) = (nil, nil)
        }
        if let lease { leave(lease) }
        await settle(end)
        // First the modem, then the news: who hears of the end may use the modem at once.
        if let lease {
            let isClean = await !lease.session.mayComeUp && isSound
            await lease.giveBack(clean: isClean)
        }
        return end
    }

    private func putAwaySound() async {
        guard let sound else { return }
        await sound.finish()
        // What it had under way ends by itself, and nobody needs it any more.
        errand { await sound.settle() }
    }

    /// Gives a modem back that the call has no more use for; rings there are taken from then on.
    func putAway(_ lease: ModemLease, clean: Bool) async {
        leave(lease)
        await lease.giveBack(clean: clean)
    }

    /// Has rings at the modem taken again; once, as it may be another call's by the end of this one.
    private func leave(_ lease: ModemLease) {
        let isFirst = state.withLock { $0.left.insert(lease.id).inserted }
        if isFirst, script.occupiesModem { tools.desk.modem(of: lease.session, isBusy: false) }
    }

    /// Gives back what the call did not use up of its share of the limits.
    private func settle(_ end: CallEnd) async {
        let (isReserved, mayCost) = state.withLock { state in
            defer { state.isReserved = false }
            return (state.isReserved, state.mayCost)
        }
        // What was refused has reserved nothing: under its id another call's reservation may lie.
        if isReserved { await tools.authority.settle(id, DialAuthority.Settlement(of: end, dialled: mayCost)) }
    }

    /// Waits for a modem and takes it; a hang-up breaks that off.
    func lease(_ wish: ModemWish, within limit: Duration) async -> Result<ModemLease?, Refusal> {
        let makeWay: @Sendable () -> Void = { [weak self] in self?.steer(.makeWay) }
        let found = await untilEnded { [fleet = tools.fleet] () -> Result<ModemLease, FleetError> in
            do throws(FleetError) {
                return .success(try await fleet.lease(wish, within: limit, preempt: makeWay))
            } catch {
                return .failure(error)
            }
        }
        switch found {
        case .success(let lease):
            tools.calls.took(lease.status.name, for: id)
            place(lease.status)
            return .success(lease)
        case .failure where isEnding: return .failure(Refusal(.interruptedEarly))
        case .failure(let error):
            return .failure(Refusal(CallEnd(outcome: error.outcome, by: .local, detail: error.reason)))
        }
    }

    /// Takes the modem on which the call rings; nil where another call was quicker.
    func lease(ringingOn session: ModemSession) async -> ModemLease? {
        await tools.fleet.leaseForIncoming(session) { [weak self] in self?.steer(.makeWay) }
    }

    /// Does something that the end of the call cancels.
    func untilEnded<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let task = Task { await body() }
        let isEnding = state.withLock { state in
            state.breakOff = { task.cancel() }
            return state.wish != nil
        }
        if isEnding { task.cancel() }
        let value = await task.value
        state.withLock { $0.breakOff = nil }
        return value
    }

    /// Has wishes go to what runs now, the one that came before it first.
    ///
    /// - Parameters:
    ///   - session: where tones are sent that people ask for; nil where they go beside the call's sound.
    ///   - leg: the leg on which people talk.
    ///   - loop: the loop of both.
    ///   - hears: takes the keys that the other side presses.
    ///   - hidesKeys: whether those are shown as `•` just now, because they are secret.
    func runs(
        on session: ModemSession?,
        _ leg: any CallLeg,
        _ loop: any ModemLoop,
        hears: (@Sendable (LegEvent) -> Void)? = nil,
        hidesKeys: @escaping @Sendable () -> Bool = { false },
        _ take: @escaping @Sendable (Wish) -> Void
    ) {
        let (early, sound) = state.withLock { state in
            state.runs = take
            state.session = session
            state.hears = hears
            state.line = (leg, loop)
            state.hidesKeys = hidesKeys
            return (state.wish, state.sound)
        }
        sound?.take(leg, on: loop, named: tools.calls.entry(id)?.status.line)
        if let early { take(early) }
    }

    // MARK: News

    /// Takes the progress of the call, the end left out: that is told when all is put away.
    func take(_ progress: CallProgress) {
        switch progress {
        case .ended:
            state.withLock { $0.sound }?.take(progress)
            return
        case .dialing: state.withLock { $0.mayCost = true }
        case .alerting: state.withLock { $0.hasRung = true }
        case .inProgress: state.withLock { $0.isTalking = true }
        case .ringing, .connected, .handover: break
        }
        emit(CallEvent(.progress(progress), call: id))
        state.withLock { $0.sound }?.take(progress)
    }

    /// Has the call carry sound; before it is answered.
    func carry(_ sound: any CallCarriage) {
        let (talking, old) = state.withLock { state in
            defer { state.sound = sound }
            return (state.line, state.sound)
        }
        if let old { (sound as? CallSound)?.waitForKey(as: old) }
        if let talking { sound.take(talking.leg, on: talking.loop, named: tools.calls.entry(id)?.status.line) }
    }

    /// The rule by which people are rung for it, where its line does not say it.
    var people: Configuration.IncomingRule? { script.people }

    /// Has another endpoint than was meant hear and speak, before it is answered.
    ///
    /// - Returns: false where it does not ring, so that it keeps the sound that it has.
    package func seat(_ endpoint: CallEndpoint) -> Bool {
        guard let line = state.withLock({ $0.line }), !isTalking, tools.calls.entry(id)?.status.state == .ringing else {
            return false
        }
        let sound = CallSound(endpoint, of: self)
        if let old = state.withLock({ $0.sound }) { sound.waitForKey(as: old) }
        sound.take(line.leg, on: line.loop, named: tools.calls.entry(id)?.status.line)
        let old = state.withLock { state in
            defer { state.sound = sound }
            return state.sound
        }
        if let old {
            errand {
                await old.finish()
                await old.settle()
            }
        }
        return true
    }

    /// What carries its sound; nil where nothing does.
    var sound: (any CallCarriage)? { state.withLock { $0.sound } }

    /// Takes a key that the other side pressed, from any source; each counts once.
    func heard(_ digit: Character, from source: DigitSource) {
        let (hears, hidesKeys) = state.withLock { state -> ((@Sendable (LegEvent) -> Void)??, @Sendable () -> Bool) in
            guard state.digits.take(digit, from: source, at: .now) else { return (nil, state.hidesKeys) }
            return (.some(state.hears), state.hidesKeys)
        }
        guard let hears else { return }
        tell(.dtmf(hidesKeys() ? "•" : digit, from: source))
        hears?(.heard(.digit(digit)))
    }

    /// Does something with the call's sound; what becomes of it is told.
    func perform(_ command: SoundCommand, tell: @escaping @Sendable (LegEvent) -> Void) {
        guard let sound else { return command.fail("the call has no sound", tell) }
        sound.perform(command, tell: tell)
    }

    /// Tells of something beside its progress.
    func tell(_ kind: CallEvent.Kind) { emit(CallEvent(kind, call: id)) }

    private func emit(_ event: CallEvent) { tools.emit(event) }

    /// Whether the call was ended from outside.
    var isEnding: Bool { state.withLock { $0.wish != nil } }
    /// Whether the far end was rung.
    var hasRung: Bool { state.withLock { $0.hasRung } }
    /// Whether it may have cost something.
    var mayCost: Bool { state.withLock { $0.mayCost } }
    /// Whether it is for help.
    package var isHelp: Bool { script.isHelp }
    /// Whether people talk.
    package var isTalking: Bool { state.withLock { $0.isTalking } }

    /// Notes that its share of the limits was granted.
    func markReserved() { state.withLock { $0.isReserved = true } }

    /// Notes whether it may have cost something.
    func markCost(_ mayCost: Bool) { state.withLock { $0.mayCost = mayCost } }

    // MARK: Steering

    /// Ends the call; returns at once.
    package func hangUp() { steer(.hangUp) }

    /// Has the call end with an outcome in place of `completed`; not where it was hung up before, because what fails then
    /// fails since that hang-up.
    func fail(as outcome: CallOutcome) { state.withLock { if $0.wish == nil { $0.failure = $0.failure ?? outcome } } }

    /// Ends the call because our end has left it, or has had its say.
    package func finish(_ reason: String) { steer(.finish(reason)) }

    private func steer(_ wish: Wish) {
        tools.calls.markEnding(id)
        let (breakOff, runs) = state.withLock { state in
            state.wish = state.wish ?? wish
            return (state.breakOff, state.runs)
        }
        breakOff?()
        runs?(wish)
    }

    /// Answers it, if it rings and waits for that.
    package func answer() async throws(ControlError) { try await script.answer(self) }

    /// Sends tones in it, and returns when all are sent.
    package func sendTones(_ tones: String) async throws(ControlError) {
        let session = state.withLock { state -> ModemSession?? in
            guard state.isTalking, !state.isSendingTones, state.runs != nil else { return nil }
            state.isSendingTones = true
            return .some(state.session)
        }
        guard let session else { throw .conflict(script.tones.refusal) }
        defer { state.withLock { $0.isSendingTones = false } }
        guard let session else { return try await Tones.send(tones, in: self) }
        try await Tones.send(tones, on: session, tone: script.tones.length, gap: script.tones.gap)
    }
}
