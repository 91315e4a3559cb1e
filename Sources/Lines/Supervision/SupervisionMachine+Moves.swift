// Moving on: what a state is left for, and what that takes.
extension SupervisionMachine {
    mutating func move(to next: State, until deadline: ContinuousClock.Instant? = nil) {
        state = next
        self.deadline = deadline
        isChecking = false
    }

    mutating func open(at now: ContinuousClock.Instant) -> [Action] {
        move(to: .opening, until: now + limits.openingWithin)
        return [.begin(.open)]
    }

    mutating func bringUp(at now: ContinuousClock.Instant) -> [Action] {
        move(to: .bringingUp, until: now + limits.bringUpWithin)
        return [.begin(.bringUp)]
    }

    mutating func check(_ extent: Extent, at now: ContinuousClock.Instant) -> [Action] {
        isChecking = true
        deadline = now + limits.checkWithin
        return [.begin(.check(extent))]
    }

    mutating func becomeReady(at now: ContinuousClock.Instant) -> [Action] {
        move(to: .ready, until: now + limits.pingInterval)
        if readySince == nil { readySince = now }
        blockedSince = nil
        wasReady = true
        checks = 1
        guard told != .ready else { return [] }
        told = .ready
        return [.tell(.ready)]
    }

    func isOfLine(_ trouble: Trouble) -> Bool {
        switch trouble {
        case .deaf, .stuck, .lineLost, .loop, .unopenable: true
        case .card, .cardFailure, .noService: false
        }
    }

    /// A modem that was ready for long enough begins at the bottom of the ladder.
    mutating func judgeTime(at now: ContinuousClock.Instant) {
        if let readySince, now - readySince >= limits.provenAfter { ladder.reset() }
        readySince = nil
    }

    mutating func fail(_ trouble: Trouble, at now: ContinuousClock.Instant) -> [Action] {
        judgeTime(at: now)
        switch trouble {
        case .card, .cardFailure, .noService: return block(trouble, at: now)
        case .deaf, .stuck, .lineLost, .loop, .unopenable: return climb(trouble, at: now)
        }
    }

    /// The modem answers, so it stays open and is looked at; a radio or modem that is out of order is helped after a
    /// while.
    mutating func block(_ trouble: Trouble, at now: ContinuousClock.Instant) -> [Action] {
        let since = blockedSince ?? now
        let isFirst = blockedSince == nil || state == .bringingUp
        blockedSince = since
        if trouble.mayHelpItself, now - since >= ladder.patience(limits),
            let rung = ladder.nextGentle(rungs, limits, at: now)
        {
            blockedSince = now
            return tellDegraded(trouble.reason) + perform(rung, trouble, at: now)
        }
        let interval = isFirst ? limits.reportPause : trouble.mayHelpItself ? limits.pingInterval : limits.cardInterval
        move(to: .blocked(trouble), until: now + interval)
        return tellDegraded(trouble.reason)
    }

    /// The line to the modem is out of order: up the ladder, and a rest at its end.
    mutating func climb(_ trouble: Trouble, at now: ContinuousClock.Instant) -> [Action] {
        blockedSince = nil
        switch ladder.next(for: trouble, rungs, limits, at: now) {
        case .rest(let pause):
            move(to: .resting(trouble, gaveUp: false), until: now + pause)
            return [.abandon, .close] + tellDegraded(trouble.reason)
        case .perform(let rung): return tellDegraded(trouble.reason) + perform(rung, trouble, at: now)
        case .giveUp(let pause):
            let isFirst = ladder.surrenders == 1
            move(to: .resting(trouble, gaveUp: true), until: now + pause)
            return [.abandon, .close] + tellDegraded(trouble.reason) + (isFirst ? [.alarm(trouble.reason)] : [])
        }
    }

    mutating func perform(_ rung: Rung, _ trouble: Trouble, at now: ContinuousClock.Instant) -> [Action] {
        move(to: .recovering(rung, trouble), until: now + limits.rungWithin)
        return [.begin(.perform(rung))]
    }

    mutating func tellFound() -> [Action] {
        guard told == .nothing else { return [] }
        told = .found
        return [.tell(.found)]
    }

    mutating func tellDegraded(_ reason: String) -> [Action] {
        guard told != .degraded(reason) else { return [] }
        told = .degraded(reason)
        return [.tell(.degraded(reason))]
    }
}
