import CallLog
import FoundationEssentials
internal import GatewayAPI
import Glibc

/// What the call log costs when there are a million calls in it.
struct CallLogBenchmark {
    private static let calls = 1_000_000
    private static let perTransaction = 10_000
    private static let inserts = 2000
    /// A month in which a tenth of all calls were made.
    private static let span = 300 * 86_400.0

    func run() -> [Figure] {
        var template = Array("/var/tmp/gsmbridge-benchmark-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return [Figure("not measured", "no temporary directory")] }
        let directory = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["calls.sqlite", "calls.sqlite-wal", "calls.sqlite-shm", "calls.lock", "floor"] {
                unlink("\(directory)/\(name)")
            }
            rmdir(directory)
        }
        do { return try measure(in: directory) } catch { return [Figure("not measured", "\(error)")] }
    }

    private func measure(in directory: String) throws -> [Figure] {
        var log = try CallLog.open(directory: directory)
        let newest = Date()
        let filling = try time {
            for batch in 0..<(Self.calls / Self.perTransaction) {
                try log.save(
                    (0..<Self.perTransaction).map { Self.call(batch * Self.perTransaction + $0, newest: newest) }
                )
            }
        }
        try log.close()
        let opening = try time { log = try CallLog.open(directory: directory) }
        let brief = try Samples(
            (0..<20)
                .map { _ in
                    try time { try CallLog.open(directory: directory, options: .init(checkLimit: 4 << 20)).close() }
                }
        )

        let lists = try Samples((0..<50).map { _ in try time { _ = try log.calls(limit: 50) } })
        var filter = CallFilter()
        filter.number = "+4922166966966"
        filter.outcome = "busy"
        let filtered = try Samples((0..<50).map { _ in try time { _ = try log.calls(filter, limit: 50) } })
        let deep = try deepPages(log)
        let month = newest.addingTimeInterval(-30 * 86_400 - 1234)
        let totals = try Samples((0..<20).map { _ in try time { _ = try log.totals(from: month, to: newest) } })

        var steps: [Double] = []
        var records: [Double] = []
        for index in 0..<Self.inserts {
            var record = Self.call(index, newest: Date())
            record.endedAt = nil
            var id: JournalEntry.ID = 0
            steps.append(try time { id = try log.intend(JournalStep(.dial, call: record.call), record: record) })
            record.endedAt = Date()
            records.append(try time { try log.save(record) })
            try log.settle(id, .over)
        }
        let (journal, saves) = (Samples(steps), Samples(records))
        let floor = Samples(Self.syncs(in: directory))
        try log.close()
        let least = "\(floor.quantile(0.99).shown()) ms (write, fdatasync), x "
        return [
            Figure("a million calls, size", "\(Self.size(of: directory + "/calls.sqlite").shown()) MB"),
            Figure("a million calls, written", "\((filling / 1000).shown()) s"),
            Figure("open with the whole check", "\(opening.shown()) ms"),
            Figure("open for one call, median", "\(brief.median.shown()) ms"),
            Figure("list of the last 50, max", "\(lists.max.shown()) ms", aim: .below(50, "ms", is: lists.max)),
            Figure(
                "list of 50 by number and outcome, max",
                "\(filtered.max.shown()) ms",
                aim: .below(50, "ms", is: filtered.max)
            ),
            Figure(
                "page of 50 in the middle and at the end, max",
                "\(deep.max.shown()) ms",
                aim: .below(50, "ms", is: deep.max)
            ),
            Figure("totals of a month, max", "\(totals.max.shown()) ms", aim: .below(300, "ms", is: totals.max)),
            Figure(
                "journal entry with record, p99",
                "\(journal.quantile(0.99).shown()) ms",
                aim: .below(2, "ms", is: journal.quantile(0.99), where: floor.quantile(0.99)),
                floor: least + (journal.quantile(0.99) / floor.quantile(0.99)).shown()
            ),
            Figure(
                "journal entry with record, median",
                "\(journal.median.shown()) ms",
                floor: "\(floor.median.shown()) ms"
            ),
            Figure(
                "record, p99",
                "\(saves.quantile(0.99).shown()) ms",
                aim: .below(2, "ms", is: saves.quantile(0.99), where: floor.quantile(0.99)),
                floor: least + (saves.quantile(0.99) / floor.quantile(0.99)).shown()
            ),
        ]
    }

    private func deepPages(_ log: CallLog) throws -> Samples {
        var times: [Double] = []
        for age in [Self.span / 2, Self.span * 0.999] {
            var filter = CallFilter()
            filter.until = Date().addingTimeInterval(-age)
            var page = try log.calls(filter, limit: 50)
            for _ in 0..<20 {
                times.append(try time { page = try log.calls(filter, limit: 50, after: page.next) })
            }
        }
        return Samples(times)
    }

    private static func call(_ index: Int, newest: Date) -> CallRecord {
        let start = newest.addingTimeInterval(-span * Double(calls - index) / Double(calls))
        let method = ["callthrough", "callthrough", "direct", "callback"][index % 4]
        var record = CallRecord(call: UUID(), method: method, direction: "outgoing", requestedAt: start)
        record.target = "+4930\(1_000_000 + index &* 7919 % 50_000)"
        record.number = method == "direct" ? record.target : "+4922166966966"
        record.pbx = "office"
        record.modem = ["o2", "vodafone", "telekom"][index % 3]
        record.imei = "353535011100003"
        record.imsi = "262031111110000"
        record.dialingAt = start.addingTimeInterval(0.2)
        record.alertingAt = start.addingTimeInterval(1)
        record.connectedAt = index % 5 == 0 ? nil : start.addingTimeInterval(4)
        record.endedAt = start.addingTimeInterval(60)
        record.seconds = index % 5 == 0 ? 0 : 56
        record.outcome = index % 5 == 0 ? "busy" : "completed"
        record.cause = 16
        record.by = "remote"
        record.payer = method == "direct" ? "sim" : method == "callback" ? "pbx" : "sim+pbx"
        record.tones = 12
        var leg = CallRecord.Leg(number: record.number, direction: "outgoing", payer: "sim")
        leg.startedAt = record.dialingAt
        record.legs = [leg, CallRecord.Leg(kind: .pbx, number: record.target, direction: "outgoing", payer: "pbx")]
        return record
    }

    /// Milliseconds of writing a few pages to a file and waiting for the disk: the least that a durable note can cost.
    private static func syncs(in directory: String) -> [Double] {
        let file = open(directory + "/floor", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let page = [UInt8](repeating: 0x55, count: 16 * 1024)
        return (0..<1000)
            .map { _ in
                let start = Machine.now
                _ = write(file, page, page.count)
                fdatasync(file)
                return (Machine.now - start) * 1000
            }
    }

    private static func size(of path: String) -> Double {
        var status = stat()
        return stat(path, &status) == 0 ? Double(status.st_size) / 1e6 : .nan
    }

    /// Milliseconds that something takes.
    private func time(_ body: () throws -> Void) rethrows -> Double {
        let start = Machine.now
        try body()
        return (Machine.now - start) * 1000
    }
}
