/// u-blox modules as the SARA-U201: `+UCALLSTAT` on request.
struct UbloxDialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "u-blox",
        model: "SARA-U201",
        revision: "23.60",
        information: ["SARA-U201-03B-00"]
    )

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+UCALLSTAT", .set):
            return modem.settings.setFlag(command) ? .ok : .failure(50)
        case ("+UCALLSTAT", .read): return .text("+UCALLSTAT: \(modem.settings.flags["+UCALLSTAT"] ?? 0)")
        case ("+UPINCNT", .execute), ("+UPINCNT", .read):
            return .text("+UPINCNT: \(modem.tries.pin),3,\(modem.tries.puk),10")
        case ("+CFUN", .set) where command.value == 16: return .effect(.reset(leavesBus: true))
        case ("+CPWROFF", .execute): return .effect(.powerOff)
        case ("+UDTMFD", .set), ("+UMGC", .set), ("+USPM", .set), ("+UCGED", .set): return .ok
        default: return nil
        }
    }

    /// 7 (connected) comes once, before 0 (active).
    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        var states: [Int] = []
        var delay = Duration.milliseconds(3)
        switch change {
        case .originated: states = [2]
        case .earlyMedia: states = []
        case .alerting: states = [3]
        case .connected: states = [7, 0]
        case .incoming: states = [4]
        case .ended(let byModem, _, _, _):
            states = [6]
            if byModem { delay = .milliseconds(60) }
        }
        if modem.settings.flags["+UCALLSTAT"] != 1 { states = [] }
        return states.map { Report("+UCALLSTAT: \(call.index),\($0)", after: delay) } + verdict(change, call, modem)
    }

    func extendedError(_ cause: Int?) -> String {
        guard let cause else { return "+CEER: \"No report available\"" }
        return "+CEER: \"CC setup error\", \(cause), \"\(ReleaseCause.text(cause))\""
    }

    /// One digit, quoted or not, with an optional duration.
    func tones(_ command: ATCommand) -> [Character]? {
        let fields = command.fields
        guard let first = fields.first, fields.count <= 2 else { return nil }
        return ToneSyntax.single(first.text)
    }
}
