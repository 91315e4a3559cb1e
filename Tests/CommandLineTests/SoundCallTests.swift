import FoundationEssentials
import Glibc
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import ModemSimulator

extension CommandLineTests {
    /// What people hear in calls that the service makes and takes: decoded at the far side, and in what was written here.
    @Suite("what is heard in calls", .serialized) struct SoundCallTests {
        static let talker = "+493023125009"
        static let second = "+4930123456"
        private static let mailbox = "+493023125005"
        static let caller = "+491719990001"

        /// Digits as sound, with a second of silence behind them.
        static func sound(_ digits: String) -> [Int16] {
            let voice = FarVoice.digits(digits, after: .milliseconds(100))
            return (0..<digits.count * 1600 + 9600).map { voice.sample($0, heard: []) }
        }

        /// Who says digits again and again: on a busy machine sound may have a gap, which is no fault, and what is waited for comes again.
        static func saying(_ digits: String) -> FarVoice { .recording(sound(digits), isRepeated: true) }

        /// The digits in a sound.
        static func digits(in samples: [Int16]) -> String {
            var ear = DigitEar()
            return String(ear.hear(samples))
        }

        static func write(_ samples: [Int16], to path: String) throws {
            func bytes(_ number: Int, _ count: Int) -> [UInt8] {
                (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            }
            var file = Array("RIFF".utf8) + bytes(36 + 2 * samples.count, 4) + Array("WAVEfmt ".utf8) + bytes(16, 4)
            file += bytes(1, 2) + bytes(1, 2) + bytes(8000, 4) + bytes(16_000, 4) + bytes(2, 2) + bytes(16, 2)
            file += Array("data".utf8) + bytes(2 * samples.count, 4) + samples.flatMap { bytes(Int($0), 2) }
            try Data(file).write(to: URL(filePath: path))
        }

        private static func read(_ path: String) throws -> [Int16] {
            let file = Array(try Data(contentsOf: URL(filePath: path)))
            return stride(from: 44, to: file.count - 1, by: 2)
                .map { Int16(truncatingIfNeeded: Int(file[$0]) | Int(file[$0 + 1]) << 8) }
        }

        /// A service on modems with voice ttys, ready to call.
        static func service(
            modems: Int = 1,
            _ family: ModemFamily = .huawei,
            gateway: String = "",
            more: String = "",
            files: [String: String] = [:],
            limit: Duration = .seconds(1200),
            _ change: (inout SimulatedNetwork) -> Void = { _ in }
        ) async throws -> (Bench, ServiceUnderTest) {
            let bench = try Bench((0..<modems).map { ModemProfile(family, number: $0) }, isLinked: true, change)
            let service = try await ServiceUnderTest(bench, more: more, gateway: gateway, files: files, limit: limit)
            try await service.modems(are: "ready", count: modems)
            return (bench, service)
        }

        /// One that answers as a mailbox does, and hangs up.
        private static func presses(nothingFor duration: Duration) -> NumberBehaviour {
            .hangUp(alerting: .milliseconds(100), answer: .milliseconds(200), afterAnswered: duration)
        }

        /// A file to be told to people.
        private static func alarm(for service: ServiceUnderTest) throws -> String {
            let path = service.directory.path + "/alarm.wav"
            try write(sound("77"), to: path)
            return path
        }

        static func direct(_ number: String, _ more: String...) -> [String] {
            ["dial", number, "--via", "direct", "--modem", "m0", "--format", "json"] + more
        }

        @Test(
            "wav: what is in the file is heard there, and what they say is in the other file",
            arguments: [ModemFamily.huawei, .simcom, .quectel]
        )
        func wave(_ family: ModemFamily) async throws {
            let (bench, service) = try await Self.service(family) { $0.voices[Self.talker] = Self.saying("26485*") }
            defer { bench.stop() }
            let (played, recorded) = (service.directory.path + "/in.wav", service.directory.path + "/out.wav")
            try Self.write(Array(repeatElement(Self.sound("1590#"), count: 40).joined()), to: played)
            let call = try service.start(Self.direct(Self.talker, "--audio", "wav:\(played),\(recorded)"))
            #expect(await waits { bench.calls(of: 0).first?.digits.contains("1590#") == true })
            #expect(try await waits { Self.digits(in: try Self.read(recorded)).contains("26485*") })
            call.send(SIGINT)
            let result = await call.end()
            let events = try result.output.map { try Document($0) }
            // On a busy machine it may stand still meanwhile.
            let states = events.filter { $0.event == "call.audio" }.map { $0["state"]?.text }
            #expect(states.first == "started" && states.last == "ended")
            let quality = try #require(events.first { $0.event == "call.quality" }, "\(result)")
            #expect(quality["leg"]?.text == "m0")
            _ = await service.stop()
        }

        @Test(
            "audiosocket: sound goes both ways by Asterisk's protocol; either side's hang-up is the other's",
            arguments: [true, false]
        )
        func audioSocket(peerEnds: Bool) async throws {
            let (bench, service) = try await Self.service { $0.voices[Self.talker] = Self.saying("1590#") }
            defer { bench.stop() }
            let peer = try AudioSocketPeer()
            let uuid = "40325ec2-5efd-4bd3-805f-53576e581d13"
            let call = try service.start(Self.direct(Self.talker, "--audio", "audiosocket:\(peer.address)/\(uuid)"))
            let started = await call.output(where: isEvent("call.audio", ["state": .text("started")]))
            #expect(started != nil)
            peer.say(Array(repeatElement(Self.sound("26485*"), count: 40).joined()))
            #expect(await waits { bench.calls(of: 0).first?.digits.contains("26485*") == true })
            #expect(await waits { Self.digits(in: peer.heard).contains("1590#") })
            #expect(
                peer.uuid.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                    == uuid.filter { $0 != "-" }
            )
            if peerEnds {
                peer.hangUp()
            } else {
                bench.host.withWorld { world, now in world.hangUpFarSide(call: 1, at: now) }
            }
            let result = await call.end()
            #expect(result.status == 0, "\(result)")
            #expect(await waits { peer.isOver })
            // The UUID first, then sound, and a hang-up where it is ours.
            #expect(Array(peer.kinds.prefix(2)) == [0x01, 0x10] && (peerEnds || peer.kinds.last == 0x00))
            bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) == 0) }
            _ = await service.stop()
        }

        @Test("a server that never reads costs the other half nothing")
        func neverReads() async throws {
            let (bench, service) = try await Self.service { $0.voices[Self.talker] = Self.saying("1590#") }
            defer { bench.stop() }
            let peer = try AudioSocketPeer(reads: false)
            peer.say(Array(repeatElement(Self.sound("26485*"), count: 60).joined()))
            let call = try service.start(Self.direct(Self.talker, "--audio", "audiosocket:\(peer.address)"))
            let full = "it has taken nothing for 2 s"
            #expect(await call.output(where: isEvent("call.audio", ["reason": .text(full)])) != nil)
            let before = bench.calls(of: 0).first?.digits.count ?? 0
            #expect(await waits { bench.calls(of: 0).first.map { $0.digits.count > before + 8 } == true })
            call.send(SIGINT)
            _ = await call.end()
            _ = await service.stop()
        }

        @Test("a server that can't be reached, and a card that is not there, are found before anybody is called")
        func unreachable() async throws {
            let (bench, service) = try await Self.service()
            defer { bench.stop() }
            let server = try await service.run(Self.direct(Self.talker, "--audio", "audiosocket:127.83.9.1:9"))
            #expect(server.status == 40, "\(server)")
            #expect(server.output.contains { isEvent("call.ended", ["outcome": .text("pbx_unreachable")])($0) })
            let card = try await service.run(Self.direct(Self.talker, "--audio", "alsa:nosuch"))
            #expect(card.status == 64, "\(card)")
            #expect(bench.calls(of: 0).isEmpty)
            _ = await service.stop()
        }

        @Test("a reload takes the voicemail and the listener for AudioSocket whole")
        func reload() async throws {
            let (bench, service) = try await Self.service { $0.voices[Self.caller] = Self.saying("4213") }
            defer { bench.stop() }
            let text = String(decoding: try Data(contentsOf: URL(filePath: service.configuration)), as: UTF8.self)
            let more = "\naudiosocket:\n  listen: 127.83.9.2:9092\n"
            let changed = text.replacing("  name: test\n", with: "  name: test\n  unknown_callers: voicemail\n") + more
            try ServiceUnderTest.write(changed, to: service.configuration)
            service.program.send(SIGHUP)
            #expect(await service.program.error { $0.contains("AudioSocket listens on") } != nil)
            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { $0.contains("\"modems\"") }
            let ring = bench.host.withWorld { world, now in world.ring(modem: 0, from: Self.caller, at: now) }
            let started = try Document(try #require(await watch.output(where: isEvent("call.audio"))))
            let path = "\(service.directory.path)/state/voicemail/\(started["call"]?.text ?? "").wav"
            #expect(try await waits { Self.digits(in: try Self.read(path)).contains("4213") })
            bench.host.withWorld { world, now in if let ring { world.hangUpFarSide(call: ring, at: now) } }
            #expect(await watch.output(where: isEvent("call.ended")) != nil)
            watch.send(SIGKILL)
            _ = await service.stop()
        }

        @Test("modem: two sticks are joined, each far side hears the other one, and one end is both")
        func joined() async throws {
            let (bench, service) = try await Self.service(modems: 2) { network in
                network.voices[Self.talker] = Self.saying("1590#")
                network.voices[Self.second] = Self.saying("26485*")
            }
            defer { bench.stop() }
            let call = try service.start(Self.direct(Self.talker, "--audio", "modem:m1/\(Self.second)"))
            let joined = await call.output(where: isEvent("call.joined"))
            #expect(joined != nil)
            #expect(await waits { bench.calls(of: 1).first?.digits.contains("1590#") == true })
            #expect(await waits { bench.calls(of: 0).first?.digits.contains("26485*") == true })
            let second = bench.calls(of: 1).first?.id
            bench.host.withWorld { world, now in if let second { world.hangUpFarSide(call: second, at: now) } }
            let result = await call.end()
            #expect(result.status == 0, "\(result)")
            let live = bench.host.withWorld { world, _ in world.liveCalls(of: 0) + world.liveCalls(of: 1) }
            #expect(live == 0)
            let list = try await service.log(ended: 2)
            #expect(list.output.count == 2 && list.output.allSatisfy { $0.contains("\"completed\"") }, "\(list)")
            _ = await service.stop()
        }

        @Test("--confirm: only the key makes it a call that was reached; a mailbox never is")
        func confirm() async throws {
            let (bench, service) = try await Self.service { network in
                network.voices[Self.talker] = Self.saying("91")
                network.subscribers[Self.mailbox] = Self.presses(nothingFor: .seconds(10))
            }
            defer { bench.stop() }
            let played = try Self.alarm(for: service)
            let reached = try await service.run(Self.direct(Self.talker, "--confirm", "1", "--play", played))
            #expect(reached.status == 0, "\(reached)")
            let events = try reached.output.map { try Document($0) }
            let key = events.firstIndex { $0.event == "call.dtmf" && $0["digit"]?.text == "1" }
            let progress = events.firstIndex { $0.event == "call.in_progress" }
            #expect(try #require(key) < #require(progress), "\(events)")
            let mailbox = try await service.run(Self.direct(Self.mailbox, "--confirm", "1", "--play", played))
            #expect(mailbox.status == 11, "\(mailbox)")
            #expect(!mailbox.output.contains { $0.contains("call.in_progress") })
            // It was told what there is to tell, all the same.
            let heard = bench.calls(of: 0).last
                .map { call in bench.host.withWorld { world, _ in world.heard(call: call.id) } }
            #expect(heard?.contains { abs(Int($0)) > 1000 } == true)
            _ = await service.stop()
        }

        @Test("--until-answered: one number behind the other, until somebody confirms; nobody is called after that")
        func chain() async throws {
            let (bench, service) = try await Self.service { network in
                network.voices[Self.talker] = Self.saying("1")
                network.subscribers[Self.mailbox] = Self.presses(nothingFor: .seconds(2))
            }
            defer { bench.stop() }
            let played = try Self.alarm(for: service)
            let row = ["+493023125001", Self.mailbox, Self.talker, Self.second]
            let result = try await service.run([
                "dial", "--until-answered", row.joined(separator: ","), "--via", "direct", "--modem", "m0", "--confirm",
                "1",
                "--play", played,
            ])
            #expect(result.status == 0, "\(result)")
            #expect(bench.calls(of: 0).map(\.number) == Array(row.prefix(3)))
            let nobody = try await service.run([
                "dial", "--until-answered", "+493023125001,\(Self.mailbox)", "--via", "direct", "--modem", "m0",
                "--confirm", "1",
            ])
            #expect(nobody.status == 11, "\(nobody)")
            // A slip behind a good number: nobody is called at all.
            let before = bench.calls(of: 0).count
            for slip in ["xyz", "+4"] {
                let wrong = try await service.run([
                    "dial", "--until-answered", "\(Self.talker),\(slip)", "--via", "direct", "--modem", "m0",
                ])
                #expect(wrong.status == 64, "\(wrong)")
            }
            #expect(bench.calls(of: 0).count == before)
            _ = await service.stop()
        }

        @Test(
            "record: who is recorded hears a notice first, and what was said is in the file; status shows levels meanwhile"
        )
        func record() async throws {
            let (bench, service) = try await Self.service { $0.voices[Self.talker] = Self.saying("1590#") }
            defer { bench.stop() }
            let path = service.directory.path + "/record.wav"
            let call = try service.start(Self.direct(Self.talker, "--audio", "record:\(path)"))
            #expect(await call.output(where: isEvent("call.audio", ["state": .text("started")])) != nil)
            #expect(try await waits { Self.digits(in: try Self.read(path)).contains("1590#") })
            let status = try await service.run(["status", "--format", "json"])
            let shown = try Document(try #require(status.output.first))["calls"]?.list?.first?["audio"]
            #expect(shown?["endpoint"]?.text == "record:\(path)", "\(status)")
            #expect((shown?["level_in_dbfs"]?.number ?? -96) > -60, "\(status)")
            call.send(SIGINT)
            _ = await call.end()
            // The notice: nothing else was played.
            let heard = bench.host.withWorld { world, _ in world.heard(call: 1) }
            #expect(heard.contains { abs(Int($0)) > 1000 })
            _ = await service.stop()
        }

        @Test("voicemail: a caller whom nobody expects is answered, asked, and recorded")
        func voicemail() async throws {
            let (bench, service) = try await Self.service(gateway: "  unknown_callers: voicemail") { network in
                network.voices[Self.caller] = Self.saying("4213")
            }
            defer { bench.stop() }
            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { $0.contains("\"modems\"") }
            let ring = bench.host.withWorld { world, now in world.ring(modem: 0, from: Self.caller, at: now) }
            let started = try Document(try #require(await watch.output(where: isEvent("call.audio"))))
            let path = "\(service.directory.path)/state/voicemail/\(started["call"]?.text ?? "").wav"
            #expect(try await waits { Self.digits(in: try Self.read(path)).contains("4213") })
            bench.host.withWorld { world, now in if let ring { world.hangUpFarSide(call: ring, at: now) } }
            let ended = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
            #expect(ended["outcome"]?.text == "completed")
            watch.send(SIGKILL)
            _ = await service.stop()
        }
    }
}
