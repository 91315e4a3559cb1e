import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What rings on a modem rings phones that others wrote.
    @Suite(
        "calls to people",
        .serialized,
        .enabled(if: Baresip.path != nil, "baresip is not installed")
    )
    struct PeopleTests {
        private func watch(_ house: PhoneHouse) async throws -> Program {
            let watch = try house.service.start(["status", "--watch", "--format", "json"])
            // Once it shows the status it hears every event.
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            return watch
        }

        private func ring(_ house: PhoneHouse) {
            house.bench.host.withWorld { world, now in
                _ = world.ring(modem: 0, from: "+4930555123", at: now, givesUpAfter: .seconds(90))
            }
        }

        @Test("the phone that answers first has the call, and when it hangs up the modem does")
        func taken() async throws {
            let house = try await PhoneHouse(
                modems: 1,
                more: "incoming:\n  - { ring: [\"phone:desk\", \"phone:hall\"] }\n"
            )
            let desk = try Baresip("desk", at: house.host, answers: true)
            let hall = try Baresip("hall", at: house.host)
            try await house.registers("desk")
            try await house.registers("hall")
            let watch = try await watch(house)
            ring(house)
            #expect(await watch.output(where: isEvent("call.ringing")) != nil)
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            #expect(await watch.output(where: isEvent("call.audio", ["state": .text("started")])) != nil)
            #expect(house.bench.calls(of: 0).count == 1)
            await desk.stop()
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            #expect(await waits { house.bench.calls(of: 0).allSatisfy { !$0.isLive } })
            await hall.stop()
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("a phone of a later step rings beside the first, takes the call, and the first stops")
        func steps() async throws {
            let house = try await PhoneHouse(
                modems: 1,
                more:
                    "incoming:\n  - { ring: [\"phone:desk\"], then: [{ after: 2s, ring: [\"phone:hall\"] }], for: 60s }\n"
            )
            let desk = try Baresip("desk", at: house.host)
            let hall = try Baresip("hall", at: house.host, answers: true)
            try await house.registers("desk")
            try await house.registers("hall")
            let watch = try await watch(house)
            ring(house)
            let ringing = try Document(try #require(await watch.output(where: isEvent("call.ringing"))))
            let connected = try Document(try #require(await watch.output(where: isEvent("call.connected"))))
            // Answering by itself, it was not rung before its time.
            let times = try [ringing, connected].map { try #require($0["at"]?.text.flatMap { Self.seconds($0) }) }
            let passed = (times[1] - times[0] + 60).truncatingRemainder(dividingBy: 60)
            #expect(passed > 1.8, "\(ringing) \(connected)")
            let sound = await watch.output(
                where: isEvent("call.audio", ["state": .text("started"), "endpoint": .text("phone:hall")])
            )
            #expect(sound != nil)
            // The first one's call is over, while the other talks.
            #expect(await waits { (try? await Self.calls(of: "desk", house)) == 0 })
            #expect(try await Self.calls(of: "hall", house) == 1)
            await hall.stop()
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            await desk.stop()
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        /// The seconds within a minute of an event's time.
        private static func seconds(_ stamp: String) -> Double? {
            stamp.split(separator: ":").last.flatMap { Double($0.dropLast()) }
        }

        /// How many calls a phone has.
        private static func calls(of phone: String, _ house: PhoneHouse) async throws -> Int? {
            let listed = try await house.service.run(["phones", "--format", "json"])
            let row = try listed.output.map { try Document($0) }.first { $0["name"]?.text == phone }
            return row?["calls"]?.number.map { Int($0) }
        }

        @Test(
            "who is at the box takes the call, and a phone that rings hears that it was answered elsewhere",
            arguments: ["browser"]
        )
        func atBox(who: String) async throws {
            let house = try await PhoneHouse(
                modems: 1,
                more: "incoming:\n  - { ring: [\"phone:desk\", \"\(who)\"], for: 100s }\n"
            )
            let desk = try Baresip("desk", at: house.host)
            try await house.registers("desk")
            let watch = try await watch(house)
            let trace = try house.service.start(["sip", "trace"])
            #expect(await trace.error { $0.contains("listening") } != nil)
            ring(house)
            #expect(await trace.output { $0.contains("SIP/2.0 180") } != nil)
            let answer = try await house.service.run(["answer"])
            #expect(answer.status == 0, "\(answer)")
            #expect(await trace.output { $0.contains("Reason: SIP;cause=200") } != nil)
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            await desk.stop()
            let hungUp = try await house.service.run(["hangup"])
            #expect(hungUp.status == 0, "\(hungUp)")
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            trace.send(SIGKILL)
            _ = await trace.end()
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("who is at the page is waited for where no phone can be rung, until the time is over")
        func page() async throws {
            let house = try await PhoneHouse(
                modems: 1,
                more: "incoming:\n  - { ring: [\"phone:desk\", browser], for: 5s, else: reject }\n"
            )
            let watch = try await watch(house)
            ring(house)
            let ringing = try Document(try #require(await watch.output(where: isEvent("call.ringing"))))
            let ended = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
            let times = try [ringing, ended].map { try #require($0["at"]?.text.flatMap { Self.seconds($0) }) }
            #expect((times[1] - times[0] + 60).truncatingRemainder(dividingBy: 60) > 4.5, "\(ringing) \(ended)")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("where nobody of a rule can be rung, who stands behind else is rung at once")
        func another() async throws {
            let house = try await PhoneHouse(
                modems: 1,
                more: "incoming:\n  - { ring: [\"phone:desk\"], else: phone:hall }\n"
            )
            let hall = try Baresip("hall", at: house.host, answers: true)
            try await house.registers("hall")
            let watch = try await watch(house)
            ring(house)
            // Who has it hangs up once there is sound to hang up.
            #expect(await watch.output(where: isEvent("call.audio", ["state": .text("started")])) != nil)
            await hall.stop()
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test(
            "a phone that speaks Opus alone hears the caller, and is heard",
            .enabled(if: Baresip.path != nil, "baresip is not installed")
        )
        func opus() async throws {
            let house = try await PhoneHouse(
                modems: 1,
                desk: ", codecs: [opus, pcma]",
                more: "incoming:\n  - { ring: [\"phone:desk\"] }\n"
            )
            house.bench.host.withWorld { world, _ in
                world.network.voices["+4930555123"] = SoundCallTests.saying("4213")
            }
            // It says what it hears.
            let desk = try Baresip("desk", at: house.host, answers: true, codec: "opus")
            try await house.registers("desk")
            ring(house)
            #expect(await waits { house.bench.calls(of: 0).first?.digits.contains("4213") == true })
            let hungUp = try await house.service.run(["hangup"])
            #expect(hungUp.status == 0, "\(hungUp)")
            await desk.stop()
            _ = await house.service.stop()
        }

        @Test("a person at the box may answer while phones ring: they stop, and the call goes on")
        func answered() async throws {
            let house = try await PhoneHouse(modems: 1, more: "incoming:\n  - { ring: [\"phone:desk\"], for: 110s }\n")
            let desk = try Baresip("desk", at: house.host)
            try await house.registers("desk")
            let watch = try await watch(house)
            ring(house)
            let ringing = try #require(await watch.output(where: isEvent("call.ringing")))
            let call = try #require(try Document(ringing)["call"]?.text)
            let answer = try await house.service.run(["answer", call])
            #expect(answer.status == 0, "\(answer)")
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            // What is sent in it is sent only while it is up.
            let tones = try await house.service.run(["dtmf", call, "12"])
            #expect(tones.status == 0, "\(tones)")
            let end = try await house.service.run(["hangup", call])
            #expect(end.status == 0, "\(end)")
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            await desk.stop()
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("where nobody can be rung, a rule may have the caller leave a message")
        func message() async throws {
            let house = try await PhoneHouse(
                modems: 1,
                more: "incoming:\n  - { ring: [\"phone:desk\"], else: voicemail }\n"
            )
            let watch = try await watch(house)
            ring(house)
            let talking = try #require(await watch.output(where: isEvent("call.in_progress")))
            let call = try #require(try Document(talking)["call"]?.text)
            #expect(await watch.output(where: isEvent("call.audio", ["state": .text("started")])) != nil)
            let end = try await house.service.run(["hangup", call])
            #expect(end.status == 0, "\(end)")
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            let file = house.service.directory.path + "/state/voicemail/\(call).wav"
            #expect(access(file, F_OK) == 0, "no message at \(file)")
            #expect(await waits { house.bench.calls(of: 0).allSatisfy { !$0.isLive } })
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("when nobody answers in time the caller is refused, and where nobody can be rung at once")
        func nobody() async throws {
            let house = try await PhoneHouse(modems: 1, more: "incoming:\n  - { ring: [\"phone:desk\"], for: 5s }\n")
            let watch = try await watch(house)
            ring(house)
            let first = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(first)["by"]?.text == "local", "\(first)")
            let desk = try Baresip("desk", at: house.host)
            try await house.registers("desk")
            try await house.service.modems(are: "ready", count: 1)
            ring(house)
            let second = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(second)["by"]?.text == "local", "\(second)")
            #expect(await waits { house.bench.calls(of: 0).allSatisfy { !$0.isLive } })
            await desk.stop()
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }
    }
}
