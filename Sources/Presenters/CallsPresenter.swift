internal import CallLog
package import Console
internal import FoundationEssentials
package import GatewayAPI

/// Shows calls from the log to people.
package enum CallsPresenter {
    /// The calls as columns, a page after the other.
    package struct Table {
        private var table = Console.Table(
            heads: ["CALL", "TIME", "METHOD", "TARGET", "MODEM", "TALK", "OUTCOME"],
            dispensable: ["MODEM", "METHOD", "TALK", "CALL"]
        )
        private var hasHead = false

        /// Makes a table of nothing yet.
        package init() {}

        /// Shows calls in this order.
        ///
        /// - Parameter beingMade: those whose program still runs.
        package mutating func show(_ calls: [CallRecord], beingMade: Set<String>) {
            let rows = calls.map { call in
                let id = call.call.uuidString.lowercased()
                return [
                    String(id.prefix(8)), LogTime.local(call.requestedAt),
                    call.direction == "incoming" ? "\(call.method) (in)" : call.method, call.target ?? "-",
                    call.modem ?? "-", call.seconds.map(LogTime.length) ?? "-",
                    CallsPresenter.outcome(of: call, isBeingMade: beingMade.contains(id)),
                ]
            }
            table.show(rows, hasHead: !hasHead)
            hasHead = true
        }
    }

    private static func outcome(of call: CallRecord, isBeingMade: Bool) -> String {
        guard let outcome = call.outcome else { return isBeingMade ? "live" : "cut off, not seen since" }
        return call.cause.map { "\(outcome) (cause \($0))" } ?? outcome
    }

    /// Everything about one call.
    package static func page(_ call: CallRecord, journal: [LoggedCall.Step]) {
        var rows: [[String]] = []
        let times: [CallRecord.Field: Date?] = [
            .requestedAt: call.requestedAt, .dialingAt: call.dialingAt, .alertingAt: call.alertingAt,
            .connectedAt: call.connectedAt, .handedOverAt: call.handedOverAt, .endedAt: call.endedAt,
        ]
        for field in CallRecord.Field.allCases {
            guard let text = call.text(of: field) else { continue }
            let shown = times[field].flatMap { $0 }.map(LogTime.local) ?? text
            rows.append([field.rawValue, field == .seconds ? LogTime.length(call.seconds ?? 0) : shown])
        }
        for (number, leg) in call.legs.enumerated() {
            let span = [leg.startedAt, leg.answeredAt, leg.endedAt].map { $0.map(LogTime.local) ?? "-" }
            rows.append([
                "leg \(number + 1)",
                "\(leg.direction) \(leg.number ?? "-"), begun \(span[0]), answered \(span[1]), ended \(span[2]), "
                    + "paid by \(leg.payer ?? "-")",
            ])
        }
        for entry in journal {
            let end = entry.settledAt.map { "settled \(LogTime.local($0))" } ?? "open"
            let result = entry.result.map { ", \($0)" } ?? ""
            let state = entry.isAbandoned ? ", its process has died" : ""
            rows.append(["journal", "\(entry.step) \(LogTime.local(entry.at)), \(end)\(result)\(state)"])
        }
        columns(rows)
    }

    /// Sums.
    package static func totals(_ report: CallTotals.Report, as format: OutputFormat) {
        let groups = [
            ("all", ["all": report.all]), ("method", report.byMethod), ("modem", report.byModem),
            ("payer", report.byPayer),
        ]
        switch format {
        case .json:
            for (by, sums) in groups {
                for (key, sum) in sums.sorted(by: { $0.key < $1.key }) {
                    JSONOutput.line(
                        Sum(by: by, key: key, calls: sum.calls, answered: sum.answered, seconds: sum.seconds)
                    )
                }
            }
        case .text:
            var rows = [["BY", "", "CALLS", "ANSWERED", "TALK"]]
            for (by, sums) in groups {
                for (key, sum) in sums.sorted(by: { $0.key < $1.key }) {
                    let name = by == "all" ? "" : key.isEmpty ? "-" : key
                    rows.append([by, name, "\(sum.calls)", "\(sum.answered)", LogTime.length(sum.seconds)])
                }
            }
            columns(rows)
        }
    }

    private struct Sum: Encodable {
        let by: String
        let key: String
        let calls: Int
        let answered: Int
        let seconds: Double
    }

    private static func columns(_ rows: [[String]]) {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        for row in rows {
            let cells = row.indices.map { index in
                index == row.count - 1
                    ? row[index] : row[index] + String(repeating: " ", count: widths[index] - row[index].count)
            }
            Terminal.standardOutput(cells.joined(separator: "  "))
        }
    }
}
