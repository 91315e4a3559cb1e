package import DialPlan
package import TextCoding

/// What a PBX gives for a call of ours that it expects: where to call, and how to be recognised there.
package struct CallTicket: Sendable {
    /// The number to call; nil when it is the one of the configuration.
    package var dial: DialString?
    /// What is sent as tones after the answer, for `{token}`; nil when the PBX knows the call by its caller.
    package var token: Secret?
    /// Whether the target has to be sent as tones all the same.
    package var needsTarget = false
    /// How long from its receipt on the ticket holds; nil when the PBX does not say.
    package var validFor: Duration?
    /// What the PBX calls the announced call.
    package var reference: CallReference?

    /// A ticket for a call to the configured number.
    package init(token: Secret?) { self.token = token }

    init(
        dial: DialString? = nil,
        token: Secret? = nil,
        needsTarget: Bool = false,
        validFor: Duration? = nil,
        reference: CallReference? = nil
    ) {
        (self.dial, self.token, self.needsTarget) = (dial, token, needsTarget)
        (self.validFor, self.reference) = (validFor, reference)
    }
}

/// How a call of the PBX stands.
package enum PBXCallState: String, Sendable, CaseIterable {
    /// It is being set up.
    case pending
    /// A phone is rung.
    case ringing
    /// It waits to be claimed.
    case held
    /// The call was answered.
    case answered
    /// The two ends are joined.
    case bridged
    /// It is over, or the PBX does not know it any more.
    case ended
    /// The PBX says something that this program does not know.
    case unknown
}

/// What a PBX says about itself when it is asked whether it is there.
package struct PBXHealth: Sendable, Equatable {
    /// What it says that it is, such as `Asterisk 22.1.0`; nil when it does not say.
    package var version: String?
    /// How long its answer took.
    package var roundTrip = Duration.zero
}

/// What came of an action.
package enum PBXResult: Sendable {
    /// A ticket for our call.
    case ticket(CallTicket)
    /// The call was accepted; with the PBX's reference where it gives one.
    case accepted(CallReference?)
    /// It was done.
    case done
    /// How the call stands.
    case state(PBXCallState)
    /// The PBX is there.
    case health(version: String?)
}
