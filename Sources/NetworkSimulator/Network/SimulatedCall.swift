/// A call in the simulated network, as the network saw it.
package struct SimulatedCall: Sendable, Equatable, Identifiable {
    /// Whether the modem called or was called.
    package enum Direction: String, Sendable {
        case outgoing
        case incoming
    }

    /// How far the call has come.
    package enum State: String, Sendable {
        case dialling
        case alerting
        case answered
        case ended
    }

    /// Who did something to a call.
    package enum Party: String, Sendable {
        /// The modem's side: the program under test, or the modem that vanished.
        case modem
        /// The other subscriber or the PBX.
        case farSide = "far side"
        /// The network between them.
        case network
    }

    /// A tone that the far side heard.
    package struct Tone: Sendable, Equatable {
        /// `0` to `9`, `*`, `#`, `A` to `D`.
        package let digit: Character
        /// When it began.
        package let at: ContinuousClock.Instant
        /// Whether it came when the far side did not listen: before the prompt of an access number.
        package let isIgnored: Bool

        package init(digit: Character, at: ContinuousClock.Instant, isIgnored: Bool) {
            (self.digit, self.at, self.isIgnored) = (digit, at, isIgnored)
        }
    }

    /// A number for this call, unique in its world, from 1.
    package let id: Int
    /// The modem at the near end; nil for a leg that the PBX dials, and for a caller from outside.
    package let modem: Int?
    /// Seen from the modem; a leg of the PBX is outgoing.
    package let direction: Direction
    /// The number as the modem put it on the wire.
    package let dialled: String
    /// The called number in international format.
    package let number: String
    /// Who calls.
    package let caller: String
    /// How far the call has come.
    package var state = State.dialling
    /// When the call began.
    package let dialledAt: ContinuousClock.Instant
    /// When it rang.
    package var alertingAt: ContinuousClock.Instant?
    /// When it was answered.
    package var answeredAt: ContinuousClock.Instant?
    /// When it was over.
    package var endedAt: ContinuousClock.Instant?
    /// Who ended it.
    package var endedBy: Party?
    /// Why it ended (3GPP TS 24.008 table 10.5.123).
    package var cause: Int?
    /// The tones that the far side heard, in order; bounded.
    package var tones: [Tone] = []
    /// The target that an access number understood.
    package var target: String?
    /// The leg that this one is or was joined with.
    package var peer: Int?
    /// Whether the legs were joined: people could talk to each other.
    package var isJoined = false

    package init(
        id: Int,
        modem: Int?,
        direction: Direction,
        dialled: String,
        number: String,
        caller: String,
        dialledAt: ContinuousClock.Instant
    ) {
        (self.id, self.modem, self.direction, self.dialled) = (id, modem, direction, dialled)
        (self.number, self.caller, self.dialledAt) = (number, caller, dialledAt)
    }

    /// The tones that were listened to, as a string.
    package var digits: String { String(tones.filter { !$0.isIgnored }.map(\.digit)) }

    /// Whether the network still holds the call up.
    package var isLive: Bool { state != .ended }

    package static let toneLimit = 512
}
