import CallFlows
import DialPlan
import FoundationEssentials
import ModemSimulator
import PBX
import Testing

@testable import Gateway

@Suite("Announced callthroughs", .timeLimit(.minutes(5)), .serialized)
struct AnnouncementTests {
    private static func dial(_ rig: ServiceRig) async throws {
        var request = DialRequest(number: "030 12345678")
        request.via = .callthrough
        _ = try await rig.service.dial(request, id: UUID(), origin: .local)
        #expect(await rig.waits { await rig.service.calls().first?.state == .inProgress })
    }

    private static func ticket(_ number: String?, token: String? = nil, needsTarget: Bool = false) throws -> CallTicket
    {
        CallTicket(
            dial: try number.map { try DialString(typed: $0) },
            token: token.map { PBXSecret($0) },
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
        #expect(rig.pbx.asked.count == 1)
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
}
