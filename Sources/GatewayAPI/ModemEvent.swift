package import FoundationEssentials

/// One event of a modem, as the event stream and webhooks show it (the contract's section 3).
package struct ModemEvent: Sendable, Hashable {
    /// What happened.
    package enum Kind: Sendable, Hashable {
        /// A stick was found; it is not set up yet.
        case found
        /// Calls can be made with it.
        case ready
        /// It can't be used for now; why.
        case degraded(reason: String)
        /// It is gone.
        case lost(reason: String?)
        /// Its signal changed by 5 dB or more since it was last told.
        case signal(dBm: Int)
    }

    /// What happened.
    package var kind: Kind
    /// When.
    package var at: Date
    /// The modem as it stands now.
    package var modem: ModemStatus

    /// Creates an event.
    package init(_ kind: Kind, modem: ModemStatus, at: Date = Date()) {
        self.kind = kind
        self.modem = modem
        self.at = at
    }

    /// The event's name in the contract.
    package var name: String {
        switch kind {
        case .found: "modem.found"
        case .ready: "modem.ready"
        case .degraded: "modem.degraded"
        case .lost: "modem.lost"
        case .signal: "modem.signal"
        }
    }
}

extension ModemEvent: Encodable {
    private enum Key: String, CodingKey {
        case event
        case at
        case modem
        case imei
        case tty
        case usbPath = "usb_path"
        case state
        case reason
        case signal = "signal_dbm"
    }

    /// Encodes the event; `modem` is the modem's name.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(name, forKey: .event)
        try fields.encode(at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), forKey: .at)
        try fields.encode(modem.name, forKey: .modem)
        try fields.encodeIfPresent(modem.imei, forKey: .imei)
        try fields.encodeIfPresent(modem.tty, forKey: .tty)
        try fields.encodeIfPresent(modem.usbPath, forKey: .usbPath)
        try fields.encode(modem.state, forKey: .state)
        switch kind {
        case .found, .ready: break
        case .degraded(let reason): try fields.encode(reason, forKey: .reason)
        case .lost(let reason): try fields.encodeIfPresent(reason, forKey: .reason)
        case .signal(let dBm): try fields.encode(dBm, forKey: .signal)
        }
    }
}
