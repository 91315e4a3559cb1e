import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What the sound of a call does for its digits: the PBX's prompt is waited for, and tones are played where a modem sends none.
    @Suite("prompts and tones in the sound", .serialized) struct SoundDigitTests {
        private static let access = "+4922166966968"

        /// A call through a PBX that is asked when its prompt is heard, and what the far side saw of it.
        private static func dial(
            prompt: Duration,
            says voice: FarVoice? = nil
        ) async throws -> (Program.Result, SimulatedCall) {
            let bench = try Bench([ModemProfile(.huawei)]) { network in
                network.accessNumbers[access]?.promptDelay = prompt
                network.voices[access] = voice
            }
            defer { bench.stop() }
            let pbx = """
                  other:
                    profile: dtmf
                    callthrough: { access_number: "\(access)", settle: tone, script: "{target}#" }

                """
            let service = try await ServiceUnderTest(bench, pbx: pbx)
            try await service.modems(are: "ready", count: 1)
            let result = try await service.run(["dial", Bench.target, "--pbx", "other", "--format", "json"])
            let call = try #require(bench.calls(of: 0).first)
            _ = await service.stop()
            return (result, call)
        }

        @Test("settle: tone has the first digit wait for the PBX's prompt, however late that comes")
        func prompt() async throws {
            // Behind the pause that is the default, which would lose the first digits.
            let (result, call) = try await Self.dial(prompt: .seconds(4))
            #expect(result.status == 0, "\(result)")
            #expect(call.digits == Bench.script && call.tones.allSatisfy { !$0.isIgnored }, "\(call)")
        }

        @Test("settle: tone goes on after 5 s where no prompt is heard")
        func noPrompt() async throws {
            let (result, call) = try await Self.dial(prompt: .seconds(1), says: .silent)
            #expect(result.status == 0, "\(result)")
            #expect(call.digits == Bench.script, "\(call)")
            let (answered, first) = (try #require(call.answeredAt), try #require(call.tones.first))
            // The modem tells of the answer a little after it, and plays the tone a little after it was told to.
            #expect(answered.duration(to: first.at) >= .seconds(5))
        }

        @Test("a modem that refuses a digit twice: it and all behind it are played, and the PBX reaches the target")
        func inBand() async throws {
            var profile = ModemProfile(.huawei)
            profile.faults = [
                try SimulatedFault(parsing: "refused:AT^DTMF"), try SimulatedFault(parsing: "refused:AT+VTS"),
            ]
            let bench = try Bench([profile])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            // This is sound in real time: on a machine that is busy with other things a tone may be torn. One whole call of five shows it.
            var result: Program.Result?
            for _ in 0..<5 where result?.status != 0 {
                let dial = try service.start(["dial", Bench.target, "--pbx", "office", "--format", "json"])
                // The PBX reaches nobody by a number that is torn, and waits.
                if await !waits(.seconds(60), until: { bench.calls(of: 0).last?.digits == Bench.script }) {
                    dial.send(SIGINT)
                }
                result = await dial.end()
            }
            let whole = try #require(result)
            #expect(whole.status == 0, "\(whole)")
            #expect(bench.calls(of: 0).last?.digits == Bench.script)
            #expect(whole.output.contains { isEvent("call.handover", ["sent": .number(12)])($0) }, "\(whole)")
            // Asked twice in each form, and never again in this call.
            let first = bench.commands(of: 0).drop { !$0.hasPrefix("D") }.dropFirst().prefix { !$0.hasPrefix("D") }
            #expect(first.count { $0.hasPrefix("^DTMF") || $0.hasPrefix("+VTS") } <= 6, "\(first)")
            bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) == 0) }
            _ = await service.stop()
        }
    }
}
