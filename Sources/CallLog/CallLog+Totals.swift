package import FoundationEssentials
internal import GRDB
package import GatewayAPI

extension CallLog {
    /// Sums up the ended calls that were requested in a period.
    ///
    /// Whole hours come from sums that are kept, the rest at both ends from the calls themselves; so a month takes
    /// milliseconds, however many calls there were.
    package func totals(from start: Date, to end: Date) throws(CallLogError) -> CallTotals.Report {
        try guarded { try read { try Self.totals($0, from: start.milliseconds, to: end.milliseconds) } }
    }

    private static func totals(_ database: Database, from start: Int64, to end: Int64) throws -> CallTotals.Report {
        var report = CallTotals.Report()
        guard start < end else { return report }
        let hour: Int64 = 3_600_000
        // Calls before 1970 don't exist, so that division rounds down.
        let (start, end) = (max(start, 0), max(end, 0))
        let firstWhole = (start + hour - 1) / hour
        let lastWhole = end / hour
        if firstWhole < lastWhole {
            try add(
                """
                SELECT method, modem, payer, sum(calls), sum(answered), sum(talk_ms) FROM call_totals
                WHERE hour >= ? AND hour < ? GROUP BY 1, 2, 3
                """,
                [firstWhole, lastWhole],
                to: &report,
                database
            )
            try addCalls(from: start, to: firstWhole * hour, to: &report, database)
            try addCalls(from: lastWhole * hour, to: end, to: &report, database)
        } else {
            try addCalls(from: start, to: end, to: &report, database)
        }
        return report
    }

    private static func addCalls(
        from start: Int64,
        to end: Int64,
        to report: inout CallTotals.Report,
        _ database: Database
    ) throws {
        guard start < end else { return }
        try add(
            """
            SELECT method, ifnull(modem, ''), ifnull(payer, ''), count(*), count(connected_at), ifnull(sum(talk_ms), 0)
            FROM calls WHERE requested_at >= ? AND requested_at < ? AND ended_at IS NOT NULL GROUP BY 1, 2, 3
            """,
            [start, end],
            to: &report,
            database
        )
    }

    private static func add(
        _ sql: String,
        _ arguments: StatementArguments,
        to report: inout CallTotals.Report,
        _ database: Database
    ) throws {
        let rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
        while let row = try rows.next() {
            var sum = CallTotals()
            sum.calls = row[3]
            sum.answered = row[4]
            sum.seconds = Double(row[5] as Int64) / 1000
            guard sum.calls > 0 else { continue }
            report.all += sum
            report.byMethod[row[0], default: CallTotals()] += sum
            report.byModem[row[1], default: CallTotals()] += sum
            report.byPayer[row[2], default: CallTotals()] += sum
        }
    }
}
