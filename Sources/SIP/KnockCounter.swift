/// Counts those who come without a password, each address for itself, to shut out the ones that are no telephones.
///
/// A telephone knocks twice for each registration and each call. Without I/O; the time is handed in.
struct KnockCounter {
    /// So many within ``period`` are a flood: more than all telephones of a house make.
    static let most = 100
    static let period = Duration.seconds(1)
    /// How long such an address is not heard.
    static let silence = Duration.seconds(60)
    /// How long nothing more is told of floods.
    static let quiet = Duration.seconds(3600)
    /// Addresses that are shut out at once; a further one takes the place of the oldest.
    static let mostBlocked = 32
    /// Addresses that are counted within a period; beyond them nothing is counted.
    static let mostCounted = 1024

    private var began: ContinuousClock.Instant?
    private var counts: [String: Int] = [:]
    private var told: ContinuousClock.Instant?
    /// Those that are shut out, the oldest first.
    private(set) var blocked: [(source: String, until: ContinuousClock.Instant)] = []

    /// What follows from a knock.
    struct Verdict: Equatable {
        /// Whether the addresses that are shut out have changed.
        var isBlocked = false
        /// Whether people are to be told.
        var isNews = false
    }

    /// Counts one.
    mutating func count(_ source: String, at now: ContinuousClock.Instant) -> Verdict {
        if began.map({ now - $0 >= Self.period }) ?? true { (began, counts) = (now, [:]) }
        guard counts[source] != nil || counts.count < Self.mostCounted else { return Verdict() }
        counts[source, default: 0] += 1
        guard counts[source] == Self.most else { return Verdict() }
        blocked.removeAll { $0.source == source }
        if blocked.count >= Self.mostBlocked { blocked.removeFirst() }
        blocked.append((source, now + Self.silence))
        let isNews = told.map { now - $0 >= Self.quiet } ?? true
        if isNews { told = now }
        return Verdict(isBlocked: true, isNews: isNews)
    }

    /// Whether an address is shut out.
    func isBlocked(_ source: String, at now: ContinuousClock.Instant) -> Bool {
        blocked.contains { $0.source == source && $0.until > now }
    }

    /// Lets those in again whose time is over; false where there were none.
    mutating func forgive(at now: ContinuousClock.Instant) -> Bool {
        let before = blocked.count
        blocked.removeAll { $0.until <= now }
        return blocked.count < before
    }

    /// When the next one is let in again; nil for none.
    var nextEnd: ContinuousClock.Instant? { blocked.map(\.until).min() }
}
