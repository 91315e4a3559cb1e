import CallModel
import FoundationEssentials
import GatewayAPI
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import Gateway

@Suite("A call whose modem fails before anything is dialled", .timeLimit(.minutes(5)), .serialized)
struct OtherModemTests {
    private static func dial(_ rig: ServiceRig, modem: String? = nil) async throws {
        var request = DialRequest(number: "030 12345678")
        (request.via, request.modem) = (.callthrough, modem)
        _ = try await rig.service.dial(request, id: UUID(), origin: .local)
    }

    @Test("is made on another one, once, and its limits are those of that one")
    func another() async throws {
        let rig = try await ServiceRig(modems: 2)
        // The first of two that are alike is the one that is taken.
        rig.host.withWorld { world, _ in world.deafen(0) }
        try await Self.dial(rig)
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        #expect(rig.calls(of: 0).isEmpty)
        #expect(rig.calls(of: 1).map(\.number) == [ServiceRig.accessNumber])
        #expect(await rig.service.calls().first?.modem == "m1")
        await rig.stop()
        #expect(rig.isIdle)
    }

    @Test("ends as it failed where the modem was named, or no other is free", arguments: ["m0", nil])
    func none(modem: String?) async throws {
        let rig = try await ServiceRig(modems: modem == nil ? 1 : 2)
        rig.host.withWorld { world, _ in world.deafen(0) }
        try await Self.dial(rig, modem: modem)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.modemFailed])
        #expect(rig.calls(of: 1).isEmpty)
        await rig.stop()
    }
}
