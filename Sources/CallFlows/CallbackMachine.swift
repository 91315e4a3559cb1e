internal import CallModel

/// A callback, without any I/O: the PBX is asked to call us and the target, and what rings from it is answered.
///
/// | state \ input | accepted | refused, unreachable | unanswered | ring from the PBX | other ring | hang up, interrupted | timer |
/// |---|---|---|---|---|---|---|---|
/// | expecting (its call is over: **finishes**, no_answer; → lingering) | time counts anew | **finishes**: pbx_refused, pbx_unreachable; retires | time counts anew | answer → in the call | – | **finishes**; → lingering | **finishes**: no_answer, or pbx_unreachable where the PBX never answered; → lingering |
/// | in the call (its call is over, ours answered: goes on after the modem's lag, as joined) | joined, where it does not tell | – | joined | – | – | to the call | to the call |
/// | lingering | cancel | retires | – | refuse, and tell | – | – | retires |
/// | retired | – | – | – | – | – | – | – |
///
/// The request is made once, even where it fails: asked twice, a PBX calls twice. A ring from the PBX proves that it
/// took the request, even where its answer was lost. A user who gives up while a ring may yet come learns the outcome
/// at once; the machine *lingers* and refuses the ring, so that no phone rings for it. Where the PBX tells of joins and
/// this call of it is followed, a call that it ends without one, and sooner than any target is rung, is *lost*: its
/// target was busy or did not answer, or its dialplan does not know it. A PBX that says that its call is over while ours
/// goes on has joined ours by another channel. Where the plan asks for a key, it is the target that is asked, behind the answer, and anew
/// from the join on that the PBX tells of; the key says as well that it was joined. What is to be told once is told from the join on, too.
package struct CallbackMachine: CallMachine, TimedMachine, Equatable {
    enum Request: Sendable, Equatable {
        case pending
        case accepted
        case unanswered(String)
    }

    enum State: Sendable, Equatable {
        case ready
        case expecting
        case inCall
        case lingering
        case retired
    }

    /// What the callback is to do.
    package let plan: Plan
    var state = State.ready
    var request = Request.pending
    var isCancelled = false
    /// Whether the target may have been joined: not yet, where the PBX says when.
    var isJoined: Bool
    var leg: IncomingCallMachine?
    var armed: ContinuousClock.Instant?
    /// What the call itself waits for, beside ``goesOnAt``.
    var legArmed: ContinuousClock.Instant?
    /// What is told to the target once it is joined, where the PBX says when.
    var words: CallStep?
    /// When a call that the PBX says is over goes on all the same, so that another channel joins it; nil for none.
    var goesOnAt: ContinuousClock.Instant?

    /// Creates a callback that has not begun.
    package init(plan: Plan) {
        self.plan = plan
        isJoined = !plan.tellsJoins
    }

    /// Whether nothing is waited for any more.
    package var isRetired: Bool { state == .retired }

    /// Whether a ring from this caller would be answered now.
    package func expects(_ caller: String?) -> Bool { state == .expecting && plan.ringFrom.matches(caller) }

    /// Asks the PBX; a second start does nothing.
    package mutating func start(at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .ready else { return [] }
        state = .expecting
        let limit = OutgoingCallMachine.instant(plan.requestWithin, after: now)
        return [.pbx(.request), arm(plan.expectWithin, after: limit)]
    }

    /// Takes what happened and says what to do; every event is legal at any time.
    package mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .requestAccepted(let isFollowed): return accepted(isFollowed: isFollowed, at: now)
        case .requestRefused(let reason): return turnedDown(.pbxRefused, reason)
        case .requestUnreachable(let reason): return turnedDown(.pbxUnreachable, reason)
        case .requestUnanswered(let reason): return unanswered(reason, at: now)
        case .requestOver: return over(at: now)
        case .targetJoined: return joined(at: now)
        case .rang(let caller): return rang(caller, at: now)
        case .leg(let event): return happened(event, at: now)
        case .hangUp: return giveUp(.hangUp, at: now)
        case .interrupted: return giveUp(.interrupted, at: now)
        case .timer: return timer(at: now)
        }
    }

    private mutating func happened(_ event: LegEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        if state == .inCall { return feed(.leg(event), at: now) }
        guard state == .expecting, case .failed(let reason) = event else { return [] }
        let end = CallEnd(outcome: .modemFailed, by: .local, detail: "\(reason) while the PBX's call was waited for")
        return cancel() + finish(end) + retire()
    }

    private mutating func feed(_ event: IncomingCallMachine.Event, at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .inCall, var leg else { return [] }
        let steps = leg.handle(event, at: now)
        self.leg = leg
        return translate(steps)
    }

    // MARK: The request

    private mutating func accepted(isFollowed: Bool, at now: ContinuousClock.Instant) -> [CallStep] {
        guard request == .pending else { return [] }
        let told = isFollowed ? [] : joined(at: now)
        switch state {
        case .expecting:
            request = .accepted
            return [arm(plan.expectWithin, after: now)]
        case .lingering:
            request = .accepted
            return cancel()
        case .inCall: return told
        case .ready, .retired: return []
        }
    }

    private mutating func unanswered(_ reason: String, at now: ContinuousClock.Instant) -> [CallStep] {
        guard request == .pending else { return [] }
        // How the PBX's call stands can't be asked without the PBX's name for it.
        let told = joined(at: now)
        switch state {
        case .expecting:
            request = .unanswered(reason)
            return [arm(plan.expectWithin, after: now)]
        case .lingering:
            request = .unanswered(reason)
            return []
        case .inCall: return told
        case .ready, .retired: return []
        }
    }

    private mutating func turnedDown(_ outcome: CallOutcome, _ reason: String) -> [CallStep] {
        guard request == .pending else { return [] }
        switch state {
        case .expecting:
            let by: EndedBy = outcome == .pbxRefused ? .remote : .network
            return finish(CallEnd(outcome: outcome, by: by, detail: reason)) + retire()
        case .lingering: return retire()
        case .ready, .inCall, .retired: return []
        }
    }

    /// Takes the request back; one whose answer is still out is taken back when that comes.
    private mutating func cancel() -> [CallStep] {
        guard !isCancelled, request != .pending else { return [] }
        isCancelled = true
        return [.pbx(.cancelRequest)]
    }

    private mutating func over(at now: ContinuousClock.Instant) -> [CallStep] {
        if state == .inCall, leg?.isUp == true, !isJoined, goesOnAt == nil {
            let limit = OutgoingCallMachine.instant(plan.modemLag, after: now)
            goesOnAt = limit
            return [armNext(legArmed ?? limit)]
        }
        guard state == .expecting else { return [] }
        // There is nothing to take back.
        isCancelled = true
        let detail = "the PBX took the request, but its call was over before it rang here; see its log for the reason"
        return linger(CallEnd(outcome: .noAnswer, by: .remote, detail: detail), at: now)
    }

    private mutating func joined(at now: ContinuousClock.Instant) -> [CallStep] {
        guard !isJoined else { return [] }
        isJoined = true
        guard state == .inCall, var leg else { return [] }
        let steps = leg.waitAnew(at: now) + (words.map { [$0] } ?? [])
        (self.leg, words) = (leg, nil)
        return translate(steps)
    }

    // MARK: The ring

    private mutating func rang(_ caller: String?, at now: ContinuousClock.Instant) -> [CallStep] {
        guard plan.ringFrom.matches(caller) else { return [] }
        switch state {
        case .expecting:
            state = .inCall
            var leg = IncomingCallMachine(plan: plan.leg(from: caller))
            let actions = leg.start(.answer, at: now)
            self.leg = leg
            return translate(actions)
        case .lingering: return [.leg(.refuse), .pbx(.refusedLateRing(number: caller))]
        case .ready, .inCall, .retired: return []
        }
    }

    private mutating func translate(_ steps: [CallStep]) -> [CallStep] {
        var translated: [CallStep] = []
        for step in steps {
            switch step {
            case .arm(var instant):
                // As long as the target may ring, nobody is there to press the key.
                if !isJoined, leg?.isConfirming == true, let within = plan.confirmation?.within {
                    instant += max(.zero, plan.ringsAtMost - within)
                }
                legArmed = instant
                translated.append(armNext(instant))
            case .disarm:
                armed = nil
                translated.append(step)
            case .report(.ended(let end)): translated.append(.report(.ended(told(end))))
            case .sound(.announce(_, repeats: false)) where !isJoined: words = step
            case .report(.inProgress):
                // The key was the target's.
                if plan.confirmation != nil { isJoined = true }
                translated.append(step)
            case .finish(let end):
                state = .retired
                translated += [.finish(told(end)), .retire]
            case .leg, .sound, .ring, .report, .pbx, .retire: translated.append(step)
            }
        }
        return translated
    }

    /// What came of a call, by what is known of its target.
    private func told(_ end: CallEnd) -> CallEnd {
        guard !isJoined, end.outcome == .completed, end.by != .local, end.seconds < plan.ringsAtMost else { return end }
        var end = end
        end.outcome = .lost
        end.detail =
            "the PBX ended the call before the target was joined: it was busy or did not answer, or the PBX does not know it"
        return end
    }

    // MARK: Giving up

    private mutating func giveUp(_ event: IncomingCallMachine.Event, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .ready:
            return finish(CallEnd(outcome: .interrupted, by: .local, detail: "interrupted before the request"))
                + retire()
        case .expecting:
            let end = CallEnd(
                outcome: .interrupted,
                by: .local,
                detail: "interrupted while waiting for the PBX to call"
            )
            return linger(end, at: now)
        case .inCall: return feed(event, at: now)
        case .lingering, .retired: return []
        }
    }

    private mutating func timer(at now: ContinuousClock.Instant) -> [CallStep] {
        guard let armed else { return [] }
        guard now >= armed else { return [.arm(armed)] }
        switch state {
        case .ready, .retired: return []
        case .inCall:
            guard let goesOnAt, now >= goesOnAt else { return feed(.timer, at: now) }
            self.goesOnAt = nil
            return joined(at: now) + [armNext(legArmed ?? now)]
        case .lingering: return retire()
        case .expecting: return linger(noRing, at: now)
        }
    }

    private var noRing: CallEnd {
        let waited = "no call came within \(plan.expectWithin.spoken)"
        switch request {
        case .accepted:
            return CallEnd(outcome: .noAnswer, by: .remote, detail: "the PBX took the request, but \(waited)")
        case .pending:
            return CallEnd(outcome: .pbxUnreachable, by: .network, detail: "the PBX did not answer, and \(waited)")
        case .unanswered(let reason):
            return CallEnd(outcome: .pbxUnreachable, by: .network, detail: "\(reason), and \(waited)")
        }
    }

    private mutating func linger(_ end: CallEnd, at now: ContinuousClock.Instant) -> [CallStep] {
        state = .lingering
        return cancel() + [.report(.ended(end)), .finish(end), arm(plan.expectWithin, after: now)]
    }

    private mutating func finish(_ end: CallEnd) -> [CallStep] {
        [.disarm, .report(.ended(end)), .finish(end)]
    }

    private mutating func retire() -> [CallStep] {
        state = .retired
        armed = nil
        return [.disarm, .retire]
    }

    /// Arms the sooner of what the call waits for and what it is waited for beside it.
    private mutating func armNext(_ instant: ContinuousClock.Instant) -> CallStep {
        arm(goesOnAt.map { min($0, instant) } ?? instant)
    }
}
