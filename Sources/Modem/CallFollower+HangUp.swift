package import ATProtocol
internal import CallModel

// Our own end of a call, and the look whether it is gone.
extension CallFollower {
    /// How long after its dial command a call may still appear in the list, although dialling was broken off.
    static let appearsLateWithin: Duration = .seconds(5)

    /// Our side begins to end the call that there is.
    package mutating func hangUpRequested() {
        hangUps += 1
    }

    /// The commands that end the call go out now.
    package mutating func hangUpBegun() {
        due.list = nil
        reducer?.hangUpBegun()
    }

    /// Everything was done to end the call, and nothing on this modem will ever tell that it is gone.
    package mutating func hangUpConcluded(at now: ContinuousClock.Instant) -> [Step] {
        endIsConcluded = true
        return apply(reducer?.endIsConcluded(), at: now)
    }

    /// How many empty lists in a row show that no call is left: three where one was caught leaving a call out and showing it
    /// again.
    ///
    /// - Parameter afterHangUp: whether a call was just ended, whose dialling may have been broken off: then it is two, where
    ///   it may yet appear.
    package func emptyListsNeeded(afterHangUp: Bool, at now: ContinuousClock.Instant) -> Int {
        if listFlickers { return 3 }
        return afterHangUp && dialedAt.map { now - $0 < Self.appearsLateWithin } == true ? 2 : 1
    }

    /// The calls of a list that our side has to end.
    package func toBeEnded(in calls: [CallListEntry]) -> [CallListEntry] {
        calls.filter { call in
            guard call.mayBeCall, call.state != .disconnected else { return false }
            guard call.direction == .incoming, call.state == .incoming || call.state == .waiting else { return true }
            // A call that rings here is not ours to end, but for the one that we were just answering.
            return reducer?.direction == .incoming && reducer?.phase == .answering
        }
    }
}
