import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Ctrl-C and its relatives.
    @Suite("dial is interrupted", .serialized) struct InterruptionTests {
        enum Phase: String, CaseIterable, Sendable {
            case preparing
            case dialling
            case alerting
            case settling
            case handover
            case inProgress

            /// The event on whose appearance the signal is sent.
            func matches(_ line: String) -> Bool {
                switch self {
                case .preparing: isEvent("call.requested")(line)
                case .dialling: isEvent("call.dialing")(line)
                case .alerting: isEvent("call.alerting")(line)
                case .settling: isEvent("call.connected")(line)
                case .handover: isEvent("call.handover", ["sent": .number(5)])(line)
                case .inProgress: isEvent("call.in_progress")(line)
                }
            }
        }

        /// A callthrough that stays in the phase for long enough to be interrupted there, however busy the machine is: before the
        /// digits, and in the midst of them.
        private static func dial(_ bench: Bench, _ modem: Int, in phase: Phase, _ directory: String) throws -> [String]
        {
            if phase == .inProgress { return bench.dial(modem, "--format", "json") }
            let (settle, script) = phase == .handover ? ("1500ms", "{target},,,,,,,,,,,,,,,#") : ("60s", "{target}#")
            let lines = [
                "gateway: { state_dir: \(directory)/state }", "pbx:", "  office:", "    profile: dtmf",
                "    callthrough: { access_number: \"\(Bench.accessNumber)\", settle: \(settle), script: \"\(script)\" }",
            ]
            let path = "\(directory)/\(modem).yaml"
            try ServiceUnderTest.write(lines.joined(separator: "\n") + "\n", to: path)
            return [
                "dial", Bench.target, "--config", path, "--standalone", "--pbx", "office",
                "--modem", bench.host.paths[modem], "--format", "json",
            ]
        }

        @Test("SIGINT in any phase, on any family: the call is gone from the network", arguments: Phase.allCases)
        func phases(_ phase: Phase) async throws {
            // ZTE does not tell that it rings.
            let families = ModemFamily.allCases.filter { phase != .alerting || $0 != .zte }
            let bench = try Bench(families.enumerated().map { ModemProfile($1, number: $0) }, talk: .seconds(3600)) {
                guard phase == .alerting else { return }
                // Some families tell that it rings only where they are asked meanwhile.
                $0.accessNumbers[Bench.accessNumber]?.behaviour = .alertThenAnswer(
                    alerting: .milliseconds(500),
                    answer: .seconds(60)
                )
            }
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let results = try await concurrently(families) { index, _ in
                let program = try Program(Self.dial(bench, index, in: phase, directory.path))
                let seen = await program.output { phase.matches($0) }
                program.send(SIGINT)
                let result = await program.end()
                return (seen: seen != nil, result: result)
            }
            for (index, family) in families.enumerated() {
                let (seen, result) = results[index]
                #expect(seen, "\(family)")
                #expect(result.status == 130, "\(family): \(result)")
                let events = try CallEvents(result, "\(family)")
                #expect(events.end?["by"] == .text("local"), "\(family)")
                #expect(events.end?["idle"] == nil, "\(family): the modem is known to be idle")
                bench.expectClean(index, "\(family)")
                let heard = bench.calls(of: index).map { String($0.tones.map(\.digit)) }.joined()
                switch phase {
                case .preparing, .dialling, .alerting, .settling: #expect(heard.isEmpty, "\(family)")
                // The last tone that the modem has confirmed may still have been waiting to be played.
                case .handover: #expect((4..<12).contains(heard.count), "\(family)")
                case .inProgress: #expect(heard.count >= 11, "\(family)")
                }
            }
        }

        @Test("SIGINT however early, also while a service is looked for: nothing is dialled")
        func early() async throws {
            let bench = try Bench([ModemFamily](repeating: .generic, count: 8), talk: .seconds(3600))
            defer { bench.stop() }
            let results = try await concurrently(Array(0..<8)) { index, _ in
                let program = try Program(bench.dial(index, "--format", "json"))
                // Different moments of the start, whichever they are; the call itself takes seconds.
                try? await Task.sleep(for: .milliseconds(index * 10))
                program.send(SIGINT)
                return await program.end()
            }
            for (index, result) in results.enumerated() {
                #expect(result.status == 130, "\(index): \(result)")
                #expect(bench.calls(of: index).allSatisfy { !$0.isLive }, "\(index)")
            }
        }

        @Test("SIGTERM and SIGHUP hang up as well", arguments: [SIGTERM, SIGHUP])
        func otherSignals(_ signal: Int32) async throws {
            let bench = try Bench([.simcom], talk: .seconds(3600))
            defer { bench.stop() }
            let program = try Program(bench.dial(0, "--format", "json"))
            let seen = await program.output(where: isEvent("call.connected"))
            #expect(seen != nil)
            #expect(bench.host.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
            program.send(signal)
            let result = await program.end()
            #expect(result.status == 130, "\(result)")
            #expect(bench.calls(of: 0).map(\.endedBy) == [.modem])
            bench.expectClean(0)
        }

        @Test("a second SIGINT leaves at once, even while the modem is deaf")
        func second() async throws {
            let bench = try Bench(
                [ModemProfile(.huawei) { $0.faults = [.stuck(command: "AT+CHUP")] }],
                talk: .seconds(3600)
            )
            defer { bench.stop() }
            let program = try Program(bench.dial(0, "--format", "json", "--verbose"))
            let connected = await program.output(where: isEvent("call.connected"))
            #expect(connected != nil)
            program.send(SIGINT)
            let hangingUp = await program.error { $0.contains("AT+CHUP") }
            #expect(hangingUp != nil)
            // What comes in one breath with the first counts as the first.
            try await Task.sleep(for: .milliseconds(100))
            program.send(SIGINT)
            let result = await program.end()
            #expect(result.status == 130, "\(result)")
            // It did not come to its ordinary end, and says so.
            let ends = result.output.filter(isEvent("call.ended"))
            #expect(ends.count == 1, "\(result)")
            let end = try Document(ends.first ?? "")
            #expect(end["outcome"]?.text == "interrupted" && end["by"]?.text == "local")
            #expect(end["idle"] == .flag(false) && end["exit"] == .number(130))
        }

        @Test("a modem that goes deaf while it is to hang up: the end comes all the same, and says that it is unsure")
        func deaf() async throws {
            let bench = try Bench(
                (0...1).map { ModemProfile(.huawei, number: $0) { $0.faults = [.stuck(command: "AT+CHUP")] } },
                talk: .seconds(3600)
            )
            defer { bench.stop() }
            let results = try await concurrently(["json", "text"]) { index, format in
                let program = try Program(bench.dial(index, "--format", format))
                let connected =
                    format == "json"
                    ? await program.output(where: isEvent("call.connected"))
                    : await program.error { $0.hasPrefix("Answered after") }
                program.send(SIGINT)
                return (connected: connected != nil, result: await program.end())
            }
            for (connected, result) in results {
                #expect(connected)
                #expect(result.status == 21, "\(result)")
                #expect(!result.isOverdue)
            }
            #expect(try CallEvents(results[0].result).end?["idle"] == .flag(false))
            #expect(results[1].result.errors.contains { $0.contains("WARNING") }, "\(results[1].result)")
        }
    }
}
