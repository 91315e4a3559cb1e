internal import CallModel

// What becomes of our call once it is made: it arrives, is joined with the caller, and ends.
extension ReverseMachine {
    /// The PBX has answered our call and knows it; whether the caller is there is another matter.
    mutating func arrived(at now: ContinuousClock.Instant) -> [CallStep] {
        hasArrived = true
        // Where a key is asked for, people talk once it is pressed.
        let talks: [CallStep] = plan.confirmation == nil ? [.report(.inProgress)] : []
        if isJoined { return talks }
        switch plan.joining {
        case .told(let within):
            decision = OutgoingCallMachine.instant(within, after: now)
            return []
        case .presumed(let after):
            decision = OutgoingCallMachine.instant(after, after: now)
            return talks
        }
    }

    /// The caller has pressed the key, and so was joined, whether the PBX has said so yet or not.
    mutating func confirmed(at now: ContinuousClock.Instant) -> [CallStep] {
        (isConfirmed, isJoined, decision) = (true, true, nil)
        return [.report(.inProgress)]
    }

    /// Whether people talk, as far as a key says so.
    private var mayTalk: Bool { plan.confirmation == nil || isConfirmed }

    mutating func joined(at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .dialling, verdict == nil, !isJoined else { return [] }
        isJoined = true
        // Its answer is behind this word, because the modem is slower than the PBX.
        guard hasArrived else { return [] }
        decision = nil
        let isNews = if case .told = plan.joining { true } else { false }
        return (isNews && mayTalk ? [.report(.inProgress)] : []) + [armNext(legArmed ?? now)]
    }

    mutating func callerGone(_ departure: Departure, at now: ContinuousClock.Instant) -> [CallStep] {
        let verdict = Verdict(outcome: departure.outcome, by: .remote, detail: departure.words)
        switch state {
        case .asking: return putAway(verdict, at: now)
        case .refusing(nil):
            state = .refusing(verdict)
            return []
        case .claiming, .givingBack: return finish(verdict, verified: true)
        case .dialling: return leftOurCall(verdict, isWord: departure != .expired, at: now)
        case .ready, .answering, .refusing, .ended: return []
        }
    }

    /// The caller of the call that is made, or was, is gone.
    ///
    /// - Parameter isWord: whether it can be said of one who talks; word of a time that is over comes late then.
    private mutating func leftOurCall(
        _ verdict: Verdict,
        isWord: Bool,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        guard self.verdict == nil else { return [] }
        guard !isJoined else {
            guard isWord, decision == nil, !isEnding else { return [] }
            let limit = OutgoingCallMachine.instant(plan.partingWithin, after: now)
            decision = limit
            return [armNext(legArmed ?? limit)]
        }
        isCallerGone = true
        return end(verdict, at: now)
    }

    /// Has our call hung up because of what is known beside it.
    private mutating func end(_ verdict: Verdict, at now: ContinuousClock.Instant) -> [CallStep] {
        self.verdict = verdict
        decision = nil
        return feed(leg: .interrupted, at: now)
    }

    /// The time is up for what ``decision`` stands for.
    mutating func decide(at now: ContinuousClock.Instant) -> [CallStep] {
        decision = nil
        if isJoined {
            let outcome: CallOutcome = mayTalk ? .completed : .noAnswer
            return end(Verdict(outcome: outcome, by: .remote, detail: "the caller was gone"), at: now)
        }
        switch plan.joining {
        case .told(let within):
            let detail = "the PBX answered, and did not join the caller within \(within.spoken)"
            return end(Verdict(outcome: .lost, by: .remote, detail: detail), at: now)
        case .presumed:
            isJoined = true
            return [armNext(legArmed ?? now)]
        }
    }

    /// Arms the sooner of what the call waits for and what it is waited for beside it.
    mutating func armNext(_ instant: ContinuousClock.Instant) -> CallStep {
        arm(decision.map { min($0, instant) } ?? instant)
    }

    mutating func legEnded(_ end: CallEnd, at now: ContinuousClock.Instant) -> [CallStep] {
        decision = nil
        if let verdict {
            var told = end
            told.outcome = verdict.outcome
            told.by = verdict.by
            told.detail = verdict.detail
            return (isJoined ? [] : release(.failed)) + finish(told)
        }
        let left = OutgoingCallMachine.elapsed(from: now, to: expiresAt ?? now)
        if isJoined, !hasArrived, end.seconds == .zero {
            var strange = end
            strange.outcome = .pbxRefused
            strange.by = .remote
            strange.detail = Self.stranger
            return finish(strange)
        }
        let isTold = if case .told = plan.joining { true } else { false }
        if isJoined || (hasArrived && !isTold) { return finish(conversation(end)) }
        if hasArrived { return notJoined(end) }
        if let claim, Self.mayTryAgain(end), dials < 2, left >= plan.worthTrying { return dial(claim, at: now) }
        let reason: ReleaseReason =
            switch end.outcome {
            case .interrupted: isHungUpHere ? .declined : .interrupted
            case .noAnswer where left == .zero: .expired
            default: .failed
            }
        return release(reason) + finish(end)
    }

    /// Said of a caller who was joined with a call that is not ours.
    package static let stranger =
        "somebody else who showed this SIM's number was joined with the caller; take a token (reverse.token)"

    /// What came of a call that had arrived.
    private func conversation(_ end: CallEnd) -> CallEnd {
        var end = end
        if isHungUpHere, end.outcome == .interrupted {
            end.outcome = mayTalk ? .completed : .noAnswer
            end.detail = nil
        }
        return end
    }

    /// Ends a call that the PBX answered, and of which it did not say that it was joined with the caller.
    private mutating func notJoined(_ end: CallEnd) -> [CallStep] {
        var end = end
        if end.outcome == .completed {
            end.outcome = .lost
            end.detail = "the PBX answered, and ended the call without having joined the caller"
        }
        let reason: ReleaseReason =
            end.outcome != .interrupted ? .failed : isHungUpHere ? .declined : .interrupted
        return release(reason) + finish(end)
    }

    /// Whether a call was not answered, and surely is no more.
    private static func mayTryAgain(_ end: CallEnd) -> Bool {
        guard end.hangUpVerified else { return false }
        switch end.outcome {
        case .busy, .noAnswer, .rejected, .noService: return true
        case .completed, .lost, .noModem, .modemFailed, .sim, .policy, .pbxUnreachable, .pbxRefused, .interrupted:
            return false
        }
    }
}
