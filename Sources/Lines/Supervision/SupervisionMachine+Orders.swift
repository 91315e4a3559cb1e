// What a person orders.
extension SupervisionMachine {
    /// Restarts a modem that is not lent, by the most thorough of the gentle means; what comes after is as for any trouble.
    mutating func restart(at now: ContinuousClock.Instant) -> [Action] {
        guard let rung = [Rung.familyReset, .restart, .usb].first(where: rungs.contains) else { return [] }
        return restart(by: rung, because: "being restarted by hand", at: now)
    }

    /// Restarts a modem whose sound is worn, by its own command, which alone helps (callpilot #121); once an hour at most: where that
    /// does not help, nothing does, and it is slow rather than worn.
    mutating func soundIsWorn(at now: ContinuousClock.Instant) -> [Action] {
        guard rungs.contains(.familyReset) else { return [] }
        if let last = soundRestartedAt, now - last < limits.soundRestartsApart { return [] }
        let actions = restart(
            by: .familyReset,
            because: "being restarted, because its sound gets worse from call to call",
            at: now
        )
        if !actions.isEmpty { soundRestartedAt = now }
        return actions
    }

    private mutating func restart(
        by rung: Rung,
        because reason: String,
        at now: ContinuousClock.Instant
    ) -> [Action] {
        switch state {
        case .bringingUp, .ready, .settling, .blocked, .resting:
            let trouble = Trouble.deaf(reason)
            judgeTime(at: now)
            blockedSince = nil
            return [.abandon] + tellDegraded(trouble.reason) + perform(rung, trouble, at: now)
        case .absent, .opening, .leased, .recovering, .awaitingReturn, .unusable, .stopped: return []
        }
    }
}
