/// Quectel LTE modules as the EC25: `OK` at once, and nothing about the call unless it was asked for.
struct QuectelDialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "Quectel",
        model: "EC25",
        revision: "EC25EFAR06A06M4G",
        information: ["Quectel", "EC25", "Revision: EC25EFAR06A06M4G"]
    )
    let isEvolved = true
    let absentCommands: Set<String> = ["+CCID"]
    let bootLines = [
        Report("RDY", after: .milliseconds(200)), Report("{sim}", after: .milliseconds(800)),
        Report("+QUSIM: 1", after: .milliseconds(820)), Report("+CFUN: 1", after: .milliseconds(840)),
        Report("+QIND: SMS DONE", after: .milliseconds(1500)), Report("+QIND: PB DONE", after: .milliseconds(1600)),
    ]

    private static let accepted: Set<String> = [
        "+QTONEDET", "+QSIMSTAT", "+QSIMDET", "+QDAI", "+QEEC", "+QMIC", "+QRXGAIN", "+QGPSCFG", "+QLDTMF",
        "+QAUDMOD", "+QAUDLOOP", "+QMBNCFG", "+QNVFW",
    ]

    let firstMessagePlace = 0

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+QINDCFG", .set): return indication(command, &modem)
        case ("^DSCI", .set):
            modem.settings.flags["^DSCI"] = command.value
            return .ok
        case ("^DSCI", .read): return .text("^DSCI: \(modem.settings.flags["^DSCI"] ?? 0)")
        case ("+QURCCFG", .set):
            // The simulated line is the AT port; "usbmodem" and "uart1" take the unsolicited lines away from it.
            let port = command.fields.count > 1 ? command.fields[1].text : "usbat"
            modem.settings.flags["indications off"] = ["usbat", "all"].contains(port) ? 0 : 1
            return .ok
        case ("+QURCCFG", .read): return .text("+QURCCFG: \"urcport\",\"usbat\"")
        case ("+QHUP", .set): return hangUp(command, modem)
        case ("+QVTS", .set):
            return tones(command).map { modem.send($0) } ?? .failure(50)
        case ("+VTS", .set):
            guard let digits = tones(command) else { return .failure(50) }
            var outcome = modem.send(digits)
            outcome.duration = .milliseconds(100 * max(modem.settings.toneTenths, 1) * outcome.effects.count)
            return outcome
        case ("+QCCID", .execute), ("+ICCID", .execute):
            return modem.ifPresent { .text("\(command.name): \(modem.profile.iccid)") }
        case ("+QPINC", .read), ("+QPINC", .execute), ("+QPINC", .set):
            return .text("+QPINC: \"SC\",\(modem.tries.pin),\(modem.tries.puk)", "+QPINC: \"P2\",3,10")
        case ("+QCFG", .set): return configuration(command, &modem)
        case ("+QNWINFO", .execute): return networkInformation(modem)
        case ("+QCSQ", .execute): return .text("+QCSQ: \"LTE\",52,-83,207,-14")
        case ("+QSPN", .execute):
            let name = modem.profile.operatorName
            return .text("+QSPN: \"\(name)\",\"\(name)\",\"\",0,\"\(modem.profile.operatorCode)\"")
        case ("+QINISTAT", .execute): return .text("+QINISTAT: \(modem.sim.state == .ready ? 7 : 0)")
        case ("+QSIMSTAT", .read): return .text("+QSIMSTAT: 0,\(modem.sim.state == .absent ? 0 : 1)")
        case ("+QPCMV", .read):
            return .text("+QPCMV: \(modem.settings.flags["+QPCMV"] ?? 0),\(modem.settings.flags["voice port"] ?? 2)")
        case ("+QPCMV", .test): return .text("+QPCMV: (0,1),(0-2)")
        case ("+QPCMV", .set): return routeVoice(command, &modem, now)
        case ("+QPOWD", _): return .effect(.powerOff)
        case (_, .set) where Self.accepted.contains(command.name): return .ok
        default: return nil
        }
    }

    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        var reports: [Report] = []
        var delay = Duration.milliseconds(3)
        if case .ended(byModem: true, _, _, _) = change { delay = .milliseconds(60) }
        if modem.settings.flags["ccinfo"] == 1, let state = Self.state(change, ended: -1, terms: .callList) {
            reports.append(
                Report(
                    "+QIND: \"ccinfo\",\(call.index),\(call.isOutgoing ? 0 : 1),\(state),0,0,"
                        + "\"\(call.number)\",\(call.type)",
                    after: delay
                )
            )
        }
        if modem.settings.flags["^DSCI"] == 1, let state = Self.state(change, ended: 6, terms: .dsci) {
            reports.append(
                Report(
                    "^DSCI: \(call.index),\(call.isOutgoing ? 0 : 1),\(state),0,\(call.number),\(call.type)",
                    after: delay
                )
            )
        }
        return reports + verdict(change, call, modem)
    }

    /// `+QPCMV=<on>[,<port>]`: 0 the NMEA tty, 1 a UART, 2 the sound card.
    ///
    /// What was on in the call before carries nothing until it was switched off once.
    private func routeVoice(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome {
        guard let value = command.number(0), (0...1).contains(value) else { return .failure(50) }
        let port = command.number(1) ?? modem.settings.flags["voice port"] ?? 2
        guard (0...2).contains(port) else { return .failure(50) }
        let wasStale = modem.settings.flags["+QPCMV"] == 1 && modem.settings.flags["voice"] != 1
        modem.settings.flags["+QPCMV"] = value
        modem.settings.flags["voice port"] = port
        guard value == 1, modem.calls.contains(where: { $0.status == .active }) else {
            _ = modem.switchVoice(on: false, now)
            return .ok
        }
        if !wasStale, !modem.switchVoice(on: true, now) {
            modem.settings.flags["+QPCMV"] = 0
            return .error
        }
        return .ok
    }

    /// 40 ms at a time; more than 100 ms in advance makes it ask for a pause.
    var voice: VoiceHabit? {
        var habit = VoiceHabit(chunk: 640)
        habit.pause = (above: 3200, below: 1600)
        return habit
    }

    func voiceIsOn(_ modem: SimulatedModem) -> Bool {
        modem.settings.flags["voice"] == 1 && modem.settings.flags["voice port"] == 0
    }

    private enum Terms {
        case callList
        case dsci
    }

    /// ccinfo speaks in the terms of `+CLCC`, `^DSCI` in its own: 2 dialling, 3 connected, 4 incoming, 6 ended,
    /// 7 alerting.
    private static func state(_ change: CallChange, ended: Int, terms: Terms) -> Int? {
        switch change {
        case .originated: 2
        case .earlyMedia: nil
        case .alerting: terms == .dsci ? 7 : 3
        case .connected: terms == .dsci ? 3 : 0
        case .incoming: 4
        case .ended: ended
        }
    }

    func missedCall(_ modem: SimulatedModem) -> [Report] {
        [Report(modem.words(.noCarrier), after: .milliseconds(15))]
    }

    /// A quoted string of up to 31 digits, or one digit as it is; a duration may follow.
    func tones(_ command: ATCommand) -> [Character]? {
        let fields = command.fields
        guard let first = fields.first, fields.count <= 2 else { return nil }
        return first.isQuoted ? ToneSyntax.string(first.text, limit: 31) : ToneSyntax.single(first.text)
    }

    private func indication(_ command: ATCommand, _ modem: inout SimulatedModem) -> CommandOutcome {
        let fields = command.fields
        let known = ["all", "csq", "ring", "smsincoming", "act", "ccinfo", "smsfull"]
        guard let name = fields.first?.text.lowercased(), known.contains(name) else { return .failure(50) }
        guard fields.count > 1 else {
            return .text("+QINDCFG: \"\(name)\",\(modem.settings.flags[name] ?? 0)")
        }
        guard let value = fields[1].number, (0...1).contains(value) else { return .failure(50) }
        modem.settings.flags[name] = value
        return .ok
    }

    /// `+QHUP=<cause>[,<index>]` takes these causes only.
    private func hangUp(_ command: ATCommand, _ modem: SimulatedModem) -> CommandOutcome {
        guard let cause = command.value, [1, 16, 17, 18, 21, 27, 31, 88].contains(cause) else { return .failure(50) }
        guard let index = command.number(1), index != 0 else { return modem.hangUpAll(cause: cause) }
        guard let call = modem.calls.first(where: { $0.index == index }) else { return .failure(3) }
        return CommandOutcome(effects: [.hangUp([call.call], cause: cause)], duration: .milliseconds(20))
    }

    private func configuration(_ command: ATCommand, _ modem: inout SimulatedModem) -> CommandOutcome {
        let fields = command.fields
        guard fields.count == 1 else {
            guard fields[0].text.lowercased() == "ims", let setting = fields[1].number else { return .ok }
            modem.setsIMS = setting != 2
            return .ok
        }
        switch fields[0].text.lowercased() {
        case "ims": return .text("+QCFG: \"ims\",\(modem.setsIMS ? 1 : 2),\(modem.isInIMS ? 1 : 0)")
        case "usbcfg": return .text("+QCFG: \"usbcfg\",0x2C7C,0x0125,1,1,1,1,1,0,1")
        case "nwscanmode": return .text("+QCFG: \"nwscanmode\",0")
        default: return .failure(50)
        }
    }

    private func networkInformation(_ modem: SimulatedModem) -> CommandOutcome {
        guard modem.effectiveRegistration.carriesCalls else { return .text("+QNWINFO: No Service") }
        return .text("+QNWINFO: \"FDD LTE\",\"\(modem.profile.operatorCode)\",\"LTE BAND 3\",1801")
    }
}
