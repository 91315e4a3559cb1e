internal import CallModel
package import DialPlan
package import GatewayAPI

extension RoutePreview {
    /// Creates the preview of a route.
    ///
    /// - Parameters:
    ///   - route: the route.
    ///   - modem: the modem as it was asked for.
    ///   - decision: what the whole policy says, limits included.
    ///   - currency: what costs are counted in.
    package init(_ route: Route, modem: String?, decision: PolicyDecision, currency: String) {
        self.init(
            method: route.method.rawValue,
            reason: route.reason,
            target: route.target.description,
            number: route.dials,
            targetOnTheWire: route.targetOnTheWire,
            digits: Self.digits(route.steps)
        )
        note = Self.note(on: route)
        pbx = route.pbx
        self.modem = modem
        account = route.account
        if !route.alternatives.isEmpty { alternatives = route.alternatives.map(\.method.rawValue) }
        legs = route.legs.map { Leg(leg: $0.leg, payer: $0.payer) }
        allowed = decision.verdict.isAllowed
        policyClass = decision.verdict.numberClass.rawValue
        policyReason = decision.verdict.reason
        limit = decision.limit?.key
        maxSeconds = decision.seconds
        let reserved = decision.reservation
        maxCost = reserved?.legs.contains { $0.price != nil } == true ? reserved?.cost.description : nil
        self.currency = currency
        cut = decision.cut
        warnings = decision.warnings.map(\.description)
        methods = (route.choice?.options ?? [])
            .map { option in
                var method = Method(
                    method: option.candidate.method.rawValue,
                    taken: option.isTaken,
                    reason: option.reason
                )
                method.pbx = option.candidate.pbx
                method.simPerMinute = option.candidate.sim?.description
                method.pbxPerMinute = option.candidate.pbxCost?.description
                return method
            }
    }

    /// What may have been meant instead of the target; nil where there is no doubt.
    private static func note(on route: Route) -> String? {
        route.target.readingWithPlus.map { "\(route.target.typed) was read as national; type \($0) if that is meant" }
    }

    /// The digits as they would be sent, secrets hidden, pauses as commas.
    private static func digits(_ steps: [DTMFScript.Step]) -> String {
        steps.map { step in
            switch step {
            case .digit(let digit, let secret): secret ? "•" : String(digit)
            case .pause: ","
            }
        }
        .joined()
    }
}
