import FoundationEssentials
import ModemSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Limits and contacts, as people meet them.
    @Suite("limits and contacts", .serialized) struct LimitsTests {
        private static func configuration(_ directory: TemporaryDirectory, _ policy: String) throws -> [String] {
            let path = directory.path + "/gsmbridge.yaml"
            try Data("gateway: { state_dir: \(directory.path) }\n\(policy)\n".utf8).write(to: URL(filePath: path))
            return ["--config", path]
        }

        @Test("of two programs that dial at once only one passes a limit of one call")
        func atOnce() async throws {
            let bench = try Bench([.generic, .generic])
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let options = try Self.configuration(directory, "policy: { max_calls_per_hour: 1 }")
            let results = try await concurrently([0, 1]) { _, modem in
                try await Program.run(bench.dial(modem) + options)
            }
            #expect(results.map(\.status).sorted() == [0, 30], "\(results)")
            let refused = try #require(results.first { $0.status == 30 })
            #expect(refused.output.first?.contains("1 of 1 calls within an hour (policy.max_calls_per_hour)") == true)
            #expect(bench.calls(of: 0).count + bench.calls(of: 1).count == 1)
            let dry = try await Program.run(bench.dial(0) + options + ["--dry-run"])
            #expect(dry.status == 30, "\(dry)")
            #expect(dry.output.contains { $0.hasPrefix("policy  refused: 1 of 1 calls") }, "\(dry)")
        }

        @Test("where a service runs the dry run is its own: a person's own files tell nothing of what was used")
        func byTheService() async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, more: "  max_calls_per_day: 1\n")
            try await service.modems(are: "ready", count: 1)
            let own = service.directory.path + "/own.yaml"
            try ServiceUnderTest.write(
                "gateway: { state_dir: \(service.directory.path)/own, socket: \(service.socket) }\n",
                to: own
            )
            let dry = ["dial", Bench.target, "--dry-run", "--config", own]
            let before = try await Program.run(dry)
            #expect(before.status == 0 && before.errors == [], "\(before)")
            #expect(before.output.contains("pbx     office"), "\(before)")
            // A name that no modem has is wrong use, with a service as without.
            for more in [["--dry-run"], []] {
                let wrong = try await service.run(["dial", Bench.target, "--modem", "nope"] + more)
                #expect(wrong.status == 64 && wrong.output == [], "\(wrong)")
            }
            #expect(try await service.run(["dial", Bench.target]).status == 0)
            let after = try await Program.run(dry)
            #expect(after.status == 30 && after.errors == [], "\(after)")
            #expect(after.output.first?.hasPrefix("policy  refused: 1 of 1 calls") == true, "\(after)")
            let json = try await Program.run(dry + ["--format", "json"])
            #expect(json.status == 30, "\(json)")
            #expect(try Document(json.output.first ?? "")["limit"]?.text == "policy.max_calls_per_day", "\(json)")
            // What the service has nothing to do with is shown as without one.
            for more in [["--standalone"], ["--modem", "/dev/ttyUSB-that-is-not-there"]] {
                let alone = try await Program.run(dry + more)
                #expect(alone.status == 0, "\(alone)")
                #expect(alone.output.contains("pbx     -"), "\(alone)")
            }
            _ = await service.stop()
            #expect(try await Program.run(dry).status == 0)
        }

        @Test("an access number is refused in the dry run as in the call")
        func refused() async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let options = try Self.configuration(directory, "policy: { max_calls_per_hour: 20 }")
            for more in [["--dry-run"], []] {
                let result = try await Program.run(
                    ["dial", Bench.target, "--access-number", "0900112345678901234", "--modem", bench.host.paths[0]]
                        + options + more
                )
                #expect(result.status == 30, "\(result)")
                #expect((result.output + result.errors).contains { $0.contains("premium-rate number") }, "\(result)")
            }
            #expect(bench.calls(of: 0).isEmpty)
        }

        @Test(
            "without the service, too, a SIM abroad is billed as abroad",
            arguments: [(NetworkRegistration.home, 0 as Int32), (.roaming, 30)]
        )
        func roaming(registration: NetworkRegistration, status: Int32) async throws {
            var profile = ModemProfile(.quectel, number: 0)
            profile.registration = registration
            let bench = try Bench([profile])
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let options = try Self.configuration(
                directory,
                """
                modems: { o2: { match: { tty: \(bench.host.paths[0]) }, tariff: basic, roaming_tariff: abroad } }
                policy: { max_cost_per_day: 5, max_duration: 5m }
                tariffs:
                  basic: { prices: { home: { per_minute: 0.10 } } }
                  abroad: { prices: { home: { per_minute: 99.99 } } }
                """
            )
            let result = try await Program.run(
                ["dial", Bench.target, "--access-number", Bench.accessNumber, "--modem", "o2"] + options
            )
            #expect(result.status == status, "\(result)")
            #expect(bench.calls(of: 0).count == (status == 0 ? 1 : 0))
        }

        @Test("a damaged log refuses calls under limits until `calls accept-loss`")
        func loss() async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let options = try Self.configuration(directory, "policy: { max_calls_per_hour: 20 }")
            try Data(repeating: 0x41, count: 20_000).write(to: URL(filePath: directory.path + "/calls.sqlite"))
            let refused = try await Program.run(bench.dial(0) + options)
            #expect(refused.status == 30, "\(refused)")
            #expect(refused.output.first?.contains("gsmbridge calls accept-loss") == true, "\(refused)")
            #expect(bench.calls(of: 0).isEmpty)
            let accepted = try await Program.run(["calls", "accept-loss"] + options)
            #expect(accepted.output == ["accepted: the limits begin anew"], "\(accepted)")
            #expect(try await Program.run(bench.dial(0) + options).status == 0)
            let nothing = try await Program.run(["calls", "accept-loss"] + options)
            #expect(nothing.output == ["nothing was lost: the limits know of every call"], "\(nothing)")
        }

        @Test("a contact is imported, found, called by name, and asked about where there are several")
        func contacts() async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let options = try Self.configuration(directory, "policy: { max_calls_per_hour: 20 }")
            let file = directory.path + "/contacts.vcf"
            let cards = """
                BEGIN:VCARD
                FN:Änne Beispiel
                TEL;TYPE=CELL:\(Bench.target)
                END:VCARD
                BEGIN:VCARD
                FN:Anna Muster
                TEL;TYPE=work:0221 669669
                TEL;TYPE=home:0221 669668
                TEL:*100#
                END:VCARD

                """
            try Data(cards.utf8).write(to: URL(filePath: file))
            let imported = try await Program.run(["contacts", "import", file] + options)
            #expect(imported.status == 0, "\(imported)")
            #expect(imported.output == ["2 added, 0 changed, 0 as they were, 1 problems"])
            #expect(imported.errors.first?.contains("line 9") == true, "\(imported)")
            let found = try await Program.run(["contacts", "search", "anne"] + options)
            #expect(found.output == ["Änne Beispiel: \(Bench.target) mobile"], "\(found)")
            let called = try await Program.run(["dial", "anne beispiel"] + bench.dial(0).dropFirst(2) + options)
            #expect(called.status == 0, "\(called)")
            bench.expectClean(0)
            #expect(bench.calls(of: 0).count == 1)
            for format in ["text", "json"] {
                let several = try await Program.run(
                    ["dial", "muster", "--format", format] + bench.dial(0).dropFirst(2) + options
                )
                #expect(several.status == 64, "\(several)")
                #expect(several.output == [])
                #expect(several.errors.first?.contains("Anna Muster, work: 0221 669669; Anna Muster, home") == true)
            }
            let nobody = try await Program.run(["dial", "nobody"] + bench.dial(0).dropFirst(2) + options)
            #expect(nobody.status == 64)
            #expect(try await Program.run(["contacts", "remove", "anna", "muster"] + options).output == ["1 removed"])
            #expect(try await Program.run(["contacts", "list", "--format", "json"] + options).output.count == 1)
        }
    }
}
