/// SIMCom 2G modules as the SIM800L on a UART: `MO RING` on request, ATD that waits with `+COLP=1`.
struct SIM800Dialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "SIMCOM_Ltd",
        model: "SIMCOM_SIM800L",
        revision: "Revision:1418B05SIM800L24",
        information: ["SIM800 R14.18"]
    )
    let latency = Duration.milliseconds(10)
    let resetLeavesBus = false
    let settlingAfterPIN = Duration.seconds(1)
    let withoutService = ResultCode.noDialtone
    let bootLines = [
        Report("RDY", after: .milliseconds(50)), Report("+CFUN: 1", after: .milliseconds(150)),
        Report("{sim}", after: .milliseconds(800)), Report("Call Ready", after: .milliseconds(2300)),
        Report("SMS Ready", after: .milliseconds(2400)),
    ]

    private static let accepted: Set<String> = ["+CIURC", "+DDET", "+CLTS", "+CHFA", "+CMIC", "+CSMINS", "+ECHO"]

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+CLCC", .test): return .text("+CLCC: (0-1)")
        case ("+CLCC", .read): return .text("+CLCC: \(modem.settings.flags["+CLCC"] ?? 0)")
        case ("+CLCC", .set), ("+MORING", .set):
            return modem.settings.setFlag(command) ? .ok : .error
        case ("+CCID", .execute): return modem.ifPresent { .text(modem.profile.iccid + "f") }
        case ("+SPIC", .execute): return .text("+SPIC: \(modem.tries.pin),3,\(modem.tries.puk),10")
        case ("+CSMINS", .read): return .text("+CSMINS: 0,\(modem.sim.state == .absent ? 0 : 1)")
        case ("+CPOWD", .set):
            return CommandOutcome(lines: ["NORMAL POWER DOWN"], effects: [.powerOff])
        case (_, .set) where Self.accepted.contains(command.name): return .ok
        default: return nil
        }
    }

    func dialCompletion(_ modem: SimulatedModem) -> DialCompletion {
        modem.settings.connectedLine == 1 ? .okWhenConnected : .immediate
    }

    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        var reports = CallListReports.lines(change, call, modem, callListLine(call))
        let tellsProgress = call.isOutgoing && modem.settings.flags["+MORING"] == 1
        switch change {
        case .alerting where tellsProgress: reports.append(Report("MO RING"))
        case .connected:
            if tellsProgress { reports.append(Report("MO CONNECTED")) }
            if call.isOutgoing, modem.settings.connectedLine == 1 {
                reports.append(Report("+COLP: \"\(call.number)\",\(call.type),\"\",0,\"\""))
            }
        case .alerting, .originated, .earlyMedia, .incoming, .ended: break
        }
        return reports + verdict(change, call, modem)
    }

    func missedCall(_ modem: SimulatedModem) -> [Report] {
        [Report(modem.words(.noCarrier), after: .milliseconds(15))]
    }

    /// With subaddress and name spelled out.
    func callerFields(_ call: ModemCall) -> String {
        call.number.isEmpty ? "\"\",128,\"\",0,\"\",1" : "\"\(call.number)\",\(call.type),\"\",128,\"\",0"
    }

    /// With an empty name at the end.
    func callListLine(_ call: ModemCall) -> String {
        "+CLCC: \(call.index),\(call.isOutgoing ? 0 : 1),\(call.status.rawValue),0,0,"
            + "\"\(call.number)\",\(call.type),\"\""
    }

    /// One digit, or a quoted string of up to 20 with or without commas.
    func tones(_ command: ATCommand) -> [Character]? {
        let fields = command.fields
        guard let first = fields.first, fields.count <= 2 else { return nil }
        guard first.isQuoted else { return ToneSyntax.single(first.text) }
        return ToneSyntax.string(first.text.filter { $0 != "," }, limit: 20)
    }
}
