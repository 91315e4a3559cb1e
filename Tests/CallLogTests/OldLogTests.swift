import FoundationEssentials
import GRDB
import GatewayAPI
import Glibc
import Testing

@testable import CallLog

/// A log as the program wrote it before legs had lines, and what that program said of it.
@Suite("A log of an earlier program")
struct OldLogTests {
    private static func file(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Old/" + name))
    }

    private static func lines(_ name: String) throws -> [String] {
        String(decoding: try file(name), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try WireFormat.encode(value), as: UTF8.self)
    }

    private static func rig() throws -> LogRig {
        let rig = try LogRig()
        try rig.open().close()
        for name in rig.names where name != "calls.lock" { unlink(rig.directory + "/" + name) }
        try file("calls.sqlite").write(to: URL(filePath: rig.path))
        return rig
    }

    @Test("is listed and exported byte for byte as before, and again after each call was read and written")
    func exports() throws {
        let rig = try Self.rig()
        let log = try rig.open()
        for _ in 0..<2 {
            let calls = try log.calls(CallFilter(), limit: 100, withLegs: true).calls
            #expect(try calls.map { try Self.json($0) } == Self.lines("export.jsonl"))
            #expect(try calls.map { try Self.json($0.summary) } == Self.lines("list.jsonl"))
            // As a client of the service has them.
            let copies = try calls.map { try WireFormat.decode(CallRecord.self, from: Array(Self.json($0).utf8)) }
            #expect(try copies.map { try Self.json($0) } == Self.lines("export.jsonl"))
            try log.save(calls)
        }
    }

    @Test("has legs with their modems, of kinds that it did not write down, and a journal of first legs")
    func legs() throws {
        let rig = try Self.rig()
        let log = try rig.open()
        let calls = try log.calls(CallFilter(), limit: 100, withLegs: true).calls
        let call = try #require(calls.last)
        #expect(call.legs.map(\.modem) == ["o2", nil] && call.legs[0].imsi == "262031111110000")
        #expect(calls.flatMap(\.legs).allSatisfy { $0.kind == nil })
        let entries = try calls.flatMap { try log.entries(of: $0.call) }
        #expect(entries.count == 4)
        #expect(entries.allSatisfy { $0.step.leg == 0 && $0.step.carrier == .modem && $0.step.line == "o2" })
    }

    @Test("a leg over SIP keeps its line and account in the log and in JSON, and its step in the journal")
    func sip() throws {
        let rig = try LogRig()
        let log = try rig.open()
        var record = LogRig.call(60, method: "direct")
        var leg = CallRecord.Leg(kind: .sip, number: "+4930123456", direction: "outgoing", payer: "pbx")
        leg.account = "office"
        leg.address = "10@pbx.example.net"
        record.legs.append(leg)
        var step = JournalStep(.dial, call: record.call, number: leg.number)
        (step.leg, step.carrier, step.line, step.address) = (1, .sip, leg.account, leg.address)
        let id = try log.intend(step, record: record)
        #expect(try log.openEntries().first { $0.id == id }?.step == step)
        let found = try #require(try log.call(record.call))
        #expect(found == record)
        let text = try Self.json(found)
        #expect(text.contains("\"address\":\"10@pbx.example.net\""))
        #expect(try Self.json(WireFormat.decode(CallRecord.self, from: Array(text.utf8))) == text)
    }
}
