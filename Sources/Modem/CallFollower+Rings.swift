package import ATProtocol
internal import CallModel

// A call that comes in: from the first ring to the decision and what becomes of it.
extension CallFollower {
    /// The call that comes in, while ``reducer`` follows it.
    struct Ring: Sendable, Equatable {
        var call: IncomingCall
        var isDecided = false
        var isRefused = false
        var wasAnsweredByUs = false
        /// Whether a `+CLIP` without a number was seen: the next one may have it.
        var hasEmptyCallerLine = false
        var hangUpsBefore: Int
    }

    /// How long after the first ring the list is asked who calls, if no message told: `+CLIP` follows within 0.2 s
    /// where it follows at all.
    static let callerFollowsWithin: Duration = .milliseconds(500)
    /// How long after a bell a caller's line belongs to it; the next bell comes after 3 s at the earliest.
    static let callerLineWithin: Duration = .seconds(2)
    /// How long the number is waited for; by then a second ring has come with its `+CLIP`.
    static let callerKnownWithin: Duration = .milliseconds(6500)

    /// The call that comes in or was answered; nil when there is none.
    package var incomingCall: IncomingCall? { ring?.call }

    /// Whether a call rings that is not being answered.
    package var isRinging: Bool {
        ring != nil && !isOver && reducer?.direction == .incoming && reducer?.phase == .ringing
    }

    /// Whether the call that rings is being refused already.
    package var isRefusing: Bool { ring?.isRefused == true }

    /// Whether ``answer()`` would do anything.
    package var canAnswer: Bool { isRinging && !isRefusing }

    // MARK: Noticing

    /// The modem has said something by itself that may be about a call that comes in.
    package mutating func noticeRing(_ indication: Indication, at now: ContinuousClock.Instant) -> [Step] {
        guard isWatching, let news = RingNews(indication), !isOfOtherBell(news, at: now) else { return [] }
        if let ring, reducer?.isUnanswered == true {
            if let index = ring.call.index, let other = news.index, index != other {
                return noticeWaiting(news, at: now)
            }
            return ringsAgain(news, at: now)
        }
        if isOver {
            guard !followsNoRings else { return [] }
            follow(IncomingCall(id: newID(), index: news.index), at: now)
            learn(news)
            return consider(isNew: true)
        }
        // A ring behind the answer was on its way before it.
        if let ring, news.source != .report || news.index == ring.call.index { return [] }
        return noticeWaiting(news, at: now)
    }

    /// Whether a message belongs to a call for data or fax: its bell, or the caller's line that follows that.
    private mutating func isOfOtherBell(_ news: RingNews, at now: ContinuousClock.Instant) -> Bool {
        switch news.source {
        case .otherBell:
            otherBellAt = now
            return true
        case .bell:
            otherBellAt = nil
            return false
        case .callerLine: return otherBellAt.map { now - $0 < Self.callerLineWithin } ?? false
        case .report: return false
        }
    }

    /// Makes a call that comes in the one that is followed.
    mutating func follow(_ call: IncomingCall, at now: ContinuousClock.Instant) {
        begin()
        reducer = CallReducer(incoming: call.index, rules: rules, listIsUsable: listIsSupported, at: now)
        ring = Ring(call: call, hangUpsBefore: hangUps)
        due.caller = now + Self.callerKnownWithin
        due.silence = now + CallReducer.longestSilence
        due.list = now + Self.callerFollowsWithin
    }

    private mutating func ringsAgain(_ news: RingNews, at now: ContinuousClock.Instant) -> [Step] {
        // The modem rings again and again; when it falls silent the caller is gone.
        due.silence = now + CallReducer.longestSilence
        reducer?.rang(index: news.index)
        let before = ring?.call.caller
        learn(news)
        return ring?.call.caller == before ? [] : consider(isNew: false)
    }

