import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What must work at any time, and what must not disturb it.
    @Suite(
        "help from a phone, and storms",
        .serialized,
        .enabled(if: Sipp.path != nil, "sipp (package sip-tester) is not installed")
    )
    struct PhoneHelpTests {
        private func house(modems: Int, gateway: String = "") async throws -> PhoneHouse {
            let house = try await PhoneHouse(modems: modems, policy: "  prefer: [direct]\n", gateway: gateway)
            house.bench.host.withWorld { world, _ in
                world.network.subscribers["+493012345678"] = .alertThenAnswer(
                    alerting: .milliseconds(100),
                    answer: .milliseconds(200)
                )
            }
            return house
        }

        @Test("help that is called while the service stops outlives its time, until it is asked once more")
        func whileStopping() async throws {
            let house = try await house(modems: 2, gateway: "  grace: 20s\n")
            let program = house.service.program
            let talk = try Sipp(house, number: "030123456", .answered(Sipp.takesBye()))
            #expect(await waits { (0..<2).flatMap { house.bench.calls(of: $0) }.contains { $0.state == .answered } })
            program.send(SIGTERM)
            #expect(await program.error { $0.contains("stopping: 1 live call") } != nil)
            let help = try Sipp(house, number: "112", .answered(Sipp.takesBye()))
            // The first one is hung up, and the service says that it waits for the other.
            #expect(await program.error { $0.contains("a call for help goes on") } != nil)
            let first = await talk.program.end()
            #expect(first.status == 0, "\(first)")
            let calls = (0..<2).flatMap { house.bench.calls(of: $0) }.filter { $0.isLive }
            #expect(calls.map(\.number) == ["112"])
            program.send(SIGTERM)
            let second = await help.program.end()
            #expect(second.status == 0, "\(second)")
            let end = await program.end()
            #expect(end.status == 0, "\(end)")
            #expect((0..<2).flatMap { house.bench.calls(of: $0) }.allSatisfy { !$0.isLive })
        }

        @Test("forty new offers in a row, each at another port, leave the call up and are each answered")
        func storm() async throws {
            let house = try await house(modems: 1)
            let story =
                (0..<40)
                .map { index in
                    Sipp.invite(3 + index, "a=sendrecv", media: "\(6100 + 2 * index) RTP/AVP 8 101")
                        + "<recv response=\"100\" optional=\"true\"/>\n"
                        + Sipp.answered(with: "m=audio [1-9][0-9]* RTP/AVP 8") + Sipp.request("ACK", 3 + index)
                }
                .joined() + Sipp.request("BYE", 43) + "<recv response=\"200\"/>\n"
            let watch = try await house.watch()
            let phone = try Sipp(house, number: "030123456", .answered(story))
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            #expect(house.bench.calls(of: 0).count == 1)
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("encrypted sound that moves to another port, and then to other keys, is answered in kind, with our key")
        func movedKeys() async throws {
            let house = try await house(modems: 1)
            let keys = ["d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj", "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"]
            var story = ""
            for (index, way) in [(0, 6100), (0, 6200), (1, 6200)].enumerated() {
                let crypto = "a=crypto:\(way.0 + 1) AES_CM_128_HMAC_SHA1_80 inline:\(keys[way.0])"
                story += Sipp.invite(3 + index, crypto, media: "\(way.1) RTP/SAVP 8 101")
                story += "<recv response=\"100\" optional=\"true\"/>\n"
                story += Sipp.answered(with: "RTP/SAVP 8.*a=crypto:\(way.0 + 1) AES_CM_128_HMAC_SHA1_80 inline:")
                story += Sipp.request("ACK", 3 + index)
            }
            story += Sipp.request("BYE", 6) + "<recv response=\"200\"/>\n"
            let phone = try Sipp(house, number: "030123456", .answered(story))
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            _ = await house.service.stop()
        }
    }
}
