package import CallModel
package import FoundationEssentials

/// A live call as the control interface and `gsmbridge status` show it.
package struct CallStatus: Sendable, Hashable, Codable {
    /// How far a live call has come.
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// It waits for a modem.
        case queued
        /// Its modem is being made ready, or dials.
        case dialing
        /// The far end rings.
        case alerting
        /// An incoming call rings here.
        case ringing
        /// It is answered, and the target is being handed over.
        case connected
        /// People talk.
        case inProgress = "in_progress"
        /// It is being hung up.
        case ending
    }

    /// The call's id.
    @Name package var call: UUID
    /// How it is made or taken.
    package var method: CallMethod
    /// `outgoing` or `incoming`.
    package var direction: CallDirection
    /// How far it is.
    package var state: State
    /// The number to reach, in international format; for an incoming call the caller, nil when withheld.
    package var target: String?
    /// What the modem dials.
    package var number: String?
    /// Who rings, where the caller's number is a contact's.
    package var name: String?
    /// The PBX's name.
    package var pbx: String?
    /// The modem's name.
    package var modem: String?
    /// The line that it is on: the modem, or the account at a PBX.
    package var line: String?
    /// Whom a call that comes in was for, as the PBX tells it.
    package var called: String?
    /// The number from which it was sent on here, as the PBX tells it.
    package var divertedFrom: String?
    /// When it was asked for, or rang first.
    package var requestedAt: Date
    /// When it was answered.
    package var connectedAt: Date?
    /// Its sound; nil while it has none.
    package var audio: Audio?

    /// The sound of a live call just now.
    package struct Audio: Sendable, Hashable, Codable {
        /// Who hears and speaks, as it was named.
        package var endpoint: String
        /// How loud it is that comes from the modem, in dBFS, −96 to 0.
        package var levelIn: Double
        /// How loud it is that goes to it.
        package var levelOut: Double

        /// Creates one.
        package init(endpoint: String, levelIn: Double, levelOut: Double) {
            self.endpoint = endpoint
            self.levelIn = levelIn
            self.levelOut = levelOut
        }

        private enum CodingKeys: String, CodingKey {
            case endpoint
            case levelIn = "level_in_dbfs"
            case levelOut = "level_out_dbfs"
        }
    }

    /// Creates the status of a call that has just been asked for.
    package init(call: UUID, method: CallMethod, direction: CallDirection, state: State, requestedAt: Date) {
        self.call = call
        self.method = method
        self.direction = direction
        self.state = state
        self.requestedAt = requestedAt
    }

    private enum CodingKeys: String, CodingKey {
        case call
        case method
        case direction
        case state
        case target
        case number
        case name
        case pbx
        case modem
        case line
        case called
        case divertedFrom = "diverted_from"
        case requestedAt = "requested_at"
        case connectedAt = "connected_at"
        case audio
    }
}
