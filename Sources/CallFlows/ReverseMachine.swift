internal import CallModel

/// A caller whom the PBX holds, without any I/O: taken by answering its ring, or by refusing the ring and dialling in.
///
/// By answering it is an ``IncomingCallMachine``. By dialling in:
///
/// | state \ input | accept | decline | ring stops by itself | refusal verified | claimed | claim lost, expired; failed, refused | caller gone | interrupted | timer |
/// |---|---|---|---|---|---|---|---|---|---|
/// | asking | refuse the ring → refusing; claim → claiming without one | release, refuse: rejected | **ends**: no_answer, unless announced | – | – | – | refuse: no_answer | release, refuse: interrupted | release, refuse: no_answer |
/// | refusing | – | release: rejected | – | claim → claiming, or dial → dialling; what else was decided, **ends** | – | – | ends then: no_answer | release, ends then: interrupted | **ends**, not verified |
/// | claiming | – | → giving back: rejected | – | – | dial → dialling | **ends**: pbx_refused, no_answer; release, **ends**: pbx_unreachable, pbx_refused | **ends**: no_answer | → giving back: interrupted | → giving back: pbx_unreachable |
/// | giving back | – | – | – | – | release, **ends** | **ends**; release, **ends** | **ends** | – | release, **ends** |
/// | dialling | – | hang up | – | – | – | – | hang up: no_answer | hang up | to the call |
/// | arrived | – | hang up: rejected | – | – | – | – | hang up: no_answer | hang up | hang up: lost, or counts as joined (``Plan/Joining``) |
/// | joined | – | hang up: completed | – | – | – | – | hang up after a grace: completed | hang up | to the call |
/// | ended | – | – | – | – | – | – | – | – | – |
///
/// A call of ours that fails before its answer is tried once more, if the modem is idle again and the caller is held
/// long enough; then, and at every other end at which the caller may still be held, the caller is given back. The
/// caller is asked for once. No call is made without a claim, and no second one beside another. That the PBX answers
/// our call says only that it costs something from then on: until the two are joined the end of the caller is the end
/// of our call. A caller who was joined although our call was never answered talks to another party.
///
/// Where the plan asks for a key, the caller is asked once our call has arrived, or the ring is answered: *in progress* follows the key, which says
/// as well that the two are joined. Without it the call ends as no_answer.
package struct ReverseMachine: CallMachine, TimedMachine, Equatable {
    /// What was decided before everything is put away.
    struct Verdict: Sendable, Equatable {
        var outcome: CallOutcome
        var by: EndedBy
        var detail: String?
    }

    enum State: Sendable, Equatable {
        case ready
        case answering
        case asking
        /// The ring is being refused; nil goes on to the claim.
        case refusing(Verdict?)
        case claiming
        case givingBack(Verdict, ReleaseReason)
        case dialling
        case ended
    }

    /// What is done with the caller.
    package let plan: Plan
    var state = State.ready
    var rings = false
    var isAnnounced = false
    var isReleased = false
    var isCallerGone = false
    var claim: Claim?
    var expiresAt: ContinuousClock.Instant?
    var dials = 0
    /// Whether our call was answered and has said all that it had to.
    var hasArrived = false
    /// Whether the PBX has joined the caller with our call, as far as it says so.
    var isJoined = false
    /// Whether the caller has pressed the key, where one is asked for.
    var isConfirmed = false
    var isHungUpHere = false
    /// Whether our call is being hung up.
    var isEnding = false
    /// What was decided about our call by more than the call itself, once it is being hung up for that.
    var verdict: Verdict?
    /// When it is decided whether our call was joined, or when one is hung up whose caller is gone; nil for neither.
    var decision: ContinuousClock.Instant?
    var ring: IncomingCallMachine?
    var leg: OutgoingCallMachine?
    var armed: ContinuousClock.Instant?
    /// What the call itself waits for, beside ``decision``.
    var legArmed: ContinuousClock.Instant?

    /// Creates a flow that has not begun.
    package init(plan: Plan) {
        self.plan = plan
    }

    /// Whether it is over; every event is ignored from then on.
    package var isEnded: Bool { state == .ended }

    /// Begins with what made the caller known; a second start does nothing.
    package mutating func start(_ notice: Notice, at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .ready else { return [] }
        rings = notice.rings
        isAnnounced = notice.isAnnounced
        guard case .dialBack = plan.mode else { return startAnswering(notice, at: now) }
        let ringing = CallStep.report(.ringing(number: plan.caller))
        guard let asksFor = plan.asksFor else { return take(at: now) + [ringing] }
        state = .asking
        return [ringing, arm(asksFor, after: now)]
    }

    /// Takes what happened and says what to do; every event is legal at any time.
    package mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .accept:
            if state == .answering { return feed(ring: .accept, at: now) }
            return state == .asking ? take(at: now) : []
        case .decline:
            if state == .answering { return feed(ring: .decline, at: now) }
            return giveUp(Verdict(outcome: .rejected, by: .local, detail: "declined here"), .declined, at: now)
        case .ring(let event):
            if state == .answering { return feed(ring: .leg(event), at: now) }
            return happened(toRing: event, at: now)
        case .announced:
            if state == .asking { isAnnounced = true }
            return []
        case .claimed(let claim): return claimed(claim, at: now)
        case .claimLost(let why): return notClaimed(.pbxRefused, "somebody else has taken the caller", why)
        case .claimExpired(let why): return notClaimed(.noAnswer, "the caller was held no more", why)
        case .claimFailed(let why):
            return notClaimed(.pbxUnreachable, "the PBX did not hand the caller over", why, isHeld: true)
        case .claimRefused(let why): return notClaimed(.pbxRefused, "the PBX refused the claim", why, isHeld: true)
        case .claimUnanswered(let why): return claimUnanswered(why)
        case .callerGone(let departure): return callerGone(departure, at: now)
        case .joined: return joined(at: now)
        case .leg(let event): return happened(toLeg: event, at: now)
        case .hangUp:
            if state == .answering { return feed(ring: .hangUp, at: now) }
            return giveUp(Verdict(outcome: .rejected, by: .local, detail: "hung up here"), .declined, at: now)
        case .interrupted:
            if state == .answering { return feed(ring: .interrupted, at: now) }
            return giveUp(Verdict(outcome: .interrupted, by: .local, detail: "interrupted"), .interrupted, at: now)
        case .timer: return timer(at: now)
        }
    }

    // MARK: By answering

    private mutating func startAnswering(_ notice: Notice, at now: ContinuousClock.Instant) -> [CallStep] {
        guard rings else {
            let detail = "the PBX announced a caller, but rings for it to be answered"
            return finish(CallEnd(outcome: .noAnswer, by: .local, detail: detail))
        }
        state = .answering
        var call = IncomingCallMachine.Plan(
            method: .reverse,
            number: plan.caller,
            decideWithin: plan.asksFor ?? .zero,
            maxDuration: plan.maxDuration,
            hangUpWithin: plan.hangUpWithin
        )
        call.confirmation = plan.confirmation
        var ring = IncomingCallMachine(plan: call)
        let decision: IncomingCallMachine.Decision =
            notice == .ringAnswering ? .answering : plan.asksFor == nil ? .answer : .ask
        let steps = ring.start(decision, at: now)
        self.ring = ring
        return translate(ring: steps)
    }

    mutating func feed(ring event: IncomingCallMachine.Event, at now: ContinuousClock.Instant) -> [CallStep] {
        guard var ring else { return [] }
        let steps = ring.handle(event, at: now)
        self.ring = ring
        return translate(ring: steps)
    }

    private mutating func translate(ring steps: [CallStep]) -> [CallStep] {
        var translated: [CallStep] = []
        for step in steps {
            switch step {
            case .leg(let command): translated.append(.ring(command))
            case .arm(let instant):
                armed = instant
                translated.append(step)
            case .disarm, .report(.ended): break
            case .finish(let end): translated += finish(end)
            case .ring, .sound, .report, .pbx, .retire: translated.append(step)
            }
        }
        return translated
    }

    // MARK: The ring that is refused

    /// Takes the caller: the ring has to stop before anything can be dialled.
    private mutating func take(at now: ContinuousClock.Instant) -> [CallStep] {
        guard rings else { return fetch(at: now) }
        state = .refusing(nil)
        return [.ring(.refuse), arm(plan.hangUpWithin, after: now)]
    }

    private mutating func happened(
        toRing event: LegEvent,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        switch event {
        case .released:
            rings = false
            guard state == .asking, !isAnnounced else { return [] }
            return finish(CallEnd(outcome: .noAnswer, by: .remote, detail: "the PBX stopped ringing"))
        case .hungUp(let verified): return refused(verified: verified, at: now)
        case .failed(let reason): return modemFailed(reason, at: now)
        case .dialled, .alerting, .answered, .answerFailed, .toneTaken, .toneRefused, .toneFailed, .heard, .sound:
            return []
        }
    }

    private mutating func happened(toLeg event: LegEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        if state == .dialling { return feed(leg: .leg(event), at: now) }
        // What is heard in the call's sound, whichever of the two legs it is.
        if state == .answering, case .heard = event { return feed(ring: .leg(event), at: now) }
        if case .failed(let reason) = event { return modemFailed(reason, at: now) }
        return []
    }

    mutating func refused(verified: Bool, at now: ContinuousClock.Instant) -> [CallStep] {
        guard case .refusing(let verdict) = state else { return [] }
        rings = !verified
        if let verdict { return finish(verdict, verified: verified) }
        if verified { return fetch(at: now) }
        let failure = Verdict(outcome: .modemFailed, by: .local, detail: "the PBX's ring could not be refused")
        return release(.failed) + finish(failure, verified: false)
    }

    // MARK: The claim

    private mutating func fetch(at now: ContinuousClock.Instant) -> [CallStep] {
        guard case .dialBack(.known(let claim)) = plan.mode else {
            state = .claiming
            return [.pbx(.claim), arm(plan.claimWithin, after: now)]
        }
        return begin(claim, at: now)
    }

    private mutating func claimed(_ claim: Claim, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .claiming: return begin(claim, at: now)
        case .givingBack(let verdict, let reason): return release(reason) + finish(verdict, verified: true)
        case .ready, .answering, .asking, .refusing, .dialling, .ended: return []
        }
    }

    /// Ends without a claim; a caller who is held yet is given back, and waits for nobody.
    private mutating func notClaimed(
        _ outcome: CallOutcome,
        _ what: String,
        _ why: String,
        isHeld: Bool = false
    ) -> [CallStep] {
        switch state {
        case .claiming:
            let by: EndedBy = outcome == .pbxUnreachable ? .network : .remote
            let detail = why.isEmpty ? what : "\(what): \(why)"
            let released = isHeld ? release(.failed) : []
            return released + finish(Verdict(outcome: outcome, by: by, detail: detail), verified: true)
        case .givingBack(let verdict, let reason):
            let released = isHeld ? release(reason) : []
            return released + finish(verdict, verified: true)
        case .ready, .answering, .asking, .refusing, .dialling, .ended: return []
        }
    }

    /// Whether the caller is ours is unknown, and so is the way: not to be asked again, and given back in any case.
    mutating func claimUnanswered(_ why: String) -> [CallStep] {
        switch state {
        case .claiming:
            let verdict = Verdict(outcome: .pbxUnreachable, by: .network, detail: "the claim was not answered: \(why)")
            return release(.failed) + finish(verdict, verified: true)
        case .givingBack(let verdict, let reason): return release(reason) + finish(verdict, verified: true)
        case .ready, .answering, .asking, .refusing, .dialling, .ended: return []
        }
    }

    // MARK: Our call

    private mutating func begin(_ claim: Claim, at now: ContinuousClock.Instant) -> [CallStep] {
        self.claim = claim
        expiresAt = OutgoingCallMachine.instant(claim.expiresWithin, after: now)
        return dial(claim, at: now)
    }

    mutating func dial(_ claim: Claim, at now: ContinuousClock.Instant) -> [CallStep] {
        state = .dialling
        isEnding = false
        dials += 1
        let left = OutgoingCallMachine.elapsed(from: now, to: expiresAt ?? now)
        var call = OutgoingCallMachine.Plan(
            method: .reverse,
            number: claim.number,
            steps: claim.steps,
            settle: plan.settle,
            gap: plan.gap,
            tone: plan.tone,
            answerWithin: min(plan.answerWithin, left),
            maxDuration: min(plan.maxDuration, claim.maxDuration ?? plan.maxDuration),
            hangUpWithin: plan.hangUpWithin
        )
        call.confirmation = plan.confirmation
        var leg = OutgoingCallMachine(plan: call)
        let steps = leg.start(at: now)
        self.leg = leg
        return translate(leg: steps, at: now)
    }

    mutating func feed(leg event: OutgoingCallMachine.Event, at now: ContinuousClock.Instant) -> [CallStep] {
        guard state == .dialling, var leg else { return [] }
        let steps = leg.handle(event, at: now)
        self.leg = leg
        return translate(leg: steps, at: now)
    }

    private mutating func translate(
        leg steps: [CallStep],
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        var translated: [CallStep] = []
        for step in steps {
            switch step {
            case .leg(.hangUp):
                // However that was decided, nothing else is waited for.
                isEnding = true
                decision = nil
                translated.append(step)
            case .arm(let instant):
                legArmed = instant
                translated.append(armNext(instant))
            case .disarm, .report(.ended): break
            case .sound(.announce) where !hasArrived: translated += arrived(at: now) + [step]
            case .report(.inProgress): translated += plan.confirmation == nil ? arrived(at: now) : confirmed(at: now)
            case .finish(let end): translated += legEnded(end, at: now)
            case .leg, .sound, .ring, .report, .pbx, .retire: translated.append(step)
            }
        }
        return translated
    }

    // MARK: Parts

    mutating func release(_ reason: ReleaseReason) -> [CallStep] {
        guard !isReleased, !isCallerGone else { return [] }
        isReleased = true
        return [.pbx(.release(reason))]
    }

    mutating func finish(_ verdict: Verdict, verified: Bool) -> [CallStep] {
        finish(
            CallEnd(outcome: verdict.outcome, by: verdict.by, detail: verdict.detail, hangUpVerified: verified)
        )
    }

    mutating func finish(_ end: CallEnd) -> [CallStep] {
        state = .ended
        return disarm(end)
    }
}
