import FoundationEssentials
import GatewayAPI
import Glibc
import Testing

@testable import CallLog

@Suite("An id is one call", .timeLimit(.minutes(10))) struct RepeatedCallTests {
    private static func usage(_ call: UUID, seconds: Int = 60) -> UsageRow {
        UsageRow(
            call: call.uuidString.lowercased(),
            at: 1_795_435_200,
            day: 20_261_123,
            modem: "o2",
            seconds: seconds,
            cost: 0,
            isOpen: true,
            deadline: 1_795_436_200,
            legs: "[]"
        )
    }

    @Test("whoever uses an id again overwrites neither record nor usage, and may not take the step")
    func again() throws {
        let rig = try LogRig()
        defer { withExtendedLifetime(rig) {} }
        let log = try rig.open()
        let first = LogRig.call(3600)
        _ = try log.intend(JournalStep(.dial, call: first.call), record: first)
        try log.changeUsage(since: 0) { _, _ in ((), [.insert(Self.usage(first.call))]) }
        var second = LogRig.call(0, target: "+49301")
        second.call = first.call
        #expect(throws: CallLogError.repeated(log.path)) {
            try log.intend(JournalStep(.dial, call: second.call), record: second)
        }
        try log.save(second)
        #expect(try log.call(first.call) == first)
        #expect(throws: CallLogError.repeated(log.path)) {
            try log.changeUsage(since: 0) { _, _ in ((), [.insert(Self.usage(first.call, seconds: 1))]) }
        }
        #expect(try log.usage(since: 0).map(\.seconds) == [60])
        #expect(try log.entries(of: first.call).count == 1)
    }

    @Test("help is called under a used id too, and overwrites nothing")
    func help() throws {
        let rig = try LogRig()
        defer { withExtendedLifetime(rig) {} }
        let log = try rig.open()
        let first = LogRig.call(3600)
        try log.save(first)
        var second = LogRig.call(0, target: "112")
        second.call = first.call
        second.isEmergency = true
        _ = try log.intend(JournalStep(.dial, call: second.call), record: second)
        #expect(try log.call(first.call) == first)
    }

    @Test("an id is known by a record, a step or its usage")
    func knows() throws {
        let rig = try LogRig()
        defer { withExtendedLifetime(rig) {} }
        let log = try rig.open()
        let (record, step, usage) = (LogRig.call(0), UUID(), UUID())
        try log.save(record)
        _ = try log.intend(JournalStep(.askPBX, call: step))
        try log.changeUsage(since: 0) { _, _ in ((), [.insert(Self.usage(usage))]) }
        for call in [record.call, step, usage] { #expect(try log.knows(call)) }
        #expect(try !log.knows(UUID()))
    }

    @Test("a log that was set aside is a loss until that is accepted")
    func loss() throws {
        let rig = try LogRig()
        try rig.open().close()
        try Data(repeating: 0x41, count: 20_000).write(to: URL(filePath: rig.path))
        let log = try rig.open()
        let place = try #require(log.setAside?.path)
        #expect(try log.openLoss()?.path == place)
        try log.close()
        let again = try rig.open()
        #expect(try again.openLoss()?.path == place)
        #expect(try again.acceptLoss() == 1)
        #expect(try again.openLoss() == nil)
        #expect(try again.acceptLoss() == 0)
    }

    @Test("a state directory that is removed under the program is noticed, and nothing is begun anew")
    func removed() async throws {
        let rig = try LogRig()
        let writer = CallLogWriter(directory: rig.directory)
        let record = LogRig.call(0)
        _ = try await writer.intend(JournalStep(.dial, call: record.call), record: record)
        for name in rig.names { unlink(rig.directory + "/" + name) }
        rmdir(rig.directory)
        let other = LogRig.call(1)
        for _ in 0..<2 {
            await #expect(throws: CallLogError.removed(rig.path)) {
                try await writer.intend(JournalStep(.dial, call: other.call), record: other)
            }
        }
        #expect(writer.failure == .removed(rig.path))
        #expect(rig.names.isEmpty)
    }
}
