internal import CallFlows
internal import CallLog
package import CallModel
internal import CallPlanning
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
            (payer, legs) = route.recorded
        }
    }
}
