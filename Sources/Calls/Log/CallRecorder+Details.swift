internal import CallFlows
internal import CallLog
package import CallModel
package import DialPlan
package import GatewayAPI

extension CallRecorder {
    /// What is known of a call beside its events.
    package struct Details: Sendable, Hashable {
        /// How it is made or taken.
        package var method: CallMethod
        /// Which way it goes.
        package var direction: CallDirection
        /// Whom it shall reach, in international format; for an incoming call the caller.
        package var target: String?
        /// What the modem dials, or who rings it.
        package var number: String?
        /// The PBX's name.
        package var pbx: String?
        /// The modem's name.
        package var modem: String?
        /// The account's name.
        package var account: String?
        /// Who pays: `sim`, `pbx`, `sim+pbx` or `none`.
        package var payer: String?
        /// Whether it is a call for help, which nothing here may hold up.
        package var isEmergency = false
        /// Who asked for it; `rule` where nobody did.
        package var origin = "rule"
        /// Its legs; the one over the air first.
        package var legs: [CallRecord.Leg] = []

        /// Creates the details of a call of which only the kind is known.
        package init(method: CallMethod, direction: CallDirection) {
            self.method = method
            self.direction = direction
        }

        /// Creates the details of a call that is to be made.
        package init(route: Route, modem: String?) {
            self.init(method: route.method, direction: .outgoing)
            target = route.target.description
            number = route.dials
            pbx = route.pbx
            if route.method != .internet { self.modem = modem }
            isEmergency = route.isEmergency
            account = route.account
            let onTheAir = { (payer: String, direction: CallDirection) in
                CallRecord.Leg(number: route.dials, direction: direction.rawValue, payer: payer)
            }
            let toTarget = CallRecord.Leg(
                kind: .pbx,
                number: route.target.description,
                direction: CallDirection.outgoing.rawValue,
                payer: "pbx"
            )
            switch route.method {
            case .internet:
                payer = "pbx"
                var line = CallRecord.Leg(
                    kind: .sip,
                    number: route.dials,
                    direction: CallDirection.outgoing.rawValue,
                    payer: "pbx"
                )
                line.account = route.account
                legs = [line]
            case .direct, .reverse:
                payer = "sim"
                legs = [onTheAir("sim", .outgoing)]
            case .callthrough:
                payer = "sim+pbx"
                legs = [onTheAir("sim", .outgoing), toTarget]
            case .callback:
                payer = "pbx"
                legs = [onTheAir("pbx", .incoming), toTarget]
            }
        }
    }
}
