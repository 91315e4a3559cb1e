import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What a telephone keys in a call, and what it dials for help: SIPp as the telephone, which others wrote.
    @Suite(
        "keys and help of a phone",
        .serialized,
        .enabled(if: Sipp.path != nil, "sipp (package sip-tester) is not installed")
    )
    struct PhoneKeyTests {
        private func house() async throws -> PhoneHouse {
            let house = try await PhoneHouse(modems: 1, policy: "  prefer: [direct]\n")
            house.bench.host.withWorld { world, _ in
                world.network.subscribers["+493012345678"] = .alertThenAnswer(
                    alerting: .milliseconds(100),
                    answer: .milliseconds(200)
                )
            }
            return house
        }

        private func keys(_ house: PhoneHouse, ofCall number: Int) -> String {
            let calls = house.bench.calls(of: 0)
            return calls.count < number ? "" : String(calls[number - 1].tones.map(\.digit))
        }

        @Test("digits in messages (INFO) go out on the modem, each once, also where they come beside the sound too")
        func keyed() async throws {
            let house = try await house()
            // The same ones beside the sound, before and meanwhile; the last one says that all is done.
            let beside = "<nop><action><exec play_dtmf=\"15#\"/></action></nop>\n"
            for (number, story) in ["", beside].enumerated() {
                let messages = ["1", "5", "#"].enumerated()
                    .map { index, key in
                        Sipp.info(3 + index, "Signal=\(key)\nDuration=160") + "<recv response=\"200\"/>\n"
                    }
                let phone = try Sipp(
                    house,
                    number: "03012345678",
                    .answered(story + messages.joined() + Sipp.takesBye())
                )
                #expect(await waits { keys(house, ofCall: number + 1).hasSuffix("#") })
                let status = try await house.service.run(["hangup"])
                #expect(status.status == 0, "\(status)")
                let end = await phone.program.end()
                #expect(end.status == 0, "\(end)")
                #expect(keys(house, ofCall: number + 1) == "15#")
                try await house.service.modems(are: "ready", count: 1)
            }
            _ = await house.service.stop()
        }

        @Test("a number for help with user=phone is dialled directly and at once")
        func help() async throws {
            let house = try await PhoneHouse(modems: 1)
            let watch = try await house.watch()
            let phone = try Sipp(
                house,
                number: "112",
                .answered(Sipp.takesBye()),
                target: "sip:112@[remote_ip]:[remote_port];user=phone"
            )
            let requested = try #require(await watch.output(where: isEvent("call.requested")))
            #expect(try Document(requested)["method"]?.text == "direct", "\(requested)")
            #expect(await waits { house.bench.calls(of: 0).contains { $0.isLive } })
            #expect(house.bench.calls(of: 0).map(\.number) == ["112"])
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            let hungUp = try await house.service.run(["hangup"])
            #expect(hungUp.status == 0, "\(hungUp)")
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }
    }
}

extension Sipp {
    /// A digit in a message of the call.
    static func info(_ sequence: Int, _ body: String) -> String {
        request("INFO", sequence, "Content-Type: application/dtmf-relay\n")
            .replacing("Content-Length: 0\n\n", with: "Content-Length: [len]\n\n\(body)\n\n")
    }
}
