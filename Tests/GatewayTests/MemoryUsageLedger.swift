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

extension Usage {
    /// The usage after changes.
    fileprivate func applying(_ changes: [UsageChange]) -> Usage {
        var entries = entries
        for change in changes {
            switch change {
            case .reserve(let entry): entries.append(entry)
            case .settle(let entry), .see(let entry):
                for index in entries.indices where entries[index].call == entry.call { entries[index] = entry }
            case .remove(let call): entries.removeAll { $0.call == call }
            }
        }
        return Usage(entries, gap: gap)
    }
}
