internal import DeviceDiscovery
internal import GatewayAPI
internal import Modem

extension ModemStatus {
    /// Creates the status of a modem that was looked at without being set up.
    package init(_ inspection: ModemInspection) {
        let survey = inspection.survey
        self.init(
            name: survey?.identity.imei ?? inspection.usb?.path ?? inspection.tty,
            state: inspection.state,
            reason: inspection.reason
        )
        tty = inspection.tty
        if let usb = inspection.usb { describe(usb) }
        guard let survey else { return }
        describe(survey.identity)
        family = survey.family
        sim = survey.sim.flatMap { Self.word(for: $0) }
        operatorName = survey.operatorName
        registration = Self.word(for: survey.registration.verdict)
        technology = survey.technology.flatMap { Self.technology($0) }
        signal = survey.signal
        voice = survey.voice.rawValue
    }

    /// Takes what the bus tells.
    mutating func describe(_ usb: USBModem) {
        usbPath = usb.path
        usbID = usb.id.description
        manufacturer = usb.manufacturer
        model = usb.title
        audio = Self.audio(of: usb)
        ports = usb.ports.map { port in
            Port(
                path: port.path,
                role: port.role.rawValue,
                interface: port.interface.map { Int($0.number) },
                driver: port.interface?.driver
            )
        }
    }

    /// Takes what the modem says of itself.
    mutating func describe(_ identity: ModemIdentity) {
        imei = identity.imei
        iccid = identity.iccid
        imsi = identity.imsi
        if !identity.manufacturer.isEmpty { manufacturer = identity.manufacturer }
        if !identity.model.isEmpty { model = identity.model }
        if !identity.revision.isEmpty { revision = identity.revision }
    }

    /// Takes how the modem stands.
    mutating func describe(_ health: ModemHealth) {
        sim = health.sim.flatMap { Self.word(for: $0) }
        operatorName = health.operatorName
        registration = Self.word(for: health.registration.verdict)
        technology = health.technology.flatMap { Self.technology($0) }
        signal = health.signal
    }

    // MARK: Words

    /// Whether the SIM is in a network abroad; nil while that can't be told.
    var isRoaming: Bool? {
        switch registration {
        case "home": false
        case "roaming": true
        default: nil
        }
    }

    static func word(for state: CardState) -> String? {
        switch state {
        case .ready: "ready"
        case .pin: "pin"
        case .puk: "puk"
        case .absent: "absent"
        case .failed, .deviceLock: "blocked"
        case .busy, .other: nil
        }
    }

    static func word(for verdict: RegistrationStatus.Verdict) -> String {
        switch verdict {
        case .registered(let roaming), .dataOnly(let roaming): roaming ? "roaming" : "home"
        case .searching: "searching"
        case .denied, .messagesOnly, .emergencyOnly: "denied"
        case .none: "none"
        }
    }

    /// The generation of an access technology (27.007 §7.3, `<AcT>`).
    static func technology(_ number: Int) -> String? {
        switch number {
        case 0, 1, 3, 8: "gsm"
        case 2, 4, 5, 6: "umts"
        case 7, 9: "lte"
        case 10, 11, 12, 13: "nr"
        default: nil
        }
    }

    /// Where the voice comes over USB: an ALSA device, a tty, or nowhere.
    static func audio(of modem: USBModem) -> String {
        if let sound = modem.sound { return "alsa:hw:\(sound.number)" }
        return modem.voicePort.map { "tty:\($0.path)" } ?? "none"
    }
}
