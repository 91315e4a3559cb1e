package import ATProtocol
internal import CallModel

/// A call that comes in.
///
/// | phase | result of `ATA` | report: connected | report: ended | list: ringing | list: active | list: empty |
/// |---|---|---|---|---|---|---|
/// | ringing | – | ask for the list | ended; a bare word: ask for the list | – | answered (not by us) | ended after the family's count, once it was listed |
/// | answering | `OK`: ask for the list; else: ask, it may ring on | ask for the list | the same | back to ringing, once the command has failed | answered | ended 3 s after `OK`, unless the list is of no use |
/// | active | – | – | the same | – | – | ended after the family's count and a second |
/// | ended | – | – | – | – | – | – |
///
/// From the command to answer on, an end that only empty lists tell of is inferred, and made true by hanging up.
///
/// `OK` to `ATA` is believed by itself only where the modem neither lists its calls nor reports on them.
extension CallReducer {
    /// What became of the command to answer.
    enum AnswerCommand: Sendable, Equatable {
        case none
        case sent
        case accepted(at: ContinuousClock.Instant)
        case refused(String)
    }

    /// How long a ring may be silent before the caller is taken to be gone: two periods of the slowest ring known.
    static let longestSilence: Duration = .seconds(11)
    /// How long a modem that has said `OK` may go on listing the call as ringing.
    static let answerSettles: Duration = .seconds(10)

    /// How long a modem that has said `OK` may leave the call out of its list: 1.5 s were seen.
    static let answerAppearsWithin: Duration = .seconds(3)

    /// Starts to follow a call that comes in.
    ///
    /// - Parameter index: the call's index in the list, where the ring told it.
    package init(
        incoming index: Int?,
        rules: CallRules,
        listIsUsable: Bool,
        at now: ContinuousClock.Instant
    ) {
        self.init(.incoming, rules: rules, listIsUsable: listIsUsable, at: now)
        self.index = index
        phase = .ringing
    }

    /// Whether the call is followed and not answered yet.
    var isUnanswered: Bool { phase == .ringing || phase == .answering }

    /// The call was there before it was followed, so that lists that leave it out are its end.
    package mutating func rangBefore() {
        seenInList = listIsUsable
    }

    /// The modem has rung again.
    package mutating func rang(index reported: Int?) {
        index = index ?? reported
    }

    /// The modem has not rung for ``longestSilence``.
    package mutating func ringIsSilent(at now: ContinuousClock.Instant) -> [Effect] {
        guard phase == .ringing else { return [] }
        if seenInList, listIsUsable { return [.askForCallList] }
        return end(CallRelease(kind: .unknown, isInferred: wasToldToAnswer))
    }

    /// The command to answer is on its way.
    package mutating func answerBegun() {
        guard phase == .ringing else { return }
        phase = .answering
        wasToldToAnswer = true
        answerCommand = .sent
    }

    /// The command to answer has its final result.
    package mutating func answerResult(_ result: FinalResult, at now: ContinuousClock.Instant) -> [Effect] {
        guard phase == .answering else { return [] }
        switch result {
        case .ok, .connect:
            answerCommand = .accepted(at: now)
            return mayAskForCallList ? [.askForCallList] : answer()
        case .noCarrier, .busy, .noAnswer, .noDialtone:
            answerCommand = .refused("the call was gone")
            return suspectEnd(CallRelease(kind: .unknown))
        case .error, .commandNotSupported, .tooManyParameters:
            return answerRefused("the modem refused to answer")
        case .equipmentError(let error), .messageError(let error), .vendorError(let error):
            return answerRefused("the modem refused to answer: \(error.words)")
        }
    }

    /// The command to answer was not answered in time; the list knows what it did.
    package mutating func answerUnanswered(at now: ContinuousClock.Instant) -> [Effect] {
        guard phase == .answering else { return [] }
        answerCommand = .refused("no answer to ATA")
        if connectReportedAt != nil, !listIsUsable { return answer() }
        return mayAskForCallList ? [.askForCallList] : answerRefused("no answer to ATA")
    }

    /// The call was hung up as well as can be, and nothing on this modem will ever tell that it is gone.
    package mutating func endIsConcluded() -> [Effect] {
        guard direction == .incoming, phase != .ended else { return [] }
        let text = "the modem accepted the hang-up and can't show what it did"
        return end(CallRelease(kind: .unknown, text: text, isInferred: true))
    }

    // MARK: Parts

    /// The list shows the call, and it rings.
    mutating func stillRinging(at now: ContinuousClock.Instant) -> [Effect] {
        guard direction == .incoming, phase == .answering else { return [] }
        switch answerCommand {
        case .none, .sent: return []
        case .accepted(let since):
            guard now - since >= Self.answerSettles else { return [] }
            return answerRefused("the modem said OK, but the call rings on")
        case .refused(let reason): return answerRefused(reason)
        }
    }

    /// The list does not show the call.
    mutating func ringMissingFromList(beside list: [CallListEntry], at now: ContinuousClock.Instant) -> [Effect] {
        miss(at: now)
        if let endSuspected { return end(endSuspected) }
        if isHangingUp { return end(CallRelease(kind: .unknown)) }
        switch phase {
        case .active: return seenInList && isLost(at: now) ? endMissing(beside: list) : []
        // As long as the modem rings and says nothing else, a list that has never shown it is of no use.
        case .ringing:
            guard seenInList, emptyLists >= rules.emptyListsToEnd else { return [] }
            return end(CallRelease(kind: .unknown, isInferred: wasToldToAnswer))
        case .answering: break
        case .dialing, .alerting, .ended: return []
        }
        guard emptyLists >= rules.emptyListsToEnd else { return [] }
        switch answerCommand {
        case .none, .sent: return []
        case .accepted where connectReportedAt != nil && !seenInList:
            listIsUsable = false
            return answer()
        case .accepted(let since): guard now - since >= Self.answerAppearsWithin else { return [] }
        // A modem that was lost in the middle of answering has lost the call as well.
        case .refused: guard isLost(at: now) else { return [] }
        }
        let text = "the modem was told to answer, but lists no call"
        return end(CallRelease(kind: .unknown, text: text, isInferred: true))
    }

    /// The list was refused.
    mutating func answerWithoutList(isPermanent: Bool) -> [Effect] {
        guard phase == .answering, isPermanent else { return [] }
        switch answerCommand {
        case .none, .sent: return []
        case .accepted: return answer()
        case .refused(let reason): return answerRefused(reason)
        }
    }

    private mutating func answerRefused(_ reason: String) -> [Effect] {
        phase = .ringing
        answerCommand = .none
        return [.answerFailed(reason)] + ask()
    }
}
