import CallModel
import Synchronization

/// A leg that does nothing but note what it is told, and tells what a test wants.
final class ManualLeg: CallLeg {
    private struct State: Sendable {
        var commands: [LegCommand] = []
        var listener: @Sendable (LegEvent) -> Void = { _ in }
        var isGone = false
        var sound: Result<LegSound, LegSoundError> = .failure(.unavailable("the test has none"))
        var opened = 0
        var closed = 0
    }

    private let state = Mutex(State())

    /// What it was told to do, in order.
    var commands: [LegCommand] { state.withLock { $0.commands } }

    var isGone: Bool { state.withLock { $0.isGone } }

    func perform(_ command: LegCommand) { state.withLock { $0.commands.append(command) } }

    func listen(_ take: @escaping @Sendable (LegEvent) -> Void) { state.withLock { $0.listener = take } }

    func tell(_ event: LegEvent) { state.withLock { $0.listener }(event) }

    /// What it says of its sound from now on.
    func hasSound(_ sound: Result<LegSound, LegSoundError>) { state.withLock { $0.sound = sound } }

    /// How often its sound was opened and closed.
    var soundUses: (opened: Int, closed: Int) { state.withLock { ($0.opened, $0.closed) } }

    func openSound() async throws(LegSoundError) -> LegSound {
        let sound = state.withLock { state in
            state.opened += 1
            return state.sound
        }
        return try sound.get()
    }

    func closeSound() { state.withLock { $0.closed += 1 } }

    func vanish() { state.withLock { $0.isGone = true } }
}
