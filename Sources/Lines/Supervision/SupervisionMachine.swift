/// Keeps one modem usable, without any I/O: what to do next, and when.
///
/// | state | appeared | vanished | work done | work failed | line gone | timer |
/// |---|---|---|---|---|---|---|
/// | absent | opening | – | – | – | – | – |
/// | opening | – | absent | bringing up | trouble | – | trouble |
/// | bringing up | – | absent | ready | trouble | trouble | trouble |
/// | ready | – | absent | ready (checked) | trouble | line lost | checks |
/// | leased | – | absent | – | – | line lost | – |
/// | settling (after a call) | – | absent | ready | trouble | line lost | trouble |
/// | blocked (card, network) | – | absent | ready, or bringing up | blocked | line lost | checks |
/// | recovering | – | awaiting return | as the rung says | next rung | awaiting return | next rung |
/// | awaiting return | opening | waits on | – | – | – | opening, or absent |
/// | resting | opening | absent | – | – | – | opening |
/// | unusable | opening | absent | – | – | – | – |
/// | stopped | – | – | – | – | – | – |
///
/// A modem that has restarted on a line that stayed is brought up anew: at once from bringing up, ready, settling and blocked, and
/// from leased when it is given back. One that does so again within a minute has trouble with its line.
///
/// Trouble goes up the ladder of ``Rung``s, as far as the kind of trouble and the budget allow, and rests at its end. A
/// leased modem is left alone, except that it may vanish; given back, it goes on where it was. A person may
/// order a restart: `restart(at:)`.
struct SupervisionMachine: Sendable, Equatable {
    enum State: Sendable, Equatable {
        /// Nothing is there.
        case absent
        /// A port that answers is being looked for.
        case opening
        /// It is being set up.
        case bringingUp
        /// Calls can be made.
        case ready
        /// It is lent; where it stood then.
        indirect case leased(from: State)
        /// A call has left it in doubt; it is looked at.
        case settling
        /// It answers, but the card or the network keeps it from calls.
        case blocked(Trouble)
        /// A rung is being performed.
        case recovering(Rung, Trouble)
        /// It was told to go away and come back, or its line has just gone; whether it has left the bus.
        case awaitingReturn(isGone: Bool, Trouble)
        /// Closed until the deadline; whether the ladder is at its end.
        case resting(Trouble, gaveUp: Bool)
        /// It is there, and can't be used as it is; why.
        case unusable(String)
        /// Supervision has ended.
        case stopped
    }

    let limits: Limits
    /// Which rungs this modem has; told by the shell.
    var rungs: Set<Rung> = []

    var state: State = .absent
    /// When ``Event/timer`` is wanted; nil when nothing is waited for.
    var deadline: ContinuousClock.Instant?
    /// Whether the modem was ready since it appeared.
    var wasReady = false

    var told: Told = .nothing
    var ladder = Ladder()
    var readySince: ContinuousClock.Instant?
    var blockedSince: ContinuousClock.Instant?
    var isChecking = false
    var checks = 0
    /// When it was last restarted for its sound.
    var soundRestartedAt: ContinuousClock.Instant?

    enum Told: Sendable, Equatable {
        case nothing
        case found
        case ready
        case degraded(String)
    }

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    // MARK: Events

    /// Takes an event and returns what has to be done, in order.
    mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> [Action] {
        if state == .stopped { return [] }
        switch event {
        case .appeared: return appeared(at: now)
        case .appearedUnusable(let reason): return appearedUnusable(reason)
        case .vanished: return vanished(at: now)
        case .opened: return opened(at: now)
        case .broughtUp: return broughtUp(at: now)
        case .checked(let trouble): return checked(trouble, at: now)
        case .failed(let trouble): return failed(trouble, at: now)
        case .rungDone(let isDone): return rungDone(isDone, at: now)
        case .lineLost: return lineLost(at: now)
        case .reported: return reported(at: now)
        case .restarted: return restarted(at: now)
        case .leased: return leased()
        case .givenBack(let isClean): return givenBack(isClean: isClean, at: now)
        case .retry: return retry(at: now)
        case .restart: return restart(at: now)
        case .soundIsWorn: return soundIsWorn(at: now)
        case .timer: return timer(at: now)
        case .stop:
            move(to: .stopped)
            return [.abandon, .close]
        }
    }

