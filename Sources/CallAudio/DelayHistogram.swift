/// How long samples waited, as counts in steps of 5 ms up to 400 ms.
package struct DelayHistogram: Sendable, Equatable {
    private var buckets = InlineArray<81, Int64>(repeating: 0)
    private var total = 0

    /// Creates one without counts.
    package init() {}

    /// Counts the delay of so many samples; what is longer than 400 ms counts as that.
    package mutating func count(milliseconds: Int, samples: Int) {
        let bucket = max(0, min(80, milliseconds / 5))
        buckets[bucket] += Int64(samples)
        total += samples
    }

    /// The delay in ms below which `share` (0 to 1) of all lie, rounded up to 5 ms; nil without counts.
    package func percentile(_ share: Double) -> Int? {
        guard total > 0 else { return nil }
        var left = Int((Double(total) * share).rounded(.up))
        for bucket in 0..<81 {
            left -= Int(buckets[bucket])
            if left <= 0 { return bucket * 5 + 5 }
        }
        return 405
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.total == b.total && (0..<81).allSatisfy { a.buckets[$0] == b.buckets[$0] }
    }
}
