import Glibc
import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

extension CommandLineTests {
    /// What becomes of a call whose service is killed: apart from the other tests of the service, as each waits for a restart.
    @Suite("a crash of the service", .serialized) struct ServiceCrashTests {
        @Test(
            "a service that is killed in a call is followed by one that ends the call",
            arguments: ["call.dialing", "call.alerting", "call.connected", "call.in_progress"]
        )
        func killed(during event: String) async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let dial = try service.start(["dial", "030123456", "--format", "json"])
            _ = await dial.output(where: isEvent(event))
            try await service.crashAndRestart()
            let orphan = await dial.end()
            #expect(orphan.status == 1, "\(orphan)")
            try await service.modems(are: "ready", count: 1)
            // This call is to another number than those of the bench, so only that it is over can be asked.
            #expect(bench.calls(of: 0).count { $0.isLive } == 0)
            let next = try await service.run(["dial", Bench.target, "--format", "json"])
            #expect(next.status == 0, "\(next)")
            _ = await service.stop()
        }

        @Test("with after_crash: adopt a call that was handed over goes on under its id, and can be hung up")
        func adopted() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, gateway: "  after_crash: adopt")
            try await service.modems(are: "ready", count: 1)
            // This subscriber talks until somebody hangs up.
            let dial = try service.start(["dial", "030123456", "--format", "json"])
            let talking = try #require(await dial.output(where: isEvent("call.in_progress")))
            let call = try #require(try Document(talking)["call"]?.text)
            try await service.crashAndRestart()
            _ = await dial.end()
            try await service.modems(are: "in_call", count: 1)
            let status = try await service.run(["status", "--format", "json"])
            let live = try Document(status.output.first ?? "")["calls"]?.list?.first
            #expect(live?["call"]?.text == call)
            #expect(live?["state"]?.text == "in_progress")
            #expect(bench.calls(of: 0).count == 1)
            #expect(bench.calls(of: 0).first?.isLive == true)

            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { $0.contains("\"modems\"") }
            let hangUp = try await service.run(["hangup", call])
            #expect(hangUp.status == 0, "\(hangUp)")
            let end = await watch.output(where: isEvent("call.ended", ["call": .text(call)]))
            #expect(try Document(end ?? "")["outcome"]?.text == "completed")
            bench.expectClean(0, script: "030123456#")
            let shown = try await service.log(ended: 1)
            let record = try Document(shown.output.first ?? "")
            #expect(record["call"]?.text == call)
            #expect(record["outcome"]?.text == "completed")
            #expect(record["by"]?.text == "local")
            watch.send(SIGKILL)
            _ = await watch.end()
            try await service.modems(are: "ready", count: 1)
            _ = await service.stop()
        }

        @Test("with after_crash: adopt a call that was not handed over yet is hung up all the same")
        func notAdopted() async throws {
            let bench = try Bench([ModemFamily.huawei])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, gateway: "  after_crash: adopt")
            try await service.modems(are: "ready", count: 1)
            let dial = try service.start(["dial", "030123456", "--format", "json"])
            _ = await dial.output(where: isEvent("call.connected"))
            try await service.crashAndRestart()
            _ = await dial.end()
            try await service.modems(are: "ready", count: 1)
            #expect(bench.calls(of: 0).count { $0.isLive } == 0)
            let shown = try await service.log(ended: 1)
            #expect(try Document(shown.output.first ?? "")["outcome"]?.text == "lost_at_restart")
            _ = await service.stop()
        }
    }
}
