package import ATProtocol
package import CallModel

// From the first word of an end to its telling.
extension CallFollower {
    /// How long after an end before anything rang the call may still come up: a change of network takes 2 to 4 s.
    static let comesUpWithin: Duration = .seconds(4)
    /// How long the result of a command is waited for behind the word of the call's end, which may stand in for it.
    static let lateResult: Duration = .milliseconds(500)
    /// How long the word for an end that nothing explains may follow behind the cause.
    static let lateWord: Duration = .milliseconds(300)

    /// The reducer has seen the end.
    mutating func ended(_ release: CallRelease, at now: ContinuousClock.Instant) -> [Step] {
        guard !isEnding else { return [] }
        self.release = release
        endIsInferred = release.isInferred
        if release.mayComeUp { secondLookAt = now + Self.comesUpWithin }
        due.list = nil
        endedAt = now
        if hasRestarted { return fail(.vanished, at: now) }
        // Not waited for much longer, so that the cause can be asked for.
        expireDigit(at: now + Self.lateResult)
        expireCall(at: now + Self.lateResult)
        guard release.cause == nil, isReachable else { return tellEnd(release, at: now) }
        // Why a caller gave up is of no interest, and the next one may ring at any moment.
        if reducer?.direction == .incoming, reducer?.wasAnswered == false { return tellEnd(release, at: now) }
        guard restartIsSuspected else { return [.askForCause] }
        restartIsSuspected = false
        return [.lookForRestart]
    }

    /// A setting has told whether the modem restarted in the call.
    package mutating func lookedForRestart(found: Bool, at now: ContinuousClock.Instant) -> [Step] {
        // Its calls died with it; what the far side made of that is unknown.
        found ? fail(.vanished, at: now) : [.askForCause]
    }

    /// The modem has told why the call ended, or not.
    package mutating func explained(by cause: ReleaseCause?, at now: ContinuousClock.Instant) -> [Step] {
        guard var release else { return [] }
        if let cause {
            release.cause = cause.code.flatMap { (1...127).contains($0) ? $0 : nil }
            if release.text == nil { release.text = cause.text }
        }
        self.release = release
        // A call that was not answered and ended without a reason: the word for it may be right behind.
        guard release.kind == .unknown, release.cause == nil, reducer?.wasAnswered == false, isReachable else {
            return tellEnd(release, at: now)
        }
        due.release = now + Self.lateWord
        return []
    }

    /// Tells the end, once the modem was told to hang up too where it is not certain.
    mutating func tellEnd(_ release: CallRelease, at now: ContinuousClock.Instant) -> [Step] {
        due.release = nil
        let isCertain = !endIsInferred && !release.mayComeUp
        guard !isOver, !isCertain, !endIsConcluded, isReachable else { return conclude(release, at: now) }
        return [.hangUpForSure(release)]
    }

    /// The modem was told to hang up, for the sake of an end that is not certain.
    package mutating func hungUpForSure(_ release: CallRelease, at now: ContinuousClock.Instant) -> [Step] {
        conclude(self.release ?? release, at: now)
    }

    /// The call is over, and is told to be.
    package mutating func conclude(_ release: CallRelease, at now: ContinuousClock.Instant) -> [Step] {
        guard !isOver else { return [] }
        isOver = true
        followsNoRings = false
        due.release = nil
        return tellRelease(release) + takeUpWaiting(at: now)
    }

    /// The modem is lost: the call's fate is unknown and stays so.
    package mutating func fail(_ error: ModemError, at now: ContinuousClock.Instant) -> [Step] {
        guard !isOver else { return [] }
        isOver = true
        followsNoRings = false
        endedAt = now
        due = Deadlines(callCommand: due.callCommand, digitCommand: due.digitCommand)
        var steps: [Step] = []
        if let ring { steps.append(.tellRing(.failed(ring.call, error))) } else { steps.append(.tell(.failed(error))) }
        ring = nil
        if let waiting { steps.append(.tellRing(.failed(waiting.call, error))) }
        waiting = nil
        return steps
    }

    private mutating func tellRelease(_ release: CallRelease) -> [Step] {
        guard let ring else { return [.tell(.released(release))] }
        let end = end(of: ring)
        forgetRing()
        return [.tellRing(.released(ring.call, end, release))]
    }
}
