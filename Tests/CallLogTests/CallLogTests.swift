import FoundationEssentials
import GRDB
import GatewayAPI
import Glibc
import TestSupport
import Testing

@testable import CallLog

@Suite("The call log's files", .timeLimit(.minutes(10))) struct CallLogTests {
    @Test("directory and files belong to their user alone")
    func modes() throws {
        let rig = try LogRig()
        let log = try rig.open()
        try log.save(LogRig.call(0))
        #expect(rig.mode() == 0o700)
        for name in rig.names { #expect(rig.mode(name) == 0o600, "\(name)") }
        #expect(rig.names.contains("calls.sqlite-wal"))
    }

    @Test("what is committed is on the disk first, and the log stays readable beside writers")
    func pragmas() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let (synchronous, mode, wipes) = try log.write { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA secure_delete")
            )
        }
        #expect(synchronous == 2, "FULL")
        #expect(mode == "wal")
        #expect(wipes == 1)
    }

    @Test("a record comes back as it was written, to the millisecond")
    func roundTrip() throws {
        let rig = try LogRig()
        let log = try rig.open()
        var record = LogRig.call(0.125)
        record.isEmergency = true
        try log.save(record)
        #expect(try log.call(record.call) == record)
        // A second time in its place.
        record.outcome = "lost"
        record.legs[1].startedAt = LogRig.noon
        try log.save(record)
        #expect(try log.call(record.call) == record)
        #expect(try log.calls().calls.count == 1)
        #expect(try log.call(UUID()) == nil)
        // And after opening anew.
        try log.close()
        #expect(try rig.open().call(record.call) == record)
    }

    @Test("a call of which little is known has no values where nothing is known")
    func sparse() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let record = CallRecord(call: UUID(), method: "direct", direction: "incoming", requestedAt: LogRig.noon)
        try log.save(record)
        let found = try #require(try log.call(record.call))
        #expect(found == record)
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: JSONEncoder().encode(found))
        #expect(fields["target"] == JSONValue.null)
        #expect(fields["seconds"] == JSONValue.null)
        #expect(fields["requested_at"] == .text("2026-11-23T12:00:00.000Z"))
    }

    @Test("the list has exactly the contract's fields")
    func contract() throws {
        let line = try JSONEncoder().encode(LogRig.call(0).summary)
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: line)
        let contract =
            "call, method, direction, target, number, pbx, modem, imsi, requested_at, dialing_at, alerting_at, "
            + "connected_at, handed_over_at, ended_at, seconds, outcome, cause, by, payer"
        #expect(Set(fields.keys) == Set(contract.split(separator: ", ").map(String.init)))
        #expect(fields["cause"] == .number(16))
        #expect(fields["seconds"] == .number(60))
        #expect(CallRecord.Field.contract.map(\.rawValue).joined(separator: ", ") == contract)
    }

    // MARK: Migrations

    @Test("a log of each earlier version opens with everything in it", arguments: CallLogMigration.all.indices)
    func migrations(last: Int) throws {
        let rig = try LogRig()
        var options = CallLog.Options()
        options.migrations = Array(CallLogMigration.all[...last])
        let old = try rig.open(options)
        let record = try LogRig.save(LogRig.call(7200), in: old)
        #expect(try old.write(CallLogMigration.applied).count == last + 1)
        try old.close()

        let log = try rig.open()
        #expect(try log.call(record.call) == record)
        #expect(try log.read(CallLogMigration.applied) == Set(CallLogMigration.all.map(\.name)))
        let totals = try log.totals(from: LogRig.noon.addingTimeInterval(-86_400), to: LogRig.noon)
        #expect(totals.all.calls == 1)
        #expect(totals.all.seconds == 60)
        let id = try log.intend(JournalStep(.dial, call: record.call))
        #expect(try log.openEntries().map(\.id) == [id])
        let seen = SeenWebhook(pbx: "office", isCall: false, fingerprint: [1, 2], until: 10)
        try log.keepSeenWebhooks([seen], now: 1)
        #expect(try log.seenWebhooks(now: 1) == [seen])
    }

    @Test("webhooks that came are kept for their time, each once, and no more than there is room for")
    func seenWebhooks() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let entry = { (number: Int, pbx: String, isCall: Bool) in
            SeenWebhook(
                pbx: pbx,
                isCall: isCall,
                fingerprint: [UInt8(number >> 8), UInt8(number & 0xFF)],
                until: Int64(1000 + number)
            )
        }
        let most = CallLog.mostSeenWebhooks
        try log.keepSeenWebhooks((0..<(most + 10)).map { entry($0, "office", false) }, now: 0)
        try log.keepSeenWebhooks([entry(1, "office", true), entry(1, "other", false)], now: 0)
        try log.keepSeenWebhooks([entry(1, "other", false)], now: 0)
        let kept = try log.seenWebhooks(now: 0)
        #expect(kept.count { $0.pbx == "office" && !$0.isCall } == most)
        #expect(kept.first { $0.pbx == "office" && !$0.isCall } == entry(10, "office", false))
        #expect(kept.count == most + 2)
        #expect(kept.map(\.until) == kept.map(\.until).sorted())
        try log.keepSeenWebhooks([], now: Int64(1000 + most + 9))
        #expect(try log.seenWebhooks(now: 0).isEmpty)
    }

    @Test("a log of an earlier version can be looked at as well")
    func readingOlder() throws {
        let rig = try LogRig()
        var options = CallLog.Options()
        options.migrations = [.calls]
        let record = LogRig.call(0)
        let old = try rig.open(options)
        _ = try LogRig.save(record, in: old)
        try old.close()
        let log = try #require(try CallLog.openForReading(directory: rig.directory))
        #expect(try log.calls().calls.map(\.call) == [record.call])
    }

    @Test("a log of a later version is left alone")
    func newer() throws {
        let rig = try LogRig()
        var options = CallLog.Options()
        options.migrations.append(CallLogMigration("flying-cars-1") { _ in })
        try rig.open(options).close()
        #expect(throws: CallLogError.newer(rig.path)) { try rig.open() }
        #expect(throws: CallLogError.newer(rig.path)) { try CallLog.openForReading(directory: rig.directory) }
        #expect(!rig.names.contains { $0.contains("damaged") })
        #expect(try rig.open(options).calls().calls.isEmpty, "the later version can go on with it")
    }

    @Test("a migration that fails leaves the log as it was")
    func failingMigration() throws {
        let rig = try LogRig()
        let record = LogRig.call(0)
        let old = try rig.open()
        try old.save(record)
        try old.close()
        var options = CallLog.Options()
        options.migrations += [
            CallLogMigration("half-1") { try $0.execute(sql: "CREATE TABLE half (id INTEGER)") },
            CallLogMigration("half-2") { try $0.execute(sql: "CREATE TABLE calls (id INTEGER)") },
        ]
        #expect(throws: CallLogError.self) { try rig.open(options) }
        let log = try rig.open()
        #expect(try log.call(record.call) == record)
        #expect(try log.read { try $0.tableExists("half") } == false)
    }

    @Test("two that open a new log at once both get it", arguments: 0..<5)
    func race(_: Int) async throws {
        let rig = try LogRig()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let log = try rig.open()
                    try log.save(LogRig.call(0))
                }
            }
            try await group.waitForAll()
        }
        #expect(try rig.open().calls().calls.count == 4)
    }

    // MARK: Trouble

    @Test("a damaged log is set aside whole, a new one begun, and both are told", arguments: [0, 100, 20_000])
    func damaged(offset: Int) throws {
        let rig = try LogRig()
        let old = try rig.open()
        for age in 0..<300 { try old.save(LogRig.call(Double(age))) }
        try old.close()
        var bytes = try rig.bytes("calls.sqlite")
        #expect(bytes.count > 60_000)
        for index in offset..<(offset + 40_000) { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        try Data(bytes).write(to: URL(filePath: rig.path))

        let log = try rig.open()
        let setAside = try #require(log.setAside)
        #expect(setAside.path.hasPrefix(rig.path + ".damaged-20"))
        #expect(Array(try Data(contentsOf: URL(filePath: setAside.path))) == bytes, "nothing of it may be changed")
        #expect("\(setAside)".contains(setAside.path))
        #expect(try log.calls().calls.isEmpty)
        try log.save(LogRig.call(0))
        try log.close()
        #expect(try rig.open().setAside == nil)
    }

    @Test("a file that is no log at all is set aside, too, and never overwritten by a second one")
    func noDatabase() throws {
        let rig = try LogRig()
        try rig.open().close()
        var places: Set<String> = []
        for text in ["This is somebody's shopping list, in the wrong place.", "And this is another one of those."] {
            try Data(text.utf8).write(to: URL(filePath: rig.path))
            let log = try rig.open()
            let place = try #require(log.setAside?.path)
            #expect(String(decoding: try Data(contentsOf: URL(filePath: place)), as: UTF8.self) == text)
            places.insert(place)
            try log.close()
            for companion in ["-wal", "-shm"] { unlink(rig.path + companion) }
        }
        #expect(places.count == 2)
    }

    @Test("a damaged log stays where it is while another has it open")
    func damagedInUse() async throws {
        let rig = try LogRig()
        let other = try rig.open()
        for age in 0..<300 { try other.save(LogRig.call(Double(age))) }
        try other.write { _ in }
        // The log's own checkpoint may just be under way.
        let isWritten = await waits {
            (try? await other.pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }) != nil
        }
        #expect(isWritten)
        var bytes = try rig.bytes("calls.sqlite")
        for index in 20_000..<60_000 { bytes[index] = 0x55 }
        let file = Glibc.open(rig.path, O_WRONLY)
        #expect(pwrite(file, bytes, bytes.count, 0) == bytes.count)
        Glibc.close(file)
        #expect(throws: CallLogError.self) { try rig.open() }
        #expect(!rig.names.contains { $0.contains("damaged") })
        withExtendedLifetime(other) {}
    }

    @Test("only as much of a large log is checked as asked for")
    func checkLimit() throws {
        let rig = try LogRig()
        let old = try rig.open()
        for age in 0..<300 { try old.save(LogRig.call(Double(age))) }
        try old.close()
        var bytes = try rig.bytes("calls.sqlite")
        for index in (bytes.count - 8000)..<bytes.count { bytes[index] = 0x55 }
        try Data(bytes).write(to: URL(filePath: rig.path))
        let brief = try rig.open(CallLog.Options(checkLimit: 10_000))
        #expect(brief.setAside == nil)
        try brief.close()
        #expect(try rig.open().setAside != nil)
    }

    @Test("a full disk ends in an error that says so, and what is there stays")
    func diskFull() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let record = LogRig.call(0)
        try log.save(record)
        try log.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1") }
        let error = #expect(throws: CallLogError.self) {
            for age in 0..<1000 {
                _ = try log.intend(JournalStep(.dial, call: UUID()), record: LogRig.call(Double(age)))
            }
        }
        #expect(error == .diskFull(rig.path))
        #expect("\(try #require(error))" == "call log \(rig.path): the disk is full; free some space")
        #expect(try log.call(record.call) == record)
        // Not half of it: each entry has its record.
        let (entries, calls) = (try log.openEntries(), try log.calls(limit: 1000).calls)
        #expect(calls.count == entries.count + 1)
        // There is space again.
        try log.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        #expect(try log.intend(JournalStep(.dial, call: UUID())) > 0)
    }

    @Test("a log that nobody may write is an error that says so")
    func readOnly() throws {
        let rig = try LogRig()
        let log = try rig.open()
        try log.save(LogRig.call(0))
        try log.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = ON") }
        #expect(throws: CallLogError.notPermitted(rig.path)) { try log.intend(JournalStep(.dial, call: UUID())) }
        #expect(try log.calls().calls.count == 1)
    }

    @Test(
        "a state directory that can't be made is an error that names it",
        arguments: ["/proc/gsmbridge/state", "/dev/null/state"]
    )
    func noDirectory(directory: String) throws {
        let error = #expect(throws: CallLogError.self) { try CallLog.open(directory: directory) }
        #expect(error?.path.hasPrefix("/proc/gsmbridge") == true || error?.path == directory)
        #expect("\(try #require(error))".contains("; "))
    }

    @Test("a lock that is held too long is an error, and no wait without end")
    func busy() throws {
        let rig = try LogRig()
        let other = try rig.open()
        let log = try rig.open(CallLog.Options(busyTimeout: .milliseconds(50)))
        try other.write { database in
            try database.execute(sql: "DELETE FROM calls")
            let error = #expect(throws: CallLogError.self) { try log.save(LogRig.call(0)) }
            #expect(error == .inUse(rig.path))
        }
        try log.save(LogRig.call(0))
        #expect(try other.calls().calls.count == 1)
    }

    @Test("looking at a log that is not there makes none")
    func nothing() throws {
        let rig = try LogRig()
        #expect(try CallLog.openForReading(directory: rig.directory) == nil)
        #expect(access(rig.directory, F_OK) != 0)
    }

    @Test("what looks at the log can't change it, and sees what is written meanwhile")
    func reading() throws {
        let rig = try LogRig()
        let log = try rig.open()
        try log.save(LogRig.call(0))
        let reader = try #require(try CallLog.openForReading(directory: rig.directory))
        #expect(try reader.calls().calls.count == 1)
        #expect(throws: CallLogError.self) { try reader.save(LogRig.call(1)) }
        try log.save(LogRig.call(2))
        #expect(try reader.calls().calls.count == 2)
        // Also when nobody has it open.
        try reader.close()
        try log.close()
        #expect(try CallLog.openForReading(directory: rig.directory)?.calls().calls.count == 2)
    }
}

/// A value of JSON.
enum JSONValue: Decodable, Equatable {
    case text(String)
    case number(Double)
    case null
    case other

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else {
            self = .other
        }
    }
}
