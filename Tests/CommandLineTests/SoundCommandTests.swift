import FoundationEssentials
import Glibc
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import ModemSimulator

extension CommandLineTests {
    /// `gsmbridge demo --audio`, `gsmbridge doctor --audio`, and the voice ttys of `gsmbridge simulate`.
    @Suite("the sound of calls", .serialized) struct SoundCommandTests {
        @Test(
            "demo --audio: each side hears what the other says, and writes it down",
            arguments: ["huawei", "simcom", "quectel"]
        )
        func demo(_ family: String) async throws {
            let directory = try TemporaryDirectory()
            let arguments = [
                "demo", "--audio", "--family", family, "--audio-dir", directory.path, "--format", "json",
            ]
            // This is sound in real time: a machine that is busy with other things tears a tone in two, and the demo says so.
            // One whole run of six shows the sound.
            var result = try await Program.run(arguments)
            for _ in 0..<5 where result.status == 1 { result = try await Program.run(arguments) }
            #expect(result.status == 0, "\(result)")
            let verdict = try Document(try #require(result.output.first))
            #expect(verdict.event == "demo.audio")
            #expect(verdict["heard_there"]?.text == "1590#")
            #expect(verdict["heard_here"]?.text == "2648*")
            for name in ["demo-here.wav", "demo-far-side.wav"] {
                let bytes = try Data(contentsOf: URL(filePath: "\(directory.path)/\(name)"))
                #expect(bytes.starts(with: Data("RIFF".utf8)) && bytes.count > 16_000, "\(name)")
            }
        }

        @Test("demo --audio refuses a family without a voice tty")
        func noVoice() async throws {
            let result = try await Program.run(["demo", "--audio", "--family", "zte"])
            #expect(result.status == 64, "\(result)")
        }

        @Test("doctor --audio --with: two sticks call each other, and what each says is measured at the other")
        func loop() async throws {
            let bench = try Bench(Self.loopProfiles)
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let arguments = try Self.loop(bench, directory)
            let result = try await Program.run(arguments + ["m1"])
            #expect(result.status == 0, "\(result)")
            #expect(result.errors.contains { $0.contains("is made") && $0.contains("costs") }, "\(result)")
            let findings = try result.output.map { try Document($0) }
            for subject in ["m0 -> m1", "m1 -> m0"] {
                let said = findings.first { $0["subject"]?.text == subject }?["message"]?.text
                // A busy machine may tear a digit, which is said, and is no fault of the sticks.
                #expect(said?.contains("dBFS") == true && said?.contains("ms late") == true, "\(result)")
            }
            bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) + world.liveCalls(of: 1) == 0) }
            #expect(bench.calls(of: 0).count == 1)
            let alone = try await Program.run(arguments + ["m0"])
            #expect(alone.status == 1 && alone.output.contains { $0.contains("one modem") }, "\(alone)")
            let strange = try await Program.run(arguments + ["m7"])
            #expect(strange.status == 1 && strange.output.contains { $0.contains("no modem m7") }, "\(strange)")
            #expect(bench.calls(of: 0).count == 1)
        }

        private static let loopProfiles = (0..<2).map { ModemProfile(.huawei, number: $0) }

        /// What calls from the first modem to another, whose name is to follow.
        private static func loop(_ bench: Bench, _ directory: TemporaryDirectory) throws -> [String] {
            let voices = bench.host.voicePaths
            var text = "gateway:\n  state_dir: \(directory.path)/state\nmodems:\n"
            for (number, profile) in loopProfiles.enumerated() {
                let voice = try #require(voices[number])
                text += "  m\(number):\n    match: { tty: \(bench.host.paths[number]) }\n    audio: { tty: \(voice) }\n"
                text += "    number: \"\(profile.ownNumber)\"\n"
            }
            let configuration = directory.path + "/gsmbridge.yaml"
            try Data(text.utf8).write(to: URL(filePath: configuration))
            // By its tty: what is measured is told by its name.
            return ["doctor", "--audio", bench.host.paths[0], "--config", configuration, "--format", "json", "--with"]
        }

        @Test("Ctrl-C in the loop hangs up both, and says so")
        func interruptedLoop() async throws {
            let bench = try Bench(Self.loopProfiles)
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let loop = try Program(try Self.loop(bench, directory) + ["m1"])
            func answered() -> Int {
                bench.host.withWorld { world, _ in world.calls.count { $0.state == .answered } }
            }
            #expect(await waits { answered() == 2 }, "both ends of the call")
            loop.send(SIGINT)
            let result = await loop.end()
            #expect(result.status == 1 && result.output.contains { $0.contains("interrupted") }, "\(result)")
            bench.host.withWorld { world, _ in
                #expect(world.liveCalls(of: 0) + world.liveCalls(of: 1) == 0)
                #expect(world.violations == [])
            }
        }

        @Test("a stranger who rings the second modem of the loop is not answered")
        func strangerInLoop() async throws {
            let bench = try Bench(Self.loopProfiles)
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let stranger = bench.host.withWorld { world, now in
                world.ring(modem: 1, from: "+491741234567", at: now, givesUpAfter: .seconds(60))
            }
            // The modem is busy with that ring, unless the stranger was refused before our own call came.
            let result = try await Program.run(try Self.loop(bench, directory) + ["m1"])
            #expect([0, 1].contains(result.status), "\(result)")
            bench.host.withWorld { world, _ in
                let call = world.calls.first { $0.id == stranger }
                #expect(call != nil && call?.answeredAt == nil, "\(world.calls)")
                #expect(world.liveCalls(of: 0) == 0)
            }
        }

        @Test("simulate shows voice ttys, and doctor --audio finds nothing wrong with one")
        func doctor() async throws {
            let directory = try TemporaryDirectory()
            let links = directory.path + "/links"
            let simulation = try Program([
                "simulate", "--family", "huawei", "--link-dir", links, "--format", "json",
            ])
            var voice: String?
            let ready = await simulation.output { line in
                if let document = try? Document(line), document.event == "sim.modem" {
                    voice = document["voice_link"]?.text
                }
                return line.contains("sim.ready")
            }
            #expect(ready != nil)
            #expect(voice == "\(links)/modem0-voice")
            let configuration = directory.path + "/gsmbridge.yaml"
            let text = """
                modems:
                  stick:
                    match: { tty: "\(links)/modem0" }
                    audio: { way: tty, tty: "\(links)/modem0-voice" }
                """
            try Data(text.utf8).write(to: URL(filePath: configuration))
            let good = try await Program.run([
                "doctor", "--audio", "stick", "--config", configuration, "--format", "json",
            ])
            #expect(good.status == 0, "\(good)")
            let findings = try good.output.map { try Document($0) }
            #expect(findings.allSatisfy { $0["severity"]?.text == "ok" && $0["check"]?.text == "audio" }, "\(good)")
            #expect(findings.count == 2)
            #expect(good.output.contains { $0.contains("nothing comes from it without a call") }, "\(good)")
            // ALSA's own card that is none: it gives silence and takes everything.
            let card = text.replacing(#"tty, tty: "\#(links)/modem0-voice""#, with: "alsa, device: 'null'")
            try Data(card.utf8).write(to: URL(filePath: configuration))
            let halves = try await Program.run(["doctor", "--audio", "stick", "--config", configuration])
            #expect(halves.output.contains { $0.contains("it gives sound and takes it") }, "\(halves)")
            let bad = text.replacing("modem0-voice", with: "nothing")
            try Data(bad.utf8).write(to: URL(filePath: configuration))
            let result = try await Program.run(["doctor", "--audio", "stick", "--config", configuration])
            #expect(result.status == 1, "\(result)")
            simulation.send(SIGINT)
            #expect(await simulation.end().status == 0)
        }
    }
}
