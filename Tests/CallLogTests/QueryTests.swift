import FoundationEssentials
import GRDB
import GatewayAPI
import Testing

@testable import CallLog

@Suite("Asking the call log", .timeLimit(.minutes(10))) struct QueryTests {
    /// Calls, newest first, many of them at the same time.
    private static func fill(_ log: CallLog, _ count: Int) throws -> [CallRecord] {
        let methods = ["callthrough", "direct", "callback"]
        let outcomes = ["completed", "busy", "no_answer", "completed"]
        let records = (0..<count)
            .map { index in
                LogRig.call(
                    Double(index / 3) * 60,
                    target: "+493012\(1000 + index % 7)",
                    method: methods[index % 3],
                    modem: index % 5 == 0 ? "vodafone" : "o2",
                    outcome: outcomes[index % 4]
                )
            }
        for record in records.reversed() { try log.save(record) }
        return records
    }

    @Test("pages follow each other without gap or repetition, whatever their size", arguments: [1, 2, 7, 50, 1000])
    func paging(size: Int) throws {
        let rig = try LogRig()
        let log = try rig.open()
        let records = try Self.fill(log, 100)
        var seen: [UUID] = []
        var position: CallLog.Position?
        var pages = 0
        repeat {
            let page = try log.calls(limit: size, after: position)
            #expect(page.calls.count <= size)
            seen += page.calls.map(\.call)
            position = page.next
            pages += 1
        } while position != nil
        #expect(seen == records.map(\.call))
        #expect(pages == (100 + size - 1) / size)
    }

    @Test("a page begins behind a call that is named, also when newer ones came meanwhile")
    func position() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let records = try Self.fill(log, 30)
        try log.save(LogRig.call(-5))
        let position = try #require(try log.position(of: records[9].call))
        #expect(try log.calls(limit: 5, after: position).calls.map(\.call) == records[10..<15].map(\.call))
        #expect(try log.position(of: UUID()) == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let filter: CallFilter
        let fits: @Sendable (CallRecord) -> Bool

        init(_ name: String, _ change: (inout CallFilter) -> Void, _ fits: @escaping @Sendable (CallRecord) -> Bool) {
            testDescription = name
            var filter = CallFilter()
            change(&filter)
            self.filter = filter
            self.fits = fits
        }
    }

    private static let late = LogRig.noon.addingTimeInterval(-600)

    @Test(
        "each filter lets through what fits and nothing else",
        arguments: [
            Case("all", { _ in }, { _ in true }),
            Case("since", { $0.since = late }, { $0.requestedAt >= late }),
            Case("until", { $0.until = late }, { $0.requestedAt < late }),
            Case("target", { $0.number = "+4930121003" }, { $0.target == "+4930121003" }),
            Case("number on the wire", { $0.number = "+4922166966966" }, { $0.number == "+4922166966966" }),
            Case("unknown number", { $0.number = "+1" }, { _ in false }),
            Case("modem", { $0.modem = "vodafone" }, { $0.modem == "vodafone" }),
            Case("method", { $0.method = "direct" }, { $0.method == "direct" }),
            Case("outcome", { $0.outcome = "busy" }, { $0.outcome == "busy" }),
            Case("live", { $0.outcome = CallLogQuery.live }, { $0.endedAt == nil }),
            Case(
                "all at once",
                {
                    $0.number = "+4922166966966"
                    $0.modem = "o2"
                    $0.outcome = "completed"
                    $0.since = late
                },
                {
                    $0.number == "+4922166966966" && $0.modem == "o2" && $0.outcome == "completed"
                        && $0.requestedAt >= late
                }
            ),
            Case("an injection", { $0.number = "' OR 1=1 --" }, { _ in false }),
        ]
    )
    func filters(row: Case) throws {
        let rig = try LogRig()
        let log = try rig.open()
        var records = try Self.fill(log, 120)
        var live = LogRig.call(-1)
        live.endedAt = nil
        live.outcome = nil
        try log.save(live)
        records.insert(live, at: 0)
        let expected = records.filter(row.fits).map(\.call)
        // In pages, so that the place of a page is right with each filter.
        var seen: [UUID] = []
        var position: CallLog.Position?
        repeat {
            let page = try log.calls(row.filter, limit: 9, after: position)
            seen += page.calls.map(\.call)
            position = page.next
        } while position != nil
        #expect(seen == expected)
    }

    @Test("a page is found by an index, with every filter, and never by sorting all calls")
    func plans() throws {
        let rig = try LogRig()
        let log = try rig.open()
        _ = try Self.fill(log, 3)
        let statements = [
            "SELECT * FROM calls ORDER BY requested_at DESC, id DESC LIMIT 5",
            "SELECT * FROM calls WHERE (requested_at, id) < (5, 5) ORDER BY requested_at DESC, id DESC LIMIT 5",
            "SELECT id FROM calls WHERE target = 'a' ORDER BY requested_at DESC, id DESC LIMIT 5",
            "SELECT id FROM calls WHERE number = 'a' ORDER BY requested_at DESC, id DESC LIMIT 5",
            "SELECT * FROM calls WHERE outcome = 'a' ORDER BY requested_at DESC, id DESC LIMIT 5",
            "SELECT * FROM calls WHERE modem = 'a' ORDER BY requested_at DESC, id DESC LIMIT 5",
            "SELECT * FROM calls WHERE method = 'a' ORDER BY requested_at DESC, id DESC LIMIT 5",
            "SELECT * FROM calls WHERE ended_at IS NULL ORDER BY requested_at DESC, id DESC LIMIT 5",
        ]
        for statement in statements {
            let plan = try log.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(statement)").map { $0["detail"] as String }
            }
            #expect(plan.allSatisfy { $0.contains("USING") && $0.contains("INDEX") }, "\(statement): \(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(statement): \(plan)")
        }
    }

    @Test("a call is found by the beginning of its id")
    func prefix() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let names = ["3F2A9C10-5F9D-4B8E-9A63-0C5D8F1F2B77", "3F2A9C20-5F9D-4B8E-9A63-0C5D8F1F2B77"]
        for name in names {
            var record = LogRig.call(0)
            record.call = try #require(UUID(uuidString: name))
            try log.save(record)
        }
        let found = { (text: String) in try log.calls(beginningWith: text).map(\.uuidString) }
        #expect(try found("3f2a9c1") == [names[0]])
        #expect(try found("3F2A9C10-5") == [names[0]])
        #expect(try found(names[1].lowercased()) == [names[1]])
        #expect(try found("3f2a") == names)
        for text in ["", "4", "x", "3f2a9c1g", String(repeating: "3", count: 33)] { #expect(try found(text) == []) }
    }

    // MARK: Totals

    @Test("totals are what counting the calls says, over every kind of period")
    func totals() throws {
        let rig = try LogRig()
        let log = try rig.open()
        var records: [CallRecord] = []
        var random = SystemRandomNumberGenerator()
        for _ in 0..<400 {
            var record = LogRig.call(
                Double.random(in: 0..<200_000, using: &random),
                method: ["callthrough", "direct"][Int.random(in: 0..<2)],
                modem: ["o2", "vodafone"][Int.random(in: 0..<2)],
                outcome: ["completed", "busy"][Int.random(in: 0..<2)]
            )
            record.requestedAt = Date(milliseconds: record.requestedAt.milliseconds)
            if Int.random(in: 0..<10) == 0 { record.endedAt = nil }
            records.append(record)
            try log.save(record)
        }
        // Some are written again, ended now, or on another modem.
        for index in stride(from: 0, to: records.count, by: 3) {
            records[index].endedAt = LogRig.noon
            records[index].modem = "other"
            records[index].seconds = 7
            try log.save(records[index])
        }
        let periods: [(Double, Double)] = [
            (-200_000, 0), (-3600, 0), (-3500, -10), (-7200, -3600), (-86_400, -1), (-100_000.5, -50_000.25), (0, 0),
            (0, -10), (-3_000_000_000, 10),
        ]
        for (start, end) in periods {
            let (from, to) = (LogRig.noon.addingTimeInterval(start), LogRig.noon.addingTimeInterval(end))
            let counted = records.filter { $0.requestedAt >= from && $0.requestedAt < to && $0.endedAt != nil }
            let report = try log.totals(from: from, to: to)
            #expect(report.all.calls == counted.count, "\(start) \(end)")
            #expect(report.all.answered == counted.filter { $0.connectedAt != nil }.count)
            #expect(abs(report.all.seconds - counted.reduce(0) { $0 + ($1.seconds ?? 0) }) < 0.001)
            for modem in ["o2", "vodafone", "other"] {
                #expect(report.byModem[modem]?.calls ?? 0 == counted.filter { $0.modem == modem }.count)
            }
            for method in ["callthrough", "direct"] {
                #expect(report.byMethod[method]?.calls ?? 0 == counted.filter { $0.method == method }.count)
            }
            #expect(report.byPayer["sim"]?.calls ?? 0 == counted.filter { $0.payer == "sim" }.count)
        }
    }
}
