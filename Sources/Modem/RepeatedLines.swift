/// Keeps what a modem does again and again from filling a log.
///
/// Each kind of line is told once in ten seconds, and the next time with the number of those that were left out. The kinds
/// are few and known, so nothing grows.
struct RepeatedLines: Sendable {
    enum Kind: Sendable, Hashable {
        case lateAnswer
        case strayResult
        case numericResults
        case resynchronised
        case promptEscaped
        case unansweredList
        case restart
    }

    static let pause: Duration = .seconds(10)

    private var told: [Kind: (at: ContinuousClock.Instant, leftOut: Int)] = [:]

    /// Whether a line is told now, and if so, what to put behind it.
    mutating func tell(_ kind: Kind, at now: ContinuousClock.Instant) -> String? {
        if let last = told[kind], now - last.at < Self.pause {
            told[kind] = (last.at, last.leftOut + 1)
            return nil
        }
        let leftOut = told[kind]?.leftOut ?? 0
        told[kind] = (now, 0)
        return leftOut == 0 ? "" : " (and \(leftOut) more like it)"
    }
}
