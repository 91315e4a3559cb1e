/// A modem that does what the standards say and no more.
struct GenericDialect: ModemDialect {
    let identity = ModemIdentity(
        manufacturer: "Generic",
        model: "GSM Modem",
        revision: "1.0",
        information: ["Generic", "GSM Modem", "1.0"]
    )
    let isEvolved = true

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? {
        guard command.name == "+CPINR" else { return nil }
        return .text("+CPINR: SIM PIN,\(modem.tries.pin),3", "+CPINR: SIM PUK,\(modem.tries.puk),10")
    }

    /// Number and type alone.
    func callerFields(_ call: ModemCall) -> String {
        call.number.isEmpty ? "\"\",128" : "\"\(call.number)\",\(call.type)"
    }

    /// Some firmware leaves out the first carriage return of results that it sends unasked.
    func frame(_ line: String, _ kind: LineKind) -> [UInt8] {
        Array(((kind == .unsolicited && line == "NO CARRIER") ? "\n\(line)\r\n" : "\r\n\(line)\r\n").utf8)
    }
}

extension ModemFamily {
    var dialect: any ModemDialect {
        switch self {
        case .huawei: HuaweiDialect()
        case .quectel: QuectelDialect()
        case .simcom: SIMComDialect()
        case .sim800: SIM800Dialect()
        case .cinterion: CinterionDialect()
        case .telit: TelitDialect()
        case .ublox: UbloxDialect()
        case .zte: ZTEDialect()
        case .generic: GenericDialect()
        }
    }
}
