package import ATProtocol
package import CallModel

/// One call on one modem, made out of dial results, the family's reports and call lists.
///
/// `+CLCC` is the truth and unsolicited lines are the trigger: a report of an answer makes the reducer ask
/// for the list, and the answer is believed when the list says *active*. Where the family must not be asked while it
/// dials, or knows no list, the report itself is believed; `OK` to a dial command never is, unless the driver says that
/// it blocks until the answer.
///
/// | phase | dial result | report: alerting | report: connected | report: ended | list: our call | list: empty |
/// |---|---|---|---|---|---|---|
/// | dialing | per driver | alerting | ask for the list | ended; a bare word: ask for the list | adopted as it is | ended after the grace time |
/// | alerting | per driver | – | ask for the list | the same | adopted as it is | ended after the family's count and a second |
/// | active | – | – | – | the same | – | ended after the family's count and a second |
/// | ended | – | – | – | – | – | – |
///
/// An end that only empty lists tell of is *inferred*: modems were seen to answer with a bare `OK` while people talked,
/// so the follower of the call hangs up to make it true.
///
/// Another program on the modem, or the SIM's own toolkit, may call too. Which entry of a list is the call that is
/// followed is decided in `CallReducer+Adoption.swift`.
///
/// A call that comes in is followed by the same struct; what is different for it is in `CallReducer+Incoming.swift`.
package struct CallReducer: Sendable, Equatable {
    /// Where the call is.
    package enum Phase: Sendable, Hashable {
        case dialing
        case alerting
        /// A call comes in.
        case ringing
        /// The modem was told to answer.
        case answering
        /// Answered, perhaps on hold.
        case active
        case ended
    }

    /// What the shell has to do or tell.
    package enum Effect: Sendable, Hashable {
        /// Ask for the call list now.
        case askForCallList
        /// The far end is ringing.
        case alerting
        /// The far end has answered; of a call that comes in: we have.
        case answered
        /// The modem did not answer the call, which rings on; why. Only of a call that comes in.
        case answerFailed(String)
        /// The call is over. Said once.
        case ended(CallRelease)
    }

    /// Where the call is.
    package internal(set) var phase: Phase = .dialing
    /// The call's index in the list, once known.
    package internal(set) var index: Int?
    /// Whether `+CLCC` is of use on this modem; false after it was refused or never showed a call that was there.
    package internal(set) var listIsUsable: Bool
    /// Which side began the call.
    package let direction: CallDirection

    /// The number that was dialled; nil where any call of ours will do, as when help is called.
    let dialled: String?
    /// What is known of the call's own entry in the list.
    var identity = Identity()
    let rules: CallRules
    let startedAt: ContinuousClock.Instant
    var accepted = false
    var seenInList = false
    var emptyLists = 0
    /// When the first of the empty lists came.
    var missingSince: ContinuousClock.Instant?
    /// Whether the list has left the call out and shown it again.
    private(set) var listFlickers = false
    var connectReportedAt: ContinuousClock.Instant?
    /// When `CONNECT` came as the dial command's own result.
    var connectResultAt: ContinuousClock.Instant?
    var endSuspected: CallRelease?
    /// Whether the modem was told to answer, with any result.
    var wasToldToAnswer = false
    /// What became of the command to answer a call that came in.
    var answerCommand = AnswerCommand.none
    /// The word that said most about why the call ended or will end: `BUSY` is not forgotten for a `NO CARRIER`.
    private var word: CallRelease.Kind?
    /// An end that was reported before the dial command was answered: an earlier call's, most likely.
    private var earlyEnd: CallRelease?
    var dialUnanswered = false
    private var inReportedList = false
    var isHangingUp = false
    private var hasReports = false

    /// Starts to follow a call that is about to be dialled.
    ///
    /// - Parameter number: what is dialled, so that no other call is taken for this one; nil where the list may show it
    ///   under any number, as a call for help.
    package init(dialling number: String?, rules: CallRules, listIsUsable: Bool, at now: ContinuousClock.Instant) {
        self.init(.outgoing, dialled: number, rules: rules, listIsUsable: listIsUsable, at: now)
    }

    /// Starts to follow a call that is up already, as the list shows it.
    init(adopted entry: CallListEntry, rules: CallRules, at now: ContinuousClock.Instant) {
        self.init(entry.direction, dialled: entry.number, rules: rules, listIsUsable: true, at: now)
        phase = .active
        index = entry.index
        identity.learn(from: entry, dialled: dialled)
        accepted = true
        seenInList = true
        wasAnswered = true
    }

    init(
        _ direction: CallDirection,
        dialled: String? = nil,
        rules: CallRules,
        listIsUsable: Bool,
        at now: ContinuousClock.Instant
    ) {
        self.direction = direction
        self.dialled = dialled
        self.rules = rules
        self.listIsUsable = listIsUsable
        startedAt = now
    }

    /// Whether asking for the list is allowed and useful now.
    package var mayAskForCallList: Bool {
        // A list that failed is asked for all the same where nothing else tells of the answer.
        (listIsUsable || !hasReports) && phase != .ended
            && (rules.asksWhileDialing || phase == .active || accepted || dialUnanswered || direction == .incoming)
    }

    /// Whether the list may be looked at now and then: while people talk also where only reports are believed, because
    /// they end with the modem's settings when it restarts.
    var mayPoll: Bool { mayAskForCallList || phase == .active }

    /// Whether the modem has reported the answer, believed or not.
    package var answerIsReported: Bool { connectReportedAt != nil }

    /// Whether the modem has said that some call ended, so that the list is to tell whether it was this one.
    var endIsSuspected: Bool { endSuspected != nil && phase != .ended }

    /// Whether the last list showed the call, and nothing was said against it since.
    var isListed: Bool { seenInList && !isMissed && endSuspected == nil && phase != .ended }

    /// Whether the last list did not show the call.
    var isMissed: Bool { emptyLists > 0 }

    /// Whether the far end has answered, be the call over or not.
    package private(set) var wasAnswered = false

    /// Whether the list shows, or a report showed, that the modem has the call.
    package var wasSeen: Bool { seenInList || index != nil || connectReportedAt != nil }

    /// How long to wait before the list is worth asking for again.
    ///
    /// 1 s while the call is set up and 2 s while people talk, as peers do; quicker where the last answers left a
    /// question open.
    package var pollInterval: Duration {
        if !listIsUsable { return hasReports && phase == .active ? .seconds(30) : .seconds(5) }
        if emptyLists > 0, seenInList { return .milliseconds(300) }
        if phase == .ringing, endSuspected == nil { return .seconds(2) }
        if phase != .active, connectReportedAt != nil || endSuspected != nil { return .milliseconds(250) }
        // Without a report of the family's so far, only the list will show an answer: look more often.
        if phase != .active, !seenInList || !hasReports { return .milliseconds(500) }
        return phase == .active ? .seconds(2) : .seconds(1)
    }

    /// Our side is ending the call: an empty list is its end now, no matter what was seen before.
    package mutating func hangUpBegun() {
        isHangingUp = true
    }

    // MARK: Results of the dial command

    /// The dial command has its final result.
    package mutating func dialResult(_ result: FinalResult, at now: ContinuousClock.Instant) -> [Effect] {
        guard phase != .ended else { return [] }
        switch result {
        case .ok:
            switch rules.dialCompletion {
            case .immediate:
                accepted = true
                return ask()
            case .onAnswer:
                accepted = true
                return connected(at: now)
            case .onConnectWord:
                // Such sticks say OK when the far end rejected; the list tells, now that nothing is being dialled.
                accepted = true
                endSuspected = CallRelease(kind: .rejected)
                return listIsUsable ? ask() : end(CallRelease(kind: .rejected))
            }
        case .connect:
            accepted = true
            connectResultAt = now
            return connected(at: now)
        case .busy: return end(CallRelease(kind: .busy))
        case .noAnswer: return end(CallRelease(kind: .noAnswer))
        case .noDialtone: return end(CallRelease(kind: .noService))
        case .noCarrier: return end(CallRelease(kind: .unknown))
        case .commandNotSupported:
            return end(CallRelease(kind: .noService, text: "the modem knows no dial command: it makes no calls"))
        case .error, .tooManyParameters:
            return end(CallRelease(kind: .refusedByModem, text: "the modem refused the dial command"))
        case .equipmentError(let error), .messageError(let error), .vendorError(let error):
            // No network service, network timeout, emergency calls only; not supported by a stick without voice; no card,
            // or a locked one (27.007 §9.2).
            let kind: CallRelease.Kind =
                switch error.code ?? 0 {
                case 4, 30, 31, 32: .noService
                case 10...13, 15...18: .noCard
                default: .refusedByModem
                }
            return end(CallRelease(kind: kind, text: "the modem refused the dial command: \(error.words)"))
        }
    }

    /// The dial command was not answered in time; whether the modem dials is unknown until the list is seen.
    package mutating func dialUnanswered(at now: ContinuousClock.Instant) -> [Effect] {
        guard phase != .ended else { return [] }
        dialUnanswered = true
        if wasSeen { return ask() }
        return listIsUsable ? [.askForCallList] : end(silent("no answer to ATD"))
    }

    // MARK: Unsolicited lines

    /// A message of the modem's.
    package mutating func report(_ indication: Indication, at now: ContinuousClock.Instant) -> [Effect] {
        guard phase != .ended else { return [] }
        if case .listed(let entry) = indication {
            // A list ends with an empty line; an empty line alone says that there is no call.
            defer { inReportedList = entry != nil }
            if entry == nil { return inReportedList ? [] : suspectEnd(CallRelease(kind: .unknown)) }
        }
        guard let report = CallReport(indication), report.direction ?? direction == direction else { return [] }
        switch report.event {
        // Who rings is noticed elsewhere.
        case .ringing, .irrelevant: return []
        case .dialing, .alertingClaimed, .alerting, .connected, .ended, .perhapsEnded: break
        }
        hasReports = true
        guard isOurs(report) else { return ask() }
        if let index, let reported = report.index, index != reported {
            // Another call's report, or another way of counting: only the list can tell.
            return ask()
        }
        switch report.event {
        // No call of ours: something of another call, or of the modem's own counting.
        case .dialing where direction == .incoming, .alertingClaimed where direction == .incoming,
            .alerting where direction == .incoming, .ringing, .irrelevant:
            return []
        case .dialing:
            index = index ?? report.index
            return ask()
        case .alertingClaimed:
            index = index ?? report.index
            return mayAskForCallList ? ask() : alert()
        case .alerting:
            index = index ?? report.index
            return alert()
        case .connected:
            index = index ?? report.index
            return connected(at: now)
        case .ended(let release):
            // Before the modem has taken the dial command, only an earlier call can have ended.
            guard accepted || wasSeen || rules.dialCompletion != .immediate || direction == .incoming else {
                earlyEnd = release
                return []
            }
            return end(release)
        case .perhapsEnded(let release):
            return suspectEnd(release)
        }
    }

    // MARK: Call lists

    /// The modem has answered `AT+CLCC` with these calls.
    package mutating func callList(_ list: [CallListEntry], at now: ContinuousClock.Instant) -> [Effect] {
        guard phase != .ended else { return [] }
        guard let ours = ours(in: list), ours.state != .disconnected else {
            if direction == .incoming { return ringMissingFromList(beside: list, at: now) }
            return isReplaced(in: list) ? end(Self.replaced) : missingFromList(beside: list, at: now)
        }
        identity.learn(from: ours, dialled: dialled)
        if seenInList, isMissed { listFlickers = true }
        seenInList = true
        listIsUsable = true
        index = ours.index
        emptyLists = 0
        missingSince = nil
        endSuspected = nil
        dialUnanswered = false
        accepted = true
        switch ours.state {
        case .active, .held: return answer()
        case .alerting: return isContradictedForLong(at: now) ? answer() : alert()
        case .incoming, .waiting: return stillRinging(at: now)
        case .dialing: return isContradictedForLong(at: now) ? answer() : []
        case .disconnected: return []
        }
    }

    /// The modem has refused to list its calls.
    ///
    /// - Parameter isPermanent: whether it will refuse again (`ERROR` while idle too), as against a passing
    ///   `+CME ERROR: 100` in a call's set-up.
    package mutating func callListRefused(isPermanent: Bool, at now: ContinuousClock.Instant) -> [Effect] {
        guard phase != .ended else { return [] }
        if isPermanent { listIsUsable = false }
        if let endSuspected { return end(endSuspected) }
        if connectReportedAt != nil { return answer() }
        if dialUnanswered, isPermanent { return end(silent("no answer to ATD")) }
        return direction == .incoming ? answerWithoutList(isPermanent: isPermanent) : []
    }

    // MARK: Parts

    private mutating func connected(at now: ContinuousClock.Instant) -> [Effect] {
        guard phase != .active else { return [] }
        connectReportedAt = connectReportedAt ?? now
        return (rules.asksWhileDialing || direction == .incoming) && listIsUsable ? [.askForCallList] : answer()
    }

    func silent(_ text: String) -> CallRelease {
        earlyEnd ?? CallRelease(kind: .modemSilent, text: text, isInferred: true)
    }

    mutating func suspectEnd(_ release: CallRelease) -> [Effect] {
        if release.kind != .unknown { word = release.kind }
        guard mayAskForCallList else { return end(release) }
        endSuspected = release
        return [.askForCallList]
    }

    /// A word that comes behind the end and says more about it.
    package static func refine(_ release: CallRelease, by indication: Indication) -> CallRelease {
        guard release.kind == .unknown, case .perhapsEnded(let later) = CallReport(indication)?.event else {
            return release
        }
        var refined = release
        refined.kind = later.kind
        return refined
    }

    private mutating func alert() -> [Effect] {
        guard phase == .dialing else { return [] }
        phase = .alerting
        return [.alerting]
    }

    mutating func answer() -> [Effect] {
        guard phase != .active, phase != .ended else { return [] }
        phase = .active
        wasAnswered = true
        return [.answered]
    }

    mutating func end(_ release: CallRelease) -> [Effect] {
        var release = release
        if release.kind == .unknown, let word { release.kind = word }
        // Once it was told to hang up, a call that it listed before is gone.
        let isAccepted = accepted || (rules.dialCompletion == .immediate && !isHangingUp)
        release.mayComeUp =
            direction == .outgoing && phase == .dialing && isAccepted && release.kind == .unknown
            && release.cause == nil && !(isHangingUp && seenInList)
        phase = .ended
        return [.ended(release)]
    }

    func ask() -> [Effect] { mayAskForCallList ? [.askForCallList] : [] }
}
