import FoundationEssentials
import Glibc
import ModemSimulator
import NetworkSimulator
import PBXSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What rings and messages of listed numbers come to.
    @Suite("rules on what arrives", .serialized) struct ArrivalTests {
        private static let code = "hunter77"
        private static let stranger = "+491741234567"
        private static let (guest, owner) = ("+491711234567", "+491721234567")

        @Test("a ring is refused and called back, a message with its code is followed, and wrong codes lock the number")
        func rules() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let server = PBXServer(host: bench.host)
            let url = try await server.start()
            let directory = try TemporaryDirectory()
            let file = directory.path + "/code"
            try Data(Self.code.utf8).write(to: URL(filePath: file))
            chmod(file, 0o600)
            bench.host.withWorld { world, _ in world.messages.epoch = Int64(Date().timeIntervalSince1970) }
            let service = try await ServiceUnderTest(
                bench,
                more: """
                    arrivals:
                      - { number: "\(Bench.target)", on: ring }
                      - { number: "\(Self.guest)", on: message, code: { file: \(file) } }
                      - { number: "\(Self.owner)", on: message, do: status, code: { file: \(file) } }
                    """,
                pbx: """
                      cloud:
                        profile: generic
                        url: \(url)
                        callback: { ring_from: ["+4922166966961"], expect_within: 60s }
                    """
            )
            try await service.modems(are: "ready", count: 1)
            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { _ in true }
            func asked() -> Int { bench.host.withWorld { world, _ in world.pbx.counts.originations } }
            func ring(_ caller: String) async throws -> Document {
                _ = bench.host.withWorld { world, now in
                    world.ring(
                        modem: 0,
                        from: caller,
                        at: now,
                        givesUpAfter: .seconds(caller == Self.stranger ? 6 : 60)
                    )
                }
                return try Document(try #require(await watch.output(where: isEvent("call.ended")), "\(caller)"))
            }
            #expect(try await ring(Bench.target)["outcome"]?.text == "rejected")
            let requested = try #require(
                await watch.output(where: isEvent("call.requested", ["method": .text("callback")]))
            )
            #expect(try Document(requested)["origin"]?.text == "rule", "\(requested)")
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            #expect(await watch.output(where: isEvent("call.ended")) != nil)
            #expect(asked() == 1)
            try await service.modems(are: "ready", count: 1)
            // Again within two minutes it is refused, and that is all; a stranger is not refused.
            #expect(try await ring(Bench.target)["outcome"]?.text == "rejected")
            try await service.modems(are: "ready", count: 1)
            #expect(try await ring(Self.stranger)["outcome"]?.text == "no_answer")
            let texts = [
                "callback wrong1", "callback wrong2", "hello there", "Callback wrong3", "callback \(Self.code)",
            ]
            for text in texts { try await say(text, from: Self.guest, to: bench, heardBy: watch) }
            // The last one shows that all before were looked at: one follows the other.
            try await say("status \(Self.code)", from: Self.owner, to: bench, heardBy: watch)
            let isSent = await waits { bench.host.withWorld { world, _ in !world.takenMessages.isEmpty } }
            #expect(isSent)
            let taken = bench.host.withWorld { world, _ in world.takenMessages }
            #expect(taken.map(\.number) == [Self.owner], "\(taken)")
            #expect(taken.first?.text.hasPrefix("test: 0 calls; m0 ") == true, "\(taken)")
            #expect(asked() == 1)
            let list = try await service.run(["sms", "list", "--format", "json"])
            #expect(list.output.count == texts.count + 2)
            watch.send(SIGKILL)
            let events = await watch.end()
            let end = await service.stop()
            // The code is in nothing that is shown, told or logged.
            for line in list.output + events.output + end.errors + end.output { #expect(!line.contains(Self.code)) }
            #expect(end.errors.contains { $0.contains("third wrong code") }, "\(end)")
            await server.stop()
        }

        @Test("a crash lifts no lock")
        func crashed() async throws {
            let bench = try Bench([ModemFamily.huawei])
            defer { bench.stop() }
            let directory = try TemporaryDirectory()
            let file = directory.path + "/code"
            try Data(Self.code.utf8).write(to: URL(filePath: file))
            chmod(file, 0o600)
            bench.host.withWorld { world, _ in world.messages.epoch = Int64(Date().timeIntervalSince1970) }
            let service = try await ServiceUnderTest(
                bench,
                more: #"arrivals: [{ number: "\#(Self.guest)", on: message, do: status, code: { file: \#(file) } }]"#
            )
            try await service.modems(are: "ready", count: 1)
            func say(_ text: String) {
                bench.host.withWorld { world, now in
                    world.send(SimulatedMessage(from: Self.guest, text: text), to: 0, at: now)
                }
            }
            for number in 1...3 { say("status wrong\(number)") }
            #expect(await service.program.error { $0.contains("third wrong code") } != nil)
            try await service.crashAndRestart()
            try await service.modems(are: "ready", count: 1)
            say("status \(Self.code)")
            #expect(await service.program.error { $0.contains("it is locked") } != nil)
            #expect(bench.host.withWorld { world, _ in world.takenMessages.isEmpty })
            // Where what was before can't be read, nothing that costs is done.
            let ledger = service.directory.path + "/state/arrivals"
            #expect(unlink(ledger) == 0 && mkdir(ledger, 0o700) == 0)
            try await service.crashAndRestart()
            try await service.modems(are: "ready", count: 1)
            // In other letters: the same ones of the same second are one message.
            say("Status \(Self.code)")
            #expect(await service.program.error { $0.contains("comes to nothing: it can't be written down") } != nil)
            #expect(bench.host.withWorld { world, _ in world.takenMessages.isEmpty })
            _ = await service.stop()
        }

        private func say(_ text: String, from sender: String, to bench: Bench, heardBy watch: Program) async throws {
            bench.host.withWorld { world, now in world.send(SimulatedMessage(from: sender, text: text), to: 0, at: now)
            }
            let heard = await watch.output(where: isEvent("message.received"))
            #expect(heard != nil, "\(text)")
        }

        @Test("a dry run explains it")
        func explained() async throws {
            let directory = try TemporaryDirectory()
            let file = directory.path + "/gsmbridge.yaml"
            try ServiceUnderTest.write(
                """
                pbx:
                  cloud: { profile: generic, url: "https://pbx.example.net", callback: { ring_from: ["+4922166966961"] } }
                messages: { missed_call: "Later." }
                sip: { phones: { desk: { password: { file: /nowhere } }, hall: { password: { file: /nowhere } } } }
                incoming:
                  - { line: o2, from: known, time: "mon-fri 08:00-18:00", ring: ["phone:desk"], then: [{ ring: ["phone:hall"] }] }
                  - { from: withheld, ring: ["phone:hall"], else: voicemail }
                arrivals:
                  - { number: "\(Bench.target)", on: ring }
                  - { number: "\(Self.guest)", on: message, do: status, code: { file: /nowhere } }
                """,
                to: file
            )
            func explain(_ number: String, _ more: String...) async throws -> [Document] {
                let result = try await Program.run(
                    ["arrivals", number, "--dry-run", "--format", "json", "--config", file] + more
                )
                #expect(result.status == 0, "\(result)")
                return try result.output.map { try Document($0) }
            }
            let listed = try await explain("030 12345678")
            #expect(listed.first?["do"]?.text == "callback" && listed.first?["pbx"]?.text == "cloud", "\(listed)")
            let guest = try await explain(Self.guest)
            #expect(guest.compactMap { $0["do"]?.text } == ["missed_call", "ignore", "status"], "\(guest)")
            let stranger = try await explain("+441712345678")
            #expect(stranger.compactMap { $0["do"]?.text } == ["nothing", "ignore", "nothing"], "\(stranger)")
            // 2026-07-31 is a Friday.
            let open = try await explain("+441712345678", "--line", "o2", "--at", "2026-07-31 17:59")
            #expect(open.dropFirst().first?["rule"]?.number == 1, "\(open)")
            let words = "incoming[1] rings phone:desk; after 10s phone:hall; after 30s: reject"
            #expect(open.dropFirst().first?["text"]?.text == words, "\(open)")
            let closed = try await explain("+441712345678", "--line", "o2", "--at", "2026-07-31 18:00")
            #expect(
                closed.dropFirst().first?["text"]?.text?.contains("incoming[1] does not fit: time") == true,
                "\(closed)"
            )
            let hidden = try await explain("withheld")
            #expect(hidden.first?["rule"]?.number == 2 && hidden.count == 1, "\(hidden)")
            #expect(try await Program.run(["arrivals", "withheld", "--at", "25:00", "--config", file]).status == 64)
            #expect(try await Program.run(["arrivals", "abc", "--config", file]).status == 64)
        }
    }
}
