/// Decides whether a request is sent again: only where that can't place a second call.
///
/// | what came | harmless | keyed | once |
/// |---|---|---|---|
/// | nothing was sent | again | again | again |
/// | 429 or 503 with `Retry-After` in time | again | again | again |
/// | sent, no valid answer | again | again | never |
/// | 502, 503, 504 | again | again | never |
/// | anything else | – | – | – |
package struct RepeatPolicy: Sendable, Equatable {
    /// How a request ended.
    package enum Outcome: Sendable, Equatable {
        case notSent
        case noAnswer
        case status(Int, retryAfter: Duration?)
    }

    /// How often one request is sent at most.
    package var attempts = 3
    /// The pause before the first repeat; doubled for each further one.
    package var pause = Duration.milliseconds(250)

    package init() {}

    /// How long to wait before the next attempt; nil when there is none.
    ///
    /// - Parameters:
    ///   - outcome: how the request ended.
    ///   - effect: what a repeat would do.
    ///   - attempt: how often it was sent, from 1.
    ///   - left: how much time is left for the action.
    ///   - jitter: chance, from 0 up to 1.
    package func wait(
        after outcome: Outcome,
        effect: WebRequest.Effect,
        attempt: Int,
        left: Duration,
        jitter: Double
    ) -> Duration? {
        guard attempt < attempts else { return nil }
        let chance = jitter.isFinite ? min(max(jitter, 0), 1) : 0
        let backOff = pause * (1 << (min(attempt, 8) - 1)) * (0.5 + chance / 2)
        let wait: Duration
        switch (outcome, effect) {
        case (.status(429, .some(let asked)), _), (.status(503, .some(let asked)), _): wait = asked
        case (.notSent, _): wait = backOff
        case (.noAnswer, .harmless), (.noAnswer, .keyed): wait = backOff
        case (.status(502...504, _), .harmless), (.status(502...504, _), .keyed): wait = backOff
        case (.noAnswer, .once), (.status, _): return nil
        }
        // A repeat that can't be answered in time any more would only hide what came.
        return wait + .seconds(1) <= left ? wait : nil
    }
}
