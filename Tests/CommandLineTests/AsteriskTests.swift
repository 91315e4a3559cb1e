import Glibc
import ModemSimulator
import NetworkSimulator
import PBXSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// The built program, and an Asterisk that hands it callers over the connection for events.
    @Suite("held callers at Asterisk", .serialized) struct AsteriskTests {
        private final class Rig {
            let bench: Bench
            let server: PBXServer
            let service: ServiceUnderTest
            private let secrets: TemporaryDirectory

            init() async throws {
                bench = try Bench([.quectel])
                server = PBXServer(
                    host: bench.host,
                    configuration: PBXServer.Configuration(password: "s3cr3t-word", application: "cabin")
                )
                let url = try await server.start()
                secrets = try TemporaryDirectory()
                try ServiceUnderTest.write("s3cr3t-word", to: secrets.path + "/ari")
                service = try await ServiceUnderTest(
                    bench,
                    pbx: """
                          asterisk:
                            profile: asterisk_ari
                            url: \(url)/ari
                            user: gsmbridge
                            password: { file: \(secrets.path)/ari }
                            app: cabin
                            callthrough: { access_number: "\(Bench.accessNumber)" }
                            reverse: { ring_from: ["+4922166966960"], mode: dial_back }
                        """
                )
                try await service.modems(are: "ready", count: 1)
            }

            func stop() async -> Program.Result {
                let result = await service.stop()
                await server.stop()
                bench.stop()
                return result
            }

            /// Somebody outside calls the PBX; the reference of the held caller.
            func calls(givesUpAfter: Duration? = nil) -> String? {
                bench.host.withWorld { world, now in
                    world.callFromOutside(
                        from: "+493055512345",
                        to: world.pbx.settings.holdingNumbers.first ?? "",
                        givesUpAfter: givesUpAfter,
                        at: now
                    )
                }
            }

            var isIdle: Bool { bench.host.withWorld { world, _ in world.calls.allSatisfy { !$0.isLive } } }

            func events() async throws -> String? {
                let status = try await service.run(["status", "--format", "json"])
                return try Document(status.output.first ?? "")["pbx"]?.list?
                    .first { $0["name"]?.text == "asterisk" }?["events"]?
                    .text
            }
        }

        @Test("a caller is fetched by a call of the modem's and joined; the caller's end ends it")
        func whole() async throws {
            let rig = try await Rig()
            #expect(try await waits { try await rig.events() == "open" })
            let text = try await rig.service.run(["status"])
            #expect(text.output.contains { $0.contains("events open") }, "\(text)")
            let held = rig.calls()
            #expect(await waits { rig.bench.host.withWorld { world, _ in world.pbx.counts.joins } == 1 })
            #expect(held != nil)
            let joined = rig.bench.host.withWorld { world, _ in held.flatMap { world.pbx.heldCaller($0)?.state } }
            #expect(joined == .joined)
            #expect(rig.bench.calls(of: 0).filter(\.isLive).map(\.dialled) == [Bench.accessNumber])
            // No ring; a token of eight digits beside the number, which can be forged.
            #expect(rig.bench.calls(of: 0).allSatisfy { $0.tones.count == 9 && $0.direction == .outgoing })
            // People talk once the PBX has said so here.
            let isTalking = try await waits {
                let status = try await rig.service.run(["status", "--format", "json"])
                let calls = try Document(status.output.first ?? "")["calls"]?.list
                return calls?.first?["state"]?.text == "in_progress"
            }
            #expect(isTalking)
            if let held { rig.bench.host.withWorld { world, now in world.outsideHangsUp(held, at: now) } }
            #expect(await waits { rig.isIdle })
            let isRecorded = try await waits {
                let calls = try await rig.service.run(["calls", "list", "--format", "json"])
                return try calls.output.contains { line in
                    let call = try Document(line)
                    return call["method"]?.text == "reverse" && call["outcome"]?.text == "completed"
                        && call["target"]?.text == "+493055512345" && call["payer"]?.text == "sim"
                }
            }
            #expect(isRecorded)
            let result = await rig.stop()
            #expect(result.status == 0)
            #expect(!(result.output + result.errors).contains { $0.contains("s3cr3t") })
        }

        @Test("a caller who leaves behind the answer, before the two are joined, ends the call of the modem")
        func leavesUnjoined() async throws {
            let rig = try await Rig()
            #expect(try await waits { try await rig.events() == "open" })
            let held = rig.calls()
            #expect(await waits { rig.bench.calls(of: 0).contains { $0.answeredAt != nil } })
            if let held { rig.bench.host.withWorld { world, now in world.outsideHangsUp(held, at: now) } }
            #expect(await waits { rig.isIdle })
            let isRecorded = try await waits {
                let calls = try await rig.service.run(["calls", "list", "--format", "json"])
                return try calls.output.contains { line in
                    let call = try Document(line)
                    return call["method"]?.text == "reverse" && call["outcome"]?.text == "no_answer"
                }
            }
            #expect(isRecorded)
            _ = await rig.stop()
        }

        @Test("a caller who gives up while the modem dials costs no more; one at the stop goes on in the dialplan")
        func givesUp() async throws {
            let rig = try await Rig()
            #expect(try await waits { try await rig.events() == "open" })
            let held = rig.calls()
            #expect(await waits { rig.bench.calls(of: 0).contains { $0.isLive } })
            if let held { rig.bench.host.withWorld { world, now in world.outsideHangsUp(held, at: now) } }
            #expect(await waits { rig.isIdle })
            #expect(rig.bench.host.withWorld { world, _ in world.pbx.counts.joins } == 0)
            #expect(rig.bench.calls(of: 0).count == 1)
            let last = rig.calls()
            _ = await rig.stop()
            let state = rig.bench.host.withWorld { world, _ in last.flatMap { world.pbx.heldCaller($0)?.state } }
            #expect(state != nil && state != .waiting && state != .claimed && state != .joined)
        }
    }
}
