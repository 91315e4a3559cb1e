internal import CallModel

// Giving up: by us, by the caller, by the modem, by the clock.
extension ReverseMachine {
    mutating func giveUp(
        _ verdict: Verdict,
        _ reason: ReleaseReason,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        switch state {
        case .ready:
            return release(reason) + finish(verdict, verified: true)
        case .asking:
            return release(reason) + putAway(verdict, at: now)
        case .refusing(nil):
            state = .refusing(verdict)
            return release(reason)
        case .claiming:
            state = .givingBack(verdict, reason)
            return []
        case .dialling:
            guard self.verdict == nil else { return [] }
            isHungUpHere = reason == .declined
            return feed(leg: .interrupted, at: now)
        case .answering, .refusing, .givingBack, .ended: return []
        }
    }

    /// Ends, after the ring has been refused where one is.
    mutating func putAway(_ verdict: Verdict, at now: ContinuousClock.Instant) -> [CallStep] {
        guard rings else { return finish(verdict, verified: true) }
        state = .refusing(verdict)
        return [.ring(.refuse), arm(plan.hangUpWithin, after: now)]
    }

    mutating func modemFailed(_ reason: String, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .answering: return feed(ring: .leg(.failed(reason)), at: now)
        case .dialling: return feed(leg: .leg(.failed(reason)), at: now)
        case .ended: return []
        case .ready, .asking, .refusing, .claiming, .givingBack:
            let verdict = Verdict(outcome: .modemFailed, by: .local, detail: reason)
            return release(.failed) + finish(verdict, verified: true)
        }
    }

    mutating func timer(at now: ContinuousClock.Instant) -> [CallStep] {
        guard let armed else { return [] }
        guard now >= armed else { return [.arm(armed)] }
        switch state {
        case .ready, .ended: return []
        case .answering: return feed(ring: .timer, at: now)
        case .dialling:
            if let decision, now >= decision { return decide(at: now) }
            return feed(leg: .timer, at: now)
        case .asking:
            let detail = "nobody took the caller within \((plan.asksFor ?? .zero).spoken)"
            return release(.expired) + putAway(Verdict(outcome: .noAnswer, by: .local, detail: detail), at: now)
        case .refusing: return refused(verified: false, at: now)
        case .claiming: return claimUnanswered("nothing within \(plan.claimWithin.spoken)")
        case .givingBack(let verdict, let reason): return release(reason) + finish(verdict, verified: true)
        }
    }
}
