/// Whether a modem can call where it is now, and how its calls over LTE stand: what `gsmbridge volte` shows.
package struct VoiceReadiness: Sendable, Hashable, Codable {
    /// An answer that may not be known.
    package enum Answer: String, Sendable, Hashable, Codable {
        case yes, no, unknown
    }

    /// How the modem stands with the network's IMS.
    package enum Registration: String, Sendable, Hashable, Codable {
        /// It calls over LTE.
        case registered
        case notRegistered = "not_registered"
        /// It is switched off in the modem.
        case off
        /// The family has no calls over LTE.
        case lacking = "none"
        /// The modem does not tell.
        case unknown
    }

    /// One command of a walk, and what the modem answered.
    package struct Step: Sendable, Hashable, Codable {
        package var command: String
        package var result: String

        package init(command: String, result: String) {
            self.command = command
            self.result = result
        }
    }

    /// The modem's name.
    @OrNull package var modem: String?
    @OrNull package var model: String?
    /// Its firmware.
    @OrNull package var revision: String?
    @OrNull package var family: String?
    /// `home`, `roaming`, `searching`, `denied` or `none`.
    @OrNull package var registration: String?
    /// `gsm`, `umts`, `lte` or `nr`.
    @OrNull package var technology: String?
    /// Whether calls can be made here and now.
    package var calls = Answer.unknown
    /// Why, in one line.
    package var reason = ""
    /// See ``Registration``.
    package var ims = Registration.unknown
    /// Whether calls over LTE are switched on in the modem.
    package var enabled = Answer.unknown
    /// Whether a way to switch them on is known.
    package var canEnable = false
    /// What `--enable` did, in order.
    package var steps: [Step] = []
    /// Whether the modem is restarting because of that.
    package var isRestarting = false
    /// What is to be known beside.
    package var caveats: [String] = []
    /// Who says so.
    package var source = ""

    /// Creates a readiness of which nothing is known.
    package init() {}

    private enum CodingKeys: String, CodingKey {
        case modem, model, revision, family, registration, technology, calls, reason, ims, enabled
        case canEnable = "can_enable"
        case steps
        case isRestarting = "restarting"
        case caveats, source
    }
}

/// Whether modems can call.
package protocol VoiceControl: Sendable {
    /// Looks whether a modem can call where it is now.
    func voiceReadiness(_ modem: String) async throws(ControlError) -> VoiceReadiness

    /// Switches a modem's calls over LTE on, by its family's steps, and reads back what is set.
    func enableVoice(_ modem: String) async throws(ControlError) -> VoiceReadiness

    /// Asks a modem where it is at this moment, in a call too, and for its number.
    func modemNow(_ modem: String) async throws(ControlError) -> ModemNow
}

/// What a modem says of a moment.
package struct ModemNow: Sendable, Hashable, Codable {
    /// The radio network: `gsm`, `umts`, `lte` or `nr`; nil where the modem does not say.
    @OrNull package var technology: String?
    /// The number of its card, as it is configured, else as the card has it; nil where neither tells.
    @OrNull package var number: String?

    package init(technology: String?, number: String?) {
        self.technology = technology
        self.number = number
    }
}
