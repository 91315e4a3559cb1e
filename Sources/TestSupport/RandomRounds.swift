internal import FoundationEssentials

/// The seeds of a random test: so many, or as many as `.fuzz/run` gives time for (`GSMBRIDGE_RANDOM_SECONDS`).
package struct RandomRounds: Sequence, IteratorProtocol {
    private var seed: UInt64 = 0
    private let count: UInt64
    private let end: ContinuousClock.Instant?

    package init(_ count: UInt64) {
        let seconds = ProcessInfo.processInfo.environment["GSMBRIDGE_RANDOM_SECONDS"].flatMap { Int($0) }
        end = seconds.map { .now + .seconds($0) }
        self.count = count
    }

    /// The next seed; nil after the last round.
    package mutating func next() -> UInt64? {
        if let end { guard .now < end else { return nil } } else if seed >= count { return nil }
        defer { seed += 1 }
        return seed
    }
}
