extension SimulatedPBX {
    /// A caller from outside whom the PBX answered and plays music to.
    package struct HeldCaller: Sendable, Equatable, Identifiable {
        /// What has become of the caller.
        package enum State: String, Sendable {
            /// Waits for anybody.
            case waiting
            /// Waits for the party that claimed it.
            case claimed
            /// Talks to the modem's side.
            case joined
            /// It was not claimed in time; the PBX has sent the caller away.
            case expired
            /// Was given back; the PBX has sent the caller away.
            case released
            /// Hung up before anybody came.
            case gaveUp = "gave_up"
            /// Has talked.
            case ended
        }

        /// The reference, such as `held-1`.
        package let id: String
        /// The caller's leg in the network.
        package let call: Int
        /// Who calls; empty when withheld.
        package let from: String
        /// The number that was called.
        package let to: String
        /// Since when.
        package let since: ContinuousClock.Instant
        /// What has become of the caller.
        package var state = State.waiting
        /// Until when the PBX holds on.
        package var expiresAt: ContinuousClock.Instant
        /// The modem that is or was rung.
        package var modem: Int?
        /// The leg that rings or rang the modem.
        package var ring: Int?
        /// The leg that the caller is or was joined with.
        package var joinedWith: Int?

        package init(
            id: String,
            call: Int,
            from: String,
            to: String,
            since: ContinuousClock.Instant,
            expiresAt: ContinuousClock.Instant
        ) {
            (self.id, self.call, self.from) = (id, call, from)
            (self.to, self.since, self.expiresAt) = (to, since, expiresAt)
        }

        /// Whether it waits for a claim that may still come.
        package var isWaiting: Bool { state == .waiting || state == .claimed }
    }

    /// A call that the PBX was asked to place: to a modem or any number, and on to a target.
    package struct Origination: Sendable, Equatable, Identifiable {
        /// How far it has come; the raw values are those of the HTTP interface.
        package enum State: String, Sendable {
            /// No phone is rung yet.
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
        package let id: String
        /// Who is called first.
        package let party: String
        /// Who is called then; nil for no call.
        package let target: String?
        /// The number that the first party sees.
        package let from: String
        /// How far it has come.
        package var state = State.pending
        /// The leg to the first party.
        package var leg: Int?
        /// The leg to the target.
        package var targetLeg: Int?

        package init(id: String, party: String, target: String?, from: String) {
            (self.id, self.party, self.target, self.from) = (id, party, target, from)
        }
    }

    /// A call of a modem that was handed to an application.
    package struct ParkedCall: Sendable, Equatable, Identifiable {
        /// The reference, such as `dialin-4`.
        package let id: String
        /// The leg in the network.
        package let call: Int
        /// The number that was called.
        package let number: String
        /// Who calls; empty when withheld.
        package let caller: String
        /// Whether the call is up.
        package var isLive = true
        /// The held caller whom it was joined with.
        package var joinedWith: String?

        package init(id: String, call: Int, number: String, caller: String) {
            (self.id, self.call, self.number, self.caller) = (id, call, number, caller)
        }
    }

    /// A call that the PBX expects.
    package struct Ticket: Sendable, Equatable, Identifiable {
        /// What is to be done when it arrives.
        package enum Purpose: Sendable, Equatable {
            /// Call this target and join both.
            case dial(String)
            /// Join it with this held caller.
            case join(String)
        }

        /// Whether it is still expected.
        package enum State: String, Sendable {
            case open
            case used
            case expired
            case cancelled
        }

        /// The reference, such as `ticket-3`.
        package let id: String
        /// What is to be done.
        package let purpose: Purpose
        /// The number to call.
        package let dial: String
        /// Who will call, when it is known by that.
        package let caller: String?
        /// The digits that it is known by, without the `#`.
        package let token: String?
        /// Until when it holds.
        package let expiresAt: ContinuousClock.Instant
        /// Whether it is still expected.
        package var state = State.open
        /// The call that arrived.
        package var call: Int?

        package init(
            id: String,
            purpose: Purpose,
            dial: String,
            caller: String?,
            token: String?,
            expiresAt: ContinuousClock.Instant
        ) {
            (self.id, self.purpose, self.dial) = (id, purpose, dial)
            (self.caller, self.token, self.expiresAt) = (caller, token, expiresAt)
        }
    }
}
