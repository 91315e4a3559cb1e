import FoundationEssentials
import Glibc
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import ModemSimulator

extension CommandLineTests {
    /// What goes wrong with the sound of a call that the service makes: it is told, it comes back where it can, and the call's control
    /// is unhurt.
    @Suite("sound that fails") struct SoundFaultTests {
        struct Row: Sendable {
            let fault: String
            /// What is told, in this order; more may come between.
            let states: [String]
            /// Whether what the far side says is heard in the end.
            let isHeard: Bool
            /// Whether the far side hears us in the end.
            let isSpoken: Bool
        }

        private static let talker = "+493023125009"

        static let rows = [
            Row(fault: "voice-stall:100ms", states: ["started"], isHeard: true, isSpoken: true),
            Row(fault: "voice-stall:2s", states: ["started"], isHeard: true, isSpoken: true),
            Row(fault: "voice-stall:4s", states: ["started", "stalled", "resumed"], isHeard: true, isSpoken: true),
            Row(fault: "voice-sticks", states: ["started", "stalled", "resumed"], isHeard: true, isSpoken: true),
            Row(fault: "voice-dead-downlink", states: ["started", "stalled"], isHeard: false, isSpoken: true),
            Row(fault: "voice-dead-uplink", states: ["started", "stalled"], isHeard: true, isSpoken: false),
            Row(fault: "voice-odd-byte", states: ["started"], isHeard: true, isSpoken: true),
            Row(fault: "voice-stale:300ms", states: ["started"], isHeard: true, isSpoken: true),
            Row(fault: "voice-unplug:5s", states: ["started", "stalled"], isHeard: false, isSpoken: false),
            Row(fault: "voice-refused", states: ["ended"], isHeard: false, isSpoken: false),
        ]

        /// All rows on Huawei's way; of the other ways over a tty of its own, SIMCom's and Quectel's in place of NMEA, those that
        /// the family's own arming and remedy decide.
        static let cases: [(ModemFamily, Row)] =
            rows.map { (.huawei, $0) }
            + [ModemFamily.simcom, .quectel]
            .flatMap { family in
                rows.filter { ["voice-stall:4s", "voice-dead-downlink"].contains($0.fault) }.map { (family, $0) }
            }

