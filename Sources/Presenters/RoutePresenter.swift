internal import CallModel
package import Console
package import GatewayAPI

/// Shows a route without taking it.
package struct RoutePresenter {
    private let preview: RoutePreview

    /// Creates a presenter.
    package init(_ preview: RoutePreview) { self.preview = preview }

    package func show(as format: OutputFormat) {
        switch format {
        case .text: showText()
        case .json: JSONOutput.line(preview)
        }
    }

    private func showText() {
        guard preview.allowed else { return showRefusal() }
        var rows = [("target", preview.target)]
        if let note = preview.note { rows.append(("note", note)) }
        rows += [
            ("method", "\(preview.method) (\(preview.reason))"),
            ("pbx", preview.pbx ?? "-"),
            preview.account.map { ("account", $0) } ?? ("modem", preview.modem ?? "-"),
            ("dials", preview.number),
        ]
        if !preview.digits.isEmpty { rows.append(("sends", preview.digits)) }
        for leg in preview.legs { rows.append(("pays", "\(leg.payer): \(leg.leg)")) }
        for next in preview.alternatives ?? [] { rows.append(("then", "\(next), where the Internet fails")) }
        rows.append(("policy", policy))
        if let seconds = preview.maxSeconds {
            let cost = preview.maxCost.map { ", costs at most \($0) \(preview.currency)" } ?? ""
            rows.append(("lasts", "at most \(Duration.seconds(seconds).spoken)\(cost)"))
        }
        for gauge in preview.warnings { rows.append(("warning", "four fifths are used up: \(gauge)")) }
        rows += methodRows
        Self.show(rows)
    }

    /// Of a call that is not made the reason counts, and the way hardly.
    private func showRefusal() {
        Self.show(
            [
                ("policy", policy), ("target", preview.target),
                ("method", "\(preview.method) (\(preview.reason))"),
            ] + (preview.note.map { [("note", $0)] } ?? []) + methodRows
        )
    }

    private static func show(_ rows: [(String, String)]) {
        for (name, value) in rows {
            Terminal.standardOutput(name + String(repeating: " ", count: max(1, 8 - name.count)) + value)
        }
    }

    /// The decision in one line.
    private var policy: String {
        (preview.allowed ? "allowed: " : "refused: ") + preview.policyReason + (preview.cut.map { "; \($0)" } ?? "")
    }

    /// The methods that were compared, one in a line, in columns.
    private var methodRows: [(String, String)] {
        let cells = preview.methods.map { method in
            [
                method.method, method.pbx ?? "-", "SIM " + price(method.simPerMinute),
                "PBX " + price(method.pbxPerMinute),
            ]
        }
        let widths = (0..<4).map { column in cells.map { $0[column].utf8.count }.max() ?? 0 }
        return zip(preview.methods, cells).enumerated()
            .map { index, row in
                let columns = zip(row.1, widths)
                    .map { cell, width in cell + String(repeating: " ", count: width - cell.utf8.count + 2) }
                    .joined()
                let words = (row.0.taken ? "taken: " : "left: ") + row.0.reason
                return (index == 0 ? "methods" : "", columns + words)
            }
    }

    private func price(_ money: String?) -> String { money.map { "\($0) \(preview.currency)/min" } ?? "unknown" }
}
