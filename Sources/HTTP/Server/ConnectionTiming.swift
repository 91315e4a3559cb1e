/// When a connection has to be cut, from what was seen on it; without any clock of its own.
///
/// | what it waits for | until |
/// |---|---|
/// | the first request | `arrival` behind the opening |
/// | the rest of a request | `arrival` behind its first byte |
/// | the service's answer | no limit: the service's methods have theirs |
/// | the next request | `idle` behind the last answer |
/// | the reader, once it left too much lying | `stall` |
/// | the other side's closing | `linger` |
struct ConnectionTiming: Sendable, Equatable {
    typealias Instant = ContinuousClock.Instant

    private let arrival: Duration
    private let idle: Duration
    private let stall: Duration
    private let linger: Duration

    /// Until when the next thing has to come in.
    private var inputDeadline: Instant?
    private var stallDeadline: Instant?
    private var isInsideRequest = false
    private var unanswered = 0
    private(set) var isLingering = false

    init(limits: ControlLimits, openedAt now: Instant) {
        arrival = limits.requestArrival
        idle = limits.idle
        stall = limits.stall
        linger = limits.linger
        inputDeadline = now + limits.requestArrival
    }

    /// When the connection has to be cut if nothing else comes; nil while it may stay.
    var deadline: Instant? {
        if isLingering { return inputDeadline }
        let input = unanswered > 0 && !isInsideRequest ? nil : inputDeadline
        guard let input, let stallDeadline else { return input ?? stallDeadline }
        return min(input, stallDeadline)
    }

    /// Whether a request is complete and waits for its answer.
    var isAnswering: Bool { unanswered > 0 && !isInsideRequest }

    mutating func bytesReceived(at now: Instant) {
        guard !isInsideRequest, !isLingering else { return }
        isInsideRequest = true
        inputDeadline = now + arrival
    }

    mutating func requestBegan() {
        unanswered += 1
    }

    mutating func requestEnded() {
        isInsideRequest = false
    }

    mutating func answerEnded(at now: Instant) {
        unanswered = max(0, unanswered - 1)
        guard !isLingering, !isInsideRequest else { return }
        inputDeadline = now + idle
    }

    mutating func writabilityChanged(isWritable: Bool, at now: Instant) {
        stallDeadline = isWritable ? nil : stallDeadline ?? now + stall
    }

    mutating func lingerBegan(at now: Instant) {
        guard !isLingering else { return }
        isLingering = true
        inputDeadline = now + linger
    }
}
