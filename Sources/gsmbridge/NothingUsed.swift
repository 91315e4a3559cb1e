internal import CallPlanning
internal import DialPlan

/// Usage that can't be read: a route is shown as if there was none, and no call is permitted by it.
struct NothingUsed: UsageLedger {
    private struct Unreadable: Error {}

    func usage(since day: LocalDate) async throws -> Usage { Usage() }

    func transaction<T: Sendable>(
        since day: LocalDate,
        _ body: @escaping @Sendable (Usage) -> (T, [UsageChange])
    ) async throws -> T {
        throw Unreadable()
    }
}
