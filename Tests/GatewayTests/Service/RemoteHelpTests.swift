import CallModel
import DialPlan
import FoundationEssentials
import GatewayAPI
import Testing

@testable import Gateway

@Suite("Help and those who are not here", .timeLimit(.minutes(10)))
struct RemoteHelpTests {
    @Test(
        "help is dialled neither from the page nor over the network: not first, not second, and the dry run says so",
        arguments: [RequestOrigin.page, .remote],
        ["112", "110", "+49112"]
    )
    func refused(origin: RequestOrigin, number: String) async throws {
        let rig = try await ServiceRig(modems: 2)
        for via in [nil, .direct, .callthrough] as [Via?] {
            var request = DialRequest(number: number)
            request.via = via
            await #expect(throws: ControlError.self) {
                _ = try await rig.service.dial(request, id: UUID(), origin: origin)
            }
            let preview = try? await rig.service.preview(request, origin: origin)
            #expect(preview?.allowed != true)
        }
        var second = DialRequest(number: "+4930123456")
        second.via = .direct
        second.modem = "m0"
        second.audio = "modem:m1/\(number)"
        await #expect(throws: ControlError.self) {
            _ = try await rig.service.dial(second, id: UUID(), origin: origin)
        }
        #expect(rig.events.isEmpty && rig.calls().isEmpty)
        await rig.stop()
    }
}
