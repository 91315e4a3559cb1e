internal import CallModel

/// One call that comes in, from its ring to its verified end, without any I/O.
///
/// | state \ input | accept | decline, hang up | answered | answer failed | released | interrupted | timer |
/// |---|---|---|---|---|---|---|---|
/// | ringing | answer → answering | → refusing: rejected | connected → in progress | – | **ends**: no_answer | → refusing: interrupted | → refusing: no_answer |
/// | answering | – | → hanging up: rejected | connected → in progress | → refusing: modem_failed | **ends**: no_answer | → hanging up: interrupted | → hanging up: modem_failed |
/// | confirming | – | → hanging up: no_answer | – | – | **ends**: no_answer | → hanging up: interrupted | → hanging up: no_answer |
/// | in progress | – | → hanging up: completed | – | – | **ends**: completed | → hanging up: interrupted | → hanging up: completed |
/// | refusing, hanging up | – | – | counts as answered time | – | noted, still waits | – | **ends**, not verified |
/// | ended | – | – | – | – | – | – | – |
///
/// Where the plan asks for a key, *connected* leads to confirming: the question is announced, and the key leads to in progress. Without sound
/// nobody can press it: → hanging up, modem_failed. What the plan has to be told is told in front of the question, and the key ends the call
/// then; without a question its end does: → hanging up, completed.
///
/// A call that was answered before the machine began is adopted: it begins in progress. `failed` **ends** the call with
/// `modem_failed` in every state but the last; `hungUp` **ends** it while refusing and hanging up. A timer that comes
/// early is armed again. A deadline is armed in every state but the first and the last.
package struct IncomingCallMachine: CallMachine, TimedMachine, Equatable {
    enum State: Sendable, Equatable {
        case ready
        case ringing
        case answering
        case confirming(entered: String)
        case inProgress
        case ending(OutgoingCallMachine.Ending)
        case ended
    }

    /// What is to become of the call.
    package let plan: Plan
    var state = State.ready
    var rangAt: ContinuousClock.Instant?
    var answeredAt: ContinuousClock.Instant?
    var armed: ContinuousClock.Instant?

    /// Creates a call that has not begun.
    package init(plan: Plan) {
        self.plan = plan
    }

    /// Whether the call is over; every event is ignored from then on.
    package var isEnded: Bool { state == .ended }

    /// Whether the call rings and waits for a decision.
    package var isRinging: Bool { state == .ringing }

    /// Whether the call is answered and goes on.
    package var isAnswered: Bool { state == .inProgress }

    /// Whether a key is waited for.
    var isConfirming: Bool { if case .confirming = state { true } else { false } }

    /// Whether it was answered, and is not over.
    var isUp: Bool { isAnswered || isConfirming }

    /// Begins with the ring; a second start does nothing.
    package mutating func start(_ decision: Decision, at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .ready else { return [] }
        rangAt = now
        let ringing = CallStep.report(.ringing(number: plan.number))
        switch decision {
        case .answer: return [.leg(.answer), ringing] + answering(at: now)
        case .answering: return [ringing] + answering(at: now)
        case .ask:
            state = .ringing
            return [ringing, arm(plan.decideWithin, after: now)]
        case .refuse: return [ringing] + refuse(.rejected, detail: nil, at: now)
        }
    }

    /// Begins with a call that is answered already, in either direction; its limit counts from its answer.
    package mutating func adopt(answeredFor elapsed: Duration, at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .ready else { return [] }
        let elapsed = max(.zero, elapsed)
        rangAt = now.advanced(by: .zero - elapsed)
        answeredAt = rangAt
        state = .inProgress
        return [.report(.inProgress), arm(max(.zero, plan.maxDuration - elapsed), after: now)]
    }

    /// Takes what happened and says what to do; every event is legal at any time.
    package mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .leg(let event): return happened(event, at: now)
        case .accept:
            guard state == .ringing else { return [] }
            return [.leg(.answer)] + answering(at: now)
        case .decline, .hangUp: return hangUp(at: now)
        case .interrupted: return interrupted(at: now)
        case .timer: return timer(at: now)
        }
    }

    private mutating func happened(_ event: LegEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .dialled, .alerting, .toneTaken, .toneRefused, .toneFailed, .sound: return []
        case .heard(let event): return heard(event, at: now)
        case .answered: return answered(at: now)
        case .answerFailed(let reason):
            guard state == .answering else { return [] }
            return refuse(.modemFailed, detail: reason, at: now)
        case .released(let release): return released(release, at: now)
        case .failed(let reason): return modemFailed(reason, at: now)
        case .hungUp(let verified): return hungUp(verified: verified, at: now)
        }
    }

    // MARK: Events

    private mutating func answered(at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .ringing, .answering:
            answeredAt = now
            let setup = OutgoingCallMachine.elapsed(from: rangAt, to: now)
            return [.report(.connected(setup: setup))] + beginTalk(at: now)
        case .ending:
            answeredAt = answeredAt ?? now
            return []
        case .ready, .confirming, .inProgress, .ended: return []
        }
    }

    private mutating func hangUp(at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .ringing: refuse(.rejected, detail: "refused here", at: now)
        case .answering: end(.rejected, detail: "hung up before it was answered", at: now)
        case .confirming: end(.noAnswer, detail: unconfirmed, at: now)
        case .inProgress: end(.completed, detail: nil, at: now)
        case .ready, .ending, .ended: []
        }
    }

    private mutating func interrupted(at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .ready: finish(CallEnd(outcome: .interrupted, by: .local, detail: "interrupted before it rang"))
        case .ringing: refuse(.interrupted, detail: "interrupted", at: now)
        case .answering, .confirming, .inProgress: end(.interrupted, detail: "interrupted", at: now)
        case .ending, .ended: []
        }
    }

    private mutating func released(
        _ release: CallRelease,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        switch state {
        case .ready, .ended: return []
        case .ringing:
            return finish(
                CallEnd(outcome: .noAnswer, cause: release.cause, by: .remote, detail: "the caller gave up")
            )
        case .answering:
            let detail = "the caller gave up while the call was being answered"
            return finish(CallEnd(outcome: .noAnswer, cause: release.cause, by: .remote, detail: detail))
        case .confirming, .inProgress:
            let isReached = state == .inProgress
            return finish(
                CallEnd(
                    outcome: isReached ? .completed : .noAnswer,
                    cause: release.cause,
                    by: release.afterAnswer,
                    seconds: OutgoingCallMachine.elapsed(from: answeredAt, to: now),
                    detail: isReached ? release.clause : unconfirmed
                )
            )
        case .ending(var ending):
            ending.releasedAt = ending.releasedAt ?? now
            ending.cause = ending.cause ?? release.cause
            state = .ending(ending)
            return []
        }
    }

    private mutating func modemFailed(_ reason: String, at now: ContinuousClock.Instant) -> [CallStep] {
        var releasedAt: ContinuousClock.Instant?
        switch state {
        case .ended: return []
        // A call that only rang costs nothing.
        case .ready, .ringing: releasedAt = now
        case .answering, .confirming, .inProgress: break
        case .ending(let ending): releasedAt = ending.releasedAt
        }
        return finish(
            CallEnd(
                outcome: .modemFailed,
                by: .local,
                seconds: OutgoingCallMachine.elapsed(from: answeredAt, to: releasedAt ?? now),
                detail: reason,
                hangUpVerified: releasedAt != nil
            )
        )
    }

    private mutating func hungUp(verified: Bool, at now: ContinuousClock.Instant) -> [CallStep] {
        guard case .ending(let ending) = state else { return [] }
        return finish(
            CallEnd(
                outcome: ending.outcome,
                cause: ending.cause,
                by: .local,
                seconds: OutgoingCallMachine.elapsed(from: answeredAt, to: ending.releasedAt ?? now),
                detail: ending.detail,
                hangUpVerified: verified
            )
        )
    }

    private mutating func timer(at now: ContinuousClock.Instant) -> [CallStep] {
        guard let armed else { return [] }
        guard now >= armed else { return [.arm(armed)] }
        switch state {
        case .ready, .ended: return []
        case .ringing:
            return refuse(.noAnswer, detail: "nobody took the call within \(plan.decideWithin.spoken)", at: now)
        case .answering:
            let detail = "the modem did not confirm the answer within \(plan.answerWithin.spoken)"
            return end(.modemFailed, detail: detail, at: now)
        case .confirming: return end(.noAnswer, detail: unconfirmed, at: now)
        case .inProgress: return end(.completed, detail: "the limit of \(plan.maxDuration.spoken) was reached", at: now)
        case .ending: return hungUp(verified: false, at: now)
        }
    }

    // MARK: Parts

    private mutating func answering(at now: ContinuousClock.Instant) -> [CallStep] {
        state = .answering
        return [arm(plan.answerWithin, after: now)]
    }

    private mutating func refuse(
        _ outcome: CallOutcome,
        detail: String?,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        state = .ending(OutgoingCallMachine.Ending(outcome: outcome, detail: detail))
        return [.leg(.refuse), arm(plan.hangUpWithin, after: now)]
    }

    mutating func end(_ outcome: CallOutcome, detail: String?, at now: ContinuousClock.Instant) -> [CallStep] {
        state = .ending(OutgoingCallMachine.Ending(outcome: outcome, detail: detail))
        return [.leg(.hangUp), arm(plan.hangUpWithin, after: now)]
    }

    private mutating func finish(_ end: CallEnd) -> [CallStep] {
        state = .ended
        return disarm(end)
    }
}