    /// Takes what a message says about the caller; a number is forgotten only for a better one.
    private mutating func learn(_ news: RingNews) {
        if let index = news.index, ring?.call.index == nil { ring?.call.index = index }
        guard let caller = news.caller else { return }
        if let known = ring?.call.number {
            // A report that was misread, or cut short, is put right by the line that is made for it.
            guard news.source == .callerLine, case .number(let number) = caller, number.count > known.count else {
                return
            }
            ring?.call.caller = caller
            return
        }
        switch caller {
        case .number, .withheld: ring?.call.caller = caller
        case .unavailable where ring?.hasEmptyCallerLine == true: ring?.call.caller = caller
        case .unavailable: ring?.hasEmptyCallerLine = true
        case .notYet: break
        }
    }

    /// Takes what a call list says about callers.
    package mutating func identify(from calls: [CallListEntry], at now: ContinuousClock.Instant) -> [Step] {
        let steps = lookForWaiting(in: calls, at: now)
        guard let ring, reducer?.isUnanswered == true else { return steps }
        let entry = calls.first { $0.direction == .incoming && (ring.call.index ?? $0.index) == $0.index }
        guard let entry, entry.mayBeCall else { return steps }
        self.ring?.call.index = entry.index
        guard let number = entry.number, ring.call.number == nil else { return steps }
        self.ring?.call.caller = .number(number)
        return steps + consider(isNew: false)
    }

    mutating func callerStaysUnknown() -> [Step] {
        guard ring?.call.caller == .notYet, reducer?.isUnanswered == true else { return [] }
        ring?.call.caller = .unavailable
        return consider(isNew: false)
    }

    // MARK: Deciding

    /// Has the call decided, and tells of it: in this order, so that telling delays no answer.
    mutating func consider(isNew: Bool) -> [Step] {
        guard let ring else { return [] }
        if ring.call.caller != .notYet { due.caller = nil }
        let telling: Step = .tellRing(isNew ? .ringing(ring.call) : .identified(ring.call))
        return !ring.isDecided && isRinging ? [.decide(ring.call), telling] : [telling]
    }

    /// A call was decided.
    package mutating func decided(_ decision: IncomingDecision, of id: IncomingCall.ID) -> [Step] {
        // No other command leaves the call that is followed alone.
        if waiting?.call.id == id { return decision == .refuse ? [.refuseWaiting] : [] }
        // The decision may have ended in a command of its own.
        guard ring?.call.id == id, ring?.isDecided == false, isRinging else { return [] }
        ring?.isDecided = decision != .later
        switch decision {
        case .answer: return answer()
        case .refuse: return [.refuse]
        case .ignore, .later: return []
        }
    }

    /// Answers the call that rings.
    package mutating func answer() -> [Step] {
        guard canAnswer else { return [] }
        ring?.wasAnsweredByUs = true
        reducer?.answerBegun()
        due.list = nil
        return [.answer]
    }

    /// The command to answer has its final result.
    package mutating func answerReturned(_ result: FinalResult, at now: ContinuousClock.Instant) -> [Step] {
        callReturned()
        defer { expectList(at: now) }
        return apply(reducer?.answerResult(result, at: now), at: now)
    }

    /// The command to answer was not answered in time.
    package mutating func answerUnanswered(at now: ContinuousClock.Instant) -> [Step] {
        callReturned()
        defer { expectList(at: now) }
        return apply(reducer?.answerUnanswered(at: now), at: now)
    }

    /// The call that rings is refused from here on.
    package mutating func refusalBegun() {
        ring?.isRefused = true
        hangUpBegun()
    }

    /// The modem did not answer the call, which rings on.
    mutating func ringGoesOn(_ reason: String, at now: ContinuousClock.Instant) -> [Step] {
        guard let ring else { return [] }
        due.silence = now + CallReducer.longestSilence
        return [.tellRing(.answerFailed(ring.call, reason: reason))]
    }

    mutating func forgetRing() {
        due.caller = nil
        due.silence = nil
        ring = nil
    }

    func end(of ring: Ring) -> IncomingEnd {
        let isByUs = hangUps > ring.hangUpsBefore
        if reducer?.wasAnswered == true { return isByUs ? .local : .remote }
        if ring.isRefused { return .refused }
        if ring.wasAnsweredByUs { return isByUs ? .local : .goneWhileAnswering }
        return .missed
    }
}
