/// Something that an application has to do with channels at Asterisk; each is made of a few requests, in order.
enum StasisCommand: Sendable, Equatable {
    /// Plays music to a caller.
    case hold(CallReference, answers: Bool)
    /// Makes a bridge for two.
    case makeBridge(String)
    /// Answers a call, so that its tones can be heard.
    case listen(CallReference, answers: Bool)
    /// Joins a held caller with the call that came for them.
    case join(held: CallReference, dialIn: CallReference, answers: Bool, bridge: String)
    /// Has the dialplan call a target for a channel; the target is its extension in that context.
    case lead(CallReference, context: String, target: String)
    /// Lets a channel go on in the dialplan, behind `Stasis()`.
    case goOn(CallReference)
    /// Ends a call.
    case hangUp(CallReference)
    /// Refuses a call that is not expected: not answered, it costs nothing.
    case turnAway(CallReference)
    /// Removes a bridge.
    case removeBridge(String)
}
