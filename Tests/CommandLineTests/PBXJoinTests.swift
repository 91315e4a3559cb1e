import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// REFER with Replaces: the PBX joins a held caller and our own call.
    @Suite(
        "callers whom the PBX joins",
        .serialized,
        .enabled(if: Kamailio.path != nil && Sipp.path != nil, "kamailio or sipp is not installed")
    )
    struct PBXJoinTests {
        private typealias Rig = HoldAgentTests.Rig

        private static let allow = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY\n"
        private static let both = allow + "Supported: timer, replaces\n"
        private static var own: String { ModemProfile(.quectel, number: 0).ownNumber }

        @Test(
            "a PBX that takes REFER joins both itself: our calls are over there, and the modem's goes on to its own end"
        )
        func joinedAtPBX() async throws {
            let rig = try await Rig(", token: false")
            let trace = try rig.house.service.start(["sip", "trace", "--numbers", "--format", "json"])
            let story =
                Sipp.takesReferral("202 Accepted") + Sipp.notifies(3, "100 Trying", isLast: false)
                + Sipp.notifies(4, "200 OK", isLast: true) + Sipp.takesBye()
            // The trace shows messages from the first look on: one of the account's says that it has begun.
            let registers = await trace.output { $0.contains("OPTIONS") || $0.contains("REGISTER") }
            #expect(registers != nil)
            let caller = try rig.call(from: "03055512", story, takes: Self.both, echoes: true)
            let held = try #require(await rig.watch.output(where: isEvent("call.connected")))
            let id = try #require(try Document(held)["call"]?.text)
            let bench = rig.house.bench
            #expect(await waits { bench.calls(of: 0).first?.state == .answered })
            let own = ModemProfile(.quectel, number: 0).ownNumber
            let arrival = try rig.call(from: own, Sipp.takesBye(), beside: caller, takes: Self.both)
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
            let isLeft = try await waits {
                let status = try await rig.house.service.run(["status", "--format", "json"])
                let calls = try status.output.first.flatMap { try Document($0)["calls"]?.list }
                return calls?.map { $0["method"]?.text } == ["reverse"]
                    && calls?.first?["state"]?.text == "in_progress"
            }
            #expect(isLeft)
            #expect(bench.calls(of: 0).first?.isLive == true)
            let left = try #require(bench.calls(of: 0).first?.id)
            bench.host.withWorld { world, now in world.hangUpFarSide(call: left, at: now) }
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            let log = try await rig.house.service.log(ended: 3)
            let outcomes = try log.output.map { try Document($0)["outcome"]?.text }
            #expect(outcomes == ["completed", "completed", "completed"], "\(log)")
            trace.send(SIGKILL)
            _ = await trace.end()
            await rig.stop()
        }

        @Test("a PBX that ends both calls before it says that they are joined has joined them")
        func endsFirst() async throws {
            let rig = try await Rig(", token: false")
            let caller = try rig.call(
                from: "03055512",
                Sipp.takesReferral("202 Accepted") + Sipp.hangsUp(3),
                takes: Self.both
            )
            let bench = rig.house.bench
            #expect(await waits { bench.calls(of: 0).first?.state == .answered })
            // Within the 5 s that it has for that, and late enough for what is asked before.
            let ends = "<pause milliseconds=\"4000\"/>\n" + Sipp.hangsUp(3)
            let arrival = try rig.call(from: Self.own, ends, beside: caller, takes: Self.both)
            for end in [await caller.program.end(), await arrival.program.end()] { #expect(end.status == 0, "\(end)") }
            #expect(await rig.watch.output(where: isEvent("call.joined")) != nil)
            try await came(rig, ["completed", "completed"])
            #expect(bench.calls(of: 0).first?.isLive == true)
            let hungUp = try await rig.house.service.run(["hangup"])
            #expect(hungUp.status == 0, "\(hungUp)")
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            await rig.stop()
        }

        @Test(
            "a PBX that refuses, asks who it is, or fails behind its word has both joined inside, and is not asked twice",
            arguments: ["603 Declined", "404 Not Found", "407 Who are you", "503 Come again", "NOTIFY"]
        )
        func refuses(how: String) async throws {
            let rig = try await Rig(", token: false")
            let story =
                switch how {
                case "NOTIFY": Sipp.takesReferral("202 Accepted") + Sipp.notifies(3, "503 Unavailable", isLast: true)
                case "407 Who are you":
                    Sipp.takesReferral(how, "Proxy-Authenticate: Digest realm=\"tel\", nonce=\"1\", algorithm=MD5\n")
                case "503 Come again": Sipp.takesReferral(how, "Retry-After: 1\n")
                default: Sipp.takesReferral(how)
                }
            let caller = try rig.call(from: "03055512", story + Sipp.takesBye(), takes: Self.both, echoes: true)
            let held = try #require(await rig.watch.output(where: isEvent("call.connected")))
            let id = try #require(try Document(held)["call"]?.text)
            let bench = rig.house.bench
            #expect(await waits { bench.calls(of: 0).first?.state == .answered })
            let arrival = try rig.call(from: Self.own, Sipp.takesBye(), beside: caller, takes: Self.both)
            #expect(await rig.watch.output(where: isEvent("call.joined", ["call": .text(id)])) != nil)
            // Behind all that a hang-up comes out, at both ends.
            let hangUp = try await rig.house.service.run(["hangup", id])
            #expect(hangUp.status == 0, "\(hangUp)")
            for end in [await caller.program.end(), await arrival.program.end()] { #expect(end.status == 0, "\(end)") }
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            try await came(rig, ["completed", "completed", "completed"])
            await rig.stop()
        }

        @Test("a PBX that says nothing for 10 s has both joined inside; one that knows REFER alone is not asked")
        func silence() async throws {
            let rig = try await Rig(", token: false")
            let story = Sipp.takesReferral("202 Accepted") + Sipp.takesBye()
            for (takes, count) in [(Self.both, 3), (Self.allow, 6)] {
                let caller = try rig.call(from: "03055512", count == 3 ? story : Sipp.takesBye(), takes: takes)
                let held = try #require(await rig.watch.output(where: isEvent("call.connected")))
                let id = try #require(try Document(held)["call"]?.text)
                let bench = rig.house.bench
                #expect(
                    await waits { bench.calls(of: 0).count == count / 3 && bench.calls(of: 0).last?.state == .answered }
                )
                let arrival = try rig.call(from: Self.own, Sipp.takesBye(), beside: caller, takes: takes)
                #expect(await rig.watch.output(where: isEvent("call.joined", ["call": .text(id)])) != nil)
                let hangUp = try await rig.house.service.run(["hangup", id])
                #expect(hangUp.status == 0, "\(hangUp)")
                for end in [await caller.program.end(), await arrival.program.end()] {
                    #expect(end.status == 0, "\(end)")
                }
                #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
                try await came(rig, .init(repeating: "completed", count: count))
            }
            await rig.stop()
        }

        @Test("a hang-up while the PBX is asked ends all, and nobody was joined")
        func hangUp() async throws {
            let rig = try await Rig(", token: false")
            let caller = try rig.call(
                from: "03055512",
                Sipp.takesReferral("202 Accepted") + Sipp.takesBye(),
                takes: Self.both
            )
            let held = try #require(await rig.watch.output(where: isEvent("call.connected")))
            let id = try #require(try Document(held)["call"]?.text)
            let bench = rig.house.bench
            #expect(await waits { bench.calls(of: 0).first?.state == .answered })
            let trace = try rig.house.service.start(["sip", "trace"])
            #expect(await trace.error { $0.contains("listening") } != nil)
            let arrival = try rig.call(from: Self.own, Sipp.takesBye(), beside: caller, takes: Self.both)
            #expect(await trace.output { $0.contains("SIP/2.0 202") } != nil)
            let hangUp = try await rig.house.service.run(["hangup", id])
            #expect(hangUp.status == 0, "\(hangUp)")
            for end in [await caller.program.end(), await arrival.program.end()] { #expect(end.status == 0, "\(end)") }
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            try await came(rig, ["no_answer", "no_answer", "no_answer"])
            trace.send(SIGKILL)
            _ = await trace.end()
            await rig.stop()
        }

        /// Waits until so many calls are written down, and looks how they came out.
        private func came(_ rig: Rig, _ outcomes: [String]) async throws {
            let log = try await rig.house.service.log(ended: outcomes.count)
            #expect(try log.output.compactMap { try Document($0)["outcome"]?.text } == outcomes, "\(log)")
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
