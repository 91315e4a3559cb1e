/// One modem as lists, the control interface and `gsmbridge modems` show it: the contract's object.
///
/// A value that is not known is nil, and `null` in JSON.
package struct ModemStatus: Sendable, Hashable, Codable {
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

    /// The end of a radio network, and so of a modem's calls in it.
    package struct Sunset: Sendable, Hashable, Codable {
        /// `gsm` or `umts`.
        package var technology: String
        /// The last day, `2028-06-30`.
        package var date: String
        /// Who says so.
        package var source: String
        /// What it means, in one line.
        package var reason: String

        package init(technology: String, date: String, source: String, reason: String) {
            self.technology = technology
            self.date = date
            self.source = source
            self.reason = reason
        }
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

        package init(path: String, role: String, interface: Int? = nil, driver: String? = nil) {
            self.path = path
            self.role = role
            self.interface = interface
            self.driver = driver
        }
    }

    /// The configured name, else the IMEI, else the USB path, else the tty.
    @OrNull package var name: String?
    /// The modem's own number, 15 digits.
    @OrNull package var imei: String?
    /// The card's number.
    @OrNull package var iccid: String?
    /// The subscriber of the card.
    @OrNull package var imsi: String?
    /// The card's own number, as it is configured.
    @OrNull package var number: String?
    /// Who made it.
    @OrNull package var manufacturer: String?
    @OrNull package var model: String?
    /// Its firmware.
    @OrNull package var revision: String?
    /// The family, by the name of its driver.
    @OrNull package var family: String?
    /// The tty of its commands.
    @OrNull package var tty: String?
    /// Its place in the USB topology, such as `1-1.4`.
    @OrNull package var usbPath: String?
    /// Vendor and product number, `2c7c:0125`.
    @OrNull package var usbID: String?
    /// `ready`, `absent`, `pin`, `puk` or `blocked`.
    @OrNull package var sim: String?
    /// Tries left for the PIN; nil for a card that wants none.
    @OrNull package var pinTries: Int?
    /// The network's name, or its number.
    @OrNull package var operatorName: String?
    /// `home`, `roaming`, `searching`, `denied` or `none`.
    @OrNull package var registration: String?
    /// `gsm`, `umts`, `lte` or `nr`.
    @OrNull package var technology: String?
    /// The network's country and network code, five or six digits.
    @OrNull package var networkCode: String?
    /// Calls over LTE: `registered`, `not_registered` or `off`; nil where it is not asked for or told.
    @OrNull package var ims: String?
    /// When its calls end in this network, as far as that is announced.
    @OrNull package var sunset: Sunset?
    /// What its SIM had when that was told last; nil where it is not asked for.
    @OrNull package var balance: SIMBalance?
    /// The signal strength in dBm.
    @OrNull package var signal: Int?
    /// `yes`, `no` or `unknown`.
    @OrNull package var voice: String?
    /// Where its voice comes over USB: `alsa:hw:1`, `tty:/dev/ttyUSB1`, `none`.
    @OrNull package var audio: String?
    /// What it is doing.
    package var state: State
    /// Why it is not ready, or what else is to be known, in one line.
    @OrNull package var reason: String?
    /// Its ttys.
    package var ports: [Port]

    /// Creates a status of which nothing is known but the state.
    package init(name: String?, state: State, reason: String? = nil) {
        self.name = name
        self.state = state
        self.reason = reason
        ports = []
    }

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
        case pinTries = "pin_tries"
        case operatorName = "operator"
        case registration
        case technology
        case networkCode = "network"
        case ims
        case sunset
        case balance
        case signal = "signal_dbm"
        case voice
        case audio
        case state
        case reason
        case ports
    }
}

extension ModemStatus {
    /// Whether a person means this modem: by its name, IMEI, place on the bus or a tty.
    package func isCalled(_ reference: String) -> Bool {
        [name, imei, usbPath, tty].contains(reference) || ports.contains { $0.path == reference }
    }
}
