import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Callers whom the box holds at its account: Debian's Kamailio is the PBX's registrar, SIPp the caller, and our own call as the PBX brings it.
    @Suite(
        "callers whom the box holds",
        .serialized,
        .enabled(if: Kamailio.path != nil && Sipp.path != nil, "kamailio or sipp is not installed")
    )
    struct HoldAgentTests {
        final class Rig {
            let kamailio: Kamailio
            let house: PhoneHouse
            let watch: Program
            private let secrets: TemporaryDirectory

            init(_ reverse: String = "") async throws {
                kamailio = try await Kamailio()
                secrets = try TemporaryDirectory()
                let file = try secrets.write("password", "secret".utf8)
                let account = """
                      accounts:
                        tel: { registrar: "sip:\(kamailio.host)", user: "10", password: { file: \(file) }, pbx: tel, srtp: off }

                    """
                let pbx = """
                      tel:
                        profile: fonial
                        own_number: "\(ModemProfile(.quectel, number: 0).ownNumber)"
                        callthrough: { access_number: "\(Bench.accessNumber)", settle: 0s }
                        reverse: { mode: dial_back, hold: agent\(reverse) }

                    """
                house = try await PhoneHouse(modems: 1, sip: account, pbx: pbx)
                let accounts = try house.service.start(["accounts", "--watch", "--format", "json"])
                let line = await accounts.output { (try? Document($0))?["state"]?.text == "registered" }
                accounts.send(SIGKILL)
                _ = await accounts.end()
                try #require(line != nil, "the account never was registered")
                watch = try await house.watch()
            }

            /// A call that the PBX leads to the account.
            ///
            /// - Parameters:
            ///   - another: a call of the same PBX.
            ///   - takes: what it says that it takes; empty for nothing.
            func call(
                from number: String,
                _ story: String,
                beside another: Sipp? = nil,
                takes: String = "",
                echoes: Bool = false
            ) throws -> Sipp {
                try Sipp(
                    house,
                    number: "10",
                    .answered(story),
                    from: number,
                    isTrunk: true,
                    to: kamailio.host,
                    beside: another,
                    headers: takes,
                    echoes: echoes
                )
            }

            func stop() async {
                watch.send(SIGKILL)
                _ = await watch.end()
                _ = await house.service.stop()
                kamailio.stop()
            }
        }

        @Test("a caller hears music; our call keys its token by RFC 4733; both are joined, and one end ends all")
        func joined() async throws {
            let rig = try await Rig()
            let caller = try rig.call(from: "03055512", Sipp.takesBye(), echoes: true)
            let held = try #require(await rig.watch.output(where: isEvent("call.connected")))
            let id = try #require(try Document(held)["call"]?.text)
            let bench = rig.house.bench
            #expect(await waits { bench.calls(of: 0).first.map { $0.tones.last?.digit == "#" } ?? false })
            let fetching = try #require(bench.calls(of: 0).first)
            #expect(fetching.number == Bench.accessNumber && fetching.tones.count == 9)
            let token = String(fetching.tones.map(\.digit))
            let own = ModemProfile(.quectel, number: 0).ownNumber
            let keys = "<nop><action><exec play_dtmf=\"\(token)\"/></action></nop>\n"
            let arrival = try rig.call(from: own, keys + Sipp.takesBye())
            let joined = try #require(await rig.watch.output(where: isEvent("call.joined", ["call": .text(id)])))
            #expect(try Document(joined)["with"]?.text != nil)
            let talks = await rig.watch.output {
                isEvent("call.in_progress")($0) && (try? Document($0))?["call"]?.text != id
            }
            #expect(talks != nil)
            let calls = try await rig.house.service.run(["status", "--format", "json"])
            #expect(calls.output.joined().contains("reverse"), "\(calls)")
            let hangUp = try await rig.house.service.run(["hangup", id])
            #expect(hangUp.status == 0, "\(hangUp)")
            for end in [await caller.program.end(), await arrival.program.end()] { #expect(end.status == 0, "\(end)") }
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            // Each is written down when the modem has said so, which comes behind the network.
            let log = try await rig.house.service.log(ended: 3)
            let outcomes = try log.output.map { try Document($0) }.map { ($0["method"]?.text, $0["outcome"]?.text) }
            #expect(outcomes.count == 3 && outcomes.allSatisfy { $0.1 == "completed" }, "\(log)")
            await rig.stop()
        }
    }
}
