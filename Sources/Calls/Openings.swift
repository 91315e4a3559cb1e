internal import Synchronization

/// What a call's sound has under way: begun without waiting for it, and waited for at the call's end.
///
/// Each is bounded by what it does: a device is opened within 5 s, a server reached within 4 s, an Asterisk waited for until that is
/// cancelled, a second call until it has been hung up.
final class Openings: Sendable {
    private struct State: Sendable {
        var last: UInt64 = 0
        var tasks: [UInt64: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Begins something.
    func begin(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            state.last += 1
            let id = state.last
            state.tasks[id] = Task { [self] in
                await body()
                self.state.withLock { $0.tasks[id] = nil }
            }
        }
    }

    /// Has all of them end early, where they can.
    func cancel() { for task in state.withLock({ Array($0.tasks.values) }) { task.cancel() } }

    /// Waits until none is under way.
    func settle() async { while let task = state.withLock({ $0.tasks.values.first }) { await task.value } }
}
