/// SIMCom LTE modules as the SIM7600: `VOICE CALL: BEGIN`, call lists unasked, ATH without effect at first.
struct SIMComDialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "SIMCOM INCORPORATED",
        model: "SIMCOM_SIM7600G-H",
        revision: "LE20B04SIM7600G22",
        information: [
            "Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600G-H", "Revision: LE20B04SIM7600G22", "{imei}",
            "+GCAP: +CGSM",
        ]
    )
    let isEvolved = true
    let absentCommands: Set<String> = ["+CCID"]
    let latency = Duration.milliseconds(6)
    let settlingAfterPIN = Duration.seconds(1)
    let bootLines = [
        Report("RDY", after: .milliseconds(200)), Report("{sim}", after: .milliseconds(800)),
        Report("SMS DONE", after: .milliseconds(1400)), Report("PB DONE", after: .milliseconds(1600)),
    ]

    private static let accepted: Set<String> = [
        "+CPCMFRM", "+CPCMBANDWIDTH", "+COUTGAIN", "+CMICGAIN", "+CNSMOD", "+AUTOCSQ", "+EXUNSOL", "+CLTS", "+DDET",
        "+CSDVC", "+CECM", "+CTXVOL", "+CRXVOL", "+CNMP", "+MSTK",
    ]

    var defaults: ModemSettings {
        var settings = ModemSettings()
        settings.voiceHangUp = 1
        return settings
    }

    let firstMessagePlace = 0

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+CLCC", .test): return .text("+CLCC: (0-1)")
        case ("+CLCC", .read): return .text("+CLCC: \(modem.settings.flags["+CLCC"] ?? 0)")
        case ("+CLCC", .set), ("+MORING", .set):
            return modem.settings.setFlag(command) ? .ok : .error
        case ("+CPCMREG", .test): return .text("+CPCMREG: (0-1)")
        case ("+CPCMREG", .read): return .text("+CPCMREG: \(modem.settings.flags["voice"] ?? 0)")
        case ("+CPCMREG", .set): return registerAudio(command, &modem, now)
        case ("+CICCID", .execute): return modem.ifPresent { .text("+ICCID: \(modem.profile.iccid)") }
        case ("+SPIC", .execute): return .text("+SPIC: \(modem.tries.pin),\(modem.tries.puk),3,10")
        case ("+CVOLTE", .read): return .text("+CVOLTE: \(modem.setsIMS ? 1 : 0)")
        case ("+CVOLTE", .set):
            guard let value = command.value, (0...1).contains(value) else { return .failure(50) }
            modem.setsIMS = value == 1
            return .ok
        case ("+CPSI", .read):
            return modem.effectiveRegistration.carriesCalls
                ? .text("+CPSI: LTE,Online,262-03,0x775C,117004595,399,EUTRAN-BAND3,1650,5,5,-83,-835,-552,15")
                : .text("+CPSI: NO SERVICE,Online")
        case ("+CNSMOD", .read): return .text("+CNSMOD: 0,8")
        case ("+CNMP", .read): return .text("+CNMP: 2")
        case ("+CRESET", .execute): return .effect(.reset(leavesBus: true))
        case ("+CPOF", .execute): return .effect(.powerOff)
        case (_, .set) where Self.accepted.contains(command.name): return .ok
        default: return nil
        }
    }

    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        var reports = CallListReports.lines(change, call, modem, callListLine(call))
        switch change {
        case .originated, .earlyMedia, .incoming: break
        case .alerting:
            if modem.settings.flags["+MORING"] == 1 { reports.append(Report("MO RING")) }
        case .connected:
            if call.isOutgoing, modem.settings.flags["+MORING"] == 1 { reports.append(Report("MO CONNECTED")) }
            if call.isOutgoing, modem.settings.connectedLine == 1 {
                reports.append(Report("+COLP: \"\(call.number)\",\(call.type),,,"))
            }
            reports.append(Report("VOICE CALL: BEGIN", after: .milliseconds(4)))
        case .ended:
            reports.append(Report(ending(call, now), after: .milliseconds(3)))
        }
        return reports + verdict(change, call, modem)
    }

    /// `VOICE CALL: END: <six digits of seconds>` after a talk.
    private func ending(_ call: ModemCall, _ now: ContinuousClock.Instant) -> String {
        guard call.connectedAt != nil else {
            return call.isOutgoing ? "VOICE CALL: END" : "MISSED_CALL: 11:01AM \(call.number)"
        }
        let seconds = String(call.seconds(until: now))
        return "VOICE CALL: END: " + String(repeating: "0", count: max(0, 6 - seconds.count)) + seconds
    }

    /// Rings and detected tones carry an extra carriage return on both sides.
    func frame(_ line: String, _ kind: LineKind) -> [UInt8] {
        let isDoubled = kind == .unsolicited && (line.hasPrefix("+CRING") || line.hasPrefix("+RXDTMF"))
        return Array((isDoubled ? "\r\r\n\(line)\r\r\n" : "\r\n\(line)\r\n").utf8)
    }

    /// The text in small letters and without spaces.
    func extendedError(_ cause: Int?) -> String {
        guard let cause else { return "+CEER: No cause information available" }
        return "+CEER:\(ReleaseCause.text(cause).lowercased().filter { $0.isLetter })"
    }

    /// One digit as it is with an optional duration, or a quoted list separated by commas.
    func tones(_ command: ATCommand) -> [Character]? {
        let fields = command.fields
        guard let first = fields.first, fields.count <= 2 else { return nil }
        guard first.isQuoted else { return ToneSyntax.single(first.text) }
        return ToneSyntax.list(ATCommand(name: command.name, form: .set, argument: first.text), limit: 29)
    }

    /// The audio port opens while a call is up, and not otherwise.
    private func registerAudio(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome {
        guard let value = command.number(0), (0...1).contains(value) else { return .error }
        return modem.switchVoice(on: value == 1, now) ? .ok : .error
    }

    /// 40 ms at a time, as the maker's documents have it.
    var voice: VoiceHabit? { VoiceHabit(chunk: 640) }

    func voiceIsOn(_ modem: SimulatedModem) -> Bool { modem.settings.flags["voice"] == 1 }
}

/// The unsolicited `+CLCC` lines of SIMCom modules after `+CLCC=1`; 6 is a call that is gone.
enum CallListReports {
    static func lines(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ line: String) -> [Report] {
        guard modem.settings.flags["+CLCC"] == 1, change != .earlyMedia else { return [] }
        guard case .ended = change else { return [Report(line)] }
        let fields = line.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4 else { return [] }
        return [Report("\(fields[0]),\(fields[1]),6,\(fields[3])")]
    }
}
