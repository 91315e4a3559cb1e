import Glibc
import ModemSimulator
import TestSupport
import Testing

extension CommandLineTests {
    /// `gsmbridge simulate` and `gsmbridge demo`.
    @Suite("simulate and demo", .serialized) struct SimulatorTests {
        @Test("the demo shows a callthrough on every family and ends well")
        func demo() async throws {
            // Part of it is sound in real time, which a machine that is busy with other things tears in two.
            var result = try await Program.run(["demo"])
            for _ in 0..<5 where result.status == 1 { result = try await Program.run(["demo"]) }
            #expect(result.status == 0, "\(result)")
            #expect(result.errors == [])
            for family in ModemFamily.allCases {
                let rows = result.output.map { $0.split(separator: " ").map(String.init) }
                    .filter { $0.contains(family.rawValue) }
                #expect(
                    rows.last == [family.rawValue, "completed", Bench.script, "+493012345678", "good"],
                    "\(String(describing: rows.last))"
                )
                let timeline = rows.dropLast().map { $0.dropFirst(2).joined(separator: " ") }
                #expect(timeline.contains("target joined"), "\(family)")
                #expect(timeline.contains("PBX has heard \(Bench.script)"), "\(family)")
                #expect(timeline.contains { $0.hasPrefix("answered after") }, "\(family)")
            }
            // A telephone's call through the box, and the digits of both sides.
            let phone = result.output.last { $0.hasPrefix("keys ") } ?? ""
            #expect(phone.split(separator: " ").suffix(3) == ["1590#", "2648*", "good"], "\(phone)")
            #expect(result.output.allSatisfy { $0.count <= 80 }, "it fits a terminal")
            let times = result.output.compactMap { $0.wholeMatch(of: /\s*(\d+\.\d\d)  .+/).flatMap { Double($0.1) } }
            #expect(times.count > 100)
        }

        @Test("the demo's JSON has the events of both sides and the verdict")
        func demoAsJSON() async throws {
            let result = try await Program.run(["demo", "--family", "zte", "--format", "json"])
            #expect(result.status == 0, "\(result)")
            let documents = try result.output.map { try Document($0) }
            let names = Set(documents.map(\.event))
            #expect(names.isSuperset(of: ["call.requested", "call.ended", "sim.arrived", "sim.digit", "sim.joined"]))
            let verdict = try #require(documents.first { $0.event == "demo.family" })
            #expect(verdict["digits"] == .text(Bench.script))
            #expect(verdict["differences"] == .list([]))
            #expect(documents.last?.event == "demo.ended")
            #expect(documents.last?["good"] == .flag(true))
        }

        @Test("the demo can be interrupted")
        func demoInterrupted() async throws {
            let program = try Program(["demo", "--family", "telit"])
            let seen = await program.output { $0.contains("answered after") }
            #expect(seen != nil)
            program.send(SIGINT)
            let result = await program.end()
            #expect(result.status == 130, "\(result)")
            #expect(result.output.last?.hasPrefix("Interrupted") == true, "\(result)")
        }

        @Test("the example that simulate prints works when it is pasted", arguments: [SIGINT, SIGTERM])
        func pasted(_ signal: Int32) async throws {
            let simulation = try Program(["simulate", "--family", "ublox"])
            var example: String?
            let ready = await simulation.output { line in
                if line.contains(" dial ") { example = line }
                return line == "ready"
            }
            #expect(ready != nil)
            let words = try #require(example).split(separator: " ").map(String.init)
            #expect(words.first?.hasSuffix("gsmbridge") == true)
            if signal == SIGINT {
                let call = try await Program.run(Array(words.dropFirst()))
                #expect(call.status == 0, "\(call)")
                let joined = await simulation.output { $0.contains("joins the caller with +493012345678") }
                #expect(joined?.wholeMatch(of: /\d\d:\d\d:\d\d\.\d{3}  modem 0  ublox .*/) != nil, "\(joined ?? "")")
            }
            simulation.send(signal)
            let result = await simulation.end()
            #expect(result.status == 0, "\(result)")
            #expect(result.errors == [])
        }

