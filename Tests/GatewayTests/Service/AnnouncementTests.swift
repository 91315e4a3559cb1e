import CallFlows
import CallModel
import DialPlan
import FoundationEssentials
import GatewayAPI
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import Gateway
@testable import PBX

@Suite("Announced callthroughs", .timeLimit(.minutes(10)), .serialized)
struct AnnouncementTests {
    private static func dial(_ rig: ServiceRig) async throws {
        var request = DialRequest(number: "030 12345678")
        request.via = .callthrough
        _ = try await rig.service.dial(request, id: UUID(), origin: .local)
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
    }

    private static func ticket(_ number: String?, token: String? = nil, needsTarget: Bool = false) throws -> CallTicket
    {
        CallTicket(
            dial: try number.map { try DialString(typed: $0) },
            token: token.map { Secret($0) },
            needsTarget: needsTarget
        )
    }

    @Test(
        "what the PBX gives is dialled and sent; what can't be used, and every failure, leaves the tones",
        arguments: [
            (nil as String?, nil as String?, false, ServiceRig.accessNumber, ""),
            ("+4922166966967", nil, false, "+4922166966967", ""),
            ("+4922166966967", "4711", false, "+4922166966967", "4711#"),
            (nil, nil, true, ServiceRig.accessNumber, "03012345678#"),
            ("+499001234567", nil, false, ServiceRig.accessNumber, "03012345678#"),
            // Help is nobody's to call from here but of people at this box.
            ("112", nil, false, ServiceRig.accessNumber, "03012345678#"),
            ("+49112", nil, false, ServiceRig.accessNumber, "03012345678#"),
            ("tel:110", nil, false, ServiceRig.accessNumber, "03012345678#"),
        ]
    )
    func tickets(number: String?, token: String?, needsTarget: Bool, dials: String, tones: String) async throws {
        let rig = try await ServiceRig()
        rig.pbx.capabilities.announcesCallthrough = true
        let ticket = try Self.ticket(number, token: token, needsTarget: needsTarget)
        rig.pbx.onCallthrough { _ in .success(ticket) }
        try await Self.dial(rig)
        let call = rig.calls().first { $0.direction == .outgoing }
        #expect(call?.number == dials)
        #expect(call.map { String($0.tones.map(\.digit)) } == tones)
        #expect(rig.pbx.asked.filter { $0 != .withdraw }.count == 1)
        await rig.stop()
        #expect(rig.isIdle)
    }

    @Test(
        "an announcement that fails, for certain or not, leaves the tones",
        arguments: [PBXError.Kind.ambiguous, .refused(status: 500), .unreachable(.timeout)]
    )
    func failures(kind: PBXError.Kind) async throws {
        let rig = try await ServiceRig()
        rig.pbx.capabilities.announcesCallthrough = true
        rig.pbx.onCallthrough { _ in .failure(PBXError(kind, "no", remedy: "none")) }
        try await Self.dial(rig)
        let call = rig.calls().first { $0.direction == .outgoing }
        #expect(call.map { String($0.tones.map(\.digit)) } == "03012345678#")
        await rig.stop()
    }

    @Test("an announcement dies with a call that is not answered", arguments: [true, false])
    func withdrawn(isAnswered: Bool) async throws {
        let rig = try await ServiceRig()
        rig.pbx.capabilities.announcesCallthrough = true
        let ticket = try Self.ticket(nil, token: "4711")
        rig.pbx.onCallthrough { _ in .success(ticket) }
        if isAnswered {
            try await Self.dial(rig)
            rig.hangUp(rig.calls().first?.id)
        } else {
            rig.host.withWorld { world, _ in
                world.network.accessNumbers = [:]
                world.network.subscribers[ServiceRig.accessNumber] = .busy(after: .milliseconds(100))
            }
            var request = DialRequest(number: "030 12345678")
            request.via = .callthrough
            _ = try await rig.service.dial(request, id: UUID(), origin: .local)
        }
        #expect(await rig.waitsForEnds())
        if !isAnswered { #expect(await waits { rig.pbx.asked.contains(.withdraw) }) }
        await rig.stop()
        #expect(rig.pbx.asked.contains(.withdraw) == !isAnswered)
    }

    @Test(
        "a call that the PBX did not know by its caller is made again with tones, once, where a script says how",
        arguments: [true, false]
    )
    func unknown(hasScript: Bool) async throws {
        let rig = try await ServiceRig(callthrough: hasScript ? ", script: \"{target}#\"" : "")
        rig.pbx.capabilities.announcesCallthrough = true
        let ticket = try Self.ticket(nil)
        rig.pbx.onCallthrough { _ in .success(ticket) }
        let answering = rig.host.withWorld { world, _ in
            // Refused before it rings, as the dialplan does it: Hangup(21).
            world.network.subscribers[ServiceRig.accessNumber] = .unreachable(after: .milliseconds(100), cause: 21)
            return world.network.accessNumbers.removeValue(forKey: ServiceRig.accessNumber)
        }
        rig.pbx.onWithdrawal { [rig] in
            rig.host.withWorld { world, _ in world.network.accessNumbers[ServiceRig.accessNumber] = answering }
        }
        if hasScript {
            try await Self.dial(rig)
            rig.hangUp(rig.calls().last?.id)
        } else {
            var request = DialRequest(number: "030 12345678")
            request.via = .callthrough
            _ = try await rig.service.dial(request, id: UUID(), origin: .local)
        }
        #expect(await rig.waitsForEnds())
        let calls = rig.calls().filter { $0.direction == .outgoing }
        #expect(calls.map(\.number) == Array(repeating: ServiceRig.accessNumber, count: hasScript ? 2 : 1))
        #expect(calls.map { String($0.tones.map(\.digit)) } == (hasScript ? ["", "03012345678#"] : [""]))
        #expect(rig.ends.map(\.outcome) == [hasScript ? .completed : .rejected])
        if !hasScript { #expect(rig.ends.first?.detail?.hasPrefix("the PBX did not know the call") == true) }
        #expect(rig.pbx.asked == [.callthrough(target: "+493012345678"), .withdraw])
        await rig.stop()
        #expect(rig.isIdle)
    }

    @Test("the number that the PBX names is counted at its own price, and refused where that is too dear")
    func price() async throws {
        let rig = try await ServiceRig(
            more: [
                "tariffs:", "  sim:", "    prices:", "      home: { per_minute: 0.01, billing: 60/60 }",
                "      international: { per_minute: 9.99, billing: 60/60 }",
                "policy:", "  allow: [home, international]", "  deny: [premium]", "  max_cost_per_day: 2.00",
            ],
            modem: ["tariff: sim"]
        )
        rig.pbx.capabilities.announcesCallthrough = true
        let ticket = try Self.ticket("+33123456789")
        rig.pbx.onCallthrough { _ in .success(ticket) }
        try await Self.dial(rig)
        let call = rig.calls().first { $0.direction == .outgoing }
        #expect(call?.number == ServiceRig.accessNumber)
        #expect(rig.pbx.asked.contains(.withdraw))
        await rig.stop()
    }
}
