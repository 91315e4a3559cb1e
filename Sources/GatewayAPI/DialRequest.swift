package import CallModel

/// What `gsmbridge dial` asks for, by the command line or over the control interface.
package struct DialRequest: Sendable, Hashable, Codable {
    /// The number to reach, as it was typed.
    package var number: String
    /// The method; `auto` unless given.
    package var via: Via?
    /// The PBX, by its name in the configuration.
    package var pbx: String?
    /// The modem: a configured name, an IMEI, or the path of a tty.
    package var modem: String?
    /// The PBX's number for callthrough, where none is configured.
    package var accessNumber: String?
    /// How long the call may last once answered, in seconds; the policy's limit unless given.
    package var maxSeconds: Double?
    /// Who hears and speaks at our end, as ``AudioSpec`` reads it; what the configuration says unless given.
    package var audio: String?

    /// A WAV file that is played to the other side, after which the call ends.
    package var play: String?
    /// The digits that the other side has to press before anything else happens.
    package var confirm: String?
    /// Whether our number is kept from the one who is called.
    package var hidesNumber: Bool?

    /// Creates a request for a number, everything else left to the gateway.
    package init(number: String) {
        self.number = number
    }

    /// The fields as they are written.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case number
        case via
        case pbx
        case modem
        case accessNumber = "access_number"
        case maxSeconds = "max_seconds"
        case audio
        case play
        case confirm
        case hidesNumber = "hide_number"
    }
}
