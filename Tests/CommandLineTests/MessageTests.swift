import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `gsmbridge sms` and `gsmbridge ussd`, with a service and a simulated modem.
    @Suite("messages and USSD", .serialized) struct MessageTests {
        private static func taken(_ bench: Bench) -> [TakenMessage] {
            bench.host.withWorld { world, _ in world.takenMessages }
        }

        /// Waits until no store has a message.
        private static func isEmptied(_ bench: Bench) async throws {
            let isEmpty = await waits {
                bench.host.withWorld { world, _ in
                    world.stored(on: 0, in: "SM") + world.stored(on: 0, in: "ME") + world.heldMessages(for: 0) == 0
                }
            }
            try #require(isEmpty, "messages stay on the card")
        }

        private static func send(_ message: SimulatedMessage, _ bench: Bench) {
            bench.host.withWorld { world, now in world.send(message, to: 0, at: now) }
        }

        @Test("without a service there is no modem for a message or a code")
        func noService() async throws {
            let directory = try TemporaryDirectory()
            for wish in [["sms", "send", "01711234567", "hello"], ["ussd", "o2", "*100#"]] {
                let result = try await Program.run(wish + ["--socket", directory.path + "/none.sock"])
                #expect(result.status == 20, "\(result)")
                #expect(result.errors.contains { $0.contains("no service is running") }, "\(result)")
            }
        }

        @Test("a message is sent in parts, once, and its delivery is told", arguments: [ModemFamily.quectel, .huawei])
        func sent(_ family: ModemFamily) async throws {
            let bench = try Bench([family])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { _ in true }
            let text = String(repeating: "Grüße aus der Hütte €. ", count: 10)
            let result = try await service.run(["sms", "send", "0171 1234567", text, "--report", "--format", "json"])
            #expect(result.status == 0, "\(result)")
            let record = try Document(result.output.first ?? "")
            #expect(record["state"]?.text == "sent")
            #expect(record["direction"]?.text == "outgoing")
            #expect(record["number"]?.text == "+49 171 1234567" || record["number"]?.text == "+491711234567")
            let parts = Self.taken(bench)
            #expect(parts.map(\.place) == [1, 2])
            #expect(Set(parts.map(\.reference)).count == 1)
            #expect(parts.map(\.text).joined() == text)
            let delivered = await watch.output(where: isEvent("message.delivered"))
            #expect(delivered != nil)
            let id = try #require(record["message"]?.text)
            let shown = try await service.run(["sms", "show", String(id.prefix(8)), "--format", "json"])
            #expect(try Document(shown.output.first ?? "")["state"]?.text == "delivered", "\(shown)")
            watch.send(SIGKILL)
            _ = await watch.end()
            #expect(bench.host.withWorld { world, _ in world.violations } == [])
            _ = await service.stop()
        }

        @Test("what can't or may not be sent is refused with its exit status, and nothing goes out")
        func refused() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, more: "messages: { max_per_hour: 3, max_per_day: 4 }")
            try await service.modems(are: "ready", count: 1)
            for (number, text, status) in [
                ("0900123456", "dear", 30), ("+43123456789", "abroad", 30), ("112", "help", 30), ("abc", "none", 64),
                ("01711234567", String(repeating: "ж", count: 2000), 64),
            ] as [(String, String, Int32)] {
                let result = try await service.run(["sms", "send", number, text])
                #expect(result.status == status, "\(number): \(result)")
                #expect(result.errors.count == 1)
            }
            #expect(Self.taken(bench).isEmpty)
            bench.host.withWorld { world, _ in world.messages.refused = ["+491711000000"] }
            let network = try await service.run(["sms", "send", "+491711000000", "no"])
            #expect(network.status == 12, "\(network)")
            // Parts count, not messages, and what was refused does not: of a burst only three get through.
            let burst = (0..<6)
                .map { ["sms", "send", "01711234567", "burst \($0)", "--config", service.configuration] }
            let results = try await concurrently(burst) { _, arguments in try await Program.run(arguments) }
            #expect(results.count { $0.status == 0 } == 3, "\(results)")
            #expect(results.count { $0.status == 30 } == 3, "\(results)")
            #expect(Self.taken(bench).count == 3)
            _ = await service.stop()
        }

        @Test("after a lost answer a message is unknown, and is not sent again, after a restart neither")
        func lost() async throws {
            var profile = ModemProfile(.quectel)
            profile.faults = [.lostReply(command: "AT+CMGS", .always)]
            let bench = try Bench([profile])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let send = try service.start(["sms", "send", "01711234567", "once"], limit: .seconds(180))
            try #require(await waits { !Self.taken(bench).isEmpty }, "nothing was sent")
            // A crash in the middle is the same.
            try await service.crashAndRestart()
            let result = await send.end()
            #expect(result.status == 14, "\(result)")
            try await service.modems(are: "ready", count: 1)
            let list = try await service.run(["sms", "list", "--format", "json"])
            #expect(list.output.count == 1)
            #expect(try Document(list.output.first ?? "")["state"]?.text == "unknown")
            #expect(Self.taken(bench).count == 1)
            _ = await service.stop()
        }

        @Test("what comes is listed, told and deleted on the card; parts in any order, over a restart")
        func received() async throws {
            let bench = try Bench([ModemFamily.simcom])
            defer { bench.stop() }
            bench.host.withWorld { world, now in
                for number in 0..<12 {
                    let isStored = world.store(
                        SimulatedMessage(from: "+4917112\(number)", text: "stored \(number)"),
                        in: number % 2 == 0 ? "SM" : "ME",
                        of: 0,
                        at: now
                    )
                    #expect(isStored)
                }
            }
            let service = try await ServiceUnderTest(bench)
            let watch = try service.start(["sms", "list", "--watch", "--format", "json"])
            try await service.modems(are: "ready", count: 1)
            try await Self.isEmptied(bench)
            let text = (0..<50).map { "word \($0)" }.joined(separator: " ")
            var long = SimulatedMessage(from: "Bank", text: text)
            long.order = [2, 0]
            Self.send(long, bench)
            let isListed = try await waits {
                try await service.run(["sms", "list", "--state", "incomplete", "--format", "json"]).output.count == 1
            }
            #expect(isListed)
            try await Self.isEmptied(bench)
            try await service.crashAndRestart()
            try await service.modems(are: "ready", count: 1)
            let incomplete = try await service.run(["sms", "list", "--state", "incomplete", "--format", "json"])
            #expect(incomplete.output.count == 1, "\(incomplete)")
            // The last part has the reference of the first ones.
            bench.host.withWorld { world, now in
                var rest = long
                rest.order = [1]
                world.resend(rest, to: 0, at: now)
            }
            let waiting = try service.start(["sms", "list", "--watch", "--format", "json"])
            let line = await waiting.output { (try? Document($0))?["text"]?.text == text }
            #expect(line != nil)
            let list = try await service.run(["sms", "list", "--format", "json", "--limit", "100"])
            let texts = try list.output.compactMap { try Document($0)["text"]?.text }
            #expect(texts.count == 13 && Set(texts).count == 13, "\(texts)")
            let threads = try await service.run(["sms", "threads", "--limit", "2", "--format", "json"])
            #expect(threads.output.count == 2, "\(threads)")
            let newest = try Document(threads.output.first ?? "")
            #expect(newest["number"]?.text == "Bank" && newest["last"]?["text"]?.text == text, "\(newest)")
            let lines = try await service.run(["sms", "threads"])
            #expect(lines.output.count == 13 && lines.output.first?.hasPrefix("Bank  1  ") == true, "\(lines)")
            let erased = try await service.run(["sms", "erase", "--number", "Bank", "--format", "json"])
            #expect(erased.status == 0, "\(erased)")
            let after = try await service.run(["sms", "export"])
            #expect(!after.output.contains { $0.contains("word 5") })
            for program in [watch, waiting] {
                program.send(SIGKILL)
                _ = await program.end()
            }
            _ = await service.stop()
        }

        @Test(
            "USSD answers in one word or in a session; codes that divert are refused",
            arguments: [ModemFamily.quectel, .huawei]
        )
        func service(_ family: ModemFamily) async throws {
            let bench = try Bench([family])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, more: "ussd: { allow: [\"*100#\", \"*101#\"] }")
            try await service.modems(are: "ready", count: 1)
            let balance = try await service.run(["ussd", "m0", "*100#", "--format", "json"])
            #expect(balance.output == ["{\"done\":true,\"text\":\"Ihr Guthaben beträgt 12,34 EUR.\"}"], "\(balance)")
            let menu = try await service.run([
                "ussd", "m0", "*101#", "--reply", "2", "--reply", "1", "--format", "json",
            ])
            #expect(menu.output.count == 3, "\(menu)")
            #expect(try Document(menu.output.first ?? "")["text"]?.text == "1 Tarif\n2 Guthaben\n3 Русский")
            #expect(menu.output.last == "{\"done\":true,\"text\":\"12,34 EUR\"}")
            for code in ["**21*0171123456#", "*21*0171123456#", "##002#", "*102#"] {
                let result = try await service.run(["ussd", "m0", code])
                #expect(result.status == 30, "\(code): \(result)")
            }
            for code in ["100", "*100", "*1a#"] {
                let result = try await service.run(["ussd", "m0", code])
                #expect(result.status == 64, "\(code): \(result)")
            }
            let nobody = try await service.run(["ussd", "nobody", "*100#"])
            #expect(nobody.status == 20, "\(nobody)")
            _ = await service.stop()
        }

        @Test("a modem that is registered for messages only sends and takes them, and makes no calls")
        func messagesOnly() async throws {
            let bench = try Bench([ModemProfile(.quectel) { $0.registration = .messagesOnly }])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "failed", count: 1)
            let watch = try service.start(["sms", "list", "--watch", "--format", "json"])
            let sent = try await service.run(["sms", "send", "01711234567", "no calls here"])
            #expect(sent.status == 0, "\(sent)")
            #expect(Self.taken(bench).map(\.text) == ["no calls here"])
            Self.send(SimulatedMessage(from: "+491711112222", text: "read"), bench)
            let line = await watch.output { (try? Document($0))?["text"]?.text == "read" }
            #expect(line != nil)
            let call = try await service.run(["dial", Bench.target, "--via", "direct"])
            #expect(call.status == 22, "\(call)")
            // It is no fault of the modem: with another network it is ready.
            bench.host.withWorld { world, now in world.setRegistration(.home, of: 0, at: now) }
            try await service.modems(are: "ready", count: 1)
            bench.host.withWorld { world, now in world.setRegistration(.messagesOnly, of: 0, at: now) }
            try await service.modems(are: "failed", count: 1)
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await service.stop()
            let alone = try await Program.run([
                "dial", Bench.target, "--via", "direct", "--modem", bench.host.paths[0],
            ])
            #expect(alone.status == 22, "\(alone)")
        }

        /// At which of a round's message commands the service is killed, all over a round: 12 points, or as many as
        /// `GSMBRIDGE_KILL_POINTS` says.
        private static let killPoints: [Int] = {
            let count = getenv("GSMBRIDGE_KILL_POINTS").flatMap { Int(String(cString: $0)) } ?? 12
            // A round has some 40 of them.
            return (0..<max(1, count)).map { 1 + $0 * 40 / max(1, count) }
        }()

        @Test("killed at any point, it sends nothing twice and loses nothing that a card had", .timeLimit(.minutes(60)))
        func killed() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, more: "messages: { max_per_hour: 3600 }")
            try await service.modems(are: "ready", count: 1)
            func commands() -> Int {
                bench.commands(of: 0)
                    .count { $0.hasPrefix("AT+CMG") || $0.hasPrefix("AT+CPMS") || $0.hasPrefix("AT+CNMI") }
            }
            var expected: Set<String> = []
            for (round, point) in Self.killPoints.enumerated() {
                let before = commands()
                for number in 0..<3 {
                    var text = "in \(round)-\(number)"
                    if number == 2 { text += String(repeating: " and more", count: 30) }
                    expected.insert(text)
                    Self.send(SimulatedMessage(from: "+4917199\(number)", text: text), bench)
                }
                let sends = try (0..<2).map { try service.start(["sms", "send", "01711234567", "out \(round)-\($0)"]) }
                // A round with fewer commands is killed when all is done.
                let isReached = await waits {
                    let isDone = bench.host.withWorld { world, _ in
                        world.takenMessages.filter { $0.text.hasPrefix("out \(round)-") }.count == 2
                            && world.stored(on: 0, in: "SM") + world.stored(on: 0, in: "ME") == 0
                            && world.heldMessages(for: 0) == 0
                    }
                    return isDone || commands() - before >= point
                }
                #expect(isReached, "point \(point)")
                try await service.crashAndRestart()
                for send in sends { _ = await send.end() }
            }
            try await service.modems(are: "ready", count: 1)
            try await Self.isEmptied(bench)
            let list = try await service.run(["sms", "list", "--format", "json", "--limit", "10000"])
            let messages = try list.output.map { try Document($0) }
            let incoming = messages.filter { $0["direction"]?.text == "incoming" }
            #expect(incoming.allSatisfy { $0["state"]?.text == "received" })
            #expect(incoming.count == expected.count)
            #expect(Set(incoming.compactMap { $0["text"]?.text }) == expected)
            let taken = Self.taken(bench).map(\.text)
            #expect(Set(taken).count == taken.count, "sent twice: \(taken)")
            for message in messages where message["direction"]?.text == "outgoing" {
                let text = message["text"]?.text ?? ""
                switch message["state"]?.text {
                case "sent": #expect(taken.contains(text))
                case "failed": #expect(!taken.contains(text))
                case let state: #expect(state == "unknown", "\(message)")
                }
            }
            _ = await service.stop()
        }
    }
}
