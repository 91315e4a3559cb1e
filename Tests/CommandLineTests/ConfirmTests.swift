import ModemSimulator
import NetworkSimulator
import PBXSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Calls that are answered or placed for people: nobody is joined before the key.
    @Suite("a key before anybody is joined", .serialized) struct ConfirmTests {
        private static let pbxNumber = "+4922166966960"

        /// A service, and what it tells.
        private final class Rig {
            let bench: Bench
            let service: ServiceUnderTest
            let watch: Program

            init(_ bench: Bench, _ service: ServiceUnderTest) async throws {
                (self.bench, self.service) = (bench, service)
                try await service.modems(are: "ready", count: 1)
                watch = try service.start(["status", "--watch", "--format", "json"])
                _ = await watch.output { $0.contains("\"modems\"") }
            }

            func ring() -> Int? {
                bench.host.withWorld { world, now in world.ring(modem: 0, from: ConfirmTests.pbxNumber, at: now) }
            }

            func hangUp(_ call: Int?) {
                bench.host.withWorld { world, now in if let call { world.hangUpFarSide(call: call, at: now) } }
            }

            func event(_ name: String, _ fields: [String: Document] = [:]) async -> Document? {
                await watch.output(where: isEvent(name, fields)).flatMap { try? Document($0) }
            }

            func stop() async {
                watch.send(9)
                _ = await watch.end()
                _ = await service.stop()
                bench.stop()
            }
        }

        @Test("reverse by answering: who presses nothing is joined with nobody, the key joins")
        func answering() async throws {
            let peer = try AudioSocketPeer()
            let bench = try Bench([ModemProfile(.huawei)]) { $0.voices[Self.pbxNumber] = SoundCallTests.saying("2") }
            let pbx = """
                  other:
                    profile: dtmf
                    callthrough: { access_number: "+4922166966968" }
                    reverse: { ring_from: ["\(Self.pbxNumber)"], mode: answer, confirm: "1" }
                    audio: "audiosocket:\(peer.address)"

                """
            let rig = try await Rig(bench, try await ServiceUnderTest(bench, pbx: pbx))
            // The wrong key, and then nothing more.
            let first = rig.ring()
            #expect(await rig.event("call.dtmf", ["digit": .text("2")]) != nil)
            rig.hangUp(first)
            let ended = try #require(await rig.event("call.ended"))
            #expect(ended["outcome"]?.text == "no_answer", "\(ended)")
            #expect(ended["detail"]?.text?.contains("1 was not pressed") == true, "\(ended)")
            #expect(peer.kinds.isEmpty)
            bench.host.withWorld { world, _ in
                world.network.voices[Self.pbxNumber] = SoundCallTests.saying("1")
            }
            let second = rig.ring()
            #expect(await rig.event("call.dtmf", ["digit": .text("1")]) != nil)
            #expect(await rig.event("call.in_progress") != nil)
            peer.say(Array(repeatElement(SoundCallTests.sound("26485*"), count: 40).joined()))
            #expect(await waits { bench.calls(of: 0).last?.digits.contains("26485*") == true })
            rig.hangUp(second)
            #expect(await waits { peer.isOver })
            await rig.stop()
        }

        @Test("reverse by dialling back: people talk once the caller has pressed the key", arguments: [true, false])
        func diallingBack(presses: Bool) async throws {
            let bench = try Bench([ModemProfile(.quectel)]) { network in
                network.voices[Bench.accessNumber] = SoundCallTests.saying(presses ? "1" : "2")
            }
            let server = PBXServer(
                host: bench.host,
                configuration: PBXServer.Configuration(password: "s3cr3t-word", application: "cabin")
            )
            let url = try await server.start()
            let secrets = try TemporaryDirectory()
            try ServiceUnderTest.write("s3cr3t-word", to: secrets.path + "/ari")
            let pbx = """
                  asterisk:
                    profile: asterisk_ari
                    url: \(url)/ari
                    user: gsmbridge
                    password: { file: \(secrets.path)/ari }
                    app: cabin
                    callthrough: { access_number: "\(Bench.accessNumber)" }
                    reverse: { ring_from: ["\(Self.pbxNumber)"], mode: dial_back, confirm: "1" }

                """
            let rig = try await Rig(bench, try await ServiceUnderTest(bench, pbx: pbx))
            #expect(
                try await waits {
                    let status = try await rig.service.run(["status", "--format", "json"])
                    return status.output.first?.contains("\"open\"") == true
                }
            )
            let held = bench.host.withWorld { world, now in
                let number = world.pbx.settings.holdingNumbers.first ?? ""
                return world.callFromOutside(from: "+493055512345", to: number, givesUpAfter: nil, at: now)
            }
            #expect(await rig.event("call.dtmf", ["digit": .text(presses ? "1" : "2")]) != nil)
            if presses { #expect(await rig.event("call.in_progress") != nil) }
            if let held { bench.host.withWorld { world, now in world.outsideHangsUp(held, at: now) } }
            let ended = try #require(await rig.event("call.ended"))
            #expect(ended["outcome"]?.text == (presses ? "completed" : "no_answer"), "\(ended)")
            #expect(bench.calls(of: 0).count == 1)
            await rig.stop()
            await server.stop()
        }

        @Test(
            "callback: the target presses the key before anybody is joined with it, as the PBX's entry says or the command",
            arguments: [["1"], ["2"], ["1", "--confirm", "1", "--play"]]
        )
        func callingBack(_ words: [String]) async throws {
            let (caller, target) = ("+4922166966961", "+493023125009")
            let bench = try Bench([ModemProfile(.quectel)]) { $0.voices[caller] = SoundCallTests.saying(words[0]) }
            let server = PBXServer(host: bench.host)
            let url = try await server.start()
            let keys = words.count == 1 ? ", confirm: \"1\"" : ""
            let pbx = """
                  other:
                    profile: generic
                    url: \(url)
                    callback: { ring_from: ["\(caller)"]\(keys) }

                """
            let service = try await ServiceUnderTest(bench, pbx: pbx)
            try await service.modems(are: "ready", count: 1)
            var arguments = ["callback", target, "--pbx", "other", "--format", "json"] + words.dropFirst()
            if words.count > 1 {
                let path = service.directory.path + "/alarm.wav"
                try SoundCallTests.write(SoundCallTests.sound("77"), to: path)
                arguments.append(path)
            }
            let call = try service.start(arguments)
            let key = await call.output(where: isEvent("call.dtmf", ["digit": .text(words[0])]))
            #expect(key != nil)
            let presses = words[0] == "1"
            if presses { #expect(await call.output(where: isEvent("call.in_progress")) != nil) }
            // What was told and confirmed ends by itself.
            if words.count == 1 { _ = try await service.run(["hangup"]) }
            let result = await call.end()
            // Hung up by a person before the key.
            #expect(result.status == (presses ? 0 : 130), "\(result)")
            let names = try result.output.map { try Document($0).event }
            let (pressed, talks) = (names.firstIndex(of: "call.dtmf"), names.firstIndex(of: "call.in_progress"))
            #expect(presses ? pressed ?? .max < talks ?? -1 : talks == nil, "\(names)")
            bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) == 0) }
            _ = await service.stop()
            await server.stop()
            bench.stop()
        }

        @Test(
            "a rule that rings: who takes the call presses the key before it is answered",
            .enabled(if: Baresip.path != nil, "baresip is not installed")
        )
        func ringing() async throws {
            let house = try await PhoneHouse(modems: 1, more: Self.rule)
            let path = house.directory.path + "/key.wav"
            try SoundCallTests.write(Array(repeatElement(SoundCallTests.sound("1"), count: 60).joined()), to: path)
            let desk = try Baresip("desk", at: house.host, answers: true, says: path)
            try await house.registers("desk")
            let watch = try await house.watch()
            let ring = Self.ring(house)
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            // Sound goes the whole way behind it.
            #expect(await waits { house.bench.calls(of: 0).first?.digits.contains("1") == true })
            house.bench.host.withWorld { world, now in if let ring { world.hangUpFarSide(call: ring, at: now) } }
            let ended = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
            #expect(ended["outcome"]?.text == "completed", "\(ended)")
            await Self.stop(house, desk, watch)
        }

        @Test(
            "a mailbox that takes the call does not have it: no key in time, or it hangs up",
            .enabled(if: Baresip.path != nil, "baresip is not installed"),
            arguments: [false, true]
        )
        func mailbox(hangsUp: Bool) async throws {
            let house = try await PhoneHouse(modems: 1, more: Self.rule)
            let desk = try Baresip("desk", at: house.host, answers: true)
            try await house.registers("desk")
            let watch = try await house.watch()
            _ = Self.ring(house)
            if hangsUp {
                #expect(await desk.program.output { $0.contains("established") } != nil)
                await desk.stop()
            }
            let ended = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
            // As the rule says where nobody takes it; it was never answered, and has cost nothing.
            #expect(ended["outcome"]?.text == "rejected" && ended["seconds"]?.number == 0, "\(ended)")
            #expect(house.bench.calls(of: 0).allSatisfy { $0.answeredAt == nil && !$0.isLive })
            await Self.stop(house, hangsUp ? nil : desk, watch)
        }

        private static let rule = "incoming:\n  - { ring: [\"phone:desk\"], confirm: \"1\", for: 60s }\n"

        private static func ring(_ house: PhoneHouse) -> Int? {
            house.bench.host.withWorld { world, now in
                world.ring(modem: 0, from: "+4930555123", at: now, givesUpAfter: .seconds(90))
            }
        }

        private static func stop(_ house: PhoneHouse, _ phone: Baresip?, _ watch: Program) async {
            await phone?.stop()
            watch.send(9)
            _ = await watch.end()
            _ = await house.service.stop()
            house.bench.stop()
        }
    }
}
