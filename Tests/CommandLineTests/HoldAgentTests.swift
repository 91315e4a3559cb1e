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
        private final class Rig {
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
            /// - Parameter transfers: whether it says that it takes transfers to the place of another call.
            func call(
                from number: String,
                _ story: String,
                transfers: Bool = false,
                echoes: Bool = false
            ) throws -> Sipp {
                try Sipp(
                    house,
                    number: "10",
                    .answered(story),
                    from: number,
                    isTrunk: true,
                    to: kamailio.host,
                    headers: transfers
                        ? "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY\nSupported: timer, replaces\n" : "",
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
            var log = try await rig.house.service.run(["calls", "list", "--format", "json"])
            _ = try await waits {
                log = try await rig.house.service.run(["calls", "list", "--format", "json"])
                return try log.output.allSatisfy { try Document($0)["outcome"]?.text != nil }
            }
            let outcomes = try log.output.map { try Document($0) }.map { ($0["method"]?.text, $0["outcome"]?.text) }
            #expect(outcomes.count == 3 && outcomes.allSatisfy { $0.1 == "completed" }, "\(log)")
            await rig.stop()
        }

        @Test(
            "a PBX that takes REFER joins both itself: our calls are over there, and the modem's goes on to its own end"
        )
        func joinedAtPBX() async throws {
            let rig = try await Rig(", token: false")
            let trace = try rig.house.service.start(["sip", "trace", "--numbers", "--format", "json"])
            let story =
                Sipp.takesReferral("202 Accepted") + Sipp.notifies(2, "100 Trying", isLast: false)
                + Sipp.notifies(3, "200 OK", isLast: true) + Sipp.takesBye()
            // Traced from here on: it shows what has gone by while somebody looks.
            let registers = await trace.output { $0.contains("OPTIONS") || $0.contains("REGISTER") }
            #expect(registers != nil)
            let caller = try rig.call(from: "03055512", story, transfers: true, echoes: true)
            let held = try #require(await rig.watch.output(where: isEvent("call.connected")))
            let id = try #require(try Document(held)["call"]?.text)
            let bench = rig.house.bench
            #expect(await waits { bench.calls(of: 0).first?.state == .answered })
            let own = ModemProfile(.quectel, number: 0).ownNumber
            let arrival = try rig.call(from: own, Sipp.takesBye(), transfers: true)
            let offer = try #require(await trace.output { $0.contains("INVITE sip:") && $0.contains("<sip:\(own)@") })
            let answer = try #require(
                await trace.output {
                    $0.contains("SIP/2.0 200") && $0.contains("<sip:\(own)@") && $0.contains("INVITE")
                }
            )
            let referral = try #require(await trace.output { $0.contains("Refer-To: ") })
            // What RFC 3891 §3 has the PBX compare with its own tag and with ours.
            let (call, theirs) = (try Self.header("Call-ID", offer), try Self.tag("From", offer))
            let ours = try Self.tag("To", answer)
            let target = try Self.header("Refer-To", referral).replacing("%40", with: "@").replacing("%3D", with: "=")
                .replacing("%3B", with: ";")
            let replaces = try #require(target.split(separator: "?Replaces=").last?.split(separator: ">").first)
            #expect(
                Set(replaces.split(separator: ";")) == [call[...], "to-tag=\(theirs)", "from-tag=\(ours)"],
                "\(target)"
            )
            let joined = await rig.watch.output(where: isEvent("call.joined", ["call": .text(id)]))
            #expect(joined != nil)
            for end in [await caller.program.end(), await arrival.program.end()] { #expect(end.status == 0, "\(end)") }
            // What is left is the modem's call, which talks on.
            let status = try await rig.house.service.run(["status", "--format", "json"])
            let calls = try #require(try status.output.first.map { try Document($0)["calls"]?.list })
            #expect(calls?.map { $0["method"]?.text } == ["reverse"], "\(status)")
            #expect(calls?.first?["state"]?.text == "in_progress", "\(status)")
            #expect(bench.calls(of: 0).first?.isLive == true)
            let left = try #require(bench.calls(of: 0).first?.id)
            bench.host.withWorld { world, now in world.hangUpFarSide(call: left, at: now) }
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            var log = try await rig.house.service.run(["calls", "list", "--format", "json"])
            _ = try await waits {
                log = try await rig.house.service.run(["calls", "list", "--format", "json"])
                return try log.output.allSatisfy { try Document($0)["outcome"]?.text != nil }
            }
            let outcomes = try log.output.map { try Document($0)["outcome"]?.text }
            #expect(outcomes == ["completed", "completed", "completed"], "\(log)")
            trace.send(SIGKILL)
            _ = await trace.end()
            await rig.stop()
        }

        @Test(
            "a PBX that refuses REFER, or can't do what it was asked, has both joined inside, and is not asked twice",
            arguments: ["603 Declined", "503 Service Unavailable"]
        )
        func refusesReferral(status: String) async throws {
            let rig = try await Rig(", token: false")
            let isTaken = status.hasPrefix("503")
            let story =
                Sipp.takesReferral(isTaken ? "202 Accepted" : status)
                + (isTaken ? Sipp.notifies(2, status, isLast: true) : "") + Sipp.takesBye()
            let caller = try rig.call(from: "03055512", story, transfers: true, echoes: true)
            let held = try #require(await rig.watch.output(where: isEvent("call.connected")))
            let id = try #require(try Document(held)["call"]?.text)
            let bench = rig.house.bench
            #expect(await waits { bench.calls(of: 0).first?.state == .answered })
            let arrival = try rig.call(
                from: ModemProfile(.quectel, number: 0).ownNumber,
                Sipp.takesBye(),
                transfers: true
            )
            #expect(await rig.watch.output(where: isEvent("call.joined", ["call": .text(id)])) != nil)
            let hangUp = try await rig.house.service.run(["hangup", id])
            #expect(hangUp.status == 0, "\(hangUp)")
            for end in [await caller.program.end(), await arrival.program.end()] { #expect(end.status == 0, "\(end)") }
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            await rig.stop()
        }

        /// The value of a header of a message in a trace.
        private static func header(_ name: String, _ line: String) throws -> String {
            let text = try #require(try Document(line)["text"]?.text)
            let header = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
            return String(try #require(header, "no \(name) in \(text)").dropFirst(name.count + 2))
        }

        private static func tag(_ name: String, _ line: String) throws -> String {
            String(try #require(try header(name, line).split(separator: ";tag=").last?.split(separator: ";").first))
        }
    }
}
