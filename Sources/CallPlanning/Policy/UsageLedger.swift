package import DialPlan

/// Where the usage of every gsmbridge of one box is kept.
///
/// Both methods throw when it can't be read or written in time.
package protocol UsageLedger: Sendable {
    /// Reads the usage, lets the closure decide, and writes down what it changes, all in one transaction that no other
    /// process can come between; what was written is on the disk when the next step is written down that may cost something.
    ///
    /// - Parameters:
    ///   - day: the first day whose calls are needed; those dated later, even in the future, are all given.
    ///   - body: decides.
    func transaction<T: Sendable>(
        since day: LocalDate,
        _ body: @escaping @Sendable (Usage) -> (T, [UsageChange])
    ) async throws -> T

    /// Reads the usage.
    func usage(since day: LocalDate) async throws -> Usage
}

/// What becomes of one call in the ledger.
package enum UsageChange: Sendable, Hashable {
    /// It is reserved; an id that is there already makes the whole transaction throw.
    case reserve(UsageEntry)
    /// It came to this: seconds, cost and legs of the entry that is there.
    case settle(UsageEntry)
    /// It was first seen to be dated in the future.
    case see(UsageEntry)
    /// Nothing was dialled: it does not count.
    case remove(call: String)
}
