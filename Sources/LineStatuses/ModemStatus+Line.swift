internal import CallModel
internal import CallPlanning
internal import DeviceDiscovery
internal import DialPlan
package import GatewayAPI
package import Lines
internal import Modem

// What lists and events show of a line, in the contract's words.
extension ModemStatus {
    /// Creates the status of a line.
    package init(_ line: LineStatus) {
        self.init(name: line.name, state: State(line.state), reason: line.reason)
        number = line.number
        tty = line.tty
        usbPath = line.usbPath
        if let stick = line.stick { describe(stick) }
        audio = line.sound ?? audio
        describe(line.identity)
        family = line.family
        voice = (line.voice ?? .unknown).rawValue
        pinTries = line.pinTries
        guard let health = line.health else { return }
        sim = health.sim.flatMap { Self.word(for: $0) }
        operatorName = health.operatorName
        registration = Self.word(for: health.registration.verdict)
        technology = health.radio?.rawValue
        networkCode = health.networkCode
        if let state = health.ims {
            ims = state.isRegistered == true ? "registered" : state.isOn == false ? "off" : nil
            if ims == nil, state.isRegistered == false { ims = "not_registered" }
        }
        if let end = line.sunset {
            sunset = Sunset(
                technology: end.technology.rawValue,
                date: "\(end.date)",
                source: end.source,
                reason: end.warning(on: PolicyTime.now().day)
            )
        }
        signal = health.signal
    }

    /// Takes what the bus tells.
    private mutating func describe(_ stick: USBModem) {
        usbID = stick.id.description
        manufacturer = stick.manufacturer
        model = stick.title
        audio = Self.audio(of: stick)
        ports = stick.ports.map { port in
            Port(
                path: port.path,
                role: port.role.rawValue,
                interface: port.interface.map { Int($0.number) },
                driver: port.interface?.driver
            )
        }
    }

    /// Takes what the modem says of itself.
    private mutating func describe(_ identity: ModemIdentity) {
        imei = identity.imei
        iccid = identity.iccid
        imsi = identity.imsi
        if !identity.manufacturer.isEmpty { manufacturer = identity.manufacturer }
        if !identity.model.isEmpty { model = identity.model }
        if !identity.revision.isEmpty { revision = identity.revision }
    }

    // MARK: Words

    private static func word(for state: CardState) -> String? {
        switch state {
        case .ready: "ready"
        case .pin: "pin"
        case .puk: "puk"
        case .absent: "absent"
        case .failed, .deviceLock: "blocked"
        case .busy, .other: nil
        }
    }

    private static func word(for verdict: RegistrationStatus.Verdict) -> String {
        switch verdict {
        case .registered(let roaming), .dataOnly(let roaming): roaming ? "roaming" : "home"
        case .searching: "searching"
        case .denied, .messagesOnly, .emergencyOnly: "denied"
        case .none: "none"
        }
    }

    /// Where the voice comes over USB: an ALSA device, a tty, or nowhere.
    private static func audio(of stick: USBModem) -> String {
        if let sound = stick.sound { return "alsa:hw:\(sound.number)" }
        return stick.voicePort.map { "tty:\($0.path)" } ?? "none"
    }
}

extension ModemStatus.State {
    package init(_ state: LineState) {
        self =
            switch state {
            case .starting: .starting
            case .ready: .ready
            case .inCall: .inCall
            case .recovering: .recovering
            case .failed: .failed
            case .absent: .absent
            }
    }
}

extension ModemEvent {
    /// Creates the event for what has happened to a line.
    package init(_ news: LineNews, of line: LineStatus) {
        let modem = ModemStatus(line)
        self =
            switch news {
            case .found: ModemEvent(.found, of: modem)
            case .ready: ModemEvent(.ready, of: modem)
            case .degraded(let reason): ModemEvent(.degraded, of: modem, reason: reason)
            case .lost(let reason): ModemEvent(.lost, of: modem, reason: reason)
            case .signal(let dBm): ModemEvent(.signal, of: modem, signal: dBm)
            }
    }
}
