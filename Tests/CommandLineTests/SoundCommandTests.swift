import FoundationEssentials
import Glibc
import ModemSimulator
import TestSupport
import Testing

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
            let bad = text.replacing("modem0-voice", with: "nothing")
            try Data(bad.utf8).write(to: URL(filePath: configuration))
            let result = try await Program.run(["doctor", "--audio", "stick", "--config", configuration])
            #expect(result.status == 1, "\(result)")
            simulation.send(SIGINT)
            #expect(await simulation.end().status == 0)
        }
    }
}
