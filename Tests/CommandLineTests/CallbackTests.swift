import Glibc
import ModemSimulator
import NetworkSimulator
import PBXSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    @Suite("a callback without a service", .serialized) struct CallbackTests {
        /// A simulated PBX with its HTTP interface, a modem, and a file that knows of both.
        private final class Rig {
            let bench: Bench
            let server: PBXServer
            let directory: TemporaryDirectory
            var configuration: String { directory.path + "/gsmbridge.yaml" }

            init(
                _ change: (inout SimulatedPBX.Settings) -> Void = { _ in },
                url: String? = nil,
                within limit: String = "2m",
                talk: Duration = .seconds(4),
                more: String = ""
            ) async throws {
                bench = try Bench([.quectel], talk: talk)
                directory = try TemporaryDirectory()
                server = PBXServer(host: bench.host)
                let url = if let url { url } else { try await server.start() }
                bench.host.withWorld { world, _ in change(&world.pbx.settings) }
                // Nothing but what stands in the contract: the SIM's number is what the SIM says.
                try ServiceUnderTest.write(
                    """
                    gateway:
                      state_dir: \(directory.path)/state
                      socket: \(directory.path)/control.sock
                    modems:
                      o2:
                        match: { tty: \(bench.host.paths[0]) }
                    pbx:
                      office:
                        profile: generic
                        url: \(url)
                        callthrough: { access_number: "\(Bench.accessNumber)" }
                        reverse: { ring_from: ["+4922166966960"], mode: answer }
                        callback: { ring_from: ["+4922166966961"], expect_within: \(limit) }
                    \(more)
                    """,
                    to: configuration
                )
            }

            func command(_ words: String...) -> [String] {
                words + ["--config", configuration, "--format", "json"]
            }

            func stop() async {
                await server.stop()
                bench.stop()
            }

            /// How often the PBX was asked to call, and agreed.
            var requests: Int { bench.host.withWorld { world, _ in world.pbx.counts.originations } }

            /// Waits until the PBX was asked to call.
            func isAsked(within limit: Duration = .seconds(180)) async -> Bool {
                let end = ContinuousClock.now + limit
                while requests == 0, ContinuousClock.now < end {
                    // The program is another process: there is nothing to be told by.
                    try? await Task.sleep(for: .milliseconds(5))
                }
                return requests > 0
            }
        }

        @Test("the PBX is asked with the number that the SIM knows, and its ring is answered")
        func plain() async throws {
            let rig = try await Rig()
            let result = try await Program.run(rig.command("callback", Bench.target))
            #expect(result.status == 0, "\(result)")
            let events = try CallEvents(result)
            #expect(events.names == ["requested", "ringing", "connected", "in_progress", "ended"].map { "call.\($0)" })
            #expect(events.end?["outcome"]?.text == "completed")
            #expect(result.errors == [], "\(result)")
            #expect(rig.requests == 1)
            let (called, own) = rig.bench.host.withWorld { world, _ in
                (world.pbx.originations.first?.party, world.profiles.first?.ownNumber)
            }
            #expect(called != nil && called == own)
            rig.bench.expectClean(0)
            let calls = try await Program.run(rig.command("calls", "list"))
            let record = try Document(calls.output.first ?? "")
            #expect(record["method"]?.text == "callback")
            #expect(record["outcome"]?.text == "completed")
            await rig.stop()
        }

        @Test(
            "a PBX that refuses, is not there, or does not call has its status; nothing is left",
            arguments: [41, 40, 11] as [Int32]
        )
        func failures(status: Int32) async throws {
            let rig =
                switch status {
                case 40: try await Rig(url: "http://127.0.0.1:1")
                case 41: try await Rig()
                default: try await Rig({ $0.ringFault = .never }, within: "1s")
                }
            if status == 41 { rig.server.inject(.status(403), into: .callback) }
            let result = try await Program.run(rig.command("dial", Bench.target, "--via", "callback", "--standalone"))
            #expect(result.status == status, "\(result)")
            let events = try CallEvents(result)
            #expect(events.names.filter { $0 == "call.ended" }.count == 1)
            #expect(rig.bench.calls(of: 0).allSatisfy { !$0.isLive })
            await rig.stop()
        }

        @Test("Ctrl-C while the PBX's ring is waited for ends it; a ring that comes later meets nobody who answers")
        func interrupted() async throws {
            let rig = try await Rig { $0.ringFault = .never }
            let dial = try Program(rig.command("callback", Bench.target))
            _ = await dial.output(where: isEvent("call.requested"))
            #expect(await rig.isAsked())
            dial.send(SIGINT)
            let result = await dial.end()
            #expect(result.status == 130, "\(result)")
            let late = rig.bench.host.withWorld { world, now in
                world.ring(modem: 0, from: "+4922166966961", at: now, givesUpAfter: .seconds(1))
            }
            let isOver = await waits { rig.bench.calls(of: 0).first { $0.id == late }?.isLive == false }
            #expect(isOver && rig.bench.calls(of: 0).allSatisfy { $0.answeredAt == nil })
            await rig.stop()
        }

        @Test(
            "whoever else rings meanwhile is refused, also a number of which the PBX holds callers",
            arguments: ["+49301111111", "+4922166966960"]
        )
        func strangers(number: String) async throws {
            let rig = try await Rig { $0.ringFault = .never }
            let dial = try Program(rig.command("callback", Bench.target))
            #expect(await rig.isAsked())
            let ring = rig.bench.host.withWorld { world, now in
                world.ring(modem: 0, from: number, at: now, givesUpAfter: .seconds(3600))
            }
            #expect(await waits { rig.bench.calls(of: 0).first { $0.id == ring }?.isLive == false })
            #expect(rig.bench.calls(of: 0).first { $0.id == ring }?.answeredAt == nil)
            dial.send(SIGINT)
            let result = await dial.end()
            #expect(result.status == 130, "\(result)")
            #expect(try CallEvents(result).names == ["call.requested", "call.ended"])
            await rig.stop()
        }

        @Test("Ctrl-C in the call hangs it up")
        func interruptedInCall() async throws {
            let rig = try await Rig(talk: .seconds(3600))
            let dial = try Program(rig.command("callback", Bench.target))
            _ = await dial.output(where: isEvent("call.in_progress"))
            dial.send(SIGINT)
            let result = await dial.end()
            #expect(result.status == 130, "\(result)")
            rig.bench.expectClean(0)
            await rig.stop()
        }

        @Test("the choice of a way takes a callback without a service, and its dry run says so")
        func chosen() async throws {
            let rig = try await Rig(more: "policy: { prefer: [callback] }")
            let route = try await Program.run(rig.command("dial", Bench.target, "--dry-run"))
            #expect(try Document(route.output.first ?? "")["method"]?.text == "callback", "\(route)")
            #expect(rig.requests == 0)
            let result = try await Program.run(rig.command("dial", Bench.target))
            #expect(result.status == 0, "\(result)")
            #expect(rig.requests == 1)
            await rig.stop()
        }

        @Test("a number that the policy refuses, help, and a modem that is not there: nobody is asked")
        func refused() async throws {
            let rig = try await Rig()
            let dear = try await Program.run(rig.command("callback", "0900 1234567"))
            #expect(dear.status == 30, "\(dear)")
            let help = try await Program.run(rig.command("callback", "112"))
            #expect(help.status == 64, "\(help)")
            let absent = try await Program.run(rig.command("callback", Bench.target, "--modem", "/dev/ttyUSB-none"))
            #expect(absent.status == 20, "\(absent)")
            #expect(rig.requests == 0)
            await rig.stop()
        }
    }
}
