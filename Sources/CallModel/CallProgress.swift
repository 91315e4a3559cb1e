/// What a call has come to, in the order in which people see it (the contract's `call.…` events).
package enum CallProgress: Sendable, Equatable {
    /// The modem is asked to dial `number`, which is the number as it goes on the wire.
    case dialing(number: String)
    /// The called side is being rung.
    case alerting
    /// A call comes in; `number` is the caller's, nil when it is withheld or unknown.
    case ringing(number: String?)
    /// The call was truly answered, `setup` after it was dialled or began to ring.
    case connected(setup: Duration)
    /// `sent` of `total` digits are acknowledged; `digits` shows them, secret ones as `•`.
    case handover(digits: String, sent: Int, total: Int)
    /// The target was handed over in full, or a call that came in was answered: from here people talk.
    case inProgress
    /// The call is over.
    case ended(CallEnd)
}

/// How and why a call ended.
package struct CallEnd: Sendable, Equatable {
    /// How it came out.
    package var outcome: CallOutcome
    /// The cause of 3GPP TS 24.008 §10.5.4.11, where the modem named one.
    package var cause: Int?
    /// Who ended it.
    package var by: EndedBy
    /// How long it was answered; zero for a call that never was.
    package var seconds: Duration
    /// One readable clause about the reason, without secrets.
    package var detail: String?
    /// Whether the modem is known to have no call left; where this is `false`, money may still run.
    package var hangUpVerified: Bool

    /// Creates an end from its parts.
    package init(
        outcome: CallOutcome,
        cause: Int? = nil,
        by: EndedBy,
        seconds: Duration = .zero,
        detail: String? = nil,
        hangUpVerified: Bool = true
    ) {
        self.outcome = outcome
        self.cause = cause
        self.by = by
        self.seconds = seconds
        self.detail = detail
        self.hangUpVerified = hangUpVerified
    }
}
