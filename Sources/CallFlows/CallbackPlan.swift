package import CallModel

extension CallbackMachine {
    /// What a callback is to do, and how long each part may take.
    package struct Plan: Sendable, Equatable {
        /// Who the PBX rings us from.
        package var ringFrom: CallerMatch
        /// How long after the request the ring may come; counted anew when the request is answered.
        package var expectWithin: Duration
        /// How long the PBX may take to answer the request.
        package var requestWithin: Duration
        /// How long the modem may take to answer and to confirm it.
        package var answerWithin: Duration
        /// How long the call may last, counted from the answer.
        package var maxDuration: Duration
        /// Whether the PBX says when it has joined the target: one of which it does not was not reached.
        package var tellsJoins: Bool
        /// How long the modem may be behind the PBX with the end of the call.
        package var modemLag: Duration
        /// How long a target may be rung at most.
        ///
        /// A call that lasts longer talks, to a mailbox or a menu of the PBX, joined or not. 3 min is what T301 lets a network
        /// ring at least (3GPP TS 24.008, table 11.3).
        package var ringsAtMost: Duration
        /// How long the modem may take to hang up or to refuse, and to prove it.
        package var hangUpWithin: Duration
        /// The key that the target has to press before it counts as reached; nil for none.
        package var confirmation: OutgoingCallMachine.Confirmation?
        /// What is told to the target.
        package var announcement: [Playback] = []

        /// Creates a plan; negative durations count as zero.
        package init(
            ringFrom: CallerMatch,
            expectWithin: Duration = .seconds(30),
            requestWithin: Duration = .seconds(15),
            answerWithin: Duration = .seconds(40),
            maxDuration: Duration = .seconds(3600),
            tellsJoins: Bool = false,
            modemLag: Duration = .seconds(3),
            ringsAtMost: Duration = .seconds(180),
            hangUpWithin: Duration = .seconds(45)
        ) {
            self.ringFrom = ringFrom
            self.expectWithin = expectWithin
            self.requestWithin = requestWithin
            self.answerWithin = answerWithin
            self.maxDuration = maxDuration
            self.tellsJoins = tellsJoins
            self.modemLag = modemLag
            self.ringsAtMost = ringsAtMost
            self.hangUpWithin = hangUpWithin
        }

        func leg(from caller: String?) -> IncomingCallMachine.Plan {
            var plan = IncomingCallMachine.Plan(
                method: .callback,
                number: caller,
                answerWithin: answerWithin,
                maxDuration: maxDuration,
                hangUpWithin: hangUpWithin
            )
            (plan.confirmation, plan.announcement) = (confirmation, announcement)
            return plan
        }
    }

    /// What happens to a callback.
    package enum Event: CallMachineEvent {
        /// The PBX has taken the request, and tells or does not tell from now on how its call stands.
        case requestAccepted(isFollowed: Bool)
        /// The PBX has refused the request; why.
        case requestRefused(String)
        /// The request surely never reached the PBX; why.
        case requestUnreachable(String)
        /// The request was sent, and what became of it is unknown; why.
        case requestUnanswered(String)
        /// The PBX says that its call is over: nothing will ring, and the call that is up ends, unless another channel of the
        /// PBX has taken its place.
        case requestOver
        /// The PBX says that it has joined the target, or can't say any more whether it has.
        case targetJoined
        /// A call rings, from this number; nil when it is not known.
        case rang(caller: String?)
        /// Something happened to the call that rings or was answered.
        case leg(LegEvent)
        /// The user hangs up, or does not want to wait any longer.
        case hangUp
        /// The service or the user wants everything to end.
        case interrupted
        /// The armed instant has come.
        case timer
    }
}
