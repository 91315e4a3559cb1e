/// The state in which a simulated modem's SIM card starts.
package enum SIMCondition: Sendable, Equatable {
    /// No PIN is asked for.
    case ready
    /// The card wants this PIN; `tries` wrong ones are left (1 to 3).
    case pin(code: String, tries: Int)
    /// The PIN was wrong too often, the card wants its PUK.
    case puk
    /// There is no card.
    case absent
    /// The card answers "SIM busy" (3GPP TS 27.007 error 14) for this long and is ready afterwards.
    case busy(Duration)
}

/// How a simulated modem is registered (3GPP TS 27.007 clauses 7.2 and 10.1.22).
package enum NetworkRegistration: String, CaseIterable, Sendable {
    /// Registered in the home network.
    case home
    /// Registered in a foreign network.
    case roaming
    /// Not registered, searching.
    case searching
    /// Registration was refused.
    case denied
    /// Not registered and not searching.
    case none
    /// Only emergency calls are possible.
    case emergencyOnly = "emergency_only"
    /// Registered in LTE alone: `+CREG` reports 3 for ever while `+CEREG` reports 1.
    case evolvedOnly = "evolved_only"
    /// In LTE, which carries messages and no calls: `+CREG` reports 6, "SMS only".
    case messagesOnly = "messages_only"

    /// Whether an ordinary voice call can be set up.
    var carriesCalls: Bool {
        switch self {
        case .home, .roaming, .evolvedOnly: true
        case .searching, .denied, .none, .emergencyOnly, .messagesOnly: false
        }
    }

    /// Whether messages get through.
    var carriesMessages: Bool { carriesCalls || self == .messagesOnly }

    /// The `<stat>` of `+CREG`.
    var circuitSwitched: Int {
        switch self {
        case .home: 1
        case .roaming: 5
        case .searching: 2
        case .denied, .evolvedOnly: 3
        case .none: 0
        case .emergencyOnly: 8
        case .messagesOnly: 6
        }
    }

    /// The `<stat>` of `+CGREG` and `+CEREG`.
    var packetSwitched: Int {
        switch self {
        case .home, .evolvedOnly, .messagesOnly: 1
        case .roaming: 5
        case .searching: 2
        case .denied: 3
        case .none: 0
        case .emergencyOnly: 8
        }
    }
}
