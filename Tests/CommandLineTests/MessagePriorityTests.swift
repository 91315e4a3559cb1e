import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Rings and calls go before messages and USSD: with a service and its fleet, as people have it.
    ///
    /// The second within which they do is measured by the loop's own clock, on every family (`ModemTests`); here the modem's commands
    /// tell that nothing is waited for.
    @Suite("calls before messages", .serialized) struct MessagePriorityTests {
        private static let stored = 200

        @Test(
            "a ring in the middle of reading 200 messages is answered before the next ones are read, and none is lost",
            arguments: [ModemFamily.quectel, .huawei]
        )
        func ring(_ family: ModemFamily) async throws {
            // Slow enough that the ring comes long before the last of them is read, however late a busy machine lets it ring.
            let slow = SimulatedFault.lateReply(command: "AT+CMGR", delay: .milliseconds(50), .always)
            let bench = try Bench([
                ModemProfile(family) {
                    $0.messagePlaces = Self.stored
                    $0.faults = [slow]
                }
            ])
            defer { bench.stop() }
            bench.host.withWorld { world, now in
                for number in 0..<Self.stored {
                    let message = SimulatedMessage(from: "+49171\(1000 + number)", text: "message \(number)")
                    let isStored = world.store(message, in: "SM", of: 0, at: now)
                    #expect(isStored)
                }
            }
            let service = try await ServiceUnderTest(bench, gateway: "  unknown_callers: answer")
            let watch = try service.start(["status", "--watch", "--format", "json"])
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            func reads() -> Int { bench.commands(of: 0).count { $0.hasPrefix("AT+CMG") } }
            #expect(await waits { reads() > 40 })
            // With the lock of the world, so that nothing is read in between.
            let before = bench.host.withWorld { world, now in
                _ = world.ring(modem: 0, from: "+491711112222", at: now, givesUpAfter: .seconds(3600))
                return world.commands(of: 0).count
            }
            #expect(await waits { bench.commands(of: 0).contains("ATA") })
            let commands = bench.commands(of: 0)
            let answer = try #require(commands.firstIndex(of: "ATA"))
            // What is on its way comes to its end, and one may be given out before the ring is read.
            let between = commands[before..<max(before, answer)].count { $0.hasPrefix("AT+CMG") }
            #expect(between <= 4, "\(commands[before..<max(before, answer)])")
            #expect(bench.host.withWorld { world, _ in world.stored(on: 0, in: "SM") } > 0)
            let ringing = try #require(await watch.output(where: isEvent("call.ringing")))
            let call = try #require(try Document(ringing)["call"]?.text, "\(ringing)")
            #expect(try await service.run(["hangup", call]).status == 0)
            #expect(await waits { bench.host.withWorld { world, _ in world.stored(on: 0, in: "SM") } == 0 })
            let listed = try await waits {
                try await service.run(["sms", "list", "--format", "json", "--limit", "1000"]).output.count
                    == Self.stored
            }
            #expect(listed)
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await service.stop()
        }

        @Test(
            "a call between the words in front of a message goes first, and the message once, behind it",
            arguments: [ModemFamily.quectel, .huawei]
        )
        func between(_ family: ModemFamily) async throws {
            // A busy machine may start the call's program too late, behind the message: then once more.
            for _ in 0..<5 { if try await goesBetween(family) { return } }
            Issue.record("no call came between the words of a message")
        }

        /// Whether the call came in time; what has to hold in any case is looked at.
        private func goesBetween(_ family: ModemFamily) async throws -> Bool {
            // The modem takes its time for the last word before AT+CMGS, as when it has much to do.
            let slow = SimulatedFault.lateReply(command: "AT+CMGF=0", delay: .seconds(3), .always)
            let bench = try Bench([ModemProfile(family) { $0.faults = [slow] }])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            func count(_ command: String) -> Int { bench.commands(of: 0).count { $0.hasPrefix(command) } }
            // Set up for messages and looked into: from here on only a message has it said again.
            #expect(await waits { count("AT+CPMS=\"ME\"") > 0 })
            let before = count("AT+CMGF=0")
            let send = try service.start(["sms", "send", "01711234567", "once"], limit: .seconds(120))
            #expect(await waits { count("AT+CMGF=0") > before })
            let call = try await service.run(["dial", Bench.target, "--via", "direct"])
            #expect(call.status == 0, "\(call)")
            let sent = await send.end()
            #expect(sent.status == 0, "\(sent)")
            let taken = bench.host.withWorld { world, _ in world.takenMessages }
            #expect(taken.map(\.text) == ["once"], "\(taken)")
            let commands = bench.commands(of: 0)
            #expect(count("AT+CMGS") == 1)
            let dial = try #require(commands.firstIndex { $0.hasPrefix("ATD") })
            let message = try #require(commands.firstIndex { $0.hasPrefix("AT+CMGS") })
            bench.expectClean(0)
            _ = await service.stop()
            return dial < message
        }

        @Test(
            "help is dialled in the middle of a session of USSD, which ends with the reason",
            arguments: [ModemFamily.quectel, .huawei]
        )
        func help(_ family: ModemFamily) async throws {
            let bench = try Bench([family])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, more: "ussd: { allow: [\"*101#\"] }")
            try await service.modems(are: "ready", count: 1)
            let session = try Program(
                ["ussd", "m0", "*101#", "--config", service.configuration],
                terminal: TypedTerminal()
            )
            #expect(await session.output { $0.contains("1 Tarif") } != nil)
            let help = try service.start(["dial", "112"], limit: .seconds(120))
            #expect(await help.error { $0.contains("In progress") } != nil)
            // No one waited for the session's 60 s: the modem was told its end, and dialled.
            let commands = bench.commands(of: 0)
            let dial = try #require(commands.lastIndex { $0.hasPrefix("ATD112") }, "\(commands)")
            #expect(!commands[..<dial].suffix(12).contains { $0.hasPrefix("AT+CUSD=1,\"1") }, "\(commands)")
            help.send(SIGINT)
            _ = await help.end()
            session.send(SIGINT)
            _ = await session.end()
            #expect(bench.calls(of: 0).map(\.number) == ["112"])
            bench.expectClean(0)
            _ = await service.stop()
        }
    }
}
