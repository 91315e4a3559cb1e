/// What a PBX can do, as far as its profile and its configuration go; nothing is assumed that they do not say.
package struct PBXCapabilities: Sendable, Equatable {
    /// How a caller whom the PBX holds is handed to us.
    package enum Reverse: String, Sendable, CaseIterable {
        /// The PBX holds the caller by itself and joins our call to it: refuse the ring, claim, dial in.
        case native
        /// The PBX can only ring us; such a ring has to be answered.
        case ringOnly = "ring_only"
        /// It does not ring us for callers.
        case none
    }

    /// How held callers come to us.
    package var reverse: Reverse = .none
    /// Whether a target can be announced before the call, so that no tones are needed.
    package var announcesCallthrough: Bool = false
    /// Whether it can be asked to call us back.
    package var callsBack: Bool = false
    /// Whether the same request, sent twice with one key, places one call.
    package var idempotentOriginate: Bool = false
    /// Whether it tells what it calls the call, so that the call can be asked for and ended.
    package var returnsReference: Bool = false
    /// Whether it tells us what happens, by webhooks or over a connection that we keep.
    package var pushesEvents: Bool = false
    /// Whether it tells for certain that our call was joined with a held caller: one of which it does not was not.
    package var tellsJoins: Bool = false
    /// Whether it can be asked how a call that it placed stands, and knows one that is over from one that goes on.
    package var tellsState: Bool = false

    /// Those of a box that itself holds callers, in place of a PBX that can't.
    package static let holding = PBXCapabilities(
        reverse: .native,
        returnsReference: true,
        pushesEvents: true,
        tellsJoins: true
    )
}
