internal import CallModel
internal import CallPlanning
package import Console
package import DialPlan
internal import GatewayAPI

/// Shows a route without taking it.
package struct RoutePresenter {
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
    package init(_ route: Route, modem: String?, decision: PolicyDecision, currency: String) {
        self.route = route
        self.modem = modem
        self.decision = decision
        self.currency = currency
    }

    package func show(as format: OutputFormat) {
        switch format {
        case .text: showText()
        case .json: JSONOutput.line(RoutePreview(route, modem: modem, decision: decision, currency: currency))
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
            route.account.map { ("account", $0) } ?? ("modem", modem ?? "-"),
            ("dials", route.dials),
        ]
        if !route.steps.isEmpty { rows.append(("sends", RoutePreview.digits(route.steps))) }
        for leg in route.legs { rows.append(("pays", "\(leg.payer): \(leg.leg)")) }
        for next in route.alternatives { rows.append(("then", "\(next.method.rawValue), where the Internet fails")) }
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

    private var note: String? { RoutePreview.note(on: route) }

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
}
