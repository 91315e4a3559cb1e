/// A call in the simulated network, as the network saw it.
public struct SimulatedCall: Sendable, Equatable, Identifiable {
    /// Whether the modem called or was called.
    public enum Direction: String, Sendable {
        case outgoing
        case incoming
    }

    /// How far the call has come.
    public enum State: String, Sendable {
        case dialling
        case alerting
        case answered
        case ended
    }

    /// Who did something to a call.
    public enum Party: String, Sendable {
        /// The modem's side: the program under test, or the modem that vanished.
        case modem
        /// The other subscriber or the PBX.
        case farSide = "far side"
        /// The network between them.
        case network
    }

    /// A tone that the far side heard.
    public struct Tone: Sendable, Equatable {
        /// `0` to `9`, `*`, `#`, `A` to `D`.
        public let digit: Character
        /// When it began.
        public let at: ContinuousClock.Instant
        /// Whether it came when nobody listened: before the prompt of an access number.
        public let isIgnored: Bool
    }

    /// A number for this call, unique in its world, from 1.
    public let id: Int
    /// The modem at the near end; nil for a leg that the PBX dials, and for a caller from outside.
    public let modem: Int?
    /// Seen from the modem; a leg of the PBX is outgoing.
    public let direction: Direction
    /// The number as the modem put it on the wire.
    public let dialled: String
    /// The called number in international format.
    public let number: String
    /// Who calls.
    public let caller: String
    /// How far the call has come.
    public internal(set) var state = State.dialling
    /// When the call began.
    public let dialledAt: ContinuousClock.Instant
    /// When it rang.
    public internal(set) var alertingAt: ContinuousClock.Instant?
    /// When it was answered.
    public internal(set) var answeredAt: ContinuousClock.Instant?
    /// When it was over.
    public internal(set) var endedAt: ContinuousClock.Instant?
    /// Who ended it.
    public internal(set) var endedBy: Party?
    /// Why it ended (3GPP TS 24.008 table 10.5.123).
    public internal(set) var cause: Int?
    /// The tones that the far side heard, in order; bounded.
    public internal(set) var tones: [Tone] = []
    /// The target that an access number understood.
    public internal(set) var target: String?
    /// The leg that this one is or was joined with.
    public internal(set) var peer: Int?
    /// Whether the legs were joined: people could talk to each other.
    public internal(set) var isJoined = false

    /// The tones that were listened to, as a string.
    public var digits: String { String(tones.filter { !$0.isIgnored }.map(\.digit)) }

    /// How many tones followed an equal one; more than the dialled string has means that a digit was sent twice.
    public var repeatedTones: Int { zip(tones, tones.dropFirst()).count { $0.digit == $1.digit } }

    /// Whether the network still holds the call up.
    public var isLive: Bool { state != .ended }

    static let toneLimit = 512
}
