import FoundationEssentials
import GatewayAPI
import Glibc
import Testing

@testable import CallLog

@Suite("The journal", .timeLimit(.minutes(10))) struct JournalTests {
    private static func live(_ call: UUID = UUID()) -> CallRecord {
        var record = CallRecord(call: call, method: "direct", direction: "outgoing", requestedAt: LogRig.noon)
        record.target = "+4930123456"
        record.number = "+4930123456"
        record.legs = [CallRecord.Leg(number: "+4930123456", direction: "outgoing", payer: "sim")]
        return record
    }

    @Test("a step is open, with everything that finds its call again, until it is settled")
    func steps() throws {
        let rig = try LogRig()
        let log = try rig.open()
        var step = JournalStep(.dial, call: UUID(), number: "+4930123456")
        step.line = "o2"
        step.imei = "353535011100003"
        step.imsi = "262031111110000"
        step.tty = "/dev/ttyUSB2"
        let first = try log.intend(step, record: Self.live(step.call), at: LogRig.noon)
        let second = try log.intend(JournalStep(.askPBX, call: UUID()))
        #expect(second > first)
        let open = try log.openEntries()
        #expect(open.map(\.id) == [first, second])
        #expect(open[0].step == step)
        #expect(open[0].intendedAt == LogRig.noon)
        #expect(open[0].process == .current)
        #expect(open[0].process.isAlive)
        #expect(open[0].settledAt == nil)
        #expect(try log.call(step.call) == Self.live(step.call), "the record comes with the first entry")

        try log.settle(first, .over, at: LogRig.noon.addingTimeInterval(1))
        #expect(try log.openEntries().map(\.id) == [second])
        let settled = try log.entries(of: step.call)
        #expect(settled.map(\.result) == [.over])
        // The first word counts.
        try log.settle(first, .notTaken, at: LogRig.noon.addingTimeInterval(9))
        #expect(try log.entries(of: step.call) == settled)
    }

    @Test("a process that has ended, or ran before the machine was started anew, is not alive")
    func processes() throws {
        var other = ProcessIdentity.current
        other.start += 1
        #expect(!other.isAlive, "another process got the number")
        other = .current
        other.boot = "an earlier run of the machine"
        #expect(!other.isAlive)
        #expect(!ProcessIdentity(id: 0x3FFF_FFFF, start: 5, boot: ProcessIdentity.current.boot).isAlive)
        #expect(ProcessIdentity.current.start > 0)
        #expect(ProcessIdentity.current.boot.utf8.count == 36)
    }

    @Test("what a crash cut off is closed with what is known", arguments: [false, true])
    func lost(wasUp: Bool) throws {
        let rig = try LogRig()
        let log = try rig.open()
        let record = Self.live()
        let id = try log.intend(
            JournalStep(.dial, call: record.call, number: record.number),
            record: record,
            at: LogRig.noon
        )
        let entry = try #require(try log.openEntries().first)
        let end = LogRig.noon.addingTimeInterval(500)
        try log.closeLost(entry, wasUp: wasUp, at: end)
        #expect(try log.openEntries().isEmpty)
        let closed = try #require(try log.call(record.call))
        #expect(closed.outcome == CallRecord.lostAtRestart)
        #expect(closed.endedAt == end)
        #expect(closed.seconds == nil, "how long it lasted is not known")
        #expect(closed.dialingAt == (wasUp ? LogRig.noon : nil), "it is dialled only where the modem has shown it")
        #expect(closed.connectedAt == nil)
        #expect(try log.entries(of: record.call).map(\.result) == [.lostAtRestart])
        // A call that has ended properly keeps its end.
        let other = LogRig.call(0)
        _ = try log.intend(JournalStep(.dial, call: other.call), record: other)
        try log.closeLost(try #require(try log.openEntries().first))
        #expect(try log.call(other.call) == other)
        #expect(id > 0)
    }

    @Test("a process that is killed at any moment leaves a log that is whole, with all that it was told is in it")
    func killed() async throws {
        for round in 0..<6 {
            let rig = try LogRig()
            let (directory, path) = (rig.directory, rig.directory + "/told")
            mkdir(directory, 0o700)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [directory = directory as String, path = path as String, round = round as Int] in
                let log = try CallLog.open(directory: directory)
                let told = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
                let writers = (0..<2)
                    .map { _ in
                        Task.detached {
                            while !Task.isCancelled {
                                var record = LogRig.call(0)
                                record.endedAt = nil
                                let step = JournalStep(.dial, call: record.call)
                                let id = try log.intend(step, record: record)
                                // From here on it would have been dialled.
                                let line = Array("\(record.call.uuidString)\n".utf8)
                                guard write(told, line, line.count) == line.count else { return }
                                record.endedAt = LogRig.noon
                                try log.save(record)
                                try log.settle(id, .over)
                            }
                        }
                    }
                var wait = timespec(tv_sec: 0, tv_nsec: 20_000_000 + 17_000_000 * round)
                nanosleep(&wait, nil)
                kill(getpid(), SIGKILL)
                for writer in writers { try await writer.value }
            }
            let told = try String(decoding: rig.bytes("told"), as: UTF8.self).split(separator: "\n")
            let log = try rig.open()
            #expect(log.setAside == nil)
            let calls = try log.calls(limit: 1_000_000).calls
            let known = Set(calls.map(\.call.uuidString))
            #expect(told.allSatisfy { known.contains(String($0)) }, "every dialled call has a record")
            #expect(calls.count - told.count <= 2, "and no more than the steps that were just being written down")
            let open = try log.openEntries()
            #expect(open.count <= 2)
            #expect(open.allSatisfy { !$0.process.isAlive })
            #expect(calls.filter { $0.endedAt == nil }.count <= open.count)
        }
    }
}
