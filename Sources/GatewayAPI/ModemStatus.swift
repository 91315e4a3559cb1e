/// One modem as lists, the control interface and `gsmbridge modems` show it: the contract's object.
///
/// A value that is not known is nil, and `null` in JSON.
package struct ModemStatus: Sendable, Hashable {
    /// What a modem is doing (the contract's `state`).
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// It is being opened and set up, or still looks for its network.
        case starting
        /// A call can be made with it.
        case ready
        /// It has a call.
        case inCall = "in_call"
        /// It failed a check and is being brought back.
        case recovering
        /// No call can be made with it, and that won't change by itself soon; `reason` says why.
        case failed
        /// It is configured, and not there.
        case absent
    }

    /// One tty of the stick.
    package struct Port: Sendable, Hashable, Codable {
        /// The device node.
        package var path: String
        /// What it is for: the raw value of a `PortRole`.
        package var role: String
        /// The number of the USB interface.
        package var interface: Int?
        /// The kernel driver.
        package var driver: String?

        /// Creates a port.
        package init(path: String, role: String, interface: Int? = nil, driver: String? = nil) {
            self.path = path
            self.role = role
            self.interface = interface
            self.driver = driver
        }
    }

    /// The configured name, else the IMEI, else the USB path, else the tty.
    package var name: String?
    /// The modem's own number, 15 digits.
    package var imei: String?
    /// The card's number.
    package var iccid: String?
    /// The subscriber of the card.
    package var imsi: String?
    /// The card's own number, as it is configured.
    package var number: String?
    /// Who made it.
    package var manufacturer: String?
    /// What it is.
    package var model: String?
    /// Its firmware.
    package var revision: String?
    /// The family, as a raw value of `ModemDriver.Family`.
    package var family: String?
    /// The tty of its commands.
    package var tty: String?
    /// Its place in the USB topology, such as `1-1.4`.
    package var usbPath: String?
    /// Vendor and product number, `2c7c:0125`.
    package var usbID: String?
    /// `ready`, `absent`, `pin`, `puk` or `blocked`.
    package var sim: String?
    /// The network's name, or its number.
    package var operatorName: String?
    /// `home`, `roaming`, `searching`, `denied` or `none`.
    package var registration: String?
    /// `gsm`, `umts`, `lte` or `nr`.
    package var technology: String?
    /// The signal strength in dBm.
    package var signal: Int?
    /// `yes`, `no` or `unknown`.
    package var voice: String?
    /// Where its voice comes over USB: `alsa:hw:1`, `tty:/dev/ttyUSB1`, `none`.
    package var audio: String?
    /// What it is doing.
    package var state: State
    /// Why it is not ready, or what else is to be known, in one line.
    package var reason: String?
    /// Its ttys.
    package var ports: [Port]

    /// Creates a status of which nothing is known but the state.
    package init(name: String?, state: State, reason: String? = nil) {
        self.name = name
        self.state = state
        self.reason = reason
        ports = []
    }
}

extension ModemStatus {
    /// Whether a person means this modem: by its name, IMEI, place on the bus or a tty.
    package func isCalled(_ reference: String) -> Bool {
        [name, imei, usbPath, tty].contains(reference) || ports.contains { $0.path == reference }
    }
}

extension ModemStatus: Codable {
    /// The keys, in the contract's order.
    private enum CodingKeys: String, CodingKey {
        case name
        case imei
        case iccid
        case imsi
        case number
        case manufacturer
        case model
        case revision
        case family
        case tty
        case usbPath = "usb_path"
        case usbID = "usb_id"
        case sim
        case operatorName = "operator"
        case registration
        case technology
        case signal = "signal_dbm"
        case voice
        case audio
        case state
        case reason
        case ports
    }

    /// Encodes every key, `null` where a value is not known.
    package func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        let texts: [(CodingKeys, String?)] = [
            (.name, name), (.imei, imei), (.iccid, iccid), (.imsi, imsi), (.number, number),
            (.manufacturer, manufacturer), (.model, model),
            (.revision, revision), (.family, family), (.tty, tty), (.usbPath, usbPath), (.usbID, usbID), (.sim, sim),
            (.operatorName, operatorName), (.registration, registration), (.technology, technology), (.voice, voice),
            (.audio, audio), (.reason, reason),
        ]
        for (key, text) in texts { try row.encode(text, forKey: key) }
        try row.encode(state, forKey: .state)
        try row.encode(signal, forKey: .signal)
        try row.encode(ports, forKey: .ports)
    }
}
