package import ATProtocol

// When the call list is asked for, and what its answers mean.
extension CallFollower {
    /// How far the asking has come.
    struct Listing: Sendable, Equatable {
        var isUnderWay = false
        /// Whether to ask once more, because the answer under way may be older than the question.
        var isWantedAgain = false
        /// How many in a row were not answered.
        var unanswered = 0
        /// How many in a row were refused.
        var refused = 0
    }

    /// How many refusals of the list in a row say that there is none: in a call's set-up it may be refused in passing.
    private static let refusalsToBelieve = 10
    /// How many lists without an answer say so.
    private static let silencesToBelieve = 2

    /// Asks for the call list now, or once more when an answer is under way.
    package mutating func look() -> [Step] {
        due.list = nil
        guard !isOver, reducer?.mayPoll == true else { return [] }
        if listing.isUnderWay {
            listing.isWantedAgain = true
            return []
        }
        listing.isUnderWay = true
        listing.isWantedAgain = false
        return [.askForCallList]
    }

    /// The list that ``look()`` asked for has come.
    package mutating func listed(_ calls: [CallListEntry], at now: ContinuousClock.Instant) -> [Step] {
        listing.isUnderWay = false
        listing.unanswered = 0
        listing.refused = 0
        listIsSupported = true
        let steps = identify(from: calls, at: now) + saw(calls, at: now)
        if reducer?.listFlickers == true { listFlickers = true }
        return steps + lookAgain(at: now)
    }

    /// The list that ``look()`` asked for was refused.
    package mutating func listRefused(at now: ContinuousClock.Instant) -> [Step] {
        listing.isUnderWay = false
        listing.refused += 1
        if listing.refused >= Self.refusalsToBelieve { listIsSupported = false }
        return apply(reducer?.callListRefused(isPermanent: !listIsSupported, at: now), at: now) + lookAgain(at: now)
    }

    /// The list that ``look()`` asked for did not come.
    ///
    /// - Parameter isSilence: whether the modem did not answer, as against a question that had to make way.
    package mutating func listUnanswered(isSilence: Bool, at now: ContinuousClock.Instant) -> [Step] {
        listing.isUnderWay = false
        guard isSilence else { return lookAgain(at: now) }
        listing.unanswered += 1
        guard listing.unanswered >= Self.silencesToBelieve else { return lookAgain(at: now) }
        // From here on the modem's own reports have to do.
        listIsSupported = false
        return apply(reducer?.callListRefused(isPermanent: true, at: now), at: now) + lookAgain(at: now)
    }

    /// A list has come that was asked for elsewhere, to see whether the call is gone.
    package mutating func saw(_ calls: [CallListEntry], at now: ContinuousClock.Instant) -> [Step] {
        let steps = apply(reducer?.callList(calls, at: now), at: now)
        // A modem that lists the call has not lost it: what it said of a start was of an earlier one.
        if !isEnding, reducer?.isListed == true { hasRestarted = false }
        return steps
    }

    /// Plans the next look.
    mutating func expectList(at now: ContinuousClock.Instant) {
        guard !isEnding, !listing.isUnderWay, let reducer else { return }
        due.list = now + reducer.pollInterval
    }

    private mutating func lookAgain(at now: ContinuousClock.Instant) -> [Step] {
        if listing.isWantedAgain { return look() }
        expectList(at: now)
        return []
    }
}
