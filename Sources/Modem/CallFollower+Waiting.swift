internal import ATProtocol
internal import CallModel

// A call that comes in while another is followed.
extension CallFollower {
    /// The call that waits behind the one that is followed.
    struct Waiting: Sendable, Equatable {
        var call: IncomingCall
        var seenAt: ContinuousClock.Instant

        /// Whether an entry of the call list is this call.
        func matches(_ entry: CallListEntry) -> Bool {
            entry.direction == .incoming && (call.index ?? entry.index) == entry.index
                && (entry.state == .incoming || entry.state == .waiting)
        }
    }

    /// How long a waiting call that is not listed is taken to be there.
    static let waitingIsSilentAfter: Duration = .seconds(15)

    /// Takes a message about a call that comes in during another.
    mutating func noticeWaiting(_ news: RingNews, at now: ContinuousClock.Instant) -> [Step] {
        guard !followsNoRings else { return [] }
        guard var waiting else {
            let caller = news.caller ?? .notYet
            let call = IncomingCall(id: newID(), index: news.index, caller: caller, isWaiting: true)
            waiting = Waiting(call: call, seenAt: now)
            due.waiting = now + Self.waitingIsSilentAfter
            return [.decide(call), .tellRing(.ringing(call))]
        }
        waiting.seenAt = now
        if waiting.call.index == nil { waiting.call.index = news.index }
        let isNews = waiting.call.number == nil && news.caller.map { $0 != waiting.call.caller } == true
        if isNews, let caller = news.caller { waiting.call.caller = caller }
        self.waiting = waiting
        return isNews ? [.decide(waiting.call), .tellRing(.identified(waiting.call))] : []
    }

    /// The time has come to look whether the waiting call still shows.
    mutating func waitingIsSilent(at now: ContinuousClock.Instant) -> [Step] {
        guard let waiting else { return [] }
        if now - waiting.seenAt >= Self.waitingIsSilentAfter, !tellsCalls { return waitingEnded() }
        due.waiting = now + Self.waitingIsSilentAfter
        return []
    }

    /// Takes what a call list says; one that may be older than the call says nothing about it.
    mutating func lookForWaiting(in calls: [CallListEntry], at now: ContinuousClock.Instant) -> [Step] {
        guard let waiting else { return [] }
        if let entry = calls.first(where: { waiting.matches($0) }) {
            self.waiting?.call.index = entry.index
            self.waiting?.seenAt = now
            return []
        }
        return now - waiting.seenAt >= .seconds(1) ? waitingEnded() : []
    }

    /// The call that waited is there no more.
    private mutating func waitingEnded() -> [Step] {
        guard let waiting else { return [] }
        self.waiting = nil
        due.waiting = nil
        return [.tellRing(.released(waiting.call, .missed, CallRelease(kind: .unknown)))]
    }

    /// The call in front of it is over: what waited rings now, if it is still there.
    mutating func takeUpWaiting(at now: ContinuousClock.Instant) -> [Step] {
        guard var call = waiting?.call, isOver else { return [] }
        waiting = nil
        due.waiting = nil
        call.isWaiting = false
        follow(call, at: now)
        // It was there before: a list without it tells that the caller has gone.
        reducer?.rangBefore()
        return consider(isNew: true)
    }
}
