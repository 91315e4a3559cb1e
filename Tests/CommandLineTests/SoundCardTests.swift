import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Sound cards that fail in the middle of a call: one half is told and leaves the other alone, and the call's control is unhurt.
    @Suite(
        "sound cards that fail in calls",
        .serialized,
        .enabled(if: FaultyCard.canBeMade, "needs a C compiler and libasound2-dev")
    )
    struct SoundCardTests {
        private static let talker = "+493023125009"
        private static let silent = "nothing has come from it for 2 s"
        private static let full = "it has taken nothing for 2 s"

        /// A service that knows the card.
        private final class Rig {
            let cards: TemporaryDirectory
            let card: FaultyCard
            let bench: Bench
            let service: ServiceUnderTest

            init(_ family: ModemFamily, modem: String = "", more: String = "") async throws {
                cards = try TemporaryDirectory()
                card = try #require(FaultyCard(in: cards))
                let settings = try cards.write("asound.conf", card.configuration.utf8)
                bench = try Bench([ModemProfile(family)]) {
                    $0.voices[SoundCardTests.talker] = SoundCallTests.saying("26485*")
                }
                service = try await ServiceUnderTest(
                    bench,
                    more: more,
                    modem: modem,
                    environment: ["ALSA_CONFIG_PATH=\(settings)"]
                )
                try await service.modems(are: "ready", count: 1)
            }

            func dial(_ audio: String) throws -> Program {
                try service.start([
                    "dial", SoundCardTests.talker, "--via", "direct", "--modem", "m0", "--audio", audio, "--format",
                    "json",
                ])
            }

            /// Digits go out, the hang-up is verified, and nothing is left of the call.
            func end(_ call: Program) async throws {
                let sent = try await service.run(["dtmf", "3"])
                #expect(sent.status == 0, "\(sent)")
                #expect(await waits { bench.calls(of: 0).last?.digits.contains("3") == true })
                let hungUp = try await service.run(["hangup"])
                #expect(hungUp.status == 0, "\(hungUp)")
                let result = await call.end()
                #expect(
                    result.output.last.map(isEvent("call.ended", ["outcome": .text("completed")])) == true,
                    "\(result)"
                )
                bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) == 0) }
            }

            func stop() async {
                _ = await service.stop()
                bench.stop()
            }
        }

        private static func told(_ state: String, _ endpoint: String, _ reason: String? = nil) -> (String) -> Bool {
            var fields: [String: Document] = ["state": .text(state), "endpoint": .text(endpoint)]
            if let reason { fields["reason"] = .text(reason) }
            return isEvent("call.audio", fields)
        }

        @Test(
            "a headset's half that stands still is told, and goes on; one that is gone leaves the other one; then the end is told"
        )
        func headset() async throws {
            let rig = try await Rig(.huawei)
            let call = try rig.dial("alsa:faulty")
            #expect(await call.output(where: Self.told("started", "alsa:faulty")) != nil)
            for (half, reason) in [(FaultyCard.Half.heard, Self.silent), (.played, Self.full)] {
                rig.card.order(.stands, half)
                #expect(await call.output(where: Self.told("stalled", "alsa:faulty", reason)) != nil)
                rig.card.order(.none, half)
                #expect(await call.output(where: Self.told("resumed", "alsa:faulty")) != nil)
            }
            rig.card.order(.gone, .heard)
            #expect(await call.output(where: Self.told("stalled", "alsa:faulty", Self.silent)) != nil)
            rig.card.order(.gone, .played)
            #expect(await call.output(where: Self.told("ended", "alsa:faulty")) != nil)
            try await rig.end(call)
            // Back in its place it is good for the next call.
            rig.card.order(.none, .heard, .played)
            let next = try rig.dial("alsa:faulty")
            #expect(await next.output(where: Self.told("started", "alsa:faulty")) != nil)
            try await rig.end(next)
            await rig.stop()
        }

        @Test("a caller whose ring is for the box's card is spoken with there, once the call is taken")
        func rings() async throws {
            let rig = try await Rig(.huawei, more: "incoming:\n  - { ring: [\"alsa:faulty\"], for: 100s }\n")
            let watch = try rig.service.start(["status", "--watch", "--format", "json"])
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            rig.bench.host.withWorld { world, now in
                _ = world.ring(modem: 0, from: Self.talker, at: now, givesUpAfter: .seconds(3600))
            }
            #expect(await watch.output(where: isEvent("call.ringing")) != nil)
            let answer = try await rig.service.run(["answer"])
            #expect(answer.status == 0, "\(answer)")
            #expect(await watch.output(where: Self.told("started", "alsa:faulty")) != nil)
            // It is this card that the caller hears.
            rig.card.order(.stands, .heard)
            #expect(await watch.output(where: Self.told("stalled", "alsa:faulty", Self.silent)) != nil)
            rig.card.order(.none, .heard)
            #expect(await watch.output(where: Self.told("resumed", "alsa:faulty")) != nil)
            let hungUp = try await rig.service.run(["hangup"])
            #expect(hungUp.status == 0, "\(hungUp)")
            #expect(await watch.output(where: isEvent("call.ended", ["outcome": .text("completed")])) != nil)
            rig.bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) == 0) }
            watch.send(SIGKILL)
            _ = await watch.end()
            await rig.stop()
        }

        @Test(
            "a modem's card that leaves the bus in a call is opened anew once; where it is not there, the reason is told",
            arguments: [true, false]
        )
        func modem(comesBack: Bool) async throws {
            let rig = try await Rig(.quectel, modem: "    audio: { way: alsa, device: faulty }\n")
            let path = rig.service.directory.path + "/out.wav"
            let call = try rig.dial("wav:,\(path)")
            #expect(await call.output(where: isEvent("call.audio", ["state": .text("started")])) != nil)
            rig.card.order(comesBack ? .leaves : .missing, .heard, .played)
            #expect(await call.output(where: Self.told("stalled", "modem")) != nil)
            if comesBack {
                #expect(await call.output(where: Self.told("resumed", "modem")) != nil)
                #expect(rig.bench.commands(of: 0).count { $0 == "AT+QPCMV=1,2" } == 2)
                var facts = stat()
                stat(path, &facts)
                let before = facts.st_size
                #expect(
                    await waits {
                        stat(path, &facts)
                        return facts.st_size > before
                    }
                )
            } else {
                let line = try #require(await call.output(where: Self.told("ended", "modem")))
                #expect(try Document(line)["reason"]?.text?.contains("faulty") == true, "\(line)")
            }
            try await rig.end(call)
            await rig.stop()
        }
    }
}
