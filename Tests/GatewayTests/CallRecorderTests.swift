import CallFlows
import CallLog
import CallModel
import CallRecords
import Calls
import DialPlan
import FoundationEssentials
import GatewayAPI
import Glibc
import TestSupport
import Testing

@Suite("From a call's events to its record", .timeLimit(.minutes(10))) struct CallRecorderTests {
    /// A recorder on a log of its own.
    private final class Rig: Sendable {
        private let directory: TemporaryDirectory
        let recorder: CallRecorder

        init() throws {
            directory = try TemporaryDirectory()
            recorder = CallRecorder(writer: CallLogWriter(directory: directory.path))
        }

        func log() throws -> CallLog { try CallLog.open(directory: directory.path) }
    }

    private static func route(_ number: String = "030 123456", via: Route.Via = .auto) throws -> Route {
        let region = try Region(code: "DE")
        return try Route(
            to: try PhoneNumber(typed: number, region: region),
            via: via,
            access: Route.Access(pbx: "office", number: try DialString(typed: "+4922166966966")),
            policy: DialPolicy()
        )
    }

    private static let start = Date(timeIntervalSince1970: 1_795_435_200)

    private static func events(_ call: UUID, _ steps: [(Double, CallProgress)]) -> [CallEvent] {
        steps.map { CallEvent(.progress($1), call: call, at: start.addingTimeInterval($0)) }
    }

    @Test("a callthrough: times, legs, who pays, tones as a number and never which")
    func callthrough() async throws {
        let rig = try Rig()
        let (recorder, call) = (rig.recorder, UUID())
        recorder.begin(call, CallRecorder.Details(route: try Self.route(), modem: "o2"), at: Self.start)
        recorder.place(call, imei: "353535011100003", imsi: "262031111110000", tty: "/dev/ttyUSB2")
        let journal = recorder.journal(for: call)
        try await journal.willDial("+4922166966966")
        let log = try rig.log()
        let entry = try #require(try log.openEntries().first)
        #expect(entry.step.imei == "353535011100003")
        #expect(entry.step.imsi == "262031111110000")
        #expect(entry.step.tty == "/dev/ttyUSB2")
        #expect(entry.step.number == "+4922166966966")
        #expect(try log.call(call)?.dialingAt == nil, "nothing claims that it was dialled")

        for event in Self.events(call, [(1, .dialing(number: "+4922166966966"))]) { recorder.take(event) }
        journal.didDial()
        let end = CallEnd(outcome: .completed, cause: 16, by: .remote, seconds: .milliseconds(57_500))
        let rest = Self.events(
            call,
            [
                (2, .alerting), (4, .connected(setup: .seconds(3))),
                (6, .handover(digits: "••••0", sent: 5, total: 9)),
                (7, .handover(digits: "••••03012", sent: 9, total: 9)),
                (7, .inProgress), (62, .ended(end)),
            ]
        )
        for event in rest { recorder.take(event) }
        #expect(await recorder.drain(within: .seconds(120)))

        let record = try #require(try log.call(call))
        let at = { (offset: Double) in Self.start.addingTimeInterval(offset) }
        #expect(record.method == "callthrough" && record.direction == "outgoing")
        #expect(record.target == "+4930123456" && record.number == "+4922166966966")
        #expect(record.pbx == "office" && record.modem == "o2" && record.payer == "sim+pbx")
        #expect(record.requestedAt == at(0) && record.dialingAt == at(1) && record.alertingAt == at(2))
        #expect(record.connectedAt == at(4) && record.handedOverAt == at(7) && record.endedAt == at(62))
        #expect(record.seconds == 57.5 && record.outcome == "completed" && record.cause == 16 && record.by == "remote")
        #expect(record.tones == 9)
        #expect(record.legs.count == 2)
        #expect(record.legs.map(\.payer) == ["sim", "pbx"])
        #expect(record.legs.map(\.number) == ["+4922166966966", "+4930123456"])
        #expect(record.legs.map(\.startedAt) == [at(1), at(7)])
        #expect(record.legs.map(\.endedAt) == [at(62), at(62)])
        #expect(record.legs[0].answeredAt == at(4) && record.legs[0].imsi == "262031111110000")
        #expect(try log.openEntries().isEmpty)
        #expect(try log.entries(of: call).map(\.result) == [.over])
        #expect(!"\(record)".contains("03012\""), "which digits were sent is nobody's business")
    }

    @Test("a call that never got to the dial command claims nothing, and its entry says so")
    func neverDialled() async throws {
        let rig = try Rig()
        let (recorder, call) = (rig.recorder, UUID())
        recorder.begin(call, CallRecorder.Details(route: try Self.route(), modem: "o2"))
        let journal = recorder.journal(for: call)
        try await journal.willDial("+4922166966966")
        recorder.take(CallEvent(.progress(.dialing(number: "+4922166966966")), call: call))
        recorder.take(CallEvent(.progress(.ended(CallEnd(outcome: .interrupted, by: .local))), call: call))
        #expect(await recorder.drain(within: .seconds(120)))
        let log = try rig.log()
        #expect(try log.call(call)?.dialingAt == nil)
        #expect(try log.call(call)?.outcome == "interrupted")
        #expect(try log.entries(of: call).map(\.result) == [.notTaken])
    }

    @Test("an end that could not be checked leaves its mark")
    func unverified() async throws {
        let rig = try Rig()
        let (recorder, call) = (rig.recorder, UUID())
        recorder.begin(call, CallRecorder.Details(route: try Self.route(via: .direct), modem: "o2"))
        try await recorder.journal(for: call).willDial("+4930123456")
        let end = CallEnd(outcome: .modemFailed, by: .local, hangUpVerified: false)
        recorder.take(CallEvent(.progress(.ended(end)), call: call))
        #expect(await recorder.drain(within: .seconds(120)))
        #expect(try rig.log().entries(of: call).map(\.result) == [.unverified])
    }

    @Test("a call of which only its events are known is recorded from them")
    func eventsOnly() async throws {
        let rig = try Rig()
        let call = UUID()
        let request = CallEvent.Request(method: .direct, target: "+4930123456", modem: "o2")
        rig.recorder.take(CallEvent(.requested(request), call: call, at: Self.start))
        rig.recorder.take(CallEvent(.progress(.ended(CallEnd(outcome: .noModem, by: .local))), call: call))
        // Events of calls that nobody announced, or that are over, change nothing.
        rig.recorder.take(CallEvent(.progress(.alerting), call: call))
        rig.recorder.take(CallEvent(.progress(.alerting), call: UUID()))
        #expect(await rig.recorder.drain(within: .seconds(120)))
        let calls = try rig.log().calls().calls
        #expect(calls.map(\.outcome) == ["no_modem"])
        #expect(calls.map(\.target) == ["+4930123456"])
    }

    @Test("a log that can't be used refuses a call, and never one for help")
    func refusal() async throws {
        let recorder = CallRecorder(writer: CallLogWriter(directory: "/dev/null/state"))
        let call = UUID()
        recorder.begin(call, CallRecorder.Details(route: try Self.route(), modem: nil))
        await #expect(throws: CallLogError.self) { try await recorder.journal(for: call).willDial("+4922166966966") }
        #expect(recorder.refusal != nil)
        let help = UUID()
        recorder.begin(help, CallRecorder.Details(route: try Self.route("112"), modem: nil))
        try await recorder.journal(for: help).willDial("112")
        #expect(await !recorder.drain(within: .milliseconds(500)) || recorder.refusal != nil)
    }

    @Test("what a dead process left open on a modem is closed once that is seen idle, and on no other modem")
    func leftBehind() async throws {
        let rig = try Rig()
        let log = try rig.log()
        let (lost, other, live) = (UUID(), UUID(), UUID())
        for (call, imei) in [(lost, "353535011100003"), (other, "353535011100011"), (live, "353535011100003")] {
            var step = JournalStep(.dial, call: call, number: "+4930123456")
            step.imei = imei
            var record = CallRecord(call: call, method: "direct", direction: "outgoing", requestedAt: Self.start)
            record.imei = imei
            var process = ProcessIdentity.current
            if call != live { process.start += 1 }
            _ = try log.intend(step, record: record, by: process)
        }
        rig.recorder.modemIsIdle(imei: "353535011100003", tty: "/dev/ttyUSB2")
        #expect(await rig.recorder.drain(within: .seconds(120)))
        #expect(try log.openEntries().map(\.step.call) == [other, live])
        #expect(try log.call(lost)?.outcome == CallRecord.lostAtRestart)
        #expect(try log.call(live)?.endedAt == nil, "that call is just being made by a process that lives")
    }
}
