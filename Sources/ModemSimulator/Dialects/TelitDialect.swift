/// Telit modules as the LE910: `#ECAM` on request.
struct TelitDialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "Telit",
        model: "LE910-EUG",
        revision: "17.01.571",
        information: ["332"]
    )
    let isEvolved = true

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("#ECAM", .set):
            return modem.settings.setFlag(command) ? .ok : .error
        case ("#ECAM", .read): return .text("#ECAM: \(modem.settings.flags["#ECAM"] ?? 0)")
        case ("#CCID", .execute): return modem.ifPresent { .text("#CCID: \(modem.profile.iccid)") }
        case ("#PCT", .execute):
            return .text("#PCT: \(modem.sim.state == .pukRequired ? modem.tries.puk : modem.tries.pin)")
        case ("#QSS", .read): return .text("#QSS: 0,\(Self.simStatus(modem.sim.state))")
        case ("#CGMI", .execute): return .text("#CGMI: \(identity.manufacturer)")
        case ("#CGMM", .execute): return .text("#CGMM: \(identity.model)")
        case ("#CGSN", .execute): return .text("#CGSN: \(modem.profile.imei)")
        case ("#REBOOT", .execute): return .effect(.reset(leavesBus: true))
        case ("#SHDN", .execute): return .effect(.powerOff)
        case ("#QSS", .set), ("#DTMF", .set), ("#DVI", .set), ("#SHFEC", .set), ("#SRS", .set): return .ok
        default: return nil
        }
    }

    /// `#ECAM: <index>,<status>,<type>,,,[<number>,<type>]`; the number comes while calling and ringing only.
    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        let verdict = verdict(change, call, modem)
        guard modem.settings.flags["#ECAM"] == 1 else { return verdict }
        let number = "\"\(call.number)\",\(call.type)"
        func line(_ status: Int, _ tail: String = "") -> Report {
            var delay = Duration.milliseconds(3)
            if case .ended(byModem: true, _, _, _) = change { delay = .milliseconds(60) }
            return Report("#ECAM: \(call.index),\(status),1,,,\(tail)", after: delay)
        }
        switch change {
        case .originated: return [line(1, number)]
        case .earlyMedia: return []
        case .alerting: return [line(2)]
        case .connected: return [line(3)]
        case .incoming: return [line(6, number)]
        case .ended(byModem: false, cause: 17, _, _): return [line(7), line(0)] + verdict
        case .ended: return [line(0)] + verdict
        }
    }

    /// A string of up to 255 digits; `P` is a pause, which the simulation does not spend.
    func tones(_ command: ATCommand) -> [Character]? {
        let fields = command.fields
        guard let text = fields.first?.text, fields.count <= 2 else { return nil }
        return ToneSyntax.string(text.filter { $0 != "P" && $0 != "p" }, limit: 255)
    }

    private static func simStatus(_ state: SIMCard.State) -> Int {
        switch state {
        case .absent: 0
        case .busy, .pinRequired, .pukRequired: 1
        case .ready: 3
        }
    }
}
