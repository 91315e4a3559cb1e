/// ZTE sticks as the K3565-Z: ATD is silent until `CONNECT`, and much else is different.
struct ZTEDialect: ModemDialect {
    /// A new call this soon after the last one makes the stick unusable until it is plugged in again.
    static let guardTime = Duration.seconds(5)

    let identity = ModemIdentity(
        manufacturer: "ZTE INCORPORATED",
        model: "K3565-Z",
        revision: "BD_P673A2V1.0.0B09",
        information: [
            "Manufacturer: ZTE INCORPORATED", "Model: K3565-Z", "Revision: BD_P673A2V1.0.0B09", "{imei}",
            "+GCAP: +CGSM,+DS,+ES",
        ]
    )
    let latency = Duration.milliseconds(12)
    let absentCommands: Set<String> = ["+CCID"]
    let readsWhileDialling = true
    let takesAnnouncementForAnswer = true
    let noise = ["+ZPASR: \"UMTS\"", "+ZDONR: \"o2 - de\",262,03,\"CS_PS\",\"ROAM_OFF\"", "+ZPSTM:0", "+ZMGT:5"]
    let bootLines = [Report("+ZUSIMR:2", after: .milliseconds(400))]

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("D", _):
            guard let last = modem.lastCallEndedAt, last.duration(to: now) < Self.guardTime else { return nil }
            return CommandOutcome(result: .never, effects: [.wedge])
        case ("Z", _): return modem.sim.state == .pinRequired || modem.sim.state == .pukRequired ? .error : nil
        // The set form is taken for a question about the range.
        case ("+CVHU", .set), ("+CVHU", .test): return .text("+CVHU: (0-1)")
        case ("H", _): return modem.hangUpAll(cause: 16)
        case ("+ZPINPUK", .test): return .text("+ZPINPUK: \(modem.tries.pin),\(modem.tries.puk)")
        case ("+ZPAS", .read): return .text("+ZPAS: \"UMTS\",\"CS_PS\"")
        case ("+ICCID", .execute): return modem.ifPresent { .text("+ICCID: \(modem.profile.iccid)") }
        case ("%ICSCALL", .set), ("+ZOPRT", .set), ("+ZCDRUN", .set), ("+ZSNT", .set): return .ok
        default: return nil
        }
    }

    func dialCompletion(_ modem: SimulatedModem) -> DialCompletion { .connectString }

    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        switch change {
        case .originated: [Report("+BEARTYPE: \"UMTS\",\"CS_PS\"")]
        case .ended(byModem: false, _, _, blocked: false) where call.connectedAt != nil: [Report("HANGUP: 1")]
        case .earlyMedia, .alerting, .connected, .incoming, .ended: []
        }
    }

    /// A rejected call is reported as `OK`.
    func blockedResult(cause: Int) -> ResultCode { cause == 21 ? .ok : Self.result(cause: cause) }

    /// One digit, and no letters.
    func tones(_ command: ATCommand) -> [Character]? {
        let fields = command.fields
        guard let first = fields.first, fields.count == 1 else { return nil }
        return ToneSyntax.single(first.text, full: false)
    }
}