    private mutating func appeared(at now: ContinuousClock.Instant) -> [Action] {
        switch state {
        case .absent, .awaitingReturn, .resting, .unusable: return tellFound() + open(at: now)
        case .opening, .bringingUp, .ready, .leased, .settling, .blocked, .recovering, .stopped: return []
        }
    }

    private mutating func appearedUnusable(_ reason: String) -> [Action] {
        let actions: [Action]
        switch state {
        case .absent, .unusable: actions = tellFound()
        case .opening, .bringingUp, .ready, .leased, .settling, .blocked, .recovering, .awaitingReturn, .resting,
            .stopped:
            actions = [.abandon, .close]
        }
        move(to: .unusable(reason))
        return actions + tellDegraded(reason)
    }

    private mutating func vanished(at now: ContinuousClock.Instant) -> [Action] {
        switch state {
        case .absent, .stopped: return []
        case .awaitingReturn(_, let trouble):
            // What was told to restart is expected back; a line that went by itself was the first sign of this.
            guard let deadline, trouble != .lineLost else { return leave(reason: nil) }
            move(to: .awaitingReturn(isGone: true, trouble), until: max(deadline, now + limits.returnsWithin))
            return []
        case .recovering(_, let trouble):
            move(to: .awaitingReturn(isGone: true, trouble), until: now + limits.returnsWithin)
            return [.abandon, .close]
        case .opening, .bringingUp, .ready, .leased, .settling, .blocked, .resting, .unusable:
            return leave(reason: nil)
        }
    }

    private mutating func leave(reason: String?) -> [Action] {
        ladder.rewind()
        wasReady = false
        readySince = nil
        blockedSince = nil
        move(to: .absent)
        defer { told = .nothing }
        return [.abandon, .close] + (told == .nothing ? [] : [.tell(.lost(reason))])
    }

    private mutating func opened(at now: ContinuousClock.Instant) -> [Action] {
        guard state == .opening else { return [] }
        return bringUp(at: now)
    }

    private mutating func broughtUp(at now: ContinuousClock.Instant) -> [Action] {
        guard state == .bringingUp else { return [] }
        // The look at signal and network comes at once, but calls don't wait for it.
        return becomeReady(at: now) + check(.full, at: now)
    }

    private mutating func checked(_ trouble: Trouble?, at now: ContinuousClock.Instant) -> [Action] {
        isChecking = false
        switch state {
        case .ready:
            guard let trouble else {
                if let readySince, now - readySince >= limits.provenAfter { ladder.reset() }
                deadline = now + limits.pingInterval
                return []
            }
            return fail(trouble, at: now)
        case .settling:
            guard let trouble else { return becomeReady(at: now) }
            return fail(trouble, at: now)
        case .blocked(let old): return checkedBlocked(old, trouble, at: now)
        case .absent, .opening, .bringingUp, .leased, .recovering, .awaitingReturn, .resting, .unusable, .stopped:
            return []
        }
    }

    private mutating func checkedBlocked(
        _ old: Trouble,
        _ new: Trouble?,
        at now: ContinuousClock.Instant
    ) -> [Action] {
        guard let new else {
            // A card that works all of a sudden has to be set up; a network that was found needs nothing.
            if case .noService = old { return becomeReady(at: now) }
            return bringUp(at: now)
        }
        switch (old, new) {
        case (.card(let before, _), .card(let after, _)) where before == after:
            deadline = now + limits.cardInterval
            return []
        case (.noService, .noService), (.cardFailure, .cardFailure): return block(new, at: now)
        case (.card, _), (.cardFailure, _): return isOfLine(new) ? fail(new, at: now) : bringUp(at: now)
        default: return fail(new, at: now)
        }
    }

    private mutating func failed(_ trouble: Trouble, at now: ContinuousClock.Instant) -> [Action] {
        switch state {
        case .opening, .bringingUp: return fail(trouble, at: now)
        case .absent, .ready, .leased, .settling, .blocked, .recovering, .awaitingReturn, .resting, .unusable,
            .stopped:
            return []
        }
    }

    private mutating func rungDone(_ isDone: Bool, at now: ContinuousClock.Instant) -> [Action] {
        guard case .recovering(let rung, let trouble) = state else { return [] }
        guard isDone else { return fail(trouble, at: now) }
        if rung == .radio { return bringUp(at: now) }
        move(to: .awaitingReturn(isGone: false, trouble), until: now + limits.leavesWithin)
        return [.close]
    }

