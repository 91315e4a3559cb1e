import ATProtocol
import DeviceDiscovery
import FoundationEssentials
import Modem

/// One line of `gsmbridge modems`, in the contract's terms.
struct ModemRow: Encodable {
    struct Port: Encodable {
        let path: String
        let role: String
        let interface: Int?
        let driver: String?
    }

    let name: String?
    let imei: String?
    let iccid: String?
    let manufacturer: String?
    let model: String?
    let revision: String?
    let family: String?
    let tty: String?
    let usbPath: String?
    let usbID: String?
    let sim: String?
    let operatorName: String?
    let registration: String?
    let technology: String?
    let signal: Int?
    let voice: String?
    let audio: String?
    let state: String
    let reason: String?
    let ports: [Port]

    init(_ inspection: ModemInspection) {
        let survey = inspection.survey
        let identity = survey?.identity
        name = identity?.imei ?? inspection.usb?.path ?? inspection.tty
        imei = identity?.imei
        iccid = identity?.iccid
        manufacturer = Self.known(identity?.manufacturer) ?? inspection.usb?.manufacturer
        model = Self.known(identity?.model) ?? inspection.usb?.title
        revision = Self.known(identity?.revision)
        family = survey?.family.rawValue
        tty = inspection.tty
        usbPath = inspection.usb?.path
        usbID = inspection.usb?.id.description
        sim = survey?.sim.flatMap { Self.word(for: $0) }
        operatorName = survey?.operatorName
        registration = survey.map { Self.word(for: $0.registration.verdict) }
        technology = survey?.technology.flatMap { Self.technology($0) }
        signal = survey?.signal
        voice = survey?.voice.rawValue
        audio = inspection.usb.map { Self.audio(of: $0) }
        state = inspection.state.rawValue
        reason = inspection.reason
        ports = (inspection.usb?.ports ?? [])
            .map { port in
                Port(
                    path: port.path,
                    role: port.role.rawValue,
                    interface: port.interface.map { Int($0.number) },
                    driver: port.interface?.driver
                )
            }
    }

    /// The keys, in the contract's order; a value that is not known is `null`.
    enum CodingKeys: String, CodingKey, CaseIterable {
        case name
        case imei
        case iccid
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

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        let texts: [(CodingKeys, String?)] = [
            (.name, name), (.imei, imei), (.iccid, iccid), (.manufacturer, manufacturer), (.model, model),
            (.revision, revision), (.family, family), (.tty, tty), (.usbPath, usbPath), (.usbID, usbID), (.sim, sim),
            (.operatorName, operatorName), (.registration, registration), (.technology, technology), (.voice, voice),
            (.audio, audio), (.state, state), (.reason, reason),
        ]
        for (key, text) in texts { try row.encode(text, forKey: key) }
        try row.encode(signal, forKey: .signal)
        try row.encode(ports, forKey: .ports)
    }

    // MARK: Words

    private static func known(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    static func word(for state: SIMState) -> String? {
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

/// Prints modems as a table with remarks, or as JSON lines.
struct ModemsPresenter {
    let format: OutputFormat

    func show(_ inspections: [ModemInspection]) {
        let rows = inspections.map { ModemRow($0) }
        switch format {
        case .json: for row in rows { Self.printJSON(row) }
        case .text: showTable(rows)
        }
    }

    private func showTable(_ rows: [ModemRow]) {
        let heads = ["MODEM", "TTY", "IMEI", "SIM", "OPERATOR", "REGISTERED", "SIGNAL", "VOICE", "STATE"]
        let cells = rows.map { row in
            [
                row.model ?? "-", row.tty ?? "-", row.imei ?? "-", row.sim ?? "-", row.operatorName ?? "-",
                [row.registration, row.technology].compactMap { $0 }.joined(separator: " "),
                row.signal.map { "\($0) dBm" } ?? "-", row.voice ?? "-", row.state,
            ]
        }
        Self.printColumns([heads] + cells)
        for row in rows {
            if let reason = row.reason {
                Terminal.standardOutput("\(row.tty ?? row.usbPath ?? row.model ?? "modem"): \(reason)")
            }
        }
    }

    static func printJSON(_ value: some Encodable) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            Terminal.standardOutput(Array(try encoder.encode(value)))
        } catch {
            Terminal.standardError("gsmbridge: a modem could not be written: \(error)")
        }
    }

    /// Prints rows in columns as wide as their widest cell, two blanks apart.
    static func printColumns(_ rows: [[String]]) {
        let rows = rows.map { $0.map { $0.isEmpty ? "-" : $0 } }
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ")
            Terminal.standardOutput(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }
}
