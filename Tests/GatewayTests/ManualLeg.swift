import CallModel
import Synchronization

/// A leg that does nothing but note what it is told, and tells what a test wants.
final class ManualLeg: CallLeg {
    private struct State: Sendable {
        var commands: [LegCommand] = []
        var listener: @Sendable (LegEvent) -> Void = { _ in }
        var isGone = false
    }

    private let state = Mutex(State())

    /// What it was told to do, in order.
    var commands: [LegCommand] { state.withLock { $0.commands } }

    var isGone: Bool { state.withLock { $0.isGone } }

    func perform(_ command: LegCommand) { state.withLock { $0.commands.append(command) } }

    func listen(_ take: @escaping @Sendable (LegEvent) -> Void) { state.withLock { $0.listener = take } }

    func tell(_ event: LegEvent) { state.withLock { $0.listener }(event) }

    func vanish() { state.withLock { $0.isGone = true } }
}
