internal import CallAudio
internal import CallEndpoints
internal import CallFlows
package import CallModel
package import FoundationEssentials
internal import GatewayAPI
internal import Synchronization

// The other end of a call is held, or given to another party.
extension CallSound {
    /// Plays what says that the call is held, or lets the two ends hear each other again.
    func hold(_ isHeld: Bool) {
        let (port, music) = state.withLock { state in
            state.isHeld = isHeld
            return (state.legPort, state.music)
        }
        guard let port, let loop = try? desk.loop() else { return }
        _ = loop.announce(isHeld ? AnnouncementPlayer(music, repeats: true) : nil, to: port)
    }

    /// Follows our end to another one who has it from now on.
    func moveEndpoint(to person: AudioSpec) {
        state.withLock { $0.heir = person }
        moveEndpoint()
    }

    /// Waits until the leg's sound stands: a phone may hold or transfer its call in the moment of the answer.
    ///
    /// - Returns: false where there is none.
    func isOpen() async -> Bool {
        await withCheckedContinuation { awaiting in
            let known = state.withLock { state -> Bool? in
                if state.isOver || state.lack != nil { return false }
                if state.isOpen { return true }
                state.awaiting.append(awaiting)
                return nil
            }
            if let known { awaiting.resume(returning: known) }
        }
    }

    /// Takes whether the leg's sound stands.
    func settle(isOpen: Bool) {
        let (awaiting, isHeld) = state.withLock { state in
            defer { (state.awaiting, state.isOpen) = ([], isOpen) }
            return (state.awaiting, state.isHeld)
        }
        for awaiting in awaiting { awaiting.resume(returning: isOpen) }
        if isOpen, isHeld { hold(true) }
    }

    /// Has a second call take the place of our end once it is answered.
    ///
    /// - Returns: why it was not; nil where it was.
    func connect(_ order: SecondOrder, for call: UUID, _ tools: CallTools) async -> CallEnd? {
        // Known before anybody is called: nobody could be joined with it.
        guard await isOpen() else {
            return CallEnd(outcome: .noModem, by: .local, detail: "the call has no sound")
        }
        let second: SecondLeg
        do throws(AudioPortError) {
            let isOurs: @Sendable () -> Bool = { [weak self] in self?.state.withLock { $0.second != nil } ?? false }
            let hooks = SecondLeg.Hooks(
                left: { [weak self] in if isOurs() { self?.tell(.seen(.endpoint, .gone)) } },
                moved: { [weak self] in if isOurs() { self?.moveEndpoint() } }
            )
            second = try SecondLeg.begin(order.order, for: call, tools, hooks)
        } catch { return CallEnd(outcome: .noModem, by: .local, detail: "\(error)") }
        let isLate = state.withLock { state in
            state.coming = second
            return state.isOver
        }
        if isLate { second.hangUp() }
        do throws(AudioPortError) {
            let port = try await second.port()
            state.withLock { ($0.coming, $0.second) = (nil, second) }
            guard seat(port) else {
                second.hangUp()
                return .interruptedEarly
            }
            state.withLock { $0.heir = .modem(second.line, number: second.number) }
            hooks.report(.joined(with: second.name))
            // It may have ended in between, when its end was not this call's yet.
            if second.outcome != nil { tell(.seen(.endpoint, .gone)) }
            return nil
        } catch {
            state.withLock { $0.coming = nil }
            second.hangUp()
            return second.end ?? CallEnd(outcome: .noAnswer, by: .local, detail: "\(error)")
        }
    }
}

extension CallTools {
    /// Holds the other end of a call, or takes it up again.
    package func hold(_ call: UUID, _ isHeld: Bool) { sound(of: call)?.hold(isHeld) }

    /// Has the sound of our end opened anew, at another one who has it from now on.
    package func moveEndpoint(of call: UUID, to person: AudioSpec) { sound(of: call)?.moveEndpoint(to: person) }

    /// Has a second call take the place of our end once it is answered; why it was not.
    package func connect(_ call: UUID, to order: SecondOrder) async -> CallEnd? {
        guard let sound = sound(of: call) else { return .interruptedEarly }
        return await sound.connect(order, for: call, self)
    }

    /// Joins the other ends of two calls, each in the place of the other's own end; false where one has no sound.
    package func join(_ first: UUID, _ second: UUID) async -> Bool {
        guard let one = sound(of: first), let other = sound(of: second) else { return false }
        guard await one.isOpen(), await other.isOpen() else { return false }
        guard let (here, there) = sounds.pair() else { return false }
        // One that can't be seated is closed, which the other hears as the end.
        let isOne = one.seat(here)
        let isOther = other.seat(there)
        guard isOne, isOther else { return false }
        one.hooks.report(.joined(with: second.name))
        other.hooks.report(.joined(with: first.name))
        return true
    }

    func sound(of call: UUID) -> CallSound? { calls.entry(call)?.call.sound as? CallSound }
}
