/// Huawei USB sticks as the E1752: chatty, with `^DTMF` instead of `+VTS`.
struct HuaweiDialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "huawei",
        model: "E1752",
        revision: "11.126.13.00.00",
        information: [
            "Manufacturer: huawei", "Model: E1752", "Revision: 11.126.13.00.00", "{imei}", "+GCAP: +CGSM,+DS,+ES",
        ]
    )
    let packsServiceCodes = true
    let firstMessagePlace = 0
    let unsupported = "COMMAND NOT SUPPORT"
    let absentCommands: Set<String> = ["+VTS", "+VTD", "+CCID", "+CSIM"]
    let noise = [
        "^RSSI:19", "^RSSI:20", "^BOOT:26128084,0,0,0,75", "^MODE:5,4", "^HCSQ:\"WCDMA\",30,30,58", "^CSNR:-93,-10",
        "^DSFLOWRPT:0000000C,00000000,00000000,0000000000000000,0000000000000000,00000000,00000000",
    ]

    var defaults: ModemSettings {
        var settings = ModemSettings()
        settings.voiceHangUp = 1
        return settings
    }

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("^DTMF", .set): return tone(command, &modem)
        case ("+CHLD", .set): return release(command, &modem)
        case ("+CSQ", .execute): return signal(modem)
        case ("^CVOICE", .read): return .text("^CVOICE:0,8000,16,20")
        case ("^CVOICE", .test): return .text("^CVOICE:(0-1)")
        case ("^DDSETEX", .set): return command.value == 2 && modem.switchVoice(on: true, now) ? .ok : .error
        case ("^DDSETEX", .test): return .text("^DDSETEX: (0-2)")
        case ("^CPIN", .read): return pinCounters(modem)
        case ("^ICCID", .read): return modem.ifPresent { .text("^ICCID: \(modem.profile.iccid)") }
        case ("^CURC", .set):
            modem.settings.flags["^CURC"] = command.value
            return .ok
        case ("^PORTSEL", .set):
            // The simulated line is the PCUI port: 1 sends the unsolicited lines to the modem port.
            modem.settings.flags["indications off"] = command.value
            return .ok
        case ("^SYSINFO", .execute):
            return .text("^SYSINFO:2,\(modem.effectiveRegistration.carriesCalls ? 3 : 0),0,5,1,,4")
        case ("^HCSQ", .read): return .text("^HCSQ:\"WCDMA\",30,30,58")
        case ("^CARDMODE", .execute): return .text("^CARDMODE:2")
        case ("^GETPORTMODE", .execute):
            return .text("^GETPORTMODE:TYPE:WCDMA:Qualcomm,MDM:0,NDIS:1,DIAG:2,PCUI:3,CDROM:4,SD:5")
        case ("^SYSCFG", .read): return .text("^SYSCFG:2,0,3FFFFFFF,1,2")
        case ("^RFSWITCH", .read): return .text("^RFSWITCH:1,1")
        case ("^RESET", .execute): return .effect(.reset(leavesBus: true))
        case ("^CVOICE", .set), ("^U2DIAG", .set), ("^USSDMODE", .set), ("^SYSCFG", .set), ("^AUTOANSWER", .set),
            ("^DDTMFCFG", .set), ("^STSF", .set):
            return .ok
        default: return nil
        }
    }

    /// 20 ms at a time (chan_dongle).
    var voice: VoiceHabit? { VoiceHabit(chunk: 320) }

    /// Every call wants `^DDSETEX` anew.
    func voiceIsOn(_ modem: SimulatedModem) -> Bool { modem.settings.flags["voice"] == 1 }

    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        switch change {
        case .originated: [Report("^ORIG:\(call.index),0")]
        // ^CONF says that the network knows the call, not that it rings.
        case .earlyMedia, .alerting: [Report("^CONF:\(call.index)")]
        case .connected: [Report("^CONN:\(call.index),0")]
        case .incoming: []
        case .ended(let byModem, let cause, let wasConfirmed, _):
            // A call that was given up before ^ORIG vanishes without a word.
            call.isOriginated
                ? [
                    Report(
                        end(call, byModem, cause, wasConfirmed, now),
                        after: .milliseconds(byModem ? 60 : 5)
                    )
                ] : []
        }
    }

    /// `^CEND:<index>,<seconds>,<end status>[,<cause>]`; the cause is missing while the network had not answered.
    private func end(_ call: ModemCall, _ byModem: Bool, _ cause: Int, _ wasConfirmed: Bool, _ now: Instant) -> String {
        let status = byModem ? 29 : cause == 38 ? 21 : 25
        let reason = byModem && !wasConfirmed ? "" : ",\(cause)"
        return "^CEND:\(call.index),\(call.seconds(until: now)),\(status)\(reason)"
    }

    /// `^MODE` ends with one carriage return too many.
    func frame(_ line: String, _ kind: LineKind) -> [UInt8] {
        Array((line.hasPrefix("^MODE") ? "\r\n\(line)\r\r\n" : "\r\n\(line)\r\n").utf8)
    }

    func cell(_ command: String) -> String { ",4CA,81DE445" }

    /// `^DTMF=<index>,<digit>`: the index must be that of the active call; of several digits one is played.
    private func tone(_ command: ATCommand, _ modem: inout SimulatedModem) -> CommandOutcome {
        let fields = command.fields
        guard fields.count == 2, let index = fields[0].number, let first = fields[1].text.first,
            let digits = ToneSyntax.single(String(first), full: false),
            modem.calls.contains(where: { $0.index == index && $0.status == .active })
        else { return .error }
        return modem.send(digits)
    }

    /// The E1550's AT engine never comes back from `+CHLD=1x` before ^CONF.
    private func release(_ command: ATCommand, _ modem: inout SimulatedModem) -> CommandOutcome? {
        guard command.argument.count > 1, command.argument.hasPrefix("1"),
            modem.calls.contains(where: { $0.isOutgoing && !$0.isConfirmed })
        else { return nil }
        return CommandOutcome(result: .never, effects: [.wedge])
    }

    private func signal(_ modem: SimulatedModem) -> CommandOutcome {
        let value = modem.effectiveRegistration == .none ? 99 : modem.signal
        let line = "+CSQ: \(value),99"
        return modem.settings.flags["^CURC"] == 0 ? .text(line) : .text("^RSSI:\(value)", line)
    }

    /// `^CPIN: <state>,<tries>,<PUK>,<PIN>,<PUK2>,<PIN2>`.
    private func pinCounters(_ modem: SimulatedModem) -> CommandOutcome {
        let pin = modem.tries.pin
        let puk = modem.tries.puk
        return switch modem.sim.state {
        case .absent: .failure(10)
        case .busy: .failure(14)
        case .ready: .text("^CPIN: READY,,\(puk),\(pin),10,3")
        case .pinRequired: .text("^CPIN: SIM PIN,\(pin),\(puk),\(pin),10,3")
        case .pukRequired: .text("^CPIN: SIM PUK,\(puk),\(puk),0,10,3")
        }
    }
}
