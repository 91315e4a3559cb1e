package import CallModel
package import DeviceDiscovery
package import Modem

/// How usable a line is.
package enum LineState: Sendable, Hashable {
    /// It is being opened and set up, or still looks for its network.
    case starting
    /// A call can be made with it.
    case ready
    /// It has a call.
    case inCall
    /// It failed a check and is being brought back.
    case recovering
    /// No call can be made with it, and that won't change by itself soon.
    case failed
    /// It is configured, and not there.
    case absent
}

/// A line as it stands; what is not known is nil.
package struct LineStatus: Sendable, Hashable {
    /// The configured name, else the IMEI, else the USB path, else the tty.
    package var name: String?
    /// How usable it is.
    package var state: LineState
    /// Why it is not ready, or what else is to be known, in one line.
    package var reason: String?
    /// The number of its card, as it is configured.
    package var number: String?
    /// The tty of its commands.
    package var tty: String?
    /// What the bus tells of the stick.
    package var stick: USBModem?
    /// Its place in the USB topology, also of one that is not there, such as `1-1.4`.
    package var usbPath: String?
    /// What the modem says of itself.
    package var identity = ModemIdentity()
    /// Its family, by the name of its driver.
    package var family: String?
    /// The radio networks that its family knows; empty where it was not asked.
    package var radios: Set<RadioTechnology> = []
    /// Card, network and signal as they were last told.
    package var health: ModemHealth?
    /// Tries left for the PIN; nil for a card that wants none.
    package var pinTries: Int?
    /// Whether it makes calls; nil where it was not asked.
    package var voice: ModemSurvey.Voice?
    /// Where the sound of its calls comes to this box: `tty:/dev/ttyUSB1`, `alsa:hw:1` or `none`; nil where it was not asked.
    package var sound: String?

    /// Creates a status that knows nothing but the state.
    package init(name: String?, state: LineState, reason: String? = nil) {
        self.name = name
        self.state = state
        self.reason = reason
    }

    /// The modem's own number, 15 digits.
    package var imei: String? { identity.imei }

    /// Whether the SIM is in a network abroad; nil while that can't be told.
    package var isRoaming: Bool? { health?.registration.verdict.isRoaming }
}

/// What happens to a line.
package enum LineNews: Sendable, Hashable {
    /// It was found; it is not set up yet.
    case found
    /// Calls can be made with it.
    case ready
    /// It can't be used for now; why.
    case degraded(String)
    /// It is gone; why, where that is known.
    case lost(String?)
    /// Its signal changed by 5 dB or more since it was last told.
    case signal(dBm: Int)
}
