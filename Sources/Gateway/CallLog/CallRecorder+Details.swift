public import CallFlows
public import CallLog
internal import DialPlan

extension CallRecorder {
    /// What is known of a call beside its events.
    public struct Details: Sendable, Hashable {
        /// How it is made or taken.
        public var method: CallMethod
        /// Which way it goes.
        public var direction: CallDirection
        /// Whom it shall reach, in international format; for an incoming call the caller.
        public var target: String?
        /// What the modem dials, or who rings it.
        public var number: String?
        /// The PBX's name.
        public var pbx: String?
        /// The modem's name.
        public var modem: String?
        /// Who pays: `sim`, `pbx`, `sim+pbx` or `none`.
        public var payer: String?
        /// Whether it is a call for help, which nothing here may hold up.
        public var isEmergency = false
        /// Its legs; the one over the air first.
        public var legs: [CallRecord.Leg] = []

        /// Creates the details of a call of which only the kind is known.
        public init(method: CallMethod, direction: CallDirection) {
            self.method = method
            self.direction = direction
        }

        /// Creates the details of a call that is to be made.
        public init(route: Route, modem: String?) {
            self.init(method: route.method, direction: .outgoing)
            target = route.target.description
            number = route.dials
            pbx = route.pbx
            self.modem = modem
            isEmergency = route.isEmergency
            let onTheAir = { (payer: String, direction: CallDirection) in
                CallRecord.Leg(number: route.dials, direction: direction.rawValue, payer: payer)
            }
            let toTarget = CallRecord.Leg(
                number: route.target.description,
                direction: CallDirection.outgoing.rawValue,
                payer: "pbx"
            )
            switch route.method {
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
