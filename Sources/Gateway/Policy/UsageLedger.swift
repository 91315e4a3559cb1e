public import DialPlan

/// Where the usage of every gsmbridge of one box is kept.
///
/// Both methods block for as long as the disk needs, and throw when it can't be read or written.
public protocol UsageLedger: Sendable {
    /// Reads the usage, lets the closure decide, and writes down what it changes, all in one transaction that no other
    /// process can come between; what was written is on the disk when this returns.
    ///
    /// - Parameters:
    ///   - day: the first day whose calls are needed; those dated later, even in the future, are all given.
    ///   - body: decides; what it throws undoes everything and is thrown on.
    func transaction<T: Sendable>(since day: LocalDate, _ body: (Usage) throws -> (T, [UsageChange])) throws -> T

    /// Reads the usage.
    func usage(since day: LocalDate) throws -> Usage
}

/// What becomes of one call in the ledger.
public enum UsageChange: Sendable, Hashable {
    /// It is reserved, or settled.
    case put(UsageEntry)
    /// Nothing was dialled: it does not count.
    case remove(call: String)
}

extension Usage {
    /// The usage after a change.
    public func applying(_ changes: [UsageChange]) -> Usage {
        var entries = entries
        for change in changes {
            switch change {
            case .put(let entry):
                entries.removeAll { $0.call == entry.call }
                entries.append(entry)
            case .remove(let call): entries.removeAll { $0.call == call }
            }
        }
        return Usage(entries)
    }
}