    private mutating func lineLost(at now: ContinuousClock.Instant) -> [Action] {
        judgeTime(at: now)
        switch state {
        case .ready, .leased, .settling, .blocked, .bringingUp:
            // Unplugged, most likely, and the word for it is under way; or it has reset itself.
            move(to: .awaitingReturn(isGone: false, .lineLost), until: now + limits.lineLossPause)
            return [.abandon, .close]
        case .recovering(_, let trouble):
            move(to: .awaitingReturn(isGone: false, trouble), until: now + limits.leavesWithin)
            return [.abandon, .close]
        case .absent, .opening, .awaitingReturn, .resting, .unusable, .stopped: return []
        }
    }

    private mutating func reported(at now: ContinuousClock.Instant) -> [Action] {
        switch state {
        case .ready, .blocked:
            guard !isChecking else { return [] }
            checks = 0
            deadline = min(deadline ?? now + limits.reportPause, now + limits.reportPause)
        case .absent, .opening, .bringingUp, .leased, .settling, .recovering, .awaitingReturn, .resting, .unusable,
            .stopped:
            break
        }
        return []
    }

    private mutating func restarted(at now: ContinuousClock.Instant) -> [Action] {
        switch state {
        // Also when all is set and only the last looks are due.
        case .bringingUp, .ready, .blocked, .settling:
            judgeTime(at: now)
            return [.abandon] + (ladder.isLoop(limits, at: now) ? climb(.loop, at: now) : bringUp(at: now))
        // The holder ends its call first.
        case .leased:
            state = .leased(from: .bringingUp)
            return []
        case .absent, .opening, .recovering, .awaitingReturn, .resting, .unusable, .stopped: return []
        }
    }

    private mutating func leased() -> [Action] {
        switch state {
        case .ready, .bringingUp, .settling, .blocked:
            move(to: .leased(from: state))
            return [.abandon]
        case .absent, .opening, .leased, .recovering, .awaitingReturn, .resting, .unusable, .stopped: return []
        }
    }

    private mutating func givenBack(isClean: Bool, at now: ContinuousClock.Instant) -> [Action] {
        guard case .leased(let before) = state else { return [] }
        switch before {
        case .bringingUp: return bringUp(at: now)
        case .ready where isClean: return becomeReady(at: now)
        case .blocked(let trouble) where isClean:
            move(to: .blocked(trouble), until: now + limits.reportPause)
            return []
        case .ready, .blocked, .settling, .absent, .opening, .leased, .recovering, .awaitingReturn, .resting,
            .unusable, .stopped:
            move(to: .settling)
            return check(.afterCall, at: now)
        }
    }

    private mutating func retry(at now: ContinuousClock.Instant) -> [Action] {
        switch state {
        case .resting:
            ladder.rewind()
            return open(at: now)
        case .blocked: return [.abandon] + bringUp(at: now)
        case .absent, .opening, .bringingUp, .ready, .leased, .settling, .recovering, .awaitingReturn, .unusable,
            .stopped:
            return []
        }
    }

    private mutating func timer(at now: ContinuousClock.Instant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        self.deadline = nil
        switch state {
        case .ready, .blocked:
            guard !isChecking else { return [.abandon] + fail(.deaf("a check of the modem never ended"), at: now) }
            checks += 1
            return check(isReady && checks % limits.pingsPerCheck != 1 ? .alive : .full, at: now)
        case .opening: return [.abandon] + fail(.stuck("its ports could not be searched in time"), at: now)
        case .bringingUp: return [.abandon] + fail(.deaf("setting it up took too long"), at: now)
        case .settling: return [.abandon] + fail(.deaf("the look after a call never ended"), at: now)
        case .recovering(_, let trouble): return [.abandon] + fail(trouble, at: now)
        case .awaitingReturn(isGone: true, let trouble):
            let reason = "it did not come back after a reset (\(trouble.reason))"
            return leave(reason: reason) + [.alarm(reason)]
        case .awaitingReturn(isGone: false, let trouble):
            return (trouble == .lineLost ? tellDegraded(trouble.reason) : []) + open(at: now)
        case .resting(_, let gaveUp):
            if gaveUp { ladder.rewind() }
            return open(at: now)
        case .absent, .leased, .unusable, .stopped: return []
        }
    }
}
