/// One modem as lists, the control interface and `gsmbridge modems` show it: the contract's object.
///
/// A value that is not known is nil, and `null` in JSON.
public struct ModemStatus: Sendable, Hashable {
    /// What a modem is doing (the contract's `state`).
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
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
    public struct Port: Sendable, Hashable, Codable {
        /// The device node.
        public var path: String
        /// What it is for: the raw value of a `PortRole`.
        public var role: String
        /// The number of the USB interface.
        public var interface: Int?
        /// The kernel driver.
        public var driver: String?

        /// Creates a port.
        public init(path: String, role: String, interface: Int? = nil, driver: String? = nil) {
            self.path = path
            self.role = role
            self.interface = interface
            self.driver = driver
        }
    }

    /// The configured name, else the IMEI, else the USB path, else the tty.
    public var name: String?
    /// The modem's own number, 15 digits.
    public var imei: String?
    /// The card's number.
    public var iccid: String?
    /// The subscriber of the card.
    public var imsi: String?
    /// The card's own number, as it is configured.
    public var number: String?
    /// Who made it.
    public var manufacturer: String?
    /// What it is.
    public var model: String?
    /// Its firmware.
    public var revision: String?
    /// The family, as a raw value of `ModemDriver.Family`.
    public var family: String?
    /// The tty of its commands.
    public var tty: String?
    /// Its place in the USB topology, such as `1-1.4`.
    public var usbPath: String?
    /// Vendor and product number, `2c7c:0125`.
    public var usbID: String?
    /// `ready`, `absent`, `pin`, `puk` or `blocked`.
    public var sim: String?
    /// The network's name, or its number.
    public var operatorName: String?
    /// `home`, `roaming`, `searching`, `denied` or `none`.
    public var registration: String?
    /// `gsm`, `umts`, `lte` or `nr`.
    public var technology: String?
    /// The signal strength in dBm.
    public var signal: Int?
    /// `yes`, `no` or `unknown`.
    public var voice: String?
    /// Where its voice comes over USB: `alsa:hw:1`, `tty:/dev/ttyUSB1`, `none`.
    public var audio: String?
    /// What it is doing.
    public var state: State
    /// Why it is not ready, or what else is to be known, in one line.
    public var reason: String?
    /// Its ttys.
    public var ports: [Port]

    /// Creates a status of which nothing is known but the state.
    public init(name: String?, state: State, reason: String? = nil) {
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
    public func encode(to encoder: any Encoder) throws {
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
