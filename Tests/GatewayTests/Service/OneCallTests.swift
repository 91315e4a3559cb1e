import CallLog
import CallModel
import CallPlanning
import CallRecords
import DialPlan
import FoundationEssentials
import GatewayAPI
import Logging
import ModemSimulator
import NetworkSimulator
import OneCall
import PBXLinks
import SimulatedTerminals
import Synchronization
import TestSupport
import Testing
import TextCoding

@testable import Calls
@testable import Gateway
@testable import PBX
@testable import Settings

@Suite("One call without a running service", .timeLimit(.minutes(10)), .serialized)
struct OneCallTests {
    /// A modem on a terminal, a configuration, and a PBX that does what a test says.
    private final class Rig: Sendable {
        let host: PseudoTerminalHost
        let pbx = ScriptedPBX()
        let writer: CallLogWriter
        let parts: GatewayService.Parts
        private let directory: TemporaryDirectory
        private let told = Mutex<[CallEvent]>([])

        init(_ change: (inout ModemProfile) -> Void = { _ in }, modem: [String] = [], more: [String] = []) throws {
            directory = try TemporaryDirectory()
            var profile = ModemProfile(.quectel)
            change(&profile)
            var network = SimulatedNetwork.standard
            network.subscribers["+493012345678"] = .hangUp(
                alerting: .milliseconds(300),
                answer: .milliseconds(600),
                afterAnswered: .seconds(1)
            )
            var world = SimulatedWorld(seed: 5, network: network)
            _ = world.addModem(profile)
            host = try PseudoTerminalHost(world: world)
            try host.start()
            var lines = ["gateway:", "  state_dir: \(directory.path)/state", "modems:", "  o2:"]
            lines += ["    match: { tty: \(host.paths[0]) }"] + modem.map { "    " + $0 }
            lines += ["pbx:", "  office:", "    profile: generic", "    url: http://127.0.0.1:9/api"]
            lines += ["    callthrough: { access_number: \"\(ServiceRig.accessNumber)\", settle: 0s }"] + more
            let configuration = try ConfigurationRig.read(lines.joined(separator: "\n") + "\n")
            writer = CallLogWriter(directory: configuration.gateway.stateDirectory)
            var parts = GatewayService.Parts(
                configuration: configuration,
                environment: ConfigurationRig.environment(),
                version: "1",
                recorder: CallRecorder(writer: writer),
                usage: StoredUsageLedger(writer: writer)
            )
            parts.connect = { [pbx] _, _, _ in PBXLink(control: pbx) }
            self.parts = parts
        }

        var events: [CallEvent] { told.withLock { $0 } }
        var calls: [SimulatedCall] { host.withWorld { world, _ in world.calls.filter { $0.modem == 0 } } }
        var commands: [String] { host.withWorld { world, _ in world.commands(of: 0) } }

        func dial(_ number: String, _ via: Route.Via? = nil, isForHelp: Bool = false) async throws -> CallEnd {
            var request = DialRequest(number: number)
            request.via = via
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let call = OneCallService(request, parts: parts, isForHelp: isForHelp, log: log)
            return try await call.run { [self] event in
                if let event = event as? CallEvent { told.withLock { $0.append(event) } }
            }
        }
    }

    @Test("a callthrough is announced to the PBX, and its events name the modem")
    func announced() async throws {
        let rig = try Rig()
        defer { rig.host.stop() }
        rig.pbx.capabilities.announcesCallthrough = true
        let ticket = CallTicket(dial: try DialString(typed: "+4922166966967"), token: Secret("4711"))
        rig.pbx.onCallthrough { _ in .success(ticket) }
        let end = try await rig.dial("030 12345678", .callthrough)
        #expect(rig.pbx.asked.first == .callthrough(target: "+493012345678"))
        #expect(rig.calls.map(\.number) == ["+4922166966967"])
        #expect(rig.calls.first.map { String($0.tones.map(\.digit)) } == "4711#")
        #expect(end.hangUpVerified, "\(end)")
        let modems = rig.events.compactMap { event -> String? in
            switch event.kind {
            case .requested(let request): request.modem
            case .progress(.dialing): event.modem
            case .progress, .audio, .dtmf, .joined, .quality: nil
            }
        }
        #expect(modems == ["o2", "o2"])
        #expect(rig.host.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
    }

    @Test("abroad the way is chosen by the prices there", arguments: [NetworkRegistration.home, .roaming])
    func roaming(_ registration: NetworkRegistration) async throws {
        let rig = try Rig(
            { $0.registration = registration },
            modem: ["tariff: basic", "roaming_tariff: abroad"],
            more: [
                "    callback: { ring_from: [\"\(ServiceRig.callbackNumber)\"], expect_within: 1s }",
                "    tariff: trunk", "tariffs:",
                "  basic: { prices: { home: { per_minute: 0.01 } } }",
                "  abroad: { prices: { home: { per_minute: 2.00 } }, incoming: { per_minute: 0 } }",
                "  trunk: { prices: { home: { per_minute: 0.05 } } }",
            ]
        )
        defer { rig.host.stop() }
        _ = try await rig.dial("030 12345678")
        let first = try #require(rig.events.first)
        guard case .requested(let request) = first.kind else {
            Issue.record("\(first)")
            return
        }
        #expect(request.method == (registration == .home ? .direct : .callback))
    }

    @Test("what the policy or a limit refuses opens no modem")
    func refused() async throws {
        let rig = try Rig(more: ["policy: { quiet_hours: [\"00:00-24:00\"] }"])
        defer { rig.host.stop() }
        for number in ["0900 1234567", "030 12345678"] {
            let end = try await rig.dial(number, .callthrough)
            #expect(end.outcome == .policy, "\(number): \(end)")
        }
        #expect(rig.commands == [])
        #expect(rig.calls.isEmpty)
    }

    @Test("help is called whatever the log and the limits say")
    func help() async throws {
        let rig = try Rig(
            { $0.sim = .absent },
            more: ["policy: { quiet_hours: [\"00:00-24:00\"], max_calls_per_hour: 1 }"]
        )
        defer { rig.host.stop() }
        var parts = rig.parts
        parts.recorder = CallRecorder(writer: CallLogWriter(directory: "/proc/none"))
        var request = DialRequest(number: "112")
        request.maxSeconds = 60
        let call = OneCallService(
            request,
            parts: parts,
            isForHelp: true,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let end = try await call.run { event in
            if event.name == "call.in_progress" { call.interrupt() }
        }
        #expect(end.outcome == .interrupted, "\(end)")
        #expect(rig.calls.map(\.dialled) == ["112"])
    }
}
