internal import CallModel

/// One outgoing call from dialling to its verified end, without any I/O: callthrough, and direct calls as the case
/// without tones.
///
/// | state \ input | alerting | answered | tone taken | tone failed | sound | released | interrupted | timer |
/// |---|---|---|---|---|---|---|---|---|
/// | dialling | report, once | connected → waiting, or talk without tones | – | – | – | **ends**: busy, no_answer, no_service, rejected | → hanging up: interrupted | → hanging up: no_answer |
/// | waiting for the next tone | – | – | – | – | first tone: *prompt* sends it after 200 ms, *unavailable* after the settle time | **ends**: lost | → hanging up: interrupted | send → sending; at the limit → hanging up: lost |
/// | sending (one tone is out) | – | – | hand-over → waiting, or talk after the last | → hanging up: lost | – | **ends**: lost | → hanging up: interrupted | → hanging up: lost |
/// | confirming | – | – | – | – | the key → in progress, or hanging up: completed after an announcement; *unavailable* → hanging up: modem_failed | **ends**: no_answer | → hanging up: interrupted | → hanging up: no_answer |
/// | in progress | – | – | – | – | with an announcement: *announced* → hanging up: completed, *unavailable* → hanging up: modem_failed | **ends**: completed | → hanging up: interrupted | → hanging up: completed |
/// | hanging up | – | counts as answered time | – | – | – | noted, still waits | – | **ends**, not verified |
/// | ended | – | – | – | – | – | – | – | – |
///
/// *Talk* is confirming where a key is asked for, else in progress. A tone that was plainly refused is a tone that failed, unless
/// the call has sound: then it is asked of the modem once more, and after a second refusal it and those behind it are played into
/// the call.
///
/// `failed`, and a release that says that the modem did not dial, **end** the call with `modem_failed` in every state
/// but the last. `hungUp` **ends** it while hanging up and means nothing elsewhere. Before ``start(at:)``,
/// `interrupted` and `modemFailed` end what was never dialled. A timer that comes early is armed again. The first
/// decision decides the outcome: an interruption does not rename a call that is already being hung up.
///
/// A deadline is armed in every state but the first and the last, so the call ends even if the modem says nothing more.
package struct OutgoingCallMachine: CallMachine, TimedMachine, Equatable {
    enum State: Sendable, Equatable {
        case ready
        case dialling(alerted: Bool)
        case waiting(next: Int, limit: ContinuousClock.Instant)
        case sending(index: Int, since: ContinuousClock.Instant, limit: ContinuousClock.Instant)
        /// Answered and handed over; a key is awaited that shows that a person listens.
        case confirming(entered: String, limit: ContinuousClock.Instant)
        case inProgress(limit: ContinuousClock.Instant)
        case hangingUp(Ending)
        case ended
    }

    /// What was decided when the hang-up began.
    struct Ending: Sendable, Equatable {
        var outcome: CallOutcome
        var detail: String?
        var cause: Int?
        var releasedAt: ContinuousClock.Instant?
    }

    /// The longest wait that is computed with; what a plan asks for beyond it is cut, so that no instant overflows.
    static let longest = Duration.seconds(366 * 24 * 3600)

    /// What this call is to do.
    package let plan: Plan
    let tones: [Tone]
    var state = State.ready
    var dialledAt: ContinuousClock.Instant?
    var answeredAt: ContinuousClock.Instant?
    /// The acknowledged tones as people may see them.
    var shown = ""
    var armed: ContinuousClock.Instant?
    /// Whether the first tone's time is settled, so that no later sound moves it.
    var isPrompted = false
    /// Whether the outstanding tone was refused before.
    var isRefused = false
    /// Whether tones are played into the call, because the modem can't send them.
    var isInBand = false

    /// Creates a call that has not begun.
    package init(plan: Plan) {
        self.plan = plan
        self.tones = Tone.list(plan.steps)
    }

    /// Whether the call is over; every event is ignored from then on.
    package var isEnded: Bool { state == .ended }

    /// Begins the call; a second start does nothing.
    package mutating func start(at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .ready else { return [] }
        state = .dialling(alerted: false)
        dialledAt = now
        return [
            .report(.dialing(number: plan.number)),
            .leg(.dial(plan.number, blocksFor: plan.answerWithin)),
            arm(Self.instant(plan.answerWithin, after: now)),
        ]
    }

    /// Takes what happened and says what to do; every event is legal at any time.
    package mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .leg(let event): happened(event, at: now)
        case .interrupted: interrupted(at: now)
        case .finished(let how): finished(how, at: now)
        case .timer: timer(at: now)
        }
    }

    private mutating func happened(_ event: LegEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .dialled, .answerFailed, .sound: []
        case .alerting: alerting()
        case .answered: answered(at: now)
        case .toneTaken(let tone): toneTaken(tone, at: now)
        case .toneRefused(let reason): toneRefused(reason, at: now)
        case .toneFailed(let reason): toneFailed(reason, at: now)
        case .heard(let event): heard(event, at: now)
        case .released(let release): released(release, at: now)
        case .failed(let reason): modemFailed(reason, at: now)
        case .hungUp(let verified): hungUp(verified: verified, at: now)
        }
    }

    private mutating func alerting() -> [CallStep] {
        switch state {
        case .dialling(alerted: false):
            state = .dialling(alerted: true)
            return [.report(.alerting)]
        case .ready, .dialling(alerted: true), .waiting, .sending, .confirming, .inProgress, .hangingUp, .ended:
            return []
        }
    }

    private mutating func answered(at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .dialling:
            answeredAt = now
            let connected = CallStep.report(.connected(setup: Self.elapsed(from: dialledAt, to: now)))
            let limit = Self.instant(plan.maxDuration, after: now)
            guard let first = tones.first else {
                return [connected] + beginTalk(limit: limit, at: now)
            }
            guard let within = plan.promptWithin else {
                let due = Self.instant(plan.settle, after: Self.instant(first.pauseBefore, after: now))
                return [connected, wait(for: 0, until: due, limit: limit)]
            }
            let due = Self.instant(within, after: now)
            return [connected, .sound(.awaitPrompt), wait(for: 0, until: due, limit: limit)]
        case .hangingUp:
            // The answer crossed our hang-up on the way. Nothing comes of it, but the network bills from here.
            answeredAt = answeredAt ?? now
            return []
        case .ready, .waiting, .sending, .confirming, .inProgress, .ended:
            return []
        }
    }

    private mutating func toneTaken(_ tone: Duration, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .sending(let index, let since, let limit):
            isRefused = false
            shown += tones[index].isSecret ? "•" : String(tones[index].character)
            let next = index + 1
            let report = CallStep.report(.handover(digits: shown, sent: next, total: tones.count))
            guard next < tones.count else {
                return [report] + beginTalk(limit: limit, at: now)
            }
            // Some modems acknowledge when the tone begins, some when it is over; the gap starts after the later of the
            // two.
            let silence = max(Self.instant(min(tone, plan.digitWithin), after: since), now)
            let pause = Self.instant(tones[next].pauseBefore, after: silence)
            return [report, wait(for: next, until: Self.instant(plan.gap, after: pause), limit: limit)]
        case .ready, .dialling, .waiting, .confirming, .inProgress, .hangingUp, .ended:
            return []
        }
    }

    mutating func toneFailed(_ reason: String, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .sending(let index, _, _):
            // The modem's words may repeat the command with the digit in it.
            let words = tones[index].isSecret || reason.isEmpty ? "" : ": \(reason)"
            return hangUp(.lost, detail: "digit \(index + 1) of \(tones.count) was not confirmed\(words)", at: now)
        case .ready, .dialling, .waiting, .confirming, .inProgress, .hangingUp, .ended:
            return []
        }
    }

    private mutating func interrupted(at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .ready:
            return finish(CallEnd(outcome: .interrupted, by: .local, detail: "interrupted before dialling"))
        case .dialling, .waiting, .sending, .confirming, .inProgress:
            return hangUp(.interrupted, detail: "interrupted", at: now)
        case .hangingUp, .ended:
            return []
        }
    }

    private mutating func finished(_ how: String, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .inProgress: return hangUp(.completed, detail: how, at: now)
        case .waiting, .sending, .confirming:
            return hangUp(.lost, detail: "\(how) before people could talk", at: now)
        case .ready, .dialling: return interrupted(at: now)
        case .hangingUp, .ended: return []
        }
    }

    private mutating func timer(at now: ContinuousClock.Instant) -> [CallStep] {
        guard let armed else { return [] }
        guard now >= armed else { return [.arm(armed)] }
        switch state {
        case .ready, .ended:
            return []
        case .dialling:
            return hangUp(.noAnswer, detail: "no answer within \(plan.answerWithin.spoken)", at: now)
        case .waiting(let next, let limit):
            guard now < limit else {
                return hangUp(.lost, detail: "\(limitClause) during the hand-over", at: now)
            }
            isPrompted = true
            state = .sending(index: next, since: now, limit: limit)
            return [send(tones[next]), arm(min(Self.instant(plan.digitWithin, after: now), limit))]
        case .sending(let index, _, let limit):
            let reason =
                now >= limit
                ? "\(limitClause) during the hand-over"
                : "digit \(index + 1) of \(tones.count) was not confirmed within \(plan.digitWithin.spoken)"
            return hangUp(.lost, detail: reason, at: now)
        case .confirming(_, let limit):
            return hangUp(.noAnswer, detail: now >= limit ? limitClause : unconfirmed, at: now)
        case .inProgress:
            return hangUp(.completed, detail: limitClause, at: now)
        case .hangingUp(let ending):
            return finish(ending, verified: false, at: now)
        }
    }

    mutating func wait(
        for next: Int,
        until due: ContinuousClock.Instant,
        limit: ContinuousClock.Instant
    ) -> CallStep {
        state = .waiting(next: next, limit: limit)
        return arm(min(due, limit))
    }

    var limitClause: String { "the limit of \(plan.maxDuration.spoken) was reached" }

    static func instant(_ duration: Duration, after start: ContinuousClock.Instant) -> ContinuousClock.Instant {
        start.advanced(by: min(max(duration, .zero), longest))
    }

    static func elapsed(from start: ContinuousClock.Instant?, to end: ContinuousClock.Instant) -> Duration {
        guard let start else { return .zero }
        return max(start.duration(to: end), .zero)
    }
}
