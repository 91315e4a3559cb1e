/// Many measurements of one thing.
struct Samples {
    private let sorted: [Double]

    /// All of them, in order of size.
    var values: [Double] { sorted }

    init(_ values: [Double]) { sorted = values.sorted() }

    var count: Int { sorted.count }
    var median: Double { quantile(0.5) }
    var max: Double { sorted.last ?? .nan }

    /// The value that `fraction` of the measurements do not exceed; not a number when there are none.
    func quantile(_ fraction: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let rank = Int((fraction * Double(sorted.count)).rounded(.up)) - 1
        return sorted[Swift.min(Swift.max(rank, 0), sorted.count - 1)]
    }
}
