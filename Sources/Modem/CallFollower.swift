package import ATProtocol
package import CallModel

/// What is known of a modem's calls and what is to be done about them, without any I/O: the call that is followed, from
/// the dial command or the first ring to the end, and a second one that waits behind it.
///
/// The session hands in what the modem says, what became of its own commands, and the time; it performs the steps that
/// come back, in their order. ``CallReducer`` decides what to believe of a call; this decides when to look, when a call
/// is over, and what has to happen before that is told.
///
/// | event | no call | followed | ending: the end is known and not told yet |
/// |---|---|---|---|
/// | dial, adopt | followed | – | – |
/// | a ring | followed; decide, tell | of this call: learn, decide, tell; of another: it waits | it waits |
/// | a report | – | to the reducer; with another call there, an end makes it look at the list | a word for the reason is kept |
/// | a list | – | to the reducer; who rings and who waits; look again after the reducer's interval | – |
/// | a list refused | – | ten in a row: there is none; look again | – |
/// | a list unanswered | – | two in a row: there is none; look again | – |
/// | the modem says that it started | – | look at the list; without the call there: failed | – |
/// | the reducer's end | – | ending: look for a restart where one is suspected, ask for the cause; or told at once | – |
/// | the cause | – | – | 300 ms for a late word where nothing explains the end; then told |
/// | the end is to be told, and is only concluded | – | – | hang up first |
/// | told | – | – | no call; what waited rings |
/// | the modem is lost | – | no call; failed | no call; failed |
///
/// Facets: calls that come in (`+Rings`), one that waits (`+Waiting`), lists (`+Lists`), the end (`+End`).
package struct CallFollower: Sendable, Equatable {
    /// What the session has to do, or has to tell.
    package enum Step: Sendable, Hashable {
        /// Ask for the call list; ``listed(_:at:)`` and its relatives take the answer.
        case askForCallList
        /// Ask why the call ended; see ``explained(by:at:)``.
        case askForCause
        /// Find out by a setting whether the modem has restarted; see ``lookedForRestart(found:at:)``.
        case lookForRestart
        /// Answer the call that rings, before every other command; see ``answerReturned(_:at:)``.
        case answer
        /// Refuse the call that rings.
        case refuse
        /// Refuse the call that waits, and no other.
        case refuseWaiting
        /// The end is only concluded, or may not be one: hang up, and say so by ``hungUpForSure(at:)``.
        case hangUpForSure(CallRelease)
        /// Wait no longer for the answer of a command.
        case expire(Int)
        /// Have a call decided now; see ``decided(_:of:at:)``.
        case decide(IncomingCall)
        /// Tell what became of the call that was dialled or adopted.
        case tell(ModemSession.CallUpdate)
        /// Tell what became of a call that came in.
        case tellRing(IncomingUpdate)
    }

    /// The times at which something is due.
    struct Deadlines: Sendable, Equatable {
        var list: ContinuousClock.Instant?
        var caller: ContinuousClock.Instant?
        var silence: ContinuousClock.Instant?
        var waiting: ContinuousClock.Instant?
        var release: ContinuousClock.Instant?
        /// When the commands that are under way are waited for no longer, because their answer may have been lost.
        var callCommand: ContinuousClock.Instant?
        var digitCommand: ContinuousClock.Instant?

        var next: ContinuousClock.Instant? {
            var next = list
            func consider(_ due: ContinuousClock.Instant?) {
                guard let due else { return }
                next = next.map { min($0, due) } ?? due
            }
            consider(caller)
            consider(silence)
            consider(waiting)
            consider(release)
            consider(callCommand)
            consider(digitCommand)
            return next
        }
    }

    /// How the call behaves on this family.
    package var rules = CallRules()
    /// Whether calls that come in are followed when nothing else is.
    package var isWatching = false
    /// Whether the modem can be asked: its line is there, and it answers.
    package var isReachable = true
    /// Whether no call that comes in is followed, because help is being called.
    package var followsNoRings = false
    /// What is believed of the last call; nil before the first.
    package internal(set) var reducer: CallReducer?
    /// Whether no call is followed.
    package internal(set) var isOver = true
    /// How the call ended, while that is not told yet.
    package internal(set) var release: CallRelease?
    /// Whether the end of the call was only concluded, so that the modem is told to hang up all the same.
    package var endIsInferred = false
    /// Whether everything was done for an end that nothing on this modem can show.
    var endIsConcluded = false
    /// Whether the modem lists its calls.
    package var listIsSupported = true
    /// Whether a list has left a call out and shown it again, so that one list proves nothing.
    package internal(set) var listFlickers = false
    /// When the last call was dialled.
    package internal(set) var dialedAt: ContinuousClock.Instant?
    /// When the last call ended, or was told to.
    package var endedAt: ContinuousClock.Instant?
    /// When to look once more for a call that ended before anything rang; nil where none did.
    package var secondLookAt: ContinuousClock.Instant?
    /// The id of the command to dial or to answer while it is queued or on the wire.
    package var callCommand: Int?
    /// The id of a digit's command while it is on the wire.
    package var digitCommand: Int?
    /// Counts the requests to hang up, so that a dial command that was on its way when one came is not sent after it.
    package internal(set) var hangUps = 0

    /// The call that comes in, while it is followed.
    var ring: Ring?
    /// The call that waits behind the one that is followed.
    var waiting: Waiting?
    /// When a call for data or fax last rang: the caller's line behind it is not of a voice call.
    var otherBellAt: ContinuousClock.Instant?
    private var nextID = 1
    var due = Deadlines()
    var listing = Listing()
    /// Whether the modem said that it has just started while there was a call.
    var hasRestarted = false
    /// Whether a smaller sign of that was seen during the call.
    var restartIsSuspected = false

    /// Creates a follower of a modem that has no call.
    package init() {}

    /// When ``timePassed(at:)`` is due; nil when nothing is waited for.
    package var nextDue: ContinuousClock.Instant? { due.next }

    /// Whether the list of calls means anything on this modem.
    package var tellsCalls: Bool { listIsSupported && (reducer?.listIsUsable ?? true) }

    /// Whether the modem itself has told the end of the last call; true where there was none.
    package var reportedEnd: Bool { reducer == nil || (reducer?.phase == .ended && !endIsInferred) }

    /// Whether the call is over or has just ended.
    package var isEnding: Bool { isOver || release != nil }

    /// Whether digits can be sent.
    package var isTalking: Bool { !isEnding && reducer?.phase == .active }

    // MARK: The beginning

    /// The number is dialled.
    ///
    /// - Parameter number: what is dialled; a call for help is followed under any number that the network gives it.
    package mutating func dialling(_ number: String, at now: ContinuousClock.Instant) {
        begin()
        reducer = CallReducer(
            dialling: followsNoRings ? nil : number,
            rules: rules,
            listIsUsable: listIsSupported,
            at: now
        )
        dialedAt = now
    }

    /// A call that is up already is followed from here on.
    package mutating func adopt(_ call: CallListEntry, at now: ContinuousClock.Instant) -> [Step] {
        begin()
        listIsSupported = true
        reducer = CallReducer(adopted: call, rules: rules, at: now)
        return look()
    }

    /// Forgets what was known of the call before.
    mutating func begin() {
        isOver = false
        release = nil
        endIsInferred = false
        endIsConcluded = false
        listing = Listing(isUnderWay: listing.isUnderWay)
        hasRestarted = false
        restartIsSuspected = false
    }

    mutating func newID() -> Int {
        defer { nextID += 1 }
        return nextID
    }

    // MARK: What becomes of it

    /// The dial command has its final result.
    ///
    /// - Parameter hasVoice: whether nothing speaks against voice calls; else a bare `ERROR` says that there are none.
    package mutating func dialReturned(
        _ result: FinalResult,
        hasVoice: Bool,
        at now: ContinuousClock.Instant
    ) -> [Step] {
        callReturned()
        let result = result == .error && !hasVoice ? FinalResult.noDialtone : result
        defer { expectList(at: now) }
        return apply(reducer?.dialResult(result, at: now), at: now)
    }

    /// The dial command was not answered in time.
    package mutating func dialUnanswered(at now: ContinuousClock.Instant) -> [Step] {
        callReturned()
        defer { expectList(at: now) }
        return apply(reducer?.dialUnanswered(at: now), at: now)
    }

    /// The command to dial or to answer was given up for a hang-up, which goes on from there.
    package mutating func callAbandoned(at now: ContinuousClock.Instant) -> [Step] {
        callReturned()
        expectList(at: now)
        return []
    }

    mutating func callReturned() {
        due.callCommand = nil
        callCommand = nil
    }

    /// A digit's command is no longer waited for.
    package mutating func digitReturned() {
        due.digitCommand = nil
        digitCommand = nil
    }

    /// The modem has said something by itself.
    package mutating func report(_ indication: Indication, at now: ContinuousClock.Instant) -> [Step] {
        if let release { self.release = CallReducer.refine(release, by: indication) }
        // With two calls there, a report of an end may be either's, and only the list can tell.
        if waiting != nil, tellsCalls, case .ended = CallReport(indication)?.event { return look() }
        let steps = apply(reducer?.report(indication, at: now), at: now)
        // Answered for all the modem reports, and still no result: one that was lost must not hide the answer. Without
        // such a report nothing is written before the command's own limit: any character may abort the call (V.250
        // §5.6.1).
        if reducer?.answerIsReported == true { expireCall(at: now + .seconds(1)) }
        return steps
    }

    /// The modem has said that it has just started: its calls died with it.
    package mutating func modemStarted(at now: ContinuousClock.Instant) -> [Step] {
        guard !isOver else { return [] }
        hasRestarted = true
        // The list is asked in case that this was said late.
        return apply(reducer?.suspectEnd(CallRelease(kind: .unknown)), at: now)
    }

    /// A small sign of a restart was seen.
    package mutating func suspectRestart() {
        if !isOver { restartIsSuspected = true }
    }

    /// The time has come; everything that is due by now is done.
    package mutating func timePassed(at now: ContinuousClock.Instant) -> [Step] {
        var steps: [Step] = []
        if isDue(&due.callCommand, at: now), let callCommand { steps.append(.expire(callCommand)) }
        if isDue(&due.digitCommand, at: now), let digitCommand { steps.append(.expire(digitCommand)) }
        if isDue(&due.release, at: now), let release { steps += tellEnd(release, at: now) }
        if isDue(&due.caller, at: now) { steps += callerStaysUnknown() }
        if isDue(&due.silence, at: now) { steps += apply(reducer?.ringIsSilent(at: now), at: now) }
        if isDue(&due.waiting, at: now) { steps += waitingIsSilent(at: now) }
        if isDue(&due.list, at: now) {
            steps += look()
            // Nothing to ask for yet (a stick that must not be asked): look again later.
            if !listing.isUnderWay { expectList(at: now) }
        }
        return steps
    }

    private func isDue(_ instant: inout ContinuousClock.Instant?, at now: ContinuousClock.Instant) -> Bool {
        guard let due = instant, due <= now else { return false }
        instant = nil
        return true
    }

    // MARK: Parts

    /// Does what the reducer wants.
    mutating func apply(_ effects: [CallReducer.Effect]?, at now: ContinuousClock.Instant) -> [Step] {
        var steps: [Step] = []
        for effect in effects ?? [] {
            switch effect {
            case .askForCallList:
                steps += look()
                // The list comes behind the digit, whose result the end may have swallowed.
                if reducer?.endIsSuspected == true { expireDigit(at: now + Self.lateResult) }
            case .alerting: if ring == nil { steps.append(.tell(.alerting)) }
            case .answered: steps += tellAnswer()
            case .answerFailed(let reason): steps += ringGoesOn(reason, at: now)
            case .ended(let release): steps += ended(release, at: now)
            }
        }
        return steps
    }

    private mutating func tellAnswer() -> [Step] {
        guard let ring else { return [.tell(.answered)] }
        due.caller = nil
        due.silence = nil
        return [.tellRing(.answered(ring.call))]
    }

    /// Has the answer to the command to dial or to answer waited for no longer than until a time.
    mutating func expireCall(at instant: ContinuousClock.Instant) {
        if callCommand != nil { due.callCommand = min(due.callCommand ?? instant, instant) }
    }

    /// Has the answer to a digit's command waited for no longer than until a time.
    mutating func expireDigit(at instant: ContinuousClock.Instant) {
        if digitCommand != nil { due.digitCommand = min(due.digitCommand ?? instant, instant) }
    }
}
