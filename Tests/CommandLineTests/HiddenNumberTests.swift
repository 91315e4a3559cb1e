import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `gsmbridge dial --hide-number`.
    @Suite("a hidden number", .serialized) struct HiddenNumberTests {
        @Test(
            "the one who is called sees no number, and the next call shows it again",
            arguments: [ModemFamily.quectel, .huawei, .sim800, .telit]
        )
        func hidden(_ family: ModemFamily) async throws {
            // A busy machine may look after more than the second for which the bench's target talks.
            let bench = try Bench([ModemProfile(family)]) { network in
                network.subscribers["+493012345678"] = .hangUp(
                    alerting: .milliseconds(500),
                    answer: .milliseconds(1200),
                    afterAnswered: .seconds(4)
                )
            }
            defer { bench.stop() }
            let direct = ["dial", Bench.target, "--via", "direct", "--modem", bench.host.paths[0]]
            let hidden = try await Program.run(direct + ["--hide-number"])
            #expect(hidden.status == 0, "\(hidden)")
            let shown = try await Program.run(direct)
            #expect(shown.status == 0, "\(shown)")
            #expect(bench.calls(of: 0).map(\.caller) == ["", ModemProfile(family).ownNumber])
            #expect(
                bench.commands(of: 0).filter { $0.hasPrefix("ATD") } == ["ATD+493012345678I;", "ATD+493012345678;"]
            )
            bench.expectClean(0)
        }

        @Test("on a callthrough it is refused with the reason, and nothing is dialled")
        func callthrough() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            for via in ["auto", "callthrough"] {
                let refused = try await Program.run(bench.dial(0, "--via", via, "--hide-number"))
                #expect(refused.status == 30, "\(refused)")
                #expect(
                    (refused.output + refused.errors).contains { $0.contains("the PBX knows who calls it") },
                    "\(refused)"
                )
                let route = try await Program.run(bench.dial(0, "--via", via, "--hide-number", "--dry-run"))
                #expect(route.status == 30, "\(route)")
            }
            #expect(bench.calls(of: 0).isEmpty)
        }

        @Test("where the network does not offer it, or no way is known, the number is not shown instead")
        func impossible() async throws {
            let absent = ModemProfile(.quectel) { $0.callerRestriction = 0 }
            // 27.007: 2 is "unknown (e.g. no network)".
            let unknown = ModemProfile(.quectel, number: 2) { $0.callerRestriction = 2 }
            let bench = try Bench([absent, ModemProfile(.zte, number: 1), unknown])
            defer { bench.stop() }
            for modem in 0...2 {
                let wish = [
                    "dial", Bench.target, "--via", "direct", "--modem", bench.host.paths[modem], "--hide-number",
                ]
                let refused = try await Program.run(wish)
                #expect(refused.status == 22, "\(refused)")
                #expect(
                    (refused.output + refused.errors).contains { $0.contains("our number can't be hidden") },
                    "\(refused)"
                )
                #expect(bench.calls(of: modem).isEmpty)
            }
        }

        @Test(
            "where the network says nothing, the number is hidden only as a manual of the family says, else nothing is dialled"
        )
        func unconfirmed() async throws {
            let silent = ModemProfile(.quectel) { $0.callerRestriction = nil }
            let refusing = ModemProfile(.huawei, number: 1) { $0.faults = [.refused(command: "AT+CLIR?")] }
            let documented = ModemProfile(.sim800, number: 2) { $0.callerRestriction = nil }
            let bench = try Bench([silent, refusing, documented])
            defer { bench.stop() }
            func dial(_ modem: Int) async throws -> Program.Result {
                try await Program.run([
                    "dial", Bench.target, "--via", "direct", "--modem", bench.host.paths[modem], "--hide-number",
                ])
            }
            for modem in 0...1 {
                let refused = try await dial(modem)
                #expect(refused.status == 22, "\(refused)")
                #expect(
                    (refused.output + refused.errors).contains { $0.contains("the network does not confirm") },
                    "\(refused)"
                )
                #expect(bench.calls(of: modem).isEmpty)
                #expect(!bench.commands(of: modem).contains { $0.hasPrefix("ATD") })
            }
            let hidden = try await dial(2)
            #expect(hidden.status == 0, "\(hidden)")
            #expect(hidden.errors.contains { $0.contains("did not confirm") }, "\(hidden)")
            #expect(bench.calls(of: 2).map(\.caller) == [""])
        }

        @Test("help is called with the number shown, and the service takes the wish as a field")
        func help() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let hidden = try await service.run(["dial", Bench.target, "--via", "direct", "--hide-number"])
            #expect(hidden.status == 0, "\(hidden)")
            let help = try service.start(["dial", "112", "--hide-number"], limit: .seconds(120))
            #expect(await help.error { $0.contains("In progress") } != nil)
            help.send(SIGINT)
            _ = await help.end()
            #expect(bench.calls(of: 0).map(\.caller) == ["", ModemProfile(.quectel).ownNumber])
            _ = await service.stop()
        }
    }
}
