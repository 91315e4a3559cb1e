// What a person orders.
extension SupervisionMachine {
    /// Restarts a modem that is not lent, by the most thorough of the gentle means; what comes after is as for any trouble.
    mutating func restart(at now: ContinuousClock.Instant) -> [Action] {
        guard let rung = [Rung.familyReset, .restart, .usb].first(where: rungs.contains) else { return [] }
        switch state {
        case .bringingUp, .ready, .settling, .blocked, .resting:
            let trouble = Trouble.deaf("being restarted by hand")
            judgeTime(at: now)
            blockedSince = nil
            return [.abandon] + tellDegraded(trouble.reason) + perform(rung, trouble, at: now)
        case .absent, .opening, .leased, .recovering, .awaitingReturn, .unusable, .stopped: return []
        }
    }
}
