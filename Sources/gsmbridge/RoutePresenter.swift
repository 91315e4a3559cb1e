import CallFlows
import CallModel
internal import Console
import DialPlan
import FoundationEssentials

/// Shows a route without taking it.
struct RoutePresenter {
    private let route: Route
    private let modem: String?
    private let decision: PolicyDecision
    private let currency: String

    /// Creates a presenter.
    ///
    /// - Parameters:
    ///   - route: the route.
    ///   - modem: the modem as the user named it.
    ///   - decision: what the whole policy says, limits included.
    ///   - currency: what costs are counted in.
    init(_ route: Route, modem: String?, decision: PolicyDecision, currency: String) {
        self.route = route
        self.modem = modem
        self.decision = decision
        self.currency = currency
    }

    func show(as format: OutputFormat) {
        switch format {
        case .text: showText()
        case .json: JSONOutput.line(Document(self))
        }
    }

    private func showText() {
        guard decision.verdict.isAllowed else { return showRefusal() }
        var rows = [
            ("target", route.target.description)
        ]
        if let note { rows.append(("note", note)) }
        rows += [
            ("method", "\(route.method.rawValue) (\(route.reason))"),
            ("pbx", route.pbx ?? "-"),
            ("modem", modem ?? "-"),
            ("dials", route.dials),
        ]
        if !route.steps.isEmpty { rows.append(("sends", Self.describe(route.steps))) }
        for leg in route.legs { rows.append(("pays", "\(leg.payer): \(leg.leg)")) }
        rows.append(("policy", decision.line))
        if let seconds = decision.seconds {
            let isPriced = decision.reservation.map { $0.legs.contains { $0.price != nil } } ?? false
            let cost = decision.reservation.map { ", costs at most \($0.cost) \(currency)" } ?? ""
            rows.append(("lasts", "at most \(Duration.seconds(seconds).spoken)" + (isPriced ? cost : "")))
        }
        for gauge in decision.warnings { rows.append(("warning", "four fifths are used up: \(gauge)")) }
        rows += methodRows
        Self.show(rows)
    }

    /// Of a call that is not made the reason counts, and the way hardly.
    private func showRefusal() {
        Self.show(
            [
                ("policy", decision.line), ("target", route.target.description),
                ("method", "\(route.method.rawValue) (\(route.reason))"),
            ] + (note.map { [("note", $0)] } ?? []) + methodRows
        )
    }

    private static func show(_ rows: [(String, String)]) {
        for (name, value) in rows {
            Terminal.standardOutput(name + String(repeating: " ", count: max(1, 8 - name.count)) + value)
        }
    }

    /// What may have been meant instead of the target.
    private var note: String? {
        route.target.readingWithPlus.map { "\(route.target.typed) was read as national; type \($0) if that is meant" }
    }

    /// The methods that were compared, one in a line, in columns.
    private var methodRows: [(String, String)] {
        guard let options = route.choice?.options else { return [] }
        let cells = options.map { option in
            [
                option.candidate.method.rawValue, option.candidate.pbx ?? "-", "SIM " + price(option.candidate.sim),
                "PBX " + price(option.candidate.pbxCost),
            ]
        }
        let widths = (0..<4).map { column in cells.map { $0[column].utf8.count }.max() ?? 0 }
        return zip(options, cells).enumerated()
            .map { index, row in
                let columns = zip(row.1, widths)
                    .map { cell, width in cell + String(repeating: " ", count: width - cell.utf8.count + 2) }
                    .joined()
                let words = (row.0.isTaken ? "taken: " : "left: ") + row.0.reason
                return (index == 0 ? "methods" : "", columns + words)
            }
    }

    private func price(_ money: Money?) -> String { money.map { "\($0) \(currency)/min" } ?? "unknown" }

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
        struct Method: Encodable {
            let method: String
            let pbx: String?
            let simPerMinute: String?
            let pbxPerMinute: String?
            let taken: Bool
            let reason: String

            private enum CodingKeys: String, CodingKey {
                case method
                case pbx
                case simPerMinute = "sim_per_minute"
                case pbxPerMinute = "pbx_per_minute"
                case taken
                case reason
            }
        }
        let method: String
        let reason: String
        let target: String
        let note: String?
        let number: String
        let targetOnTheWire: String
        let digits: String
        let pbx: String?
        let modem: String?
        let legs: [Leg]
        let allowed: Bool
        let policyClass: String
        let policyReason: String
        let limit: String?
        let maxSeconds: Int?
        let maxCost: String?
        let currency: String
        let cut: String?
        let warnings: [String]
        let methods: [Method]

        init(_ presenter: RoutePresenter) {
            let route = presenter.route
            let decision = presenter.decision
            method = route.method.rawValue
            reason = route.reason
            target = route.target.description
            note = presenter.note
            number = route.dials
            targetOnTheWire = route.targetOnTheWire
            digits = RoutePresenter.describe(route.steps)
            pbx = route.pbx
            modem = presenter.modem
            legs = route.legs.map { Leg(leg: $0.leg, payer: $0.payer) }
            allowed = decision.verdict.isAllowed
            policyClass = decision.verdict.numberClass.rawValue
            policyReason = decision.verdict.reason
            limit = decision.limit?.key
            maxSeconds = decision.seconds
            let reserved = decision.reservation
            maxCost = reserved?.legs.contains { $0.price != nil } == true ? reserved?.cost.description : nil
            currency = presenter.currency
            cut = decision.cut
            warnings = decision.warnings.map(\.description)
            methods = (route.choice?.options ?? [])
                .map { option in
                    Method(
                        method: option.candidate.method.rawValue,
                        pbx: option.candidate.pbx,
                        simPerMinute: option.candidate.sim?.description,
                        pbxPerMinute: option.candidate.pbxCost?.description,
                        taken: option.isTaken,
                        reason: option.reason
                    )
                }
        }

        private enum CodingKeys: String, CodingKey {
            case method
            case reason
            case target
            case note
            case number
            case targetOnTheWire = "target_on_the_wire"
            case digits
            case pbx
            case modem
            case legs
            case allowed
            case policyClass = "policy_class"
            case policyReason = "policy_reason"
            case limit
            case maxSeconds = "max_seconds"
            case maxCost = "max_cost"
            case currency
            case cut
            case warnings
            case methods
        }
    }
}
