package import CallModel

/// Counts each key that the other side presses once, though two may hear it: the modem that reports it, and the
/// detector that hears its tone.
///
/// | heard | before in this call | done |
/// |---|---|---|
/// | by the modem, by RTP | nothing of it by its tone within the last second | told; from now on tones are passed over |
/// | by the modem, by RTP | the same digit by its tone within the last second | passed over; from now on tones are, too |
/// | by its tone | nothing by the modem or RTP yet | told |
/// | by its tone | something by the modem or RTP | passed over |
package struct HeardDigits: Sendable, Equatable {
    /// How much later than its tone a digit may be reported: 1 s.
    private static let lag = Duration.seconds(1)
    /// Digits of the last second that are kept; nobody presses more.
    private static let limit = 16

    private var isReported = false
    private var tones: [(digit: Character, at: ContinuousClock.Instant)] = []

    /// Creates one that has heard nothing.
    package init() {}

    /// Takes a digit, and says whether it is to be told.
    package mutating func take(_ digit: Character, from source: DigitSource, at now: ContinuousClock.Instant) -> Bool {
        switch source {
        case .tone:
            guard !isReported else { return false }
            tones.removeAll { now - $0.at > Self.lag }
            if tones.count == Self.limit { tones.removeFirst() }
            tones.append((digit, now))
            return true
        case .modem, .rtp:
            isReported = true
            guard let place = tones.firstIndex(where: { $0.digit == digit && now - $0.at <= Self.lag }) else {
                return true
            }
            tones.remove(at: place)
            return false
        }
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.isReported == b.isReported && a.tones.count == b.tones.count
            && zip(a.tones, b.tones).allSatisfy { $0.digit == $1.digit && $0.at == $1.at }
    }
}
