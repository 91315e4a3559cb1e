package import CallModel

extension ReverseMachine {
    /// What is done with a caller whom the PBX holds, and how long each part may take.
    package struct Plan: Sendable, Equatable {
        /// How the caller is taken.
        package enum Mode: Sendable, Equatable {
            /// The PBX's ring is answered.
            case answer
            /// The PBX's ring is refused, and the caller is fetched by a call to the PBX.
            case dialBack(Claim.Source)
        }

        /// How it is known that our call, once it has arrived, was joined with the caller.
        ///
        /// Until then the caller's end is ours.
        package enum Joining: Sendable, Equatable {
            /// The PBX says so, within this time from the arrival; a call of which it does not was not joined.
            case told(within: Duration)
            /// The PBX may not say so: it counts as joined when this time has passed without word of the caller's end.
            case presumed(after: Duration)
        }

        /// How the caller is taken.
        package var mode: Mode
        /// Whether a person decides, and for how long it is waited; nil takes every caller.
        package var asksFor: Duration?
        /// The held caller's number as people may see it, else the PBX's own; nil when neither is known.
        package var caller: String?
        /// How long the PBX may take to hand the caller over.
        package var claimWithin: Duration
        /// How long the answer to our call is awaited, counted from dialling; the claim's own time may be shorter.
        package var answerWithin: Duration
        /// The pause between the answer and the first tone of the token.
        package var settle: Duration
        /// The silence between two tones.
        package var gap: Duration
        /// How long each tone of the token lasts.
        package var tone: Duration
        /// How long the call may last, counted from the answer.
        package var maxDuration: Duration
        /// How long the modem may take to hang up or to refuse, and to prove it.
        package var hangUpWithin: Duration
        /// How it is known that the PBX joined our call with the caller.
        package var joining: Joining
        /// How long our call may go on once the PBX has said that the caller is gone from it: who talks hears that at
        /// once, and the network as a rule ends our leg with it.
        package var partingWithin: Duration
        /// How much of the claim's time must be left for a second try: what the modem rests and a call takes to arrive.
        package var worthTrying: Duration
        /// The key that the caller has to press before our end is joined; nil for none.
        package var confirmation: OutgoingCallMachine.Confirmation?

        /// Creates a plan; negative durations count as zero.
        package init(
            mode: Mode,
            asksFor: Duration? = nil,
            caller: String? = nil,
            claimWithin: Duration = .seconds(10),
            answerWithin: Duration = .seconds(60),
            settle: Duration = .milliseconds(1500),
            gap: Duration = .milliseconds(120),
            tone: Duration = .milliseconds(120),
            maxDuration: Duration = .seconds(3600),
            hangUpWithin: Duration = .seconds(45),
            joining: Joining = .presumed(after: .seconds(5)),
            partingWithin: Duration = .seconds(3),
            worthTrying: Duration = .seconds(10)
        ) {
            self.mode = mode
            self.asksFor = asksFor
            self.caller = caller
            self.claimWithin = claimWithin
            self.answerWithin = answerWithin
            self.settle = settle
            self.gap = gap
            self.tone = tone
            self.maxDuration = maxDuration
            self.hangUpWithin = hangUpWithin
            self.joining = joining
            self.partingWithin = partingWithin
            self.worthTrying = worthTrying
        }
    }

    /// The way to a held caller.
    package struct Claim: Sendable, Equatable {
        /// Where a claim comes from.
        package enum Source: Sendable, Equatable {
            /// The PBX is asked for it; the first who asks gets the caller.
            case pbx
            /// It is known beforehand: the PBX tells the caller by the number that is dialled, by the modem's own
            /// number, or by the time.
            case known(Claim)
        }

        /// The number to dial, as it goes on the wire.
        package var number: String
        /// What is sent as tones after the answer; empty where the number says it all.
        package var steps: [DTMFScript.Step]
        /// How long the caller is held for us, counted from now.
        package var expiresWithin: Duration
        /// How long the call may last, counted from its answer; nil where the plan's limit is the only one.
        package var maxDuration: Duration?

        /// Creates a claim from its parts.
        package init(
            number: String,
            steps: [DTMFScript.Step] = [],
            expiresWithin: Duration = .seconds(45),
            maxDuration: Duration? = nil
        ) {
            self.number = number
            self.steps = steps
            self.expiresWithin = expiresWithin
            self.maxDuration = maxDuration
        }
    }

    /// How the PBX's caller became known.
    package enum Notice: Sendable, Equatable, CaseIterable {
        /// The modem rings.
        case ring
        /// The modem rings and has been told to answer already.
        case ringAnswering
        /// The PBX sent word; nothing rings.
        case announcement
        /// Both.
        case ringAndAnnouncement

        var rings: Bool { self != .announcement }
        var isAnnounced: Bool { self == .announcement || self == .ringAndAnnouncement }
    }

    /// What became of a caller whom the PBX holds no more.
    package enum Departure: Sendable, Equatable, CaseIterable {
        /// The caller hung up, or was hung up.
        case hungUp
        /// The caller was not fetched in time.
        case expired
        /// The PBX could not hold the caller, or not join us.
        case failed

        var outcome: CallOutcome { self == .failed ? .pbxRefused : .noAnswer }

        var words: String {
            switch self {
            case .hungUp: "the held caller hung up"
            case .expired: "the caller was held no more"
            case .failed: "the PBX could not hold the caller, or not join us"
            }
        }
    }

    /// Why a held caller is given back to the PBX.
    package enum ReleaseReason: String, Sendable, Equatable, CaseIterable {
        /// The user did not want the call.
        case declined
        /// There was no decision, or no answer to our call, in time.
        case expired
        /// Our call did not get through.
        case failed
        /// The service stops.
        case interrupted
    }

    /// What happens to a held caller.
    package enum Event: CallMachineEvent {
        /// The user takes the caller.
        case accept
        /// The user does not want the caller.
        case decline
        /// Something happened to the call that the PBX rings us with.
        case ring(LegEvent)
        /// The PBX sent word of the caller whose ring is there already.
        case announced
        /// The caller is ours, and this is the way.
        case claimed(Claim)
        /// Another party has taken the caller (HTTP 409).
        case claimLost(String)
        /// The caller is held no more (HTTP 404, 410).
        case claimExpired(String)
        /// The PBX surely did not get the request, or refused it for another reason; why.
        case claimFailed(String)
        /// The PBX said no to us: who we are, or what we asked for; why.
        case claimRefused(String)
        /// The request was sent, and what became of it is unknown; why.
        case claimUnanswered(String)
        /// The PBX says that it holds the caller no more, or that the caller is gone from the conversation.
        case callerGone(Departure = .hungUp)
        /// The PBX says that it has joined the caller with a call of ours.
        case joined
        /// Something happened to our call to the PBX.
        case leg(LegEvent)
        /// The user hangs up.
        case hangUp
        /// The service or the user wants everything to end.
        case interrupted
        /// The armed instant has come.
        case timer
    }
}
