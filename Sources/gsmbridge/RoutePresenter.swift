import CallFlows
import DialPlan
import FoundationEssentials
import Gateway

/// Shows a route without taking it.
struct RoutePresenter {
    private let route: Route
    private let modem: String?

    init(_ route: Route, modem: String?) {
        self.route = route
        self.modem = modem
    }

    func show(as format: OutputFormat) {
        switch format {
        case .text: showText()
        case .json:
            do {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                Terminal.standardOutput(Array(try encoder.encode(Document(route, modem: modem))))
            } catch {
                Terminal.standardError("gsmbridge: the route could not be written: \(error)")
            }
        }
    }

    private func showText() {
        var rows = [
            ("target", route.target.description),
            ("method", "\(route.method.rawValue) (\(route.reason))"),
            ("pbx", route.pbx ?? "-"),
            ("modem", modem ?? "-"),
            ("dials", route.dials),
        ]
        if !route.steps.isEmpty { rows.append(("sends", Self.describe(route.steps))) }
        for leg in route.legs { rows.append(("pays", "\(leg.payer): \(leg.leg)")) }
        rows.append(("policy", "\(route.verdict.isAllowed ? "allowed" : "refused"): \(route.verdict.reason)"))
        for (name, value) in rows {
            Terminal.standardOutput(name + String(repeating: " ", count: max(1, 8 - name.count)) + value)
        }
    }

    /// The digits as they would be sent, secrets hidden, pauses as commas.
    static func describe(_ steps: [DTMFScript.Step]) -> String {
        steps.map { step in
            switch step {
            case .digit(let digit, let secret): secret ? "•" : String(digit)
            case .pause: ","
            }
        }
        .joined()
    }

    private struct Document: Encodable {
        struct Leg: Encodable {
            let leg: String
            let payer: String
        }
        let method: String
        let reason: String
        let target: String
        let number: String
        let targetOnTheWire: String
        let digits: String
        let pbx: String?
        let modem: String?
        let legs: [Leg]
        let allowed: Bool
        let policyClass: String
        let policyReason: String

        init(_ route: Route, modem: String?) {
            method = route.method.rawValue
            reason = route.reason
            target = route.target.description
            number = route.dials
            targetOnTheWire = route.targetOnTheWire
            digits = RoutePresenter.describe(route.steps)
            pbx = route.pbx
            self.modem = modem
            legs = route.legs.map { Leg(leg: $0.leg, payer: $0.payer) }
            allowed = route.verdict.isAllowed
            policyClass = route.verdict.numberClass.rawValue
            policyReason = route.verdict.reason
        }

        private enum CodingKeys: String, CodingKey {
            case method
            case reason
            case target
            case number
            case targetOnTheWire = "target_on_the_wire"
            case digits
            case pbx
            case modem
            case legs
            case allowed
            case policyClass = "policy_class"
            case policyReason = "policy_reason"
        }
    }
}
