import FoundationEssentials
import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Callers who ring the box, key a PIN and a number, and are connected through it.
    @Suite("calling on through the box", .serialized) struct DISATests {
        private static let caller = "+491719990001"
        private static let target = "+4930123456"
        private static let settings = "disa:\n  from: [\"\(caller)\"]\n  line: m0\n  pin: { file: DIRECTORY/pin }\n"

        /// A service that a caller may call on through, and what is told of its calls; the caller keys these digits.
        private static func service(
            _ keys: String,
            limit: Duration = .seconds(1200)
        ) async throws -> (Bench, ServiceUnderTest, Program) {
            let (bench, service) = try await SoundCallTests.service(
                modems: 2,
                more: settings,
                files: ["pin": "4711"],
                limit: limit
            ) { network in
                network.voices[caller] = .digits(keys, after: .seconds(1))
                network.voices[target] = SoundCallTests.saying("26485*")
            }
            let watch = try service.start(["status", "--watch", "--format", "json"], limit: .seconds(120))
            _ = await watch.output { $0.contains("\"modems\"") }
            return (bench, service, watch)
        }

        private static func ring(_ bench: Bench, from number: String = caller) -> Int? {
            bench.host.withWorld { world, now in world.ring(modem: 0, from: number, at: now) }
        }

        private static func hangUp(_ call: Int?, _ bench: Bench) {
            bench.host.withWorld { world, now in if let call { world.hangUpFarSide(call: call, at: now) } }
        }

        /// Ends everything, and expects that the PIN was shown nowhere and no call is left.
        private static func end(_ bench: Bench, _ service: ServiceUnderTest, _ watch: Program) async {
            watch.send(SIGKILL)
            let told = await watch.end()
            let left = await service.stop()
            bench.stop()
            for line in told.output + left.errors {
                #expect(!line.contains("4711") && !line.contains("\"digit\":\"7\""), "\(line)")
            }
            bench.host.withWorld { world, _ in #expect(world.liveCalls(of: 0) + world.liveCalls(of: 1) == 0) }
        }

        @Test("with the PIN and a number he is connected, both hear each other, and his end is the other call's")
        func connected() async throws {
            // Keys are sound in real time, and a busy machine tears one: then another number is called, and the test begins anew.
            for isLast in [false, false, true] {
                let (bench, service, watch) = try await Self.service("4711#030123456#")
                let ring = Self.ring(bench)
                let isJoined = await watch.output(where: isEvent("call.joined")) != nil
                let isHeard = await waits(.seconds(60)) {
                    isJoined && bench.calls(of: 0).first?.digits.contains("26485*") == true
                }
                if isHeard || isLast { return try await Self.joined(ring, bench, service, watch) }
                watch.send(SIGKILL)
                _ = await watch.end()
                _ = await service.stop()
                bench.stop()
            }
        }

        private static func joined(
            _ ring: Int?,
            _ bench: Bench,
            _ service: ServiceUnderTest,
            _ watch: Program
        ) async throws {
            // What the target says is heard by the caller: through the PBX, which was the way to it.
            #expect(await waits { bench.calls(of: 0).first?.digits.contains("26485*") == true })
            #expect(bench.calls(of: 1).map(\.number) == [Bench.accessNumber])
            #expect(bench.calls(of: 1).first?.digits.hasPrefix("030123456#") == true)
            Self.hangUp(ring, bench)
            #expect(await watch.output(where: isEvent("call.ended")) != nil)
            #expect(await watch.output(where: isEvent("call.ended")) != nil)
            let list = try await service.run(["calls", "list", "--format", "json"])
            #expect(list.output.count == 2 && list.output.allSatisfy { $0.contains("\"completed\"") }, "\(list)")
            await Self.end(bench, service, watch)
        }

        @Test("three wrong PINs end the call, and lock him: the next ring is not answered")
        func locked() async throws {
            // Keys are sound in real time, and a busy machine tears one: then the test begins anew.
            for isLast in [false, false, true] {
                let (bench, service, watch) = try await Self.service("12#471#47110#4711#030123456#")
                _ = Self.ring(bench)
                let ended = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
                let isLocked = ended["detail"]?.text?.contains("locked") == true
                if isLocked {
                    let again = Self.ring(bench)
                    #expect(await watch.output(where: isEvent("call.ringing")) != nil)
                    Self.hangUp(again, bench)
                    let second = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
                    #expect(second["outcome"]?.text == "no_answer")
                    #expect(bench.calls(of: 1).isEmpty)
                    return await Self.end(bench, service, watch)
                }
                #expect(!isLast, "\(ended)")
                watch.send(SIGKILL)
                _ = await watch.end()
                _ = await service.stop()
                bench.stop()
            }
        }

        @Test("help and dear numbers stay closed to him", arguments: ["112", "0900123456"])
        func closed(_ number: String) async throws {
            // Where a key was torn nothing is said: the service is given another minute and a half, and the test begins anew.
            for limit in [90, 90, 1200] {
                let (bench, service, watch) = try await Self.service("4711#\(number)#", limit: .seconds(limit))
                let ring = Self.ring(bench)
                if await service.program.error(where: { $0.contains("the caller is not connected") }) != nil {
                    Self.hangUp(ring, bench)
                    #expect(await watch.output(where: isEvent("call.ended")) != nil)
                    #expect(bench.calls(of: 1).isEmpty)
                    return await Self.end(bench, service, watch)
                }
                #expect(limit == 90)
                watch.send(SIGKILL)
                _ = await watch.end()
                bench.stop()
            }
        }

        @Test("another caller is not answered")
        func stranger() async throws {
            let (bench, service, watch) = try await Self.service("4711#030123456#")
            let ring = Self.ring(bench, from: "+491719990002")
            #expect(await watch.output(where: isEvent("call.ringing")) != nil)
            Self.hangUp(ring, bench)
            let ended = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
            #expect(ended["outcome"]?.text == "no_answer")
            await Self.end(bench, service, watch)
        }
    }
}
