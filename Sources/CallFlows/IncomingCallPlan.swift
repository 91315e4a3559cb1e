package import CallModel

extension IncomingCallMachine {
    /// What is to become of a call that comes in, and how long each part may take.
    package struct Plan: Sendable, Equatable {
        /// `direct` for a call that was not asked for; the methods whose leg it is otherwise.
        package var method: CallMethod
        /// The caller's number as people may see it; nil when it is not known.
        package var number: String?
        /// How long the ring waits for a decision; then it is refused.
        package var decideWithin: Duration
        /// How long the modem may take to answer and to confirm it.
        package var answerWithin: Duration
        /// How long the call may last, counted from the answer.
        package var maxDuration: Duration
        /// How long the modem may take to hang up or to refuse, and to prove it.
        package var hangUpWithin: Duration
        /// The key that the other side has to press before anybody is joined with it; nil for none.
        package var confirmation: OutgoingCallMachine.Confirmation?
        /// What is played to the other side: once and then the call ends, or before the question for the key, which ends it then.
        package var announcement: [Playback] = []

        /// Creates a plan; negative durations count as zero.
        package init(
            method: CallMethod = .direct,
            number: String?,
            decideWithin: Duration = .seconds(120),
            answerWithin: Duration = .seconds(40),
            maxDuration: Duration = .seconds(3600),
            hangUpWithin: Duration = .seconds(45)
        ) {
            self.method = method
            self.number = number
            self.decideWithin = decideWithin
            self.answerWithin = answerWithin
            self.maxDuration = maxDuration
            self.hangUpWithin = hangUpWithin
        }
    }

    /// What has been decided about a ring when its machine starts.
    package enum Decision: Sendable, Equatable, CaseIterable {
        /// It is to be answered.
        case answer
        /// The modem has been told to answer already.
        case answering
        /// A person decides, by ``Event/accept`` or ``Event/decline``.
        case ask
        /// It is to be refused.
        case refuse
    }

    /// What happens to a call that comes in.
    package enum Event: CallMachineEvent {
        /// Something happened to its leg.
        case leg(LegEvent)
        /// The user takes the call.
        case accept
        /// The user does not want the call.
        case decline
        /// The user hangs up.
        case hangUp
        /// The service or the user wants everything to end.
        case interrupted
        /// The armed instant has come.
        case timer
    }
}
