internal import CallFlows
internal import CallModel
package import DialPlan
package import GatewayAPI
package import Settings

extension CostLeg {
    /// What is paid for in a route.
    ///
    /// - Parameters:
    ///   - route: how the call is made.
    ///   - modem: the modem, as the configuration or the user names it.
    ///   - isRoaming: whether its SIM is in a network abroad; taken for no where it is not known.
    ///   - configuration: where the tariffs are.
    package static func legs(
        of route: Route,
        modem: String,
        isRoaming: Bool?,
        in configuration: Configuration
    ) -> [CostLeg] {
        legs(
            method: route.method,
            target: route.target,
            dials: route.dials,
            pbx: route.pbx,
            account: route.account,
            modem: modem,
            isRoaming: isRoaming,
            in: configuration
        )
    }

    static func legs(
        method: CallMethod,
        target: PhoneNumber,
        dials: String,
        pbx: String?,
        account line: String?,
        modem: String,
        isRoaming: Bool?,
        in configuration: Configuration
    ) -> [CostLeg] {
        let account = configuration.modem(modem)?.name ?? modem
        let tariff = configuration.tariff(ofModem: modem, isRoaming: isRoaming ?? false)
        let sim = { (numberClass: NumberClass, isIncoming: Bool) in
            CostLeg(payer: .sim, account: account, tariff: tariff, numberClass: numberClass, isIncoming: isIncoming)
        }
        let payer = pbx.map { "pbx.\($0)" } ?? line.map { "account.\($0)" } ?? "pbx.-"
        let pbxTariff = pbx.flatMap { configuration.tariff(ofPBX: $0) }
        let exchange = { (numberClass: NumberClass) in
            CostLeg(payer: .pbx, account: payer, tariff: pbxTariff, numberClass: numberClass)
        }
        switch method {
        case .internet: return [exchange(target.numberClass)]
        case .direct: return [sim(target.numberClass, false)]
        case .callthrough: return [sim(classOf(dials, target.region), false), exchange(target.numberClass)]
        // Twice the PBX: to this box, whose SIM is one of its region, and to the target.
        case .callback: return [sim(.home, true), exchange(.home), exchange(target.numberClass)]
        case .reverse: return [sim(classOf(dials, target.region), false)]
        }
    }

    private static func classOf(_ number: String, _ region: Region) -> NumberClass {
        (try? PhoneNumber(typed: number, region: region))?.numberClass ?? .short
    }
}

extension Route {
    /// What the log keeps of who pays, and the legs that it begins with; the one over the air first.
    package var recorded: (payer: String, legs: [CallRecord.Leg]) {
        let (outgoing, incoming) = (CallDirection.outgoing.rawValue, CallDirection.incoming.rawValue)
        let toTarget = CallRecord.Leg(kind: .pbx, number: target.description, direction: outgoing, payer: "pbx")
        switch method {
        case .internet:
            var line = CallRecord.Leg(kind: .sip, number: dials, direction: outgoing, payer: "pbx")
            line.account = account
            return ("pbx", [line])
        case .direct, .reverse:
            return ("sim", [CallRecord.Leg(number: dials, direction: outgoing, payer: "sim")])
        case .callthrough:
            return ("sim+pbx", [CallRecord.Leg(number: dials, direction: outgoing, payer: "sim"), toTarget])
        case .callback:
            return ("pbx", [CallRecord.Leg(number: dials, direction: incoming, payer: "pbx"), toTarget])
        }
    }
}
