extension SimulatedPBX {
    /// A caller from outside whom the PBX answered and plays music to.
    public struct HeldCaller: Sendable, Equatable, Identifiable {
        /// What has become of the caller.
        public enum State: String, Sendable {
            /// Waits for anybody.
            case waiting
            /// Waits for whoever claimed it.
            case claimed
            /// Talks to the modem's side.
            case joined
            /// Nobody came in time; the PBX has sent the caller away.
            case expired
            /// Was given back; the PBX has sent the caller away.
            case released
            /// Hung up before anybody came.
            case gaveUp = "gave_up"
            /// Has talked.
            case ended
        }

        /// The reference, such as `held-1`.
        public let id: String
        /// The caller's leg in the network.
        public let call: Int
        /// Who calls; empty when withheld.
        public let from: String
        /// The number that was called.
        public let to: String
        /// Since when.
        public let since: ContinuousClock.Instant
        /// What has become of the caller.
        public internal(set) var state = State.waiting
        /// Until when the PBX holds on.
        public internal(set) var expiresAt: ContinuousClock.Instant
        /// The modem that is or was rung.
        public internal(set) var modem: Int?
        /// The leg that rings or rang the modem.
        public internal(set) var ring: Int?
        /// The leg that the caller is or was joined with.
        public internal(set) var joinedWith: Int?

        /// Whether nobody has come yet and somebody still may.
        public var isWaiting: Bool { state == .waiting || state == .claimed }
    }

    /// A call that the PBX was asked to place: to a modem or any number, and on to a target.
    public struct Origination: Sendable, Equatable, Identifiable {
        /// How far it has come; the raw values are those of the HTTP interface.
        public enum State: String, Sendable {
            /// Nobody is rung yet.
            case pending
            /// The first party is rung.
            case ringing
            /// The first party has answered.
            case answered
            /// Both parties talk.
            case bridged
            /// It is over.
            case ended
        }

        /// The reference, such as `call-2`, or the one that was asked for.
        public let id: String
        /// Who is called first.
        public let party: String
        /// Who is called then; nil when nobody is.
        public let target: String?
        /// The number that the first party sees.
        public let from: String
        /// How far it has come.
        public internal(set) var state = State.pending
        /// The leg to the first party.
        public internal(set) var leg: Int?
        /// The leg to the target.
        public internal(set) var targetLeg: Int?
    }

    /// A call of a modem that was handed to an application.
    public struct ParkedCall: Sendable, Equatable, Identifiable {
        /// The reference, such as `dialin-4`.
        public let id: String
        /// The leg in the network.
        public let call: Int
        /// The number that was called.
        public let number: String
        /// Who calls; empty when withheld.
        public let caller: String
        /// Whether the call is up.
        public internal(set) var isLive = true
        /// The held caller whom it was joined with.
        public internal(set) var joinedWith: String?
    }

    /// A call that the PBX expects.
    public struct Ticket: Sendable, Equatable, Identifiable {
        /// What is to be done when it arrives.
        public enum Purpose: Sendable, Equatable {
            /// Call this target and join both.
            case dial(String)
            /// Join it with this held caller.
            case join(String)
        }

        /// Whether it is still expected.
        public enum State: String, Sendable {
            case open
            case used
            case expired
            case cancelled
        }

        /// The reference, such as `ticket-3`.
        public let id: String
        /// What is to be done.
        public let purpose: Purpose
        /// The number to call.
        public let dial: String
        /// Who will call, when it is known by that.
        public let caller: String?
        /// The digits that it is known by, without the `#`.
        public let token: String?
        /// Until when it holds.
        public let expiresAt: ContinuousClock.Instant
        /// Whether it is still expected.
        public internal(set) var state = State.open
        /// The call that arrived.
        public internal(set) var call: Int?
    }
}
