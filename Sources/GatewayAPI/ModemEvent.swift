package import FoundationEssentials

/// One event of a modem, as the event stream and webhooks show it (the contract's section 3).
package struct ModemEvent: GatewayEvent, Hashable, Codable {
    /// What happened.
    package enum Kind: String, Sendable, Hashable, Codable {
        /// A stick was found; it is not set up yet.
        case found = "modem.found"
        /// Calls can be made with it.
        case ready = "modem.ready"
        /// It can't be used for now; ``ModemEvent/reason`` says why.
        case degraded = "modem.degraded"
        /// It is gone.
        case lost = "modem.lost"
        /// It is lent to a call, recovers from one, or is free again: what ``ModemEvent/state`` says, where no other event tells it.
        case state = "modem.state"
        /// Its signal changed by 5 dB or more since it was last told.
        case signal = "modem.signal"
    }

    /// What happened.
    package var kind: Kind
    /// When.
    package var at: Date
    /// The modem's name.
    @OrNull package var modem: String?
    /// The modem's own number.
    package var imei: String?
    /// The tty of its commands.
    package var tty: String?
    /// Its place in the USB topology.
    package var usbPath: String?
    /// What it is doing now.
    package var state: ModemStatus.State
    /// Why, in one line.
    package var reason: String?
    /// The signal strength in dBm, where that is what happened.
    package var signal: Int?

    /// Creates an event of a modem as it stands now.
    package init(
        _ kind: Kind,
        of modem: ModemStatus,
        reason: String? = nil,
        signal: Int? = nil,
        at: Date = Date()
    ) {
        self.kind = kind
        self.at = at
        self.modem = modem.name
        imei = modem.imei
        tty = modem.tty
        usbPath = modem.usbPath
        state = modem.state
        self.reason = reason
        self.signal = signal
    }

    /// See ``GatewayEvent/name``.
    package var name: String { kind.rawValue }

    /// See ``GatewayEvent/subject``; nil.
    package var subject: UUID? { nil }

    private enum CodingKeys: String, CodingKey {
        case kind = "event"
        case at
        case modem
        case imei
        case tty
        case usbPath = "usb_path"
        case state
        case reason
        case signal = "signal_dbm"
    }
}
