import CallLog
import CallPlanning
import Calls
import DialPlan
import Synchronization

/// A usage that is forgotten when the test ends.
final class MemoryUsageLedger: UsageLedger {
    private let usage = Mutex(Usage())

    /// Decides and changes under a lock.
    func transaction<T: Sendable>(
        since day: LocalDate,
        _ body: @escaping @Sendable (Usage) -> (T, [UsageChange])
    ) async throws -> T {
        try usage.withLock { usage in
            let (result, changes) = body(Usage(usage.entries.filter { $0.day >= day.packed }))
            for case .reserve(let entry) in changes where usage.entries.contains(where: { $0.call == entry.call }) {
                throw CallLogError.repeated("in memory")
            }
            usage = usage.applying(changes)
            return result
        }
    }

    /// Reads what is there.
    func usage(since day: LocalDate) async throws -> Usage {
        usage.withLock { usage in Usage(usage.entries.filter { $0.day >= day.packed }) }
    }
}
