import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `gsmbridge volte` and `gsmbridge selftest`, and the ends of networks.
    @Suite("whether a stick can call", .serialized) struct ReadinessTests {
        private static func volte(_ modem: String, _ more: String...) async throws -> (Int32, Document) {
            let result = try await Program.run(["volte", modem, "--format", "json"] + more)
            return (result.status, try Document(try #require(result.output.first, "\(result)")))
        }

        @Test(
            "each family tells what it can, and what it does not tell is unknown",
            arguments: [
                (.quectel, true, true, "registered", "yes", "yes"), (.quectel, false, true, "off", "no", "no"),
                (.simcom, true, true, "registered", "yes", "yes"), (.simcom, false, true, "off", "no", "no"),
                (.telit, true, true, "registered", "yes", "yes"),
                (.telit, false, true, "not_registered", "no", "unknown"),
                (.huawei, true, false, "none", "yes", "no"), (.sim800, true, false, "none", "yes", "no"),
            ] as [(ModemFamily, Bool, Bool, String, String, String)]
        )
        func families(
            _ family: ModemFamily,
            _ hasIMS: Bool,
            _ isInLTE: Bool,
            _ ims: String,
            _ calls: String,
            _ enabled: String
        ) async throws {
            let profile = ModemProfile(family) {
                $0.startsWithIMS = hasIMS
                if isInLTE { $0.registration = .evolvedOnly }
            }
            let bench = try Bench([profile])
            defer { bench.stop() }
            let (status, shown) = try await Self.volte(bench.host.paths[0])
            #expect(status == 0)
            #expect(shown["family"]?.text == "\(family)", "\(shown)")
            #expect(shown["ims"]?.text == ims, "\(shown)")
            #expect(shown["calls"]?.text == calls, "\(shown)")
            #expect(shown["enabled"]?.text == enabled, "\(shown)")
            #expect(shown["source"]?.text?.isEmpty == false)
            // Nothing is set by looking.
            #expect(!bench.commands(of: 0).contains { $0.contains("\"IMS\",1") || $0.contains("CVOLTE=") })
        }

        @Test("switched on by the family's steps it is read back, once, and the modem restarts")
        func enable() async throws {
            let profile = ModemProfile(.quectel) { $0.startsWithIMS = false }
            let bench = try Bench([profile, ModemProfile(.sim800, number: 1)])
            defer { bench.stop() }
            let (status, done) = try await Self.volte(bench.host.paths[0], "--enable")
            #expect(status == 0, "\(done)")
            #expect(done["enabled"]?.text == "yes")
            #expect(done["restarting"] == .flag(true))
            #expect(done["steps"]?.list?.compactMap { $0["result"]?.text }.suffix(2) == ["OK", "OK"], "\(done)")
            // What was set before is told, so that it can be set back.
            let told = done["steps"]?.list?.compactMap { $0["result"]?.text } ?? []
            #expect(told.contains { $0.hasPrefix("was +QCFG: \"ims\",2") }, "\(done)")
            let commands = bench.commands(of: 0)
            #expect(commands.count { $0.uppercased() == "AT+QCFG=\"IMS\",1" } == 1, "\(commands)")
            #expect(commands.last == "AT+CFUN=1,1", "\(commands.suffix(3))")
            let (refused, lacking) = try await Self.volte(bench.host.paths[1], "--enable")
            #expect(refused == 1, "\(lacking)")
            #expect(lacking["steps"]?.list?.isEmpty == true)
        }

        @Test(
            "with a service, a refused step is shown and the setting read back all the same; what is on already is left alone"
        )
        func served() async throws {
            let profile = ModemProfile(.quectel) { $0.faults = [.refused(command: "AT+QMBNCFG")] }
            let bench = try Bench([profile, ModemProfile(.huawei, number: 1)])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 2)
            // Its registration does not say in which network it is, the operator's name does.
            let older = try await service.run(["volte", "m1", "--format", "json"])
            #expect(try Document(older.output.first ?? "")["calls"]?.text == "yes", "\(older)")
            let shown = try await service.run(["volte", "m0", "--format", "json"])
            #expect(try Document(shown.output.first ?? "")["ims"]?.text == "registered", "\(shown)")
            let again = try await service.run(["volte", "m0", "--enable", "--format", "json"])
            #expect(again.status == 0, "\(again)")
            #expect(try Document(again.output.first ?? "")["steps"]?.list?.isEmpty == true, "\(again)")
            let unknown = try await service.run(["volte", "nobody"])
            #expect(unknown.status == 20, "\(unknown)")
            _ = await service.stop()
        }

        @Test(
            "a self-test calls another SIM of the box, which answers, and says over which network",
            arguments: [true, false]
        )
        func selftest(_ hasIMS: Bool) async throws {
            let first = ModemProfile(.quectel) { $0.startsWithIMS = hasIMS }
            let bench = try Bench([first, ModemProfile(.simcom, number: 1)])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 2)
            let test = try await service.run(
                ["selftest", "m0", "--talk", "20s", "--format", "json"],
                limit: .seconds(120)
            )
            let report = try Document(try #require(test.output.first, "\(test)"))
            #expect(test.status == 0, "\(test)")
            #expect(report["verdict"]?.text == "passed", "\(report)")
            #expect(report["technology_before"]?.text == "lte", "\(report)")
            #expect(report["technology_during"]?.text == (hasIMS ? "lte" : "umts"), "\(report)")
            #expect(report["technology_after"]?.text == "lte", "\(report)")
            #expect(report["idle"] == .flag(true))
            #expect(report["outcome"]?.text == "completed")
            // Right behind it both modems are still busy with the end of the call.
            let again = try await service.run(
                ["selftest", "m0", "--talk", "20s", "--format", "json"],
                limit: .seconds(120)
            )
            #expect(again.status == 0, "\(again)")
            let number = ModemProfile(.simcom, number: 1).ownNumber
            #expect(bench.calls(of: 0).map(\.number) == [number, number])
            for modem in 0...1 {
                #expect(await waits { bench.host.withWorld { world, _ in world.liveCalls(of: modem) } == 0 })
            }
            _ = await service.stop()
        }

        @Test("it goes through the policy, calls no help, and has a call's exit status")
        func bounded() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            for (more, status) in [
                (["--to", "112"], 64), ([], 64), (["--to", "0900123456"], 30), (["--to", "+493023125001"], 10),
            ] as [([String], Int32)] {
                let test = try await service.run(["selftest", "m0"] + more)
                #expect(test.status == status, "\(more): \(test)")
            }
            #expect(bench.calls(of: 0).map(\.number) == ["+493023125001"])
            _ = await service.stop()
            let alone = try await Program.run(
                ["selftest", bench.host.paths[0], "--to", Bench.target, "--format", "json"],
                limit: .seconds(120)
            )
            let report = try Document(try #require(alone.output.first, "\(alone)"))
            #expect(alone.status == 0, "\(alone)")
            #expect(report["technology_during"]?.text == "lte", "\(report)")
            bench.expectClean(0)
        }

        @Test("a report tells of the stick, and nothing of its owner")
        func report() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let profile = ModemProfile(.quectel)
            func expectReport(_ result: Program.Result) {
                #expect(result.status == 0, "\(result)")
                let text = result.output.joined(separator: "\n")
                for wanted in ["model: EC25", "firmware: ", "family: quectel", "calls here: yes", "AT+CNMI=?: +CNMI"] {
                    #expect(text.contains(wanted), "\(wanted): \(text)")
                }
                for secret in [profile.imei, profile.iccid, profile.imsi, profile.ownNumber, bench.host.paths[0]] {
                    #expect(!text.contains(secret))
                }
            }
            expectReport(try await Program.run(["doctor", "--report", "--modem", bench.host.paths[0]]))
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            expectReport(try await service.run(["doctor", "--report"]))
            let nobody = try await service.run(["doctor", "--report", "--modem", "nobody"])
            #expect(nobody.status == 20, "\(nobody)")
            _ = await service.stop()
        }

        @Test("the end of a network is told once as an event, and shown with each modem that it concerns")
        func sunset() async throws {
            let bench = try Bench([
                ModemProfile(.huawei) { $0.operatorCode = "26201" },
                ModemProfile(.quectel, number: 1) { $0.operatorCode = "26201" },
                ModemProfile(.huawei, number: 2),
            ])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            let watch = try service.start(["status", "--watch", "--format", "json"], limit: .seconds(60))
            let event = await watch.output(where: isEvent("modem.sunset"))
            let told = try Document(event ?? "{}")
            // It may have been told before the watch began.
            if event != nil {
                #expect(told["date"]?.text == "2028-06-30" && told["technology"]?.text == "gsm", "\(told)")
                #expect(told["modem"]?.text == "m0", "\(told)")
            }
            watch.send(SIGKILL)
            _ = await watch.end()
            let isShown = try await waits {
                let modems = try await service.run(["modems", "--format", "json"]).output.map { try Document($0) }
                let dates = modems.map { $0["sunset"]?["date"]?.text }
                return dates == ["2028-06-30", nil, nil]
                    && modems.map { $0["network"]?.text } == ["26201", "26201", "26203"]
            }
            #expect(isShown)
            let words = try await service.run(["modems"])
            #expect(words.output.contains { $0.contains("no calls here after 2028-06-30 on this stick") }, "\(words)")
            let doctor = try await service.run(["doctor"])
            #expect(doctor.output.contains { $0.contains("no calls here after 2028-06-30") }, "\(doctor)")
            _ = await service.stop()
        }
    }
}
