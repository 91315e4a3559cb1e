@preconcurrency import Dispatch
import FoundationEssentials
import GRDB
import GatewayAPI
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CallLog

@Suite("Writing to the log without waiting for it", .timeLimit(.minutes(10))) struct CallLogWriterTests {
    @Test("what is handed over is on the disk after draining, the last word on each call")
    func saves() async throws {
        let rig = try LogRig()
        let writer = CallLogWriter(directory: rig.directory)
        var record = LogRig.call(0)
        for tones in 0..<50 {
            record.tones = tones
            writer.save(record)
        }
        #expect(await writer.drain(within: .seconds(120)))
        #expect(writer.waiting == 0)
        #expect(writer.failure == nil)
        #expect(try rig.open().call(record.call) == record)
    }

    @Test("what is told while the disk is busy, or another holds the log, is there after draining as well")
    func drainsWhatComes() async throws {
        let rig = try LogRig()
        let other = try rig.open()
        let writer = CallLogWriter(directory: rig.directory, options: CallLog.Options(busyTimeout: .milliseconds(20)))
        var record = LogRig.call(0)
        writer.save(record)
        #expect(await writer.drain(within: .seconds(120)))
        let isHeld = Mutex(false)
        let release = DispatchSemaphore(value: 0)
        DispatchQueue.global()
            .async {
                try? other.write { _ in
                    isHeld.withLock { $0 = true }
                    release.wait()
                }
            }
        #expect(await waits { isHeld.withLock { $0 } })
        record.tones = 5
        writer.save(record)
        async let isDrained = writer.drain(within: .seconds(3600))
        // Its first round meets a log that is in use; what is told then is written with the rest.
        #expect(await waits { if case .inUse = writer.failure { true } else { false } })
        record.tones = 7
        writer.save(record)
        release.signal()
        #expect(await isDrained)
        #expect(writer.waiting == 0)
        #expect(try other.call(record.call) == record)
    }

    @Test("a step is in the journal when its wait is over, and closed when that is handed over")
    func intends() async throws {
        let rig = try LogRig()
        let writer = CallLogWriter(directory: rig.directory)
        let record = LogRig.call(0)
        let id = try await writer.intend(JournalStep(.dial, call: record.call), record: record)
        let log = try rig.open()
        #expect(try log.openEntries().map(\.id) == [id])
        #expect(try log.call(record.call) == record)
        writer.settle(id, .over)
        #expect(await writer.drain(within: .seconds(120)))
        #expect(try log.openEntries().isEmpty)
    }

    @Test("a log that can't be opened refuses steps with the reason, and takes them once it can")
    func recovers() async throws {
        let rig = try LogRig()
        // A file where the directory should be.
        try Data("x".utf8).write(to: URL(filePath: rig.directory))
        let writer = CallLogWriter(directory: rig.directory)
        let record = LogRig.call(0)
        await #expect(throws: CallLogError.self) {
            try await writer.intend(JournalStep(.dial, call: record.call), record: record)
        }
        #expect(writer.failure != nil)
        // What comes of a live call is kept meanwhile.
        writer.save(record)
        #expect(await !writer.drain())
        #expect(writer.waiting == 1)
        unlink(rig.directory)
        let id = try await writer.intend(JournalStep(.dial, call: record.call), record: nil)
        #expect(id > 0)
        #expect(await writer.drain(within: .seconds(120)))
        #expect(writer.failure == nil)
        #expect(try rig.open().call(record.call) == record)
    }

    @Test("a full disk refuses new steps; what comes of live calls is kept, and written once there is space")
    func diskFull() async throws {
        let rig = try LogRig()
        let writer = CallLogWriter(directory: rig.directory)
        let record = LogRig.call(0)
        try await writer.perform { log throws(CallLogError) in
            try log.guarded {
                try log.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1") }
            }
        }
        var refusal: CallLogError?
        for _ in 0..<1000 where refusal == nil {
            do throws(CallLogError) {
                _ = try await writer.intend(JournalStep(.dial, call: UUID()), record: LogRig.call(1))
            } catch { refusal = error }
        }
        #expect(refusal == .diskFull(rig.path))
        var live = record
        live.detail = String(repeating: "long ", count: 4000)
        writer.save(live)
        #expect(await !writer.drain())
        #expect(writer.failure == .diskFull(rig.path))
        try await writer.perform { log throws(CallLogError) in
            try log.guarded {
                try log.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
            }
        }
        #expect(await writer.drain(within: .seconds(120)))
        #expect(try rig.open().call(live.call) == live)
    }

    @Test("a disk that does not answer is given up after the limit, and a note that comes late is not taken for a call")
    func slow() async throws {
        let rig = try LogRig()
        let writer = CallLogWriter(directory: rig.directory)
        let gate = Mutex(false)
        writer.later { _ in
            while !gate.withLock({ $0 }) { usleep(1000) }
        }
        await #expect(throws: CallLogError.slow(rig.path)) {
            try await writer.intend(JournalStep(.dial, call: UUID()), record: nil, within: .milliseconds(20))
        }
        gate.withLock { $0 = true }
        #expect(await writer.drain(within: .seconds(120)))
        #expect(await writer.drain(within: .seconds(120)))
        let log = try rig.open()
        #expect(try log.openEntries().isEmpty)
        #expect(try log.write { try String.fetchAll($0, sql: "SELECT result FROM journal") } == ["not_taken"])
    }

    @Test("a log that turns out damaged is set aside at the next step, and that is told")
    func damaged() async throws {
        let rig = try LogRig()
        let old = try rig.open()
        for age in 0..<300 { try old.save(LogRig.call(Double(age))) }
        // By the writer: a reader that closes last leaves the write-ahead log, which would mend the page.
        let page = try old.write { database in
            try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'journal'") ?? 0
        }
        try old.close()
        var bytes = try rig.bytes("calls.sqlite")
        for index in ((page - 1) * 4096)..<(page * 4096) { bytes[index] = 0x55 }
        try Data(bytes).write(to: URL(filePath: rig.path))
        let told = Mutex<[CallLog.SetAside]>([])
        let writer = CallLogWriter(
            directory: rig.directory,
            options: CallLog.Options(checkLimit: 0)
        ) { log in told.withLock { $0 += [log.setAside].compactMap(\.self) } }
        let step = JournalStep(.dial, call: UUID())
        await #expect(throws: CallLogError.self) { try await writer.intend(step, record: LogRig.call(0)) }
        let id = try await writer.intend(step, record: LogRig.call(0))
        #expect(id > 0)
        #expect(told.withLock { $0.count } == 1)
    }

    @Test("two writers with a log each, as two processes are, lose nothing")
    func two() async throws {
        let rig = try LogRig()
        let writers = [CallLogWriter(directory: rig.directory), CallLogWriter(directory: rig.directory)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in writers {
                for index in 0..<60 {
                    group.addTask {
                        let record = LogRig.call(Double(index))
                        let step = JournalStep(.dial, call: record.call)
                        let id = try await writer.intend(step, record: record, within: .seconds(120))
                        writer.settle(id, .over)
                    }
                }
            }
            try await group.waitForAll()
        }
        for writer in writers { #expect(await writer.drain(within: .seconds(120))) }
        let log = try rig.open()
        #expect(try log.calls(limit: 1000).calls.count == 120)
        #expect(try log.openEntries().isEmpty)
    }
}
