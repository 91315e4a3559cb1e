import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `dial` as it goes when modem and network do their part.
    @Suite("dial makes calls", .serialized) struct CallTests {
        @Test("a callthrough on each family: events as the contract has them, each digit once at the far side")
        func families() async throws {
            let families = ModemFamily.allCases
            // It rings for so long that a program which is late still sees it.
            let bench = try Bench(families.enumerated().map { ModemProfile($1, number: $0) }) { network in
                network.accessNumbers[Bench.accessNumber]?.behaviour = .alertThenAnswer(
                    alerting: .milliseconds(500),
                    answer: .seconds(12)
                )
            }
            defer { bench.stop() }
            let results = try await concurrently(families) { index, _ in
                try await Program.run(bench.dial(index, "--format", "json"))
            }
            for (index, family) in families.enumerated() {
                let result = results[index]
                #expect(result.status == 0, "\(family): \(result)")
                #expect(result.errors == [], "\(family)")
                let events = try CallEvents(result, "\(family)")
                // ZTE says nothing before the answer.
                let ringing = family == .zte ? [] : ["call.alerting"]
                let expected =
                    ["call.requested", "call.dialing"] + ringing
                    + ["call.connected", "call.handover", "call.in_progress", "call.ended"]
                #expect(events.names == expected, "\(family)")

                #expect(events["call.requested"]?["method"] == .text("callthrough"))
                #expect(events["call.requested"]?["direction"] == .text("outgoing"))
                #expect(events["call.requested"]?["target"] == .text("+493012345678"))
                #expect(events["call.requested"]?["pbx"] == .null)
                #expect(events["call.requested"]?["modem"] == .text(bench.host.paths[index]))
                #expect(events["call.dialing"]?["number"] == .text(Bench.accessNumber))
                let handover = events.all.filter { $0.event == "call.handover" }
                #expect(handover.map { $0["sent"]?.number } == (1...12).map(Double.init))
                #expect(handover.allSatisfy { $0["total"] == .number(12) })
                #expect(handover.map { $0["digits"]?.text } == (1...12).map { String(Bench.script.prefix($0)) })
                #expect(events.end?["by"] == .text("remote"))

                let calls = bench.calls(of: index)
                let call = try #require(calls.first)
                #expect(calls.count == 1)
                #expect(call.dialled == Bench.accessNumber)
                #expect(String(call.tones.map(\.digit)) == Bench.script, "\(family)")
                #expect(call.isJoined)
                #expect(call.target == Bench.target)
                // Connected is what the network calls answered: never earlier.
                let answer = try #require(call.answeredAt) - call.dialledAt
                let setup = Duration.milliseconds(Int(events["call.connected"]?["setup_ms"]?.number ?? 0))
                #expect(setup >= answer, "\(family)")
                bench.expectClean(index, "\(family)")
            }
        }

        struct Outcome: Sendable {
            let number: String
            let family: ModemFamily
            let status: Int32
            let cause: Double
        }

        private static let outcomes = [
            Outcome(number: "+4922166966970", family: .quectel, status: 10, cause: 17),
            Outcome(number: "+4922166966970", family: .sim800, status: 10, cause: 17),
            Outcome(number: "+4922166966981", family: .huawei, status: 11, cause: 19),
            Outcome(number: "+4922166966981", family: .telit, status: 11, cause: 19),
            Outcome(number: "+4922166966972", family: .simcom, status: 12, cause: 21),
            Outcome(number: "+4922166966978", family: .cinterion, status: 12, cause: 20),
            Outcome(number: "+4922166966979", family: .huawei, status: 12, cause: 1),
            Outcome(number: "+4922166966980", family: .ublox, status: 12, cause: 34),
            Outcome(number: "+4922166966973", family: .huawei, status: 13, cause: 16),
            Outcome(number: "+4922166966973", family: .ublox, status: 13, cause: 16),
            Outcome(number: "+4922166966974", family: .quectel, status: 13, cause: 16),
            Outcome(number: "+4922166966974", family: .generic, status: 13, cause: 16),
        ]

        @Test("each way in which a call can fail has its exit status and outcome")
        func outcomes() async throws {
            let rows = Self.outcomes
            // Who hangs up in the middle of the digits leaves a busy machine the time to see that he has answered.
            let bench = try Bench(rows.enumerated().map { ModemProfile($1.family, number: $0) }) {
                $0.accessNumbers["+4922166966973"]?.promptDelay = .seconds(3)
            }
            defer { bench.stop() }
            let results = try await concurrently(rows) { index, row in
                try await Program.run(bench.dial(index, access: row.number, "--format", "json"))
            }
            for (index, row) in rows.enumerated() {
                let result = results[index]
                #expect(result.status == row.status, "\(row): \(result)")
                let events = try CallEvents(result, "\(row)")
                #expect(events.end?["cause"]?.number == row.cause, "\(row)")
                #expect(events.names.contains("call.connected") == (row.status == 13), "\(row)")
                #expect(!events.names.contains("call.in_progress"), "\(row)")
                bench.expectClean(index, "\(row)")
            }
        }

        @Test("text: the outcome alone on standard output, progress line by line on standard error")
        func text() async throws {
            let bench = try Bench([.telit, .huawei])
            defer { bench.stop() }
            let results = try await concurrently([Bench.accessNumber, "+4922166966970"]) { index, number in
                try await Program.run(bench.dial(index, access: number))
            }
            #expect(results[0].status == 0)
            #expect(results[0].output.count == 1, "\(results[0])")
            #expect(results[0].output.first?.hasPrefix("Completed after ") == true)
            #expect(
                results[0].errors.map { $0.split(separator: " ").first ?? "" }
                    == ["Calling", "Dialling", "Ringing", "Answered", "Handed", "In"]
            )
            #expect(results[0].errors.contains("Handed over: \(Bench.script)"))
            #expect(!results[0].errors.joined().utf8.contains(0x1B), "no control sequences where nobody looks")
            #expect(results[1].status == 10)
            #expect(results[1].output.count == 1)
            #expect(results[1].output.first?.hasPrefix("Busy") == true, "\(results[1])")
        }

        @Test("a direct call dials the target itself and sends no tones")
        func direct() async throws {
            let bench = try Bench([ModemProfile(.generic)]) {
                $0.subscribers["+493023125007"] = .hangUp(
                    alerting: .milliseconds(500),
                    answer: .milliseconds(1200),
                    afterAnswered: .seconds(4)
                )
            }
            defer { bench.stop() }
            let result = try await Program.run(
                ["dial", "030 2312 5007", "--via", "direct", "--modem", bench.host.paths[0], "--format", "json"])
            #expect(result.status == 0, "\(result)")
            let events = try CallEvents(result)
            #expect(events["call.requested"]?["method"] == .text("direct"))
            #expect(!events.names.contains("call.handover"))
            #expect(bench.calls(of: 0).map(\.dialled) == ["+493023125007"])
            bench.expectClean(0)
        }

        @Test("the time limit ends a call normally, and a hand-over that it cuts off as lost")
        func maxDuration() async throws {
            let bench = try Bench([.quectel, .ublox])
            defer { bench.stop() }
            let limits = ["20s", "2500ms"]
            let results = try await concurrently(limits) { index, limit in
                // This subscriber talks until somebody hangs up.
                try await Program.run([
                    "dial", "030123456", "--access-number", Bench.accessNumber, "--modem", bench.host.paths[index],
                    "--max-duration", limit, "--format", "json",
                ])
            }
            #expect(results[0].status == 0, "\(results[0])")
            let events = try CallEvents(results[0])
            #expect(events.end?["by"] == .text("local"))
            let seconds = try #require(events.end?["seconds"]?.number)
            #expect((20.0..<60).contains(seconds))
            #expect(events.names.contains("call.in_progress"))
            #expect(results[1].status == 13, "\(results[1])")
            for index in 0...1 {
                #expect(bench.host.withWorld { world, _ in world.liveCalls(of: index) } == 0)
                #expect(bench.calls(of: index).map(\.endedBy) == [.modem])
            }
        }

        @Test("a call for help goes out directly, without a card and whatever else was asked for")
        func emergency() async throws {
            let bench = try Bench([ModemProfile(.huawei) { $0.sim = .absent }])
            defer { bench.stop() }
            let program = try Program([
                "dial", "112", "--access-number", Bench.accessNumber, "--modem", bench.host.paths[0], "--max-duration",
                "1s", "--format", "json",
            ])
            let progress = await program.output(where: isEvent("call.in_progress"))
            #expect(progress != nil)
            program.send(SIGINT)
            let result = await program.end()
            #expect(result.status == 130, "\(result)")
            #expect(bench.calls(of: 0).map(\.dialled) == ["112"])
            bench.expectClean(0)
        }

        @Test(
            "a call for help is made, attached, where it can't be left to a service",
            arguments: [["--socket", "/nowhere/control.sock"], ["--standalone"]]
        )
        func emergencyDetached(_ more: [String]) async throws {
            let bench = try Bench([ModemProfile(.quectel)])
            defer { bench.stop() }
            let dial = ["--modem", bench.host.paths[0], "--detach", "--format", "json"] + more
            let program = try Program(["dial", "112"] + dial)
            #expect(await program.output(where: isEvent("call.in_progress")) != nil)
            program.send(SIGINT)
            let result = await program.end()
            #expect(result.status == 130, "\(result)")
            #expect(result.errors.contains { $0.contains("--detach needs the service") }, "\(result)")
            #expect(bench.calls(of: 0).map(\.dialled) == ["112"])
            bench.expectClean(0)
            let other = try await Program.run(["dial", "030123456"] + dial)
            #expect(other.status == 64 && bench.calls(of: 0).count == 1, "\(other)")
        }

        @Test(
            "a call for help is made without the service when that gives no sane answer",
            arguments: FakeService.all + [.idle]
        )
        func emergencyAtBadService(_ fake: FakeService) async throws {
            let bench = try Bench([ModemProfile(.quectel)])
            defer { bench.stop() }
            let files = try TemporaryDirectory()
            let socket = files.path + "/control.sock"
            let stop = try fake.serve(socket)
            defer { stop() }
            let program = try Program([
                "dial", "112", "--socket", socket, "--modem", bench.host.paths[0], "--max-duration", "1s", "--format",
                "json",
            ])
            let progress = await program.output(where: isEvent("call.in_progress"))
            #expect(progress != nil)
            program.send(SIGINT)
            let result = await program.end()
            #expect(bench.calls(of: 0).map(\.dialled) == ["112"], "\(result)")
            bench.expectClean(0)
        }

        @Test("twenty descriptors are too few, and that is said in a line", arguments: [16, 20, 24])
        func fewDescriptors(_ count: Int) async throws {
            let script = "ulimit -n \(count); exec \"$0\" \"$@\""
            let result = try await Program(["-c", script, Program.path, "status"], path: "/bin/sh").end()
            #expect(result.status == 1, "\(result)")
            #expect(result.errors.count == 1, "\(result)")
            #expect(result.errors.first?.contains("ulimit") == true, "\(result)")
        }

        @Test("descriptors that another program left open count too", arguments: [10, 15, 17])
        func inheritedDescriptors(_ last: Int) async throws {
            let open = (3...last).map { "exec \($0)</dev/null" }.joined(separator: "; ")

            let script = "ulimit -n 20; \(open); exec \"$0\" \"$@\""
            let result = try await Program(["-c", script, Program.path, "status"], path: "/bin/bash").end()
            #expect(result.status == 1, "\(result)")
            #expect(result.errors.count == 1, "\(result)")
            #expect(result.errors.first?.contains("ulimit") == true, "\(result)")
        }
    }
}
