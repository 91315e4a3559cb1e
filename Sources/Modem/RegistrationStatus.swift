package import ATProtocol

/// The three registrations of a modem, and whether they add up to calls.
///
/// LTE-only modems report `+CREG` as searching or denied for ever while `+CEREG` says home, so no single one decides.
package struct RegistrationStatus: Sendable, Hashable {
    /// What the three add up to.
    package enum Verdict: Sendable, Hashable {
        /// Registered at home or roaming, with voice for all that is known.
        case registered(roaming: Bool)
        /// Registered for data only, as far as the modem tells: calls need VoLTE or a fallback, and may fail.
        case dataOnly(roaming: Bool)
        case messagesOnly
        /// Emergency calls only.
        case emergencyOnly
        /// Refused by the network.
        case denied
        /// Still looking.
        case searching
        /// Neither registered nor looking.
        case none

        /// Whether the SIM is in a network abroad; nil while that can't be told.
        package var isRoaming: Bool? {
            switch self {
            case .registered(let roaming), .dataOnly(let roaming): roaming
            case .messagesOnly, .emergencyOnly, .denied, .searching, .none: nil
            }
        }
    }

    private var circuit: Registration.State?
    private var packet: Registration.State?
    private var evolved: Registration.State?
    /// The access technology that was told last.
    package private(set) var technology: Int?

    /// Creates a status that knows nothing yet.
    package init() {}

    /// Takes a report, asked for or not.
    package mutating func update(_ report: Registration) {
        switch report.domain {
        case .circuit: circuit = report.state
        case .packet: packet = report.state
        case .evolved: evolved = report.state
        }
        technology = report.technology ?? technology
    }

    /// See ``Verdict``.
    package var verdict: Verdict {
        switch circuit {
        case .home, .homeNoFallback: return .registered(roaming: false)
        case .roaming, .roamingNoFallback: return .registered(roaming: true)
        case .notRegistered, .searching, .denied, .unknown, .messagesOnlyHome, .messagesOnlyRoaming, .emergencyOnly,
            .other, .none:
            break
        }
        // Said outright, it counts for more than a registration for data: the network gives no calls here.
        if circuit == .messagesOnlyHome || circuit == .messagesOnlyRoaming { return .messagesOnly }
        for state in [evolved, packet] {
            switch state {
            case .home, .homeNoFallback: return .dataOnly(roaming: false)
            case .roaming, .roamingNoFallback: return .dataOnly(roaming: true)
            case .notRegistered, .searching, .denied, .unknown, .messagesOnlyHome, .messagesOnlyRoaming,
                .emergencyOnly, .other, .none:
                continue
            }
        }
        let all = [circuit, evolved, packet].compactMap { $0 }
        if all.contains(.messagesOnlyHome) || all.contains(.messagesOnlyRoaming) { return .messagesOnly }
        if all.contains(.searching) { return .searching }
        if all.contains(.emergencyOnly) { return .emergencyOnly }
        if all.contains(.denied) { return .denied }
        return .none
    }

    /// Whether the modem may be asked to call.
    package var allowsCalls: Bool {
        switch verdict {
        case .registered, .dataOnly: true
        case .messagesOnly, .emergencyOnly, .denied, .searching, .none: false
        }
    }

    /// Whether it may be asked to send and take messages: circuit-switched ones, over LTE without calls, or over IMS.
    package var allowsMessages: Bool { allowsCalls || verdict == .messagesOnly }

    /// One clause for a person.
    package var explanation: String {
        switch verdict {
        case .registered(let roaming): roaming ? "registered, roaming" : "registered at home"
        case .dataOnly(let roaming):
            "registered for data only\(roaming ? ", roaming" : ""): calls need VoLTE or a fallback to 2G or 3G and may fail"
        case .messagesOnly: "registered for messages only, the network gives this card no calls here"
        case .emergencyOnly: "emergency calls only: the card has no service in this network"
        case .denied: "the network refuses this card: is it active, and is roaming allowed?"
        case .searching: "still searching for a network: check the antenna and the place"
        case .none: "not registered and not searching: check the antenna, and that the radio is on (AT+CFUN=1)"
        }
    }
}
