import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// The balance of SIMs, and what it decides.
    @Suite("balances", .serialized) struct BalanceTests {
        @Test("it is told, shown and counted; below its limit costly calls and messages are refused, help is not")
        func code() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let balance = "{ ask: \"*100#\", find: '([0-9]+,[0-9]{2}) EUR', warn_below: 30, stop_below: 20 }"
            // It asks by itself when the modem is ready, and a low balance is told once: that waits for those who hear it.
            bench.host.withWorld { world, now in world.setRegistration(.searching, of: 0, at: now) }
            let service = try await ServiceUnderTest(bench, modem: "    balance: \(balance)")
            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { _ in true }
            bench.host.withWorld { world, now in world.setRegistration(.home, of: 0, at: now) }
            try await service.modems(are: "ready", count: 1)
            // It may be asking by itself at that moment, and a network may leave a question unanswered.
            var asked = try await service.run(["balance", "m0", "--ask", "--format", "json"], limit: .seconds(120))
            _ = try await waits {
                if asked.status == 0 { return true }
                asked = try await service.run(["balance", "m0", "--ask", "--format", "json"], limit: .seconds(120))
                return asked.status == 0
            }
            #expect(asked.status == 0, "\(asked)")
            let entry = try Document(try #require(asked.output.first, "\(asked)"))
            #expect(entry["amount"]?.number == 12.34 && entry["currency"]?.text == "EUR", "\(entry)")
            let told = await watch.output(
                where: isEvent("sim.balance", ["modem": .text("m0"), "amount": .number(12.34)])
            )
            #expect(told != nil)
            #expect(await watch.output(where: isEvent("sim.balance_low")) != nil)
            watch.send(SIGKILL)
            _ = await watch.end()
            let modems = try await service.run(["modems", "--format", "json"])
            #expect(try Document(modems.output.first ?? "")["balance"]?["amount"]?.number == 12.34, "\(modems)")
            let reason = "the balance of m0 is 12.34 EUR, below its stop_below of 20.00"
            for command in [
                ["dial", Bench.target, "--via", "direct"], ["sms", "send", "01711234567", "no", "--modem", "m0"],
            ] {
                let refused = try await service.run(command)
                #expect(refused.status == 30, "\(refused)")
                #expect((refused.output + refused.errors).contains { $0.contains(reason) }, "\(refused)")
                #expect(
                    (refused.output + refused.errors).contains { $0.contains("gsmbridge balance m0 --ask") },
                    "\(refused)"
                )
            }
            let status = try await service.run(["status"])
            #expect(status.output.contains { $0.contains(reason) }, "\(status)")
            // Written down, it holds over a restart, and for a call without the service.
            _ = await service.stop()
            let alone = try await service.run(["dial", Bench.target, "--via", "direct", "--modem", "m0"])
            #expect(alone.status == 30, "\(alone)")
            #expect(bench.calls(of: 0).isEmpty)
            let help = try service.start(["dial", "112", "--modem", "m0"])
            _ = await help.error { $0.contains("In progress") }
            help.send(SIGINT)
            let helped = await help.end()
            #expect(bench.calls(of: 0).map(\.number) == ["112"], "\(helped)")
        }

        @Test("an answer in which no amount is found is said so, with the key to mend")
        func unread() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let balance = "{ ask: \"*100#\", find: '([0-9]+) POINTS' }"
            let service = try await ServiceUnderTest(bench, modem: "    balance: \(balance)")
            try await service.modems(are: "ready", count: 1)
            var asked = try await service.run(["balance", "m0", "--ask"], limit: .seconds(120))
            let isSaid = try await waits {
                if asked.errors.contains(where: { $0.contains("modems.m0.balance.find finds no amount") }) {
                    return true
                }
                asked = try await service.run(["balance", "m0", "--ask"], limit: .seconds(120))
                return false
            }
            #expect(isSaid && asked.status == 78, "\(asked)")
            _ = await service.stop()
        }

        @Test("asked by a message, the answer counts from there only, and only once it was asked for")
        func message() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let balance = "{ sms: { to: \"22922\", text: balance }, find: '([0-9]+,[0-9]{2}) EUR', stop_below: 5 }"
            let service = try await ServiceUnderTest(bench, modem: "    balance: \(balance)")
            try await service.modems(are: "ready", count: 1)
            let isAsked = await waits { bench.host.withWorld { world, _ in !world.takenMessages.isEmpty } }
            #expect(isAsked)
            let taken = bench.host.withWorld { world, _ in world.takenMessages }
            #expect(taken.map(\.text) == ["balance"] && taken.first?.number.hasSuffix("22922") == true, "\(taken)")
            let watch = try service.start(["sms", "list", "--watch", "--format", "json"])
            _ = await watch.output { _ in true }
            bench.host.withWorld { world, now in
                world.send(SimulatedMessage(from: "+491711234567", text: "1,00 EUR"), to: 0, at: now)
            }
            #expect(await watch.output { (try? Document($0))?["text"]?.text == "1,00 EUR" } != nil)
            bench.host.withWorld { world, now in
                world.send(SimulatedMessage(from: "22922", text: "Guthaben: 7,50 EUR"), to: 0, at: now)
            }
            #expect(await watch.output { (try? Document($0))?["text"]?.text == "Guthaben: 7,50 EUR" } != nil)
            let isKnown = try await waits {
                let shown = try await service.run(["balance", "m0", "--format", "json"]).output
                return try shown.compactMap { try Document($0)["amount"]?.number } == [7.5]
            }
            #expect(isKnown)
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await service.stop()
        }
    }
}
