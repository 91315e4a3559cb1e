internal import ATProtocol
internal import CallModel

// A list that does not show the call: when that is its end.
extension CallReducer {
    /// How long a call must be missing from every list before its end is concluded from that alone.
    static let missingFor: Duration = .seconds(1)
    /// How long a modem that did not answer the dial command may take to list the call, from that command on.
    static let silentFor: Duration = .seconds(30)

    /// How long a list may contradict `CONNECT`, where that is the dial command's own result.
    ///
    /// By V.250 §6.3.1 the connection is there, and the QUALCOMM M6280 lists a call as being dialled while people talk.
    static let contradictedFor: Duration = .seconds(3)

    func isContradictedForLong(at now: ContinuousClock.Instant) -> Bool {
        connectResultAt.map { now - $0 >= Self.contradictedFor } == true
    }

    mutating func missingFromList(
        beside list: [CallListEntry],
        at now: ContinuousClock.Instant
    ) -> [Effect] {
        miss(at: now)
        if let endSuspected { return end(endSuspected) }
        if isHangingUp { return end(CallRelease(kind: .unknown)) }
        if !seenInList {
            let others = list.contains(where: isCandidate)
            // Beside another call it may be that one's answer which was reported.
            if connectReportedAt != nil, !others {
                // The modem says that the call is up and has never listed it: its list is of no use.
                listIsUsable = false
                return answer()
            }
            if dialUnanswered {
                guard emptyLists >= rules.emptyListsToEnd, now - startedAt >= Self.silentFor else { return [] }
                return end(silent("the modem did not answer ATD and lists no call"))
            }
            // Accepted, and not to be seen yet: patience, but not for ever.
            guard phase != .active, now - startedAt >= rules.appearsWithin else { return [] }
            let instead = others ? "listed another one instead" : "never listed it"
            let text = "the modem accepted the call but \(instead)"
            return end(CallRelease(kind: .unknown, text: text, isInferred: true))
        }
        return isLost(at: now) ? endMissing(beside: list) : []
    }

    /// Ends a call that the list shows no more; where it shows another, the list is no mere `OK`, and its word is good.
    mutating func endMissing(beside list: [CallListEntry]) -> [Effect] {
        end(CallRelease(kind: .unknown, isInferred: !list.contains { $0.mayBeCall && $0.state != .disconnected }))
    }

    /// The list has left the call out.
    mutating func miss(at now: ContinuousClock.Instant) {
        emptyLists += 1
        missingSince = missingSince ?? now
    }

    /// Whether the lists have left the call out for long enough to conclude its end.
    func isLost(at now: ContinuousClock.Instant) -> Bool {
        emptyLists >= rules.emptyListsToEnd && missingSince.map { now - $0 >= Self.missingFor } == true
    }
}
