import Glibc
import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

extension CommandLineTests {
    /// The service, and the commands that ask it.
    @Suite("the service", .serialized) struct ServiceTests {
        @Test("eight modems are found, eight callthroughs run at once, the ninth waits for a modem and then runs")
        func eight() async throws {
            let bench = try Bench((0..<8).map { ModemProfile($0 % 2 == 0 ? .quectel : .simcom, number: $0) })
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 8)

            let listed = try await service.run(["modems", "--format", "json"])
            let modems = try listed.output.map { try Document($0) }
            #expect(modems.map { $0["name"]?.text } == (0..<8).map { "m\($0)" })
            #expect(modems.allSatisfy { $0["state"]?.text == "ready" && $0["imei"]?.text?.count == 15 })

            let dial = ["dial", Bench.target, "--format", "json", "--config", service.configuration]
            let results = try await concurrently(Array(0..<9)) { _, _ in try await Program.run(dial) }
            for result in results {
                #expect(result.status == 0, "\(result)")
                let events = try CallEvents(result)
                #expect(events["call.in_progress"] != nil)
            }
            let calls = (0..<8).flatMap { bench.calls(of: $0) }
            #expect(calls.count == 9)
            #expect(calls.allSatisfy { String($0.tones.map(\.digit)) == Bench.script && $0.isJoined })
            for modem in 0..<8 { bench.expectClean(modem) }
            let end = await service.stop()
            #expect(end.status == 0, "\(end)")
        }

        @Test("a detached call is listed, takes tones and is hung up by its id")
        func detached() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, more: "")
            try await service.modems(are: "ready", count: 1)
            let watch = try service.start(["status", "--watch", "--format", "json"])
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            let dial = try await service.run(["dial", "030123456", "--detach", "--format", "json"])
            #expect(dial.status == 0, "\(dial)")
            let call = try #require(try Document(dial.output.first ?? "")["call"]?.text)
            let talking = await watch.output(where: isEvent("call.in_progress", ["call": .text(call)]))
            #expect(talking != nil)

            let status = try await service.run(["status", "--format", "json"])
            let calls = try Document(status.output.first ?? "")["calls"]?.list
            #expect(calls?.first?["call"]?.text == call)
            #expect(calls?.first?["state"]?.text == "in_progress")

            let tones = try await service.run(["dtmf", call, "42#"])
            #expect(tones.status == 0, "\(tones)")
            #expect(await waits { bench.calls(of: 0).first.map { String($0.tones.map(\.digit)) } == "030123456#42#" })

            let hangUp = try await service.run(["hangup", call])
            #expect(hangUp.status == 0, "\(hangUp)")
            let ended = await watch.output(where: isEvent("call.ended", ["call": .text(call)]))
            // People had talked, and hung up.
            #expect(try Document(ended ?? "")["outcome"]?.text == "completed")
            #expect(bench.calls(of: 0).first?.isLive == false)
            let unknown = try await service.run(["hangup", "00000000-0000-0000-0000-000000000000"])
            #expect(unknown.status != 0)
            #expect(unknown.errors.count == 1, "\(unknown)")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await service.stop()
        }

        @Test("SIGTERM gives live calls their time, then hangs up and sees that the modem is idle")
        func stops() async throws {
            let bench = try Bench([ModemFamily.simcom])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            // This subscriber talks until somebody hangs up.
            let dial = try service.start(["dial", "030123456", "--format", "json"])
            let talking = await dial.output(where: isEvent("call.in_progress"))
            #expect(talking != nil)
            service.program.send(SIGTERM)
            // Asked a second time, it waits for nobody.
            _ = await service.program.error { $0.contains("stopping") }
            service.program.send(SIGTERM)
            let end = await service.program.end()
            #expect(end.status == 0, "\(end)")
            let result = await dial.end()
            #expect(result.status == 130, "\(result)")
            bench.expectClean(0, script: "030123456#")
        }

        @Test("Ctrl-C on a call that the service makes hangs it up")
        func interrupted() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let dial = try service.start(["dial", "030123456", "--format", "json"])
            _ = await dial.output(where: isEvent("call.alerting"))
            dial.send(SIGINT)
            let result = await dial.end()
            #expect(result.status == 130, "\(result)")
            #expect(try CallEvents(result).end?["outcome"]?.text == "interrupted")
            bench.expectClean(0, script: "030123456#")
            _ = await service.stop()
        }

        @Test(
            "two signals in one breath hang the call up like one",
            arguments: [[SIGINT, SIGTERM], [SIGTERM, SIGTERM]]
        )
        func interruptedTwice(signals: [Int32]) async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let dial = try service.start(["dial", "030123456", "--format", "json"])
            _ = await dial.output(where: isEvent("call.in_progress"))
            for signal in signals { dial.send(signal) }
            let result = await dial.end()
            #expect(result.status == 130, "\(result)")
            #expect(await waits { bench.calls(of: 0).allSatisfy { !$0.isLive } })
            bench.expectClean(0, script: "030123456#")
            _ = await service.stop()
        }

        @Test("a wrong configuration on SIGHUP is reported and the old one stays; a right one is taken")
        func reloads() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            try ServiceUnderTest.write("gateway: { nmae: x }\n", to: service.configuration)
            service.program.send(SIGHUP)
            let complaint = await service.program.error { $0.contains("nmae") }
            #expect(complaint != nil)
            let dial = try await Program.run(["dial", Bench.target, "--socket", service.socket, "--format", "json"])
            #expect(dial.status == 0, "\(dial)")
            let end = await service.stop()
            #expect(end.status == 0, "\(end)")
        }

        @Test("a second service on the same socket says who is there, and leaves the first alone")
        func second() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            let other = try await service.run(["run"])
            #expect(other.status == 78, "\(other)")
            #expect(other.errors.last?.contains(service.socket) == true, "\(other)")
            try await service.modems(are: "ready", count: 1)
            _ = await service.stop()
        }

        @Test("a modem that is unplugged in a call and comes back under its name is used again")
        func replugged() async throws {
            let profile = ModemProfile(.quectel) { profile in
                profile.faults = [.unplug(.inProgress), .replugAfter(.seconds(1))]
            }
            let bench = try Bench([profile], isLinked: true)
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let dial = try await service.run(["dial", "030123456", "--format", "json"])
            #expect(dial.status == 21, "\(dial)")
            try await service.modems(are: "ready", count: 1)
            let again = try await service.run(["modems", "--format", "json"])
            #expect(try Document(again.output.first ?? "")["name"]?.text == "m0")
            _ = await service.stop()
        }
    }
}
