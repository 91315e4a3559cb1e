import FoundationEssentials
import Glibc
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import ModemSimulator

extension CommandLineTests {
    /// Callers who ring the box, key a PIN and a number, and are connected through it.
    @Suite("calling on through the box", .serialized) struct DISATests {
        private static let caller = "+491719990001"
        private static let target = "+4930123456"
        private static let settings = "disa:\n  from: [\"\(caller)\"]\n  line: m0\n  pin: { file: DIRECTORY/pin }\n"

        /// A service that a caller may call on through, and what is told of its calls; the caller keys these digits.
        ///
        /// - Parameters:
        ///   - limit: how long the service may run.
        ///   - others: the family of the modem that makes the other call.
        ///   - says: what the called one says.
        ///   - pbx: further lines of the PBX's callthrough, indented by six.
        private static func service(
            _ keys: String,
            limit: Duration = .seconds(1200),
            over others: ModemFamily = .huawei,
            says: String = "26485*",
            pbx: String = "",
            _ change: (inout SimulatedNetwork) -> Void = { _ in }
        ) async throws -> (Bench, ServiceUnderTest, Program) {
            let bench = try Bench([ModemProfile(.huawei), ModemProfile(others, number: 1)]) { network in
                network.voices[caller] = .digits(keys, after: .seconds(1))
                network.voices[target] = SoundCallTests.saying(says)
                change(&network)
            }
            let service = try await ServiceUnderTest(
                bench,
                more: settings,
                pbx: pbx,
                files: ["pin": "4711"],
                limit: limit
            )
            try await service.modems(are: "ready", count: 2)
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

        /// Ends a try in which a key was torn.
        private static func giveUp(_ bench: Bench, _ service: ServiceUnderTest, _ watch: Program) async {
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await service.stop()
            bench.stop()
        }

        /// Ends everything, and expects that the PIN was shown nowhere and no call is left.
        private static func end(_ bench: Bench, _ service: ServiceUnderTest, _ watch: Program) async {
            watch.send(SIGKILL)
            let told = await watch.end()
            let left = await service.stop()
            bench.stop()
            // The ids of calls are not what is looked for, and may have such digits in them.
            let id = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/
            for line in (told.output + left.errors).map({ $0.replacing(id, with: "") }) {
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
            let list = try await service.log(ended: 2)
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
                    // Also in another form of the number.
                    let again = Self.ring(bench, from: "01719990001")
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

        @Test("confirm at the PBX holds for his call, too: the key comes before both are joined")
        func confirmed() async throws {
            for isLast in [false, false, true] {
                let (bench, service, watch) = try await Self.service(
                    "4711#030123456#",
                    says: "1",
                    pbx: "      confirm: \"1\"\n"
                )
                let ring = Self.ring(bench)
                var told: [Document] = []
                let isJoined = await watch.output { line in
                    guard let document = try? Document(line) else { return false }
                    told.append(document)
                    return document.event == "call.joined" || document.event == "call.ended"
                }
                let caller = told.first { $0.event == "call.requested" }?["call"]?.text
                let others = told.filter { $0["call"]?.text != caller }.map(\.event)
                if others.last == "call.joined" || isLast {
                    #expect(isJoined != nil && others.last == "call.joined", "\(others)")
                    let key = try #require(others.firstIndex(of: "call.dtmf"), "\(others)")
                    #expect(key < others.count - 1)
                    Self.hangUp(ring, bench)
                    #expect(await watch.output(where: isEvent("call.ended")) != nil)
                    #expect(await watch.output(where: isEvent("call.ended")) != nil)
                    return await Self.end(bench, service, watch)
                }
                await Self.giveUp(bench, service, watch)
            }
        }

        @Test(
            "a modem without sound is hung up at once where it reaches the target, and he is asked for another number"
        )
        func soundless() async throws {
            for limit in [90, 90, 1200] {
                let (bench, service, watch) = try await Self.service(
                    "4711#030123456#",
                    limit: .seconds(limit),
                    over: .zte
                )
                let ring = Self.ring(bench)
                if await service.program.error(where: { $0.contains("the caller is not connected") }) != nil {
                    #expect(await waits { bench.host.withWorld { world, _ in world.liveCalls(of: 1) } == 0 })
                    // He still has his seconds for another number, of which a busy machine may have used up some here.
                    let (own, other) = (bench.calls(of: 0).last, bench.calls(of: 1).last)
                    if let left = own?.endedAt, let given = other?.endedAt {
                        #expect(left - given > .seconds(3))
                    } else {
                        #expect(own?.isLive == true && other?.isLive == false)
                    }
                    Self.hangUp(ring, bench)
                    #expect(await watch.output(where: isEvent("call.ended")) != nil)
                    return await Self.end(bench, service, watch)
                }
                #expect(limit == 90)
                await Self.giveUp(bench, service, watch)
            }
        }

        @Test("he leaves while the other one is rung: that call ends with his")
        func leaves() async throws {
            for isLast in [false, false, true] {
                let (bench, service, watch) = try await Self.service("4711#030123456#") { network in
                    network.subscribers[Bench.accessNumber] = .noAnswer(
                        alerting: .milliseconds(100),
                        givesUpAfter: .seconds(3600)
                    )
                }
                let ring = Self.ring(bench)
                if await watch.output(where: isEvent("call.alerting")) != nil {
                    Self.hangUp(ring, bench)
                    #expect(await watch.output(where: isEvent("call.ended")) != nil)
                    #expect(await watch.output(where: isEvent("call.ended")) != nil)
                    #expect(await waits { bench.host.withWorld { world, _ in world.liveCalls(of: 1) } == 0 })
                    return await Self.end(bench, service, watch)
                }
                #expect(!isLast)
                await Self.giveUp(bench, service, watch)
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
