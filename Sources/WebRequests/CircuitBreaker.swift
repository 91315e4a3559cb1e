/// Leaves a PBX alone for a while after it failed several times in a row; without I/O and without a clock.
///
/// | state | a request is | a success leads to | a failure leads to |
/// |---|---|---|---|
/// | closed | let through | closed, nothing counted | open after ``Settings/failures`` in a row |
/// | open | refused until its time is over, then half open | closed | open, its time as it was |
/// | half open | one let through, the others refused | closed | open, twice as long as before |
package struct CircuitBreaker: Sendable, Equatable {
    /// How patient it is.
    package struct Settings: Sendable, Equatable {
        /// How many failures in a row open it.
        package var failures: Int
        /// How long it stays open the first time.
        package var shortest: Duration
        /// How long it stays open at most.
        package var longest: Duration

        /// Makes settings; the standard ones are 3 failures, 5 s, 2 min.
        package init(failures: Int = 3, shortest: Duration = .seconds(5), longest: Duration = .seconds(120)) {
            self.failures = max(1, failures)
            self.shortest = shortest
            self.longest = max(shortest, longest)
        }
    }

    /// What it does now; the raw values are those of `status` and of the metrics.
    package enum Position: String, Sendable, CaseIterable {
        /// Requests go through.
        case closed
        /// Requests are refused for now.
        case open
        /// One request is let through to see.
        case halfOpen = "half_open"
    }

    private enum State: Sendable, Equatable {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant, pause: Duration)
        case halfOpen(until: ContinuousClock.Instant, pause: Duration)
    }

    private let settings: Settings
    private var state = State.closed(failures: 0)

    package init(_ settings: Settings = Settings()) { self.settings = settings }

    /// What it does at an instant; asking changes nothing.
    package func position(at now: ContinuousClock.Instant) -> Position {
        switch state {
        case .closed: .closed
        case .open(let until, _): now >= until ? .halfOpen : .open
        case .halfOpen: .halfOpen
        }
    }

    /// How many failures in a row were seen while closed.
    package var failures: Int {
        switch state {
        case .closed(let failures): failures
        case .open, .halfOpen: settings.failures
        }
    }

    /// How long it stays open from an instant on; nil when it does not.
    package func remaining(at now: ContinuousClock.Instant) -> Duration? {
        guard case .open(let until, _) = state, until > now else { return nil }
        return now.duration(to: until)
    }

    /// Whether a request may go out now.
    ///
    /// The one that does in the half open state is to be followed by ``succeeded()`` or ``failed(at:jitter:)``; one that
    /// never reports back is given up after the pause that led to it.
    package mutating func admits(at now: ContinuousClock.Instant) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until, let pause), .halfOpen(let until, let pause):
            guard now >= until else { return false }
            state = .halfOpen(until: now + pause, pause: pause)
            return true
        }
    }

    /// Notes that the PBX answered.
    package mutating func succeeded() { state = .closed(failures: 0) }

    /// Notes that it did not.
    ///
    /// - Parameters:
    ///   - now: the instant of the failure.
    ///   - jitter: chance, from 0 up to 1; spreads the pause from 80 % to 120 %, so that many boxes don't come back at once.
    package mutating func failed(at now: ContinuousClock.Instant, jitter: Double) {
        switch state {
        case .closed(let failures):
            if failures + 1 < settings.failures {
                state = .closed(failures: failures + 1)
            } else {
                open(at: now, for: settings.shortest, jitter: jitter)
            }
        // A request from before the pause; the pause it led to stands.
        case .open: break
        case .halfOpen(_, let pause): open(at: now, for: min(pause * 2, settings.longest), jitter: jitter)
        }
    }

    private mutating func open(at now: ContinuousClock.Instant, for pause: Duration, jitter: Double) {
        let chance = jitter.isFinite ? min(max(jitter, 0), 1) : 0
        state = .open(until: now + pause * (800 + Int(400 * chance)) / 1000, pause: pause)
    }
}