        @Test(
            "each is told as it is, digits go out, the hang-up is verified, and the next call is made",
            arguments: cases
        )
        func faults(_ family: ModemFamily, _ row: Row) async throws {
            let name: Comment = "\(family.rawValue), \(row.fault)"
            var profile = ModemProfile(family)
            profile.faults = [try SimulatedFault(parsing: row.fault)]
            let bench = try Bench([profile], isLinked: true) {
                $0.voices[Self.talker] = SoundCallTests.saying("26485*")
            }
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let (played, recorded) = (service.directory.path + "/in.wav", service.directory.path + "/out.wav")
            try SoundCallTests.write(
                Array(repeatElement(SoundCallTests.sound("1590#"), count: 300).joined()),
                to: played
            )
            let call = try service.start([
                "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "wav:\(played),\(recorded)",
                "--format",
                "json",
            ])
            for state in row.states {
                #expect(
                    await call.output(where: isEvent("call.audio", ["state": .text(state)])) != nil,
                    "\(name): \(state)"
                )
            }
            if row.isHeard {
                // Anew, from here on.
                #expect(await call.output(where: isEvent("call.dtmf", ["digit": .text("*")])) != nil, name)
            }
            // They are said for minutes; a busy machine tears a tone now and then.
            if row.isSpoken {
                #expect(
                    await waits {
                        let digits = bench.calls(of: 0).first?.digits ?? ""
                        return ["1590#", "590#", "1590", "59", "90#"].contains { digits.contains($0) }
                    },
                    name
                )
            }
            // The modem's own digits go their own way.
            let sent = try await service.run(["dtmf", "3"])
            #expect(sent.status == 0, "\(name): \(sent)")
            #expect(await waits { bench.calls(of: 0).first?.digits.contains("3") == true }, name)
            let hungUp = try await service.run(["hangup"])
            #expect(hungUp.status == 0, "\(name): \(hungUp)")
            let result = await call.end()
            #expect(
                result.output.last.map(isEvent("call.ended", ["outcome": .text("completed")])) == true,
                "\(name): \(result)"
            )
            let live = bench.host.withWorld { world, _ in world.liveCalls(of: 0) }
            #expect(live == 0, name)
            let next = try await service.run(
                ["dial", Bench.target, "--via", "direct", "--modem", "m0", "--audio", "none"]
            )
            #expect(next.status == 0, "\(name): \(next)")
            _ = await service.stop()
        }

        @Test(
            "a SIMCom stick that refuses its sound, at all or at the first try, is restarted between its calls, and makes the next one",
            arguments: ["voice-refused", "voice-worn"]
        )
        func restarted(_ fault: String) async throws {
            var profile = ModemProfile(.simcom)
            profile.faults = [try SimulatedFault(parsing: fault)]
            let bench = try Bench([profile], isLinked: true) {
                $0.voices[Self.talker] = SoundCallTests.saying("26485*")
            }
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let isRefused = fault == "voice-refused"
            // One that wears out is sound in its first call.
            for number in 0..<(isRefused ? 1 : 2) {
                let path = service.directory.path + "/out\(number).wav"
                let call = try service.start([
                    "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "wav:,\(path)", "--format",
                    "json",
                ])
                let state = isRefused ? "ended" : "started"
                #expect(await call.output(where: isEvent("call.audio", ["state": .text(state)])) != nil)
                #expect(!bench.commands(of: 0).contains("AT+CRESET"), "in call \(number)")
                let hungUp = try await service.run(["hangup"])
                #expect(hungUp.status == 0, "\(hungUp)")
                _ = await call.end()
            }
            #expect(await waits { bench.commands(of: 0).contains("AT+CRESET") })
            // It waits for the modem, which is back by then.
            let next = try await service.run(
                ["dial", Bench.target, "--via", "direct", "--modem", "m0", "--audio", "none", "--format", "json"]
            )
            #expect(next.status == 0, "\(next)")
            try await service.modems(are: "ready", count: 1)
            let path = service.directory.path + "/last.wav"
            let last = try service.start([
                "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "wav:,\(path)", "--format", "json",
            ])
            let heard = isRefused ? nil : await last.output(where: isEvent("call.dtmf", ["digit": .text("*")]))
            #expect(isRefused || heard != nil)
            if isRefused {
                #expect(await last.output(where: isEvent("call.audio", ["state": .text("ended")])) != nil)
            } else {
                let since = bench.commands(of: 0).split(separator: "AT+CRESET").last ?? []
                #expect(since.count { $0 == "AT+CPCMREG=1" } == 1, "it is sound again: \(since)")
            }
            _ = try await service.run(["hangup"])
            _ = await last.end()
            // Once an hour, and no call is kept waiting for a stick that is slow rather than worn.
            #expect(bench.commands(of: 0).count { $0 == "AT+CRESET" } == 1)
            bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) == 0) }
            _ = await service.stop()
        }

        @Test("a modem whose sound card is not there: that is told, and its calls are made")
        func card() async throws {
            let device = "nosuchcard"
            let bench = try Bench([ModemProfile(.quectel)])
            defer { bench.stop() }
            let audio = "    audio: { way: alsa, device: \"\(device)\" }\n"
            let service = try await ServiceUnderTest(bench, modem: audio)
            try await service.modems(are: "ready", count: 1)
            let path = service.directory.path + "/out.wav"
            let call = try service.start([
                "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "wav:,\(path)", "--format", "json",
            ])
            let told = try #require(await call.output(where: isEvent("call.audio", ["state": .text("ended")])))
            #expect(try Document(told)["reason"]?.text?.contains(device) == true, "\(told)")
            #expect(await waits { bench.calls(of: 0).first?.answeredAt != nil })
            let sent = try await service.run(["dtmf", "3"])
            #expect(sent.status == 0, "\(sent)")
            #expect(await waits { bench.calls(of: 0).first?.digits.contains("3") == true })
            let hungUp = try await service.run(["hangup"])
            #expect(hungUp.status == 0, "\(hungUp)")
            let result = await call.end()
            #expect(result.output.last.map(isEvent("call.ended", ["outcome": .text("completed")])) == true, "\(result)")
            let live = bench.host.withWorld { world, _ in world.liveCalls(of: 0) }
            #expect(live == 0)
            _ = await service.stop()
        }

        @Test(
            "the whole stick is pulled out while people talk: the sound ends with the call, and both begin anew with the stick"
        )
        func pulledOut() async throws {
            let (bench, service) = try await SoundCallTests.service {
                $0.voices[Self.talker] = SoundCallTests.saying("26485*")
            }
            defer { bench.stop() }
            let path = service.directory.path + "/out.wav"
            let arguments = [
                "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "wav:,\(path)", "--format", "json",
            ]
            let call = try service.start(arguments)
            #expect(await call.output(where: isEvent("call.dtmf", ["digit": .text("*")])) != nil)
            bench.host.withWorld { world, now in world.unplug(0, at: now) }
            let result = await call.end()
            #expect(result.status == 21, "\(result)")
            bench.host.withWorld { world, now in world.replug(0, at: now) }
            try await service.modems(are: "ready", count: 1)
            #expect(await waits { bench.host.withWorld { world, _ in world.liveCalls(of: 0) } == 0 })
            let next = try service.start(arguments)
            #expect(await next.output(where: isEvent("call.dtmf", ["digit": .text("*")])) != nil)
            next.send(SIGINT)
            _ = await next.end()
            _ = await service.stop()
        }

        @Test("the recording's place is lost while it is written: what was heard is kept, and the call goes on")
        func lostFile() async throws {
            let (bench, service) = try await SoundCallTests.service {
                $0.voices[Self.talker] = SoundCallTests.saying("26485*")
            }
            defer { bench.stop() }
            let path = service.directory.path + "/out.wav"
            let call = try service.start([
                "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "record:\(path)", "--format",
                "json",
            ])
            #expect(await call.output(where: isEvent("call.dtmf", ["digit": .text("*")])) != nil)
            unlink(path)
            #expect(await call.output(where: isEvent("call.dtmf", ["digit": .text("*")])) != nil)
            let hungUp = try await service.run(["hangup"])
            #expect(hungUp.status == 0, "\(hungUp)")
            let result = await call.end()
            #expect(result.output.last.map(isEvent("call.ended", ["outcome": .text("completed")])) == true, "\(result)")
            _ = await service.stop()
        }

        @Test("an AudioSocket server that goes without a word ends the call")
        func vanishes() async throws {
            let (bench, service) = try await SoundCallTests.service()
            defer { bench.stop() }
            let peer = try AudioSocketPeer()
            let call = try service.start([
                "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "audiosocket:\(peer.address)",
                "--format", "json",
            ])
            #expect(await call.output(where: isEvent("call.audio", ["state": .text("started")])) != nil)
            peer.hangUp()
            let result = await call.end()
            #expect(result.output.contains { isEvent("call.audio", ["state": .text("ended")])($0) }, "\(result)")
            let live = bench.host.withWorld { world, _ in world.liveCalls(of: 0) }
            #expect(live == 0)
            _ = await service.stop()
        }

        @Test("an AudioSocket server that speaks garbage ends the call, and is told")
        func garbage() async throws {
            let (bench, service) = try await SoundCallTests.service()
            defer { bench.stop() }
            let peer = try AudioSocketPeer(saying: Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            let garbage = try await service.run([
                "dial", Self.talker, "--via", "direct", "--modem", "m0", "--audio", "audiosocket:\(peer.address)",
                "--format", "json",
            ])
            #expect(garbage.output.contains { isEvent("call.audio", ["state": .text("ended")])($0) }, "\(garbage)")
            #expect(await waits { peer.isOver })
            let live = bench.host.withWorld { world, _ in world.liveCalls(of: 0) }
            #expect(live == 0)
            _ = await service.stop()
        }
    }
}
