/// What a PBX can do, as far as its profile and its configuration go.
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
    package var reverse: Reverse
    /// Whether a target can be announced before the call, so that no tones are needed.
    package var announcesCallthrough: Bool
    /// Whether it can be asked to call us back.
    package var callsBack: Bool
    /// Whether the same request, sent twice with one key, places one call.
    package var idempotentOriginate: Bool
    /// Whether it tells what it calls the call, so that the call can be asked for and ended.
    package var returnsReference: Bool
    /// Whether it tells us what happens, by webhooks or over a connection that we keep.
    package var pushesEvents: Bool
    /// Whether it tells for certain that our call was joined with a held caller: one of which it does not was not.
    package var tellsJoins: Bool
    /// Whether it can be asked how a call that it placed stands, and knows one that is over from one that goes on.
    package var tellsState: Bool

    /// Makes a set of capabilities; nothing is assumed that is not said.
    package init(
        reverse: Reverse = .none,
        announcesCallthrough: Bool = false,
        callsBack: Bool = false,
        idempotentOriginate: Bool = false,
        returnsReference: Bool = false,
        pushesEvents: Bool = false,
        tellsJoins: Bool = false,
        tellsState: Bool = false
    ) {
        self.reverse = reverse
        self.announcesCallthrough = announcesCallthrough
        self.callsBack = callsBack
        self.idempotentOriginate = idempotentOriginate
        self.returnsReference = returnsReference
        self.pushesEvents = pushesEvents
        self.tellsJoins = tellsJoins
        self.tellsState = tellsState
    }
}