        @Test("simulate tells as JSON what there is and what happens, and removes its links")
        func json() async throws {
            let directory = try TemporaryDirectory()
            let links = directory.path + "/links"
            let simulation = try Program(["simulate", "--link-dir", links, "--format", "json"])
            var lines: [Document] = []
            let ready = await simulation.output { line in
                if let document = try? Document(line) { lines.append(document) }
                return isEvent("sim.ready")(line)
            }
            #expect(ready != nil)
            let modems = lines.filter { $0.event == "sim.modem" }
            #expect(modems.map { $0["family"]?.text } == ModemFamily.allCases.map(\.rawValue))
            #expect(Set(modems.map { $0["imei"] }).count == 9)
            #expect(modems.map { $0["link"]?.text } == ModemFamily.allCases.map { "\(links)/\($0.rawValue)" })
            for modem in modems {
                let path = try #require(modem["tty"]?.text)
                #expect(access(path, F_OK) == 0, "\(path)")
            }
            let numbers = lines.filter { $0.event == "sim.number" }
            #expect(numbers.contains { $0["number"]?.text == Bench.accessNumber && $0["access_number"] == .flag(true) })

            let pbx = try #require(lines.first { $0.event == "sim.pbx" })
            #expect(pbx["url"]?.text?.wholeMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/) != nil)
            #expect(pbx["ring_from"]?.text == "+4922166966960")

            let call = try await Program.run([
                "dial", Bench.target, "--access-number", Bench.accessNumber, "--modem", "\(links)/sim800", "--format",
                "json",
            ])
            #expect(call.status == 0, "\(call)")
            let over = await simulation.output(
                where: isEvent("sim.ended", ["modem": .number(3), "leg": .text("modem"), "by": .text("far_side")])
            )
            #expect(over != nil)
            simulation.send(SIGINT)
            let result = await simulation.end()
            #expect(result.status == 0, "\(result)")
            let events = try result.output.map { try Document($0) }.drop { $0.event != "sim.ready" }.dropFirst()
            #expect(events.allSatisfy { $0["family"] == .text("sim800") && $0["modem"] == .number(3) })
            let digits = events.filter { $0.event == "sim.digit" }
            #expect(digits.compactMap { $0["digit"]?.text }.joined() == Bench.script)
            #expect(digits.map { $0["digits"]?.text } == (1...12).map { String(Bench.script.prefix($0)) })
            #expect(events.filter { $0.event == "sim.joined" }.map { $0["target"]?.text } == ["+493012345678"])
            #expect(events.filter { $0["leg"] == .text("pbx") }.first?.event == "sim.arrived")

            let left = TemporaryDirectory.names(in: links)
            #expect(left == [])
            rmdir(links)
        }

        struct Setting: Sendable {
            let options: [String]
            let status: Int32
        }

        @Test("simulate gives every modem the faults, card and registration that it is told to")
        func settings() async throws {
            let rows = [
                Setting(options: ["--family", "huawei", "--sim", "pin:1234"], status: 23),
                Setting(options: ["--family", "quectel", "--sim", "puk"], status: 23),
                Setting(options: ["--family", "telit", "--sim", "absent"], status: 23),
                Setting(options: ["--family", "simcom", "--registration", "denied"], status: 22),
                Setting(options: ["--family", "zte", "--registration", "roaming"], status: 0),
                Setting(options: ["--family", "ublox", "--fault", "unplug:handover"], status: 21),
                Setting(options: ["--fault", "split-writes", "--fault", "garbage", "--modems", "2"], status: 0),
            ]
            let results = try await concurrently(rows) { _, row in
                let simulation = try Program(["simulate", "--format", "json"] + row.options)
                var paths: [String] = []
                _ = await simulation.output { line in
                    if isEvent("sim.modem")(line), let path = try? Document(line)["tty"]?.text { paths.append(path) }
                    return isEvent("sim.ready")(line)
                }
                let call = try await Program.run([
                    "dial", Bench.target, "--access-number", Bench.accessNumber, "--modem", paths.last ?? "",
                    "--format", "json",
                ])
                simulation.send(SIGINT)
                let end = await simulation.end()
                return (modems: paths.count, call: call, simulation: end.status)
            }
            for (row, result) in zip(rows, results) {
                #expect(result.call.status == row.status, "\(row.options): \(result.call)")
                #expect(result.simulation == 0, "\(row.options)")
                #expect(result.modems == (row.options.contains("--modems") ? 2 : 1), "\(row.options)")
            }
        }
    }
}
