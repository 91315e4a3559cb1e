import FoundationEssentials
import GRDB
import GatewayAPI
import Testing

@testable import CallLog

@Suite("What the call log forgets", .timeLimit(.minutes(10))) struct RetentionTests {
    private static let day = 86_400.0

    @Test("numbers older than the limit are masked in place, of the people and not of the PBX")
    func mask() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let old = LogRig.call(8 * Self.day)
        let direct = LogRig.call(9 * Self.day, method: "direct")
        let short = LogRig.call(9 * Self.day, target: "116117", method: "direct")
        let young = LogRig.call(6 * Self.day)
        var live = LogRig.call(10 * Self.day)
        live.endedAt = nil
        for record in [old, direct, short, young, live] { try log.save(record) }
        #expect(try log.mask(olderThan: 7, at: LogRig.noon) == 3)

        let found = try #require(try log.call(old.call))
        #expect(found.target == "+4930123•••")
        #expect(found.number == "+4922166966966", "the PBX's own number is nobody's secret")
        #expect(found.legs.map(\.number) == ["+4922166966966", "+4930123•••"])
        #expect(found.isMasked)
        #expect(found.seconds == 60 && found.connectedAt == old.connectedAt)
        let other = try #require(try log.call(direct.call))
        #expect(other.target == "+4930123•••" && other.number == "+4930123•••")
        #expect(other.legs.map(\.number) == ["+4930123•••"])
        #expect(try log.call(short.call)?.target == "116117")
        #expect(try log.call(young.call) == young)
        #expect(try log.call(live.call) == live)

        #expect(try log.mask(olderThan: 7, at: LogRig.noon) == 0)
        // A late word about a masked call does not bring its number back.
        try log.save(old)
        #expect(try log.call(old.call) == found)
        let totals = try log.totals(from: LogRig.noon.addingTimeInterval(-30 * Self.day), to: LogRig.noon)
        #expect(totals.all.calls == 4)
    }

    @Test("masking goes on behind one batch, and takes settled journal entries of that age along")
    func batches() throws {
        let rig = try LogRig()
        let log = try rig.open()
        try log.write { database in
            for index in 0..<1201 { try LogRig.call(8 * Self.day + Double(index)).save(in: database) }
        }
        let settled = try log.intend(
            JournalStep(.dial, call: UUID()),
            at: LogRig.noon.addingTimeInterval(-8 * Self.day)
        )
        try log.settle(settled, .over)
        let open = JournalStep(.dial, call: UUID())
        _ = try log.intend(open, at: LogRig.noon.addingTimeInterval(-8 * Self.day))
        #expect(try log.mask(olderThan: 7, at: LogRig.noon) == 1201)
        #expect(try log.calls(limit: 2000).calls.allSatisfy { $0.isMasked })
        #expect(try log.openEntries().map(\.step) == [open])
        #expect(try log.write { try Int.fetchOne($0, sql: "SELECT count(*) FROM journal") } == 1)
    }

    @Test("an erased number is in no table, and in none of the files")
    func erase() throws {
        let rig = try LogRig()
        let log = try rig.open()
        let number = "+4915112345678"
        let calls = [LogRig.call(0, target: number), LogRig.call(1, target: number, method: "direct")]
        let other = LogRig.call(2)
        for record in calls + [other] { try log.save(record) }
        let entry = try log.intend(JournalStep(.dial, call: calls[1].call, number: number))
        try log.settle(entry, .over)
        #expect(try log.erase(number: number) == 2)
        for call in calls {
            let found = try #require(try log.call(call.call))
            #expect(found.target == nil)
            #expect(found.number != number)
            #expect(!found.legs.contains { $0.number == number })
            #expect(found.seconds == 60)
        }
        #expect(try log.call(other.call) == other)
        #expect(try log.entries(of: calls[1].call).map(\.step.number) == [nil])
        #expect(try log.erase(number: number) == 0)
        for name in rig.names {
            let text = try rig.bytes(name)
            #expect(!contains(text, Array(number.utf8)), "\(name)")
        }
        #expect(
            try log.totals(from: LogRig.noon.addingTimeInterval(-60), to: LogRig.noon.addingTimeInterval(1)).all.calls
                == 3
        )
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return bytes.indices.dropLast(part.count - 1)
            .contains { bytes[$0] == part[0] && bytes[$0..<($0 + part.count)].elementsEqual(part) }
    }
}
