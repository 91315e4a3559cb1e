internal import CallModel

extension OutgoingCallMachine {
    mutating func released(_ release: CallRelease, at now: ContinuousClock.Instant) -> [CallStep] {
        if let reason = release.notDialled { return modemFailed(reason, at: now) }
        switch state {
        case .ready, .ended:
            return []
        case .dialling:
            let (outcome, by) = release.beforeAnswer
            return finish(CallEnd(outcome: outcome, cause: release.cause, by: by, detail: release.clause))
        case .waiting(let next, _):
            return finish(lost(release, acknowledged: next, at: now))
        case .sending(let index, _, _):
            return finish(lost(release, acknowledged: index, at: now))
        case .confirming:
            return finish(
                CallEnd(
                    outcome: .noAnswer,
                    cause: release.cause,
                    by: release.afterAnswer,
                    seconds: Self.elapsed(from: answeredAt, to: now),
                    detail: unconfirmed
                )
            )
        case .inProgress:
            return finish(
                CallEnd(
                    outcome: .completed,
                    cause: release.cause,
                    by: release.afterAnswer,
                    seconds: Self.elapsed(from: answeredAt, to: now),
                    detail: release.clause
                )
            )
        case .hangingUp(var ending):
            ending.releasedAt = ending.releasedAt ?? now
            ending.cause = ending.cause ?? release.cause
            state = .hangingUp(ending)
            return []
        }
    }

    mutating func modemFailed(_ reason: String, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .ended:
            return []
        case .ready:
            return finish(CallEnd(outcome: .modemFailed, by: .local, detail: reason))
        case .dialling, .waiting, .sending, .confirming, .inProgress:
            return finish(modemFailure(reason, cause: nil, releasedAt: nil, at: now))
        case .hangingUp(let ending):
            return finish(modemFailure(reason, cause: ending.cause, releasedAt: ending.releasedAt, at: now))
        }
    }

    mutating func hungUp(verified: Bool, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .hangingUp(let ending):
            return finish(ending, verified: verified, at: now)
        case .ready, .dialling, .waiting, .sending, .confirming, .inProgress, .ended:
            return []
        }
    }

    mutating func hangUp(_ outcome: CallOutcome, detail: String?, at now: ContinuousClock.Instant) -> [CallStep] {
        state = .hangingUp(Ending(outcome: outcome, detail: detail))
        return [.leg(.hangUp), arm(Self.instant(plan.hangUpWithin, after: now))]
    }

    mutating func finish(_ ending: Ending, verified: Bool, at now: ContinuousClock.Instant) -> [CallStep] {
        return finish(
            CallEnd(
                outcome: ending.outcome,
                cause: ending.cause,
                by: .local,
                seconds: Self.elapsed(from: answeredAt, to: ending.releasedAt ?? now),
                detail: ending.detail,
                hangUpVerified: verified
            )
        )
    }

    mutating func finish(_ end: CallEnd) -> [CallStep] {
        state = .ended
        return disarm(end)
    }

    private func lost(_ release: CallRelease, acknowledged: Int, at now: ContinuousClock.Instant) -> CallEnd {
        let reason = release.clause.map { " (\($0))" } ?? ""
        return CallEnd(
            outcome: .lost,
            cause: release.cause,
            by: release.afterAnswer,
            seconds: Self.elapsed(from: answeredAt, to: now),
            detail: "ended after \(acknowledged) of \(tones.count) digits\(reason)"
        )
    }

    private func modemFailure(
        _ reason: String,
        cause: Int?,
        releasedAt: ContinuousClock.Instant?,
        at now: ContinuousClock.Instant
    ) -> CallEnd {
        CallEnd(
            outcome: .modemFailed,
            cause: cause,
            by: .local,
            seconds: Self.elapsed(from: answeredAt, to: releasedAt ?? now),
            detail: reason,
            hangUpVerified: releasedAt != nil
        )
    }
}
