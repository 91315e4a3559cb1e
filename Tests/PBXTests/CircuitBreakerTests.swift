import TestSupport
import Testing
import WebRequests

@testable import PBX

@Suite("Circuit breaker and repeats")
struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<3 { breaker.failed(at: start, jitter: 0.5) }
        return breaker
    }

    @Test("it opens after three failures in a row, and not before")
    func opens() {
        var breaker = CircuitBreaker()
        breaker.failed(at: start, jitter: 0.5)
        breaker.failed(at: start, jitter: 0.5)
        breaker.succeeded()
        breaker.failed(at: start, jitter: 0.5)
        breaker.failed(at: start, jitter: 0.5)
        #expect(breaker.position(at: start) == .closed)
        breaker.failed(at: start, jitter: 0.5)
        #expect(breaker.position(at: start) == .open)
        #expect(breaker.admits(at: start + .milliseconds(4999)) == false)
        #expect(breaker.remaining(at: start + .seconds(1)) == .seconds(4))
    }

    @Test("when its time is over it lets one request through")
    func probes() {
        var breaker = opened()
        let later = start + .seconds(5)
        #expect(breaker.position(at: later) == .halfOpen)
        #expect(breaker.admits(at: later) == true)
        #expect(breaker.admits(at: later) == false)
        breaker.succeeded()
        #expect(breaker.admits(at: later) == true)
        #expect(breaker.position(at: later) == .closed)
    }

    @Test("each failed probe doubles its time, up to the longest")
    func doubles() {
        var breaker = opened()
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<7 {
            let pause = breaker.remaining(at: now) ?? .zero
            pauses.append(pause)
            now += pause
            #expect(breaker.admits(at: now) == true)
            breaker.failed(at: now, jitter: 0.5)
        }
        #expect(pauses == [5, 10, 20, 40, 80, 120, 120].map { Duration.seconds($0) })
    }

    @Test(
        "chance spreads its time from 80 to 120 %, whatever chance is",
        arguments: [(0.0, 4.0), (1.0, 6.0), (-5, 4), (9, 6), (.nan, 4)]
    )
    func jitter(_ jitter: Double, _ seconds: Double) {
        var breaker = CircuitBreaker(CircuitBreaker.Settings(failures: 1))
        breaker.failed(at: start, jitter: jitter)
        #expect(breaker.remaining(at: start) == .seconds(seconds))
    }

    @Test("a probe that never reports back does not close it for good")
    func lostProbe() {
        var breaker = opened()
        #expect(breaker.admits(at: start + .seconds(5)) == true)
        #expect(breaker.admits(at: start + .seconds(9)) == false)
        #expect(breaker.admits(at: start + .seconds(10)) == true)
    }

    @Test("any order of inputs is legal, and a success always closes it")
    func random() {
        var chance = SeededGenerator(seed: 7)
        var breaker = CircuitBreaker()
        var now = start
        for _ in 0..<20_000 {
            now += .milliseconds(Int.random(in: -1000...20_000, using: &chance))
            switch Int.random(in: 0..<3, using: &chance) {
            case 0: _ = breaker.admits(at: now)
            case 1: breaker.failed(at: now, jitter: Double.random(in: 0..<1, using: &chance))
            default:
                breaker.succeeded()
                #expect(breaker.position(at: now) == .closed)
            }
        }
    }

    private static let effects: [WebRequest.Effect] = [.harmless, .keyed, .once]

    @Test(
        "a request that may have placed a call is repeated only when the PBX said that it did nothing",
        arguments: [
            (RepeatPolicy.Outcome.notSent, [true, true, true]), (.noAnswer, [true, true, false]),
            (.status(503, retryAfter: .seconds(2)), [true, true, true]),
            (.status(429, retryAfter: .seconds(2)), [true, true, true]),
            (.status(503, retryAfter: nil), [true, true, false]),
            (.status(429, retryAfter: nil), [false, false, false]),
            (.status(500, retryAfter: nil), [false, false, false]),
            (.status(504, retryAfter: .seconds(1)), [true, true, false]),
            (.status(400, retryAfter: .seconds(1)), [false, false, false]),
            (.status(200, retryAfter: .seconds(1)), [false, false, false]),
        ]
    )
    func repeats(_ outcome: RepeatPolicy.Outcome, _ expected: [Bool]) {
        let policy = RepeatPolicy()
        for (effect, isRepeated) in zip(Self.effects, expected) {
            let wait = policy.wait(after: outcome, effect: effect, attempt: 1, left: .seconds(20), jitter: 0.5)
            #expect((wait != nil) == isRepeated, "\(outcome) \(effect)")
        }
    }

    @Test("repeats end after three attempts, and when the time is up")
    func ends() {
        let policy = RepeatPolicy()
        #expect(policy.wait(after: .notSent, effect: .once, attempt: 3, left: .seconds(20), jitter: 0) == nil)
        #expect(policy.wait(after: .notSent, effect: .once, attempt: 1, left: .seconds(1), jitter: 0) == nil)
        let asked = RepeatPolicy.Outcome.status(503, retryAfter: .seconds(30))
        #expect(policy.wait(after: asked, effect: .harmless, attempt: 1, left: .seconds(20), jitter: 0) == nil)
        #expect(
            policy.wait(after: .notSent, effect: .once, attempt: 2, left: .seconds(20), jitter: 1) == .milliseconds(500)
        )
    }
}
