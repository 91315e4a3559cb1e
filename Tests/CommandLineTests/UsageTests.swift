import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What is decided before any modem is touched.
    @Suite("arguments", .serialized) struct UsageTests {
        /// Stands for the path of a modem that must not be opened.
        private static let tty = "TTY"
        private static let route = ["--access-number", Bench.accessNumber, "--modem", tty]

        struct Mistake: Sendable, CustomTestStringConvertible {
            let arguments: [String]
            /// What the one line must mention.
            let words: String

            init(_ arguments: [String], _ words: String) {
                self.arguments = arguments
                self.words = words
            }

            var testDescription: String { arguments.joined(separator: " ") }
        }

        private static let mistakes: [Mistake] = [
            Mistake(["dial"], "number"),
            Mistake(["dial", "abc"] + route, "no contact called abc"),
            Mistake(["dial", "030x123"] + route, "'x' at position 4"),
            Mistake(["dial", "*100#"] + route, "service code"),
            Mistake(["dial", "**21*0301234567#"] + route, "service code"),
            Mistake(["dial", "#31#0301234567"] + route, "service code"),
            Mistake(["dial", "0301234567,1"] + route, "',' at position 11"),
            Mistake(["dial", "0301234567;"] + route, "';' at position 11"),
            Mistake(["dial", "٠٣٠١٢٣٤٥٦"] + route, "digit"),
            Mistake(["dial", ""] + route, "no number"),
            Mistake(["dial", " - "] + route, "no number"),
            Mistake(["dial", "12"] + route, "too short"),
            Mistake(["dial", "030123456789012345678"] + route, "too long"),
            Mistake(["dial", "+4930123456789012"] + route, "too long"),
            Mistake(["dial", "+"] + route, "'+'"),
            Mistake(["dial", "+0301234567"] + route, "country code"),
            Mistake(["dial", "0301234567", "--access-number", Bench.accessNumber, "--modem"], "--modem"),
            Mistake(["dial", "0301234567", "--access-number", Bench.accessNumber, "--modem", "o2"], "o2"),
            Mistake(["dial", "0301234567", "--access-number", Bench.accessNumber, "--modem", ""], "--modem"),
            Mistake(["dial", "0301234567", "--access-number", "abc", "--modem", tty], "--access-number"),
            Mistake(["dial", "0301234567", "--access-number", "*100#", "--modem", tty], "--access-number"),
            Mistake(["dial", "0301234567", "--access-number", "", "--modem", tty], "--access-number"),
            Mistake(["dial", "0301234567", "--modem", tty, "--via", "callthrough"], "--access-number"),
            Mistake(["dial", "0301234567", "--via", "callback"] + route, "--via"),
            Mistake(["dial", "0301234567", "--via", "fax"] + route, "--via"),
            Mistake(["dial", "0301234567", "--max-duration", "10"] + route, "--max-duration"),
            Mistake(["dial", "0301234567", "--max-duration", "x"] + route, "--max-duration"),
            Mistake(["dial", "0301234567", "--max-duration", "0s"] + route, "--max-duration"),
            Mistake(["dial", "0301234567", "--max-duration=-5s"] + route, "--max-duration"),
            Mistake(["dial", "0301234567", "--max-duration", "99999999999h"] + route, "--max-duration"),
            Mistake(["dial", "0301234567", "--format", "xml"] + route, "--format"),
            Mistake(["dial", "0301234567", "--colour"] + route, "--colour"),
            Mistake(["dial", "0301234567", "0301234567"] + route, "0301234567"),
            Mistake(["dial", "abc", "--dry-run"] + route, "no contact called abc; see gsmbridge contacts list"),
            Mistake(["dail", "0301234567"], "dail"),
            Mistake(["at", tty], "command"),
            Mistake(["at"], "modem"),
            Mistake(["at", tty, "HELLO"], "begins with AT"),
            Mistake(["at", tty, "AT+CSQ", "CSQ"], "begins with AT"),
            Mistake(["at", tty, "AT+CUSD=1,\"ä\""], "ASCII"),
            Mistake(["at", tty, "AT" + String(repeating: "X", count: 600)], "longer"),
            Mistake(["at", tty, "AT+CSQ", "--timeout", "soon"], "--timeout"),
            Mistake(["simulate", "--modems", "0"], "--modems"),
            Mistake(["simulate", "--modems", "101"], "--modems"),
            Mistake(["simulate", "--modems", "many"], "--modems"),
            Mistake(["simulate", "--family", "nokia"], "huawei"),
            Mistake(["simulate", "--fault", "gremlins"], "unplug"),
            Mistake(["simulate", "--fault", "unplug:sometime"], "alerting"),
            Mistake(["simulate", "--sim", "pin:12"], "4 to 8 digits"),
            Mistake(["simulate", "--sim", "lost"], "absent"),
            Mistake(["simulate", "--registration", "mars"], "roaming"),
            Mistake(["simulate", "--link-dir", "/dev/null"], "--link-dir"),
            Mistake(["simulate", "--pbx-port", "65536"], "--pbx-port"),
            Mistake(["simulate", "--pbx-fault", "gremlins"], "lost-reply"),
            Mistake(["simulate", "--pbx-fault", "slow"], "slow=3s"),
            Mistake(["simulate", "--pbx-fault", "garbage:dial"], "callback"),
            Mistake(["simulate", "--pbx-fault", "garbage:claim:0"], "1 to 1000"),
            Mistake(["simulate", "--pbx-recognition", "voice"], "token"),
            Mistake(["simulate", "--link-dir", "/no/such/place"], "--link-dir"),
            Mistake(["simulate", "--format", "xml"], "--format"),
            Mistake(["demo", "--family", "nokia"], "huawei"),
            Mistake(["demo", "extra"], "extra"),
        ]

        /// Arguments that would steer a terminal, or look like further lines, if they were shown as they are.
        private static let controls: [Mistake] = [
            Mistake(["dial", "030\r\nATD112;"] + route, "position 4"),
            Mistake(["dial", "0301234567", "--max-duration", "10m\r"] + route, "--max-duration"),
            Mistake(["dial", "0301234567", "--modem", "\u{1B}]0;title\u{7}"], "--modem"),
            Mistake(["dial", "0301234567", "--colour\nblue"] + route, "--colour"),
            Mistake(["at", tty, "AT+CSQ\rATD112;"], "ASCII"),
        ]

        @Test("a mistake is one clear line and status 64, and no tty is opened")
        func mistakes() async throws { try await expectRefusal(of: Self.mistakes) }

        @Test("control characters in a mistake do not reach the terminal")
        func controls() async throws { try await expectRefusal(of: Self.controls) }

        private func expectRefusal(of mistakes: [Mistake]) async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let path = bench.host.paths[0]
            let watch = try OpenWatch(path)
            for mistake in mistakes {
                let arguments = mistake.arguments.map { $0 == Self.tty ? path : $0 }
                let result = try await Program.run(arguments)
                let comment: Comment = "\(mistake.testDescription): \(result)"
                #expect(result.status == 64, comment)
                #expect(result.output == [], comment)
                #expect(result.errors.count == 1, comment)
                #expect(result.errors.first?.hasPrefix("gsmbridge: ") == true, comment)
                #expect(result.errors.first?.contains(mistake.words) == true, comment)
                #expect((result.errors.first ?? "").utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, comment)
            }
            #expect(!watch.wasOpened())
            // The watch would have seen it.
            let opened = try await Program.run(["at", path, "AT"])
            #expect(opened.status == 0)
            #expect(watch.wasOpened())
        }

        @Test("a number that the policy refuses is not dialled, and no tty is opened", arguments: ["text", "json"])
        func policy(_ format: String) async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let watch = try OpenWatch(bench.host.paths[0])
            for number in ["0900 123456", "+1 212 5550123"] {
                let result = try await Program.run(
                    ["dial", number, "--access-number", Bench.accessNumber, "--modem", bench.host.paths[0]]
                        + ["--format", format]
                )
                #expect(result.status == 30, "\(number): \(result)")
                if format == "json" {
                    #expect(try CallEvents(result).names == ["call.requested", "call.ended"])
                } else {
                    #expect(result.output.count == 1, "\(number): \(result)")
                    #expect(result.output.first?.contains("policy") == true, "\(number): \(result)")
                }
            }
            #expect(!watch.wasOpened())
        }

        private static let nowhere = "/dev/ttyUSB-that-is-not-there"

        @Test("a dry run shows the route as text and touches no modem")
        func dryRun() async throws {
            let result = try await Program.run(
                ["dial", Bench.target, "--access-number", "0221 66 96 69 66", "--modem", Self.nowhere, "--dry-run"])
            #expect(result.status == 0, "\(result)")
            #expect(result.errors == [])
            let rows = result.output.map { $0.split(separator: " ", maxSplits: 1).map { $0.drop { $0 == " " } } }
            #expect(rows.contains(["target", "+493012345678"]), "\(result)")
            #expect(rows.contains(["dials", "022166966966"]), "\(result)")
            #expect(rows.contains(["sends", "03012345678#"]), "\(result)")
            #expect(rows.contains(["modem", Substring(Self.nowhere)]), "\(result)")
            #expect(rows.contains { $0.first == "method" && $0.last?.hasPrefix("callthrough") == true }, "\(result)")
            #expect(rows.contains { $0.first == "policy" && $0.last?.hasPrefix("allowed") == true }, "\(result)")
            #expect(rows.count { $0.first == "pays" } == 2, "\(result)")
        }

        @Test("a dry run shows the route as one object")
        func dryRunAsJSON() async throws {
            let result = try await Program.run([
                "dial", Bench.target, "--access-number", Bench.accessNumber, "--modem", Self.nowhere, "--dry-run",
                "--format",
                "json",
            ])
            #expect(result.status == 0, "\(result)")
            #expect(result.errors == [])
            #expect(result.output.count == 1)
            let route = try Document(result.output.first ?? "")
            #expect(route["method"] == .text("callthrough"))
            #expect(route["target"] == .text("+493012345678"))
            #expect(route["number"] == .text(Bench.accessNumber))
            #expect(route["digits"] == .text(Bench.script))
            #expect(route["modem"] == .text(Self.nowhere))
            #expect(route["allowed"] == .flag(true))
            #expect(route["legs"]?.list?.map { $0["payer"]?.text } == ["SIM", "PBX"])
        }

        @Test("a dry run needs no modem, goes direct without a PBX, and tells a refusal by its status")
        func dryRunOtherwise() async throws {
            let direct = try await Program.run(["dial", Bench.target, "--dry-run", "--format", "json"])
            #expect(direct.status == 0, "\(direct)")
            let route = try Document(direct.output.first ?? "")
            #expect(route["method"] == .text("direct"))
            #expect(route["number"] == .text("+493012345678"))
            #expect(route["legs"]?.list?.map { $0["payer"]?.text } == ["SIM"])
            let refused = try await Program.run(["dial", "0900123456", "--dry-run", "--format", "json"])
            #expect(refused.status == 30, "\(refused)")
            #expect(try Document(refused.output.first ?? "")["allowed"] == .flag(false))
            let emergency = try await Program.run(
                ["dial", "112", "--access-number", Bench.accessNumber, "--dry-run", "--format", "json"])
            #expect(emergency.status == 0, "\(emergency)")
            #expect(try Document(emergency.output.first ?? "")["method"] == .text("direct"))
        }

        @Test("a dry run says what else the digits could mean")
        func otherReading() async throws {
            let directory = try TemporaryDirectory()
            let file = directory.path + "/it.yaml"
            try ServiceUnderTest.write("gateway: { region: IT }\n", to: file)
            let result = try await Program.run(["dial", "3906123456", "--dry-run", "--config", file])
            #expect(result.output.contains { $0.hasPrefix("note") && $0.contains("type +3906123456") }, "\(result)")
            let clear = try await Program.run(["dial", "+3906123456", "--dry-run", "--config", file])
            #expect(!clear.output.contains { $0.hasPrefix("note") }, "\(clear)")
        }

        @Test("a state directory that can't be used is a wrong configuration, not the policy's refusal")
        func unusableState() async throws {
            let directory = try TemporaryDirectory()
            let file = directory.path + "/gsmbridge.yaml"
            try ServiceUnderTest.write("gateway: { state_dir: \(file)/state }\n", to: file)
            let dial = ["dial", Bench.target, "--modem", Self.nowhere, "--standalone", "--config", file]
            let result = try await Program.run(dial)
            #expect(result.status == 78, "\(result)")
            #expect(result.errors.count == 1 && result.errors[0].contains("gateway.state_dir: "), "\(result)")
            // To look at a route nobody needs the right to count.
            let route = dial + ["--dry-run", "--access-number", Bench.accessNumber]
            let shown = try await Program.run(route)
            #expect(shown.status == 0 && shown.output.contains { $0.hasPrefix("policy") }, "\(shown)")
            #expect(shown.errors.count == 1 && shown.errors[0].contains("as if nothing was"), "\(shown)")
            let premium = try await Program.run(["dial", "0900123456"] + route.dropFirst(2))
            #expect(premium.status == 30, "\(premium)")
            let help = try await Program.run(["dial", "112", "--dry-run", "--standalone", "--config", file])
            #expect(help.status == 0, "\(help)")
        }

        @Test(
            "help goes out with a broken file, and with a state directory that can't be used",
            arguments: [true, false]
        )
        func helpAllTheSame(isBroken: Bool) async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let file = directory.path + "/gsmbridge.yaml"
            let text = isBroken ? "gateway: [\n" : "gateway: { state_dir: \(file)/state }\n"
            try ServiceUnderTest.write(text + "policy: { max_calls_per_hour: 1 }\n", to: file)
            let program = try Program([
                "dial", "112", "--modem", bench.host.paths[0], "--config", file, "--format", "json",
            ])
            #expect(await program.output(where: isEvent("call.in_progress")) != nil)
            program.send(SIGINT)
            let result = await program.end()
            #expect(result.status == 130, "\(result)")
            #expect(bench.calls(of: 0).map(\.dialled) == ["112"])
            bench.expectClean(0)
        }

        @Test("the version is one line, of the program and of each command")
        func version() async throws {
            for arguments in [["--version"], ["dial", "--version"], ["demo", "--version"]] {
                let result = try await Program.run(arguments)
                #expect(result.status == 0, "\(arguments): \(result)")
                #expect(result.output.count == 1)
                #expect(result.output.first?.wholeMatch(of: /gsmbridge \d+\.\d+\.\d+/) != nil, "\(result)")
                #expect(result.errors == [])
            }
        }

        @Test("every command has a help with an example")
        func help() async throws {
            let overview = try await Program.run(["--help"])
            #expect(overview.status == 0)
            let start = try #require(overview.output.firstIndex(of: "SUBCOMMANDS:"))
            // Names are indented by two columns, what is wrapped by more.
            let names = overview.output[(start + 1)...].prefix { !$0.isEmpty }
                .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
                .compactMap { $0.split(separator: " ").first.map(String.init) }
            #expect(Set(["dial", "at", "simulate", "demo"]).isSubset(of: names), "\(names)")
            for arguments in [["--help"], ["-h"]] + names.flatMap({ [[$0, "--help"], ["help", $0]] }) {
                let result = try await Program.run(arguments)
                #expect(result.status == 0, "\(arguments): \(result)")
                #expect(result.errors == [], "\(arguments)")
                #expect(result.output.contains { $0.contains("EXAMPLE") }, "\(arguments)")
                #expect(result.output.contains { $0.hasPrefix("  gsmbridge ") }, "\(arguments)")
            }
        }
    }
}
