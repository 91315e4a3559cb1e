internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import Synchronization

// An endpoint that comes to a call which has sound already.
extension CallSound {
    /// Waits until a second call has reached its target; who waits for it hears that it rings.
    func reached(_ second: SecondLeg) async throws(AudioPortError) -> AudioPort {
        perform(.announce([.signal(.ringback)], repeats: true)) { _ in }
        do throws(AudioPortError) { return try await second.port() } catch {
            // Without it nobody is there, which is no success.
            // Where this call ended first, that one was hung up for it.
            let isOver = state.withLock { $0.isOver }
            // One that has no outcome yet was answered, and has no sound.
            let outcome = second.outcome ?? .modemFailed
            if !isOver, outcome != .completed { hooks.fail(outcome) }
            throw error
        }
    }

    /// Joins an endpoint with a leg that was alone so far; false where the call is over, and then it is closed.
    func welcome(_ port: AudioPort, as spec: AudioSpec) -> Bool {
        listen(to: port.id, .endpoint)
        let isOver = state.withLock { state in
            guard !state.isOver else { return true }
            (state.waiting, state.late) = (port, spec)
            return false
        }
        guard !isOver else {
            desk.listen(to: port.id, nil)
            port.abandon()
            return false
        }
        tell(.endpointCame(spec))
        return true
    }

    /// Has a second call be begun, and joined once it has reached its target.
    ///
    /// The first call's end is the second one's at any time; that of the second one ends the first from here on.
    ///
    /// - Throws: why it was not reached.
    func bring(
        _ begin: (SecondLeg.Hooks) throws(AudioPortError) -> SecondLeg
    ) async throws(AudioPortError) {
        guard !state.withLock({ $0.isOver }) else { throw AudioPortError("the call is over") }
        // The end of one that was never joined is not that of the next one.
        let interest = Interest()
        let second = try begin(
            SecondLeg.Hooks(
                left: { [weak self] in if interest.lasts { self?.tell(.seen(.endpoint, .gone)) } },
                moved: { [weak self] in self?.moveEndpoint() }
            )
        )
        let isLate = state.withLock { state in
            if !state.isOver { state.second = second }
            return state.isOver
        }
        guard !isLate else {
            second.hangUp()
            throw AudioPortError("the call is over")
        }
        let port: AudioPort
        do throws(AudioPortError) { port = try await second.port() } catch {
            interest.end()
            state.withLock { if $0.second === second { $0.second = nil } }
            second.hangUp()
            throw error
        }
        guard welcome(port, as: .modem(second.line, number: second.number)) else {
            throw AudioPortError("the call is over")
        }
        // It may have ended in between, when nobody listened.
        if second.outcome != nil { tell(.seen(.endpoint, .gone)) }
    }
}

/// Whether the end of a second call is that of the first one.
private final class Interest: Sendable {
    private let value = Mutex(true)

    var lasts: Bool { value.withLock { $0 } }

    func end() { value.withLock { $0 = false } }
}
