import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What is sent to a caller whom nobody answered.
    @Suite("missed calls", .serialized) struct MissedCallTests {
        @Test("a mobile number of the region gets one message a day, others none, and nobody one unless it is set")
        func missed() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, more: "messages: { missed_call: \"I will call back.\" }")
            try await service.modems(are: "ready", count: 1)
            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { _ in true }
            // The last one shows that all before were looked at: one thing follows the other.
            let callers = ["", "+441712345678", "+493012345678", "+491711234567", "+491711234567", "+491721234567"]
            for caller in callers {
                _ = bench.host.withWorld { world, now in
                    world.ring(modem: 0, from: caller, at: now, givesUpAfter: .seconds(6))
                }
                #expect(await watch.output(where: isEvent("call.ended")) != nil, "\(caller)")
                try await service.modems(are: "ready", count: 1)
            }
            let isSent = await waits { bench.host.withWorld { world, _ in world.takenMessages.count >= 2 } }
            #expect(isSent)
            let taken = bench.host.withWorld { world, _ in world.takenMessages }
            #expect(taken.map(\.number) == ["+491711234567", "+491721234567"], "\(taken)")
            #expect(taken.allSatisfy { $0.text == "I will call back." })
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await service.stop()
        }
    }
}
