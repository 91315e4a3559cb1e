import Glibc
import ModemSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Who rings, by name.
    @Suite("names of callers", .serialized) struct CallerNameTests {
        @Test("a contact who rings is named in the event and in the status, and in no log")
        func named() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench, gateway: "  unknown_callers: ask")
            try await service.modems(are: "ready", count: 1)
            let file = service.directory.path + "/book.vcf"
            try ServiceUnderTest.write("BEGIN:VCARD\nFN:Anna Beispiel\nTEL:030 555123\nEND:VCARD\n", to: file)
            let imported = try await service.run(["contacts", "import", file])
            #expect(imported.status == 0, "\(imported)")
            service.program.send(SIGHUP)
            #expect(await service.program.error { $0.contains("configuration reloaded") } != nil)

            let watch = try service.start(["status", "--watch", "--format", "json"])
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            for (caller, name) in [("+4930555123", Document.text("Anna Beispiel")), ("+4930555124", nil), ("", nil)] {
                bench.host.withWorld { world, now in
                    _ = world.ring(modem: 0, from: caller, at: now, givesUpAfter: .seconds(60))
                }
                let line = try #require(await watch.output(where: isEvent("call.ringing")))
                let event = try Document(line)
                #expect(event["name"] == name, "\(line)")
                let status = try await service.run(["status"])
                let shown = name == nil ? caller : "\(caller) (Anna Beispiel)"
                #expect(status.output.contains { $0.contains(shown.isEmpty ? "withheld" : shown) }, "\(status)")
                #expect(name != nil || !status.output.contains { $0.contains("Anna") }, "\(status)")
                let call = try #require(event["call"]?.text)
                #expect(try await service.run(["hangup", call]).status == 0)
                #expect(await watch.output(where: isEvent("call.ended")) != nil)
                try await service.modems(are: "ready", count: 1)
            }
            watch.send(SIGKILL)
            _ = await watch.end()
            let left = await service.stop()
            #expect(!left.errors.contains { $0.contains("Anna") || $0.contains("555123") }, "\(left)")
        }
    }
}
