import Synchronization

/// Counts signals; the handlers of several sources share it.
final class SignalCount: Sendable {
    private let count = Atomic<Int>(0)

    /// Adds one and returns the new count.
    func raise() -> Int { count.add(1, ordering: .relaxed).newValue }
}
