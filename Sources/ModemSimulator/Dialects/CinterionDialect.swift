/// Siemens and Cinterion modules as the MC55i: ATD waits for the answer until `^SM20=0`, `^SLCC` lists the calls.
struct CinterionDialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "Cinterion",
        model: "MC55i",
        revision: "REVISION 01.201",
        information: ["Cinterion", "MC55i", "REVISION 01.201"]
    )
    let latency = Duration.milliseconds(8)
    let absentCommands: Set<String> = ["+CVHU"]
    let bootLines = [Report("^SYSSTART", after: .milliseconds(300))]

    var defaults: ModemSettings {
        var settings = ModemSettings()
        settings.toneTenths = 3
        settings.flags["^SM20"] = 1
        return settings
    }

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("^SM20", .set), ("^SLCC", .set):
            return modem.settings.setFlag(command) ? .ok : .failure(50)
        case ("^SM20", .read): return .text("^SM20: \(modem.settings.flags["^SM20"] ?? 1),1")
        case ("^SLCC", .execute): return CommandOutcome(lines: modem.calls.map(Self.listLine))
        case ("^SLCC", .read): return .text("^SLCC: \(modem.settings.flags["^SLCC"] ?? 0)")
        case ("^SHUP", .set): return hangUp(command, modem)
        case ("^SPIC", .execute), ("^SPIC", .read), ("^SPIC", .set):
            return .text("^SPIC: \(modem.sim.state == .pukRequired ? modem.tries.puk : modem.tries.pin)")
        case ("^SCID", .execute), ("^SCID", .read): return modem.ifPresent { .text("^SCID: \(modem.profile.iccid)") }
        case ("^SCKS", .read): return .text("^SCKS: 0,\(modem.sim.state == .absent ? 0 : 1)")
        case ("^SMSO", .execute): return .effect(.powerOff)
        case ("^SCFG", .set), ("^SIND", .set), ("^SCKS", .set), ("^SNFS", .set): return .ok
        default: return nil
        }
    }

    func dialCompletion(_ modem: SimulatedModem) -> DialCompletion {
        modem.settings.flags["^SM20"] == 0 ? .immediate : .okWhenConnected
    }

    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        var reports: [Report] = []
        if modem.settings.flags["^SLCC"] == 1, change != .earlyMedia {
            reports = modem.calls.map { Report(Self.listLine($0)) } + [Report("^SLCC: ")]
        }
        return reports + verdict(change, call, modem)
    }

    /// `^SLCC: idx,dir,stat,mode,mpty,reserved,number,type`.
    private static func listLine(_ call: ModemCall) -> String {
        "^SLCC: \(call.index),\(call.isOutgoing ? 0 : 1),\(call.status.rawValue),0,0,0,"
            + "\"\(call.number)\",\(call.type)"
    }

    /// Three numbers: where, why, and a supplementary service.
    func extendedError(_ cause: Int?) -> String { cause.map { "+CEER: 8,\($0),0" } ?? "+CEER: 0,0,0" }

    func tones(_ command: ATCommand) -> [Character]? { ToneSyntax.list(command, limit: 29) }

    /// `^SHUP=<cause>[,<index>]`; index 0 means all calls.
    private func hangUp(_ command: ATCommand, _ modem: SimulatedModem) -> CommandOutcome {
        guard let cause = command.value, [1, 16, 17, 18, 27, 31].contains(cause) else { return .failure(50) }
        guard let index = command.number(1), index != 0 else { return modem.hangUpAll(cause: cause) }
        guard let call = modem.calls.first(where: { $0.index == index }) else { return .failure(3) }
        return .effect(.hangUp([call.call], cause: cause))
    }
}
