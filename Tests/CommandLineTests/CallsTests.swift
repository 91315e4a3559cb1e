import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `calls`, and what `dial` leaves for it.
    @Suite("calls shows what was called", .serialized) struct CallsTests {
        private static let fields: Set<String> = [
            "call", "method", "direction", "target", "number", "pbx", "modem", "imsi", "requested_at", "dialing_at",
            "alerting_at", "connected_at", "handed_over_at", "ended_at", "seconds", "outcome", "cause", "by", "payer",
        ]

        private static func list(_ state: String, _ more: String...) async throws -> [Document] {
            let result = try await Program.run(["calls", "list", "--format", "json"] + more, state: state)
            #expect(result.status == 0, "\(result)")
            return try result.output.map(Document.init)
        }

        @Test("a call is in the log with the times of its events; list, show, totals, export and erase agree")
        func wholeCall() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let state = try TemporaryDirectory()
            let dialled = try await Program.run(bench.dial(0, "--format", "json"), state: state.path)
            #expect(dialled.status == 0, "\(dialled)")
            #expect(dialled.errors == [])
            let events = try CallEvents(dialled)

            let call = try #require(try await Self.list(state.path).first)
            guard case .object(let fields) = call else { throw Program.Failure(what: "no object", code: 0) }
            #expect(Set(fields.keys) == Self.fields)
            #expect(call["call"] == events["call.requested"]?["call"])
            #expect(call["method"] == .text("callthrough"))
            #expect(call["target"] == .text("+493012345678"))
            #expect(call["number"] == .text(Bench.accessNumber))
            #expect(call["payer"] == .text("sim+pbx"))
            #expect(call["pbx"] == .null)
            #expect(call["imsi"]?.text?.hasPrefix("262") == true)
            for (field, event) in [
                ("dialing_at", "call.dialing"), ("alerting_at", "call.alerting"), ("connected_at", "call.connected"),
                ("ended_at", "call.ended"),
            ] {
                #expect(call[field] == events[event]?["at"], "\(field)")
            }
            for field in ["outcome", "cause", "by", "seconds"] {
                #expect(call[field] == events.end?[field], "\(field)")
            }
            let id = try #require(call["call"]?.text)

            let shown = try await Program.run(
                ["calls", "show", String(id.prefix(8)), "--format", "json"],
                state: state.path
            )
            let page = try Document(shown.output.first ?? "")
            #expect(page["tones"] == .number(12))
            #expect(page["legs"]?.list?.map { $0["payer"] } == [.text("sim"), .text("pbx")])
            #expect(!shown.output.joined().contains(Bench.script), "the tones are nowhere")
            let text = try await Program.run(["calls", "show", id], state: state.path)
            #expect(text.output.contains { $0.hasPrefix("journal") && $0.hasSuffix("over") }, "\(text)")

            let totals = try await Program.run(["calls", "totals", "--format", "json"], state: state.path)
            let sums = try totals.output.map(Document.init)
            #expect(sums.map { $0["by"]?.text } == ["all", "method", "modem", "payer"])
            #expect(sums.allSatisfy { $0["calls"] == .number(1) && $0["answered"] == .number(1) })

            let csv = try await Program.run(["calls", "export", "--csv"], state: state.path)
            #expect(csv.output.count == 2)
            #expect(csv.output[0].hasPrefix("call,method,direction,target,number,pbx,modem,imsi,requested_at,"))
            #expect(csv.output.allSatisfy { $0.utf8.last == 0x0D })
            #expect(csv.output[1].hasPrefix("\(id),callthrough,outgoing,+493012345678,\(Bench.accessNumber),,"))
            let json = try await Program.run(["calls", "export", "--json"], state: state.path)
            #expect(try json.output.map(Document.init) == [page])

            let table = try await Program.run(["calls"], state: state.path)
            #expect(table.output.count == 2)
            #expect(table.output[1].contains("+493012345678") && table.output[1].contains("completed"))

            let erased = try await Program.run(["calls", "erase", "--number", "030 12345678"], state: state.path)
            #expect(erased.output == ["+493012345678 was removed from 1 call"])
            #expect(try await Self.list(state.path).first?["target"] == .null)
        }

        @Test("a dial that the policy refuses still ends what a killed one left up on that modem")
        func killedAndRefused() async throws {
            let bench = try Bench([.quectel], talk: .seconds(3600))
            defer { bench.stop() }
            let state = try TemporaryDirectory()
            let program = try Program(bench.dial(0, "--format", "json"), state: state.path)
            #expect(await program.output(where: isEvent("call.connected")) != nil)
            program.send(SIGKILL)
            _ = await program.end()
            #expect(bench.calls(of: 0).count { $0.isLive } == 1)

            let refused = try await Program.run(
                ["dial", "0900 1234567", "--via", "direct", "--modem", bench.host.paths[0], "--format", "json"],
                state: state.path
            )
            #expect(refused.status == 30, "\(refused)")
            bench.expectClean(0)
            #expect(bench.calls(of: 0).count == 1)
            let calls = try await Self.list(state.path)
            #expect(calls.map { $0["outcome"]?.text } == ["policy", "lost_at_restart"])
            // Nothing is left to look for any more: the next refusal leaves the modem alone.
            let watch = try OpenWatch(bench.host.paths[0])
            let again = try await Program.run(
                ["dial", "0900 1234567", "--via", "direct", "--modem", bench.host.paths[0], "--format", "json"],
                state: state.path
            )
            #expect(again.status == 30 && !watch.wasOpened())
        }

        @Test("a dial that is killed leaves a record; the next one on that modem closes it as lost")
        func killed() async throws {
            let bench = try Bench([.huawei])
            defer { bench.stop() }
            let state = try TemporaryDirectory()
            let program = try Program(
                [
                    "dial", Bench.target, "--access-number", Bench.accessNumber, "--modem", bench.host.paths[0],
                    "--format", "json",
                ],
                state: state.path
            )
            #expect(await program.output(where: isEvent("call.connected")) != nil)
            program.send(SIGKILL)
            _ = await program.end()
            let live = try #require(try await Self.list(state.path).first)
            #expect(live["ended_at"] == .null && live["outcome"] == .null)
            #expect(live["dialing_at"]?.text != nil)
            #expect(try await Self.list(state.path, "--outcome", "live").count == 1)

            let next = try await Program.run(bench.dial(0, "--format", "json"), state: state.path)
            #expect(next.status == 0, "\(next)")
            let calls = try await Self.list(state.path)
            #expect(calls.map { $0["outcome"]?.text } == ["completed", "lost_at_restart"])
            #expect(calls[1]["seconds"] == .null)
            #expect(calls[1]["call"] == live["call"])
            bench.expectClean(0)
        }

        @Test("calls at the same time by several programs are all in one log")
        func together() async throws {
            let families: [ModemFamily] = [.quectel, .huawei, .telit, .simcom]
            let bench = try Bench(families)
            defer { bench.stop() }
            let state = try TemporaryDirectory()
            let results = try await concurrently(families) { [path = state.path] index, _ in
                try await Program.run(bench.dial(index, "--format", "json"), state: path)
            }
            for result in results { #expect(result.status == 0, "\(result)") }
            let calls = try await Self.list(state.path)
            #expect(calls.count == 4)
            #expect(Set(calls.map { $0["modem"]?.text }) == Set(bench.host.paths))
            // In pages, too.
            let first = try await Self.list(state.path, "--limit", "3")
            let rest = try await Self.list(state.path, "--after", first[2]["call"]?.text ?? "")
            #expect(first + rest == calls)
            #expect(try await Self.list(state.path, "--modem", bench.host.paths[1]).count == 1)
        }

        @Test("where the log can't be written no call is made, except one for help")
        func refused() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let state = try TemporaryDirectory()
            let file = try state.file("in-the-way")
            let result = try await Program.run(bench.dial(0), state: file + "/state")
            #expect(result.status == 30, "\(result)")
            #expect(result.output.count == 1)
            #expect(result.output.first?.contains("call log \(file)/state: ") == true, "\(result)")
            #expect(bench.calls(of: 0).isEmpty)
            let help = try Program(
                ["dial", "112", "--modem", bench.host.paths[0], "--format", "json"],
                state: file + "/state"
            )
            #expect(await help.output(where: isEvent("call.in_progress")) != nil)
            help.send(SIGINT)
            _ = await help.end()
            #expect(bench.calls(of: 0).map(\.dialled) == ["112"])
        }

        @Test("a log that is not there is an empty list, and is not made by looking")
        func nothing() async throws {
            let state = try TemporaryDirectory()
            for arguments in [
                ["calls"], ["calls", "list", "--format", "json"], ["calls", "export", "--json"],
                ["calls", "erase", "--number", "030123456"],
            ] {
                let result = try await Program.run(arguments, state: state.path + "/none")
                #expect(result.status == 0, "\(arguments): \(result)")
            }
            #expect(TemporaryDirectory.names(in: state.path) == [])
            let missing = try await Program.run(["calls", "show", "3f2a"], state: state.path)
            #expect(missing.status == 64)
        }

        @Test(
            "wrong use is one line and status 64",
            arguments: [
                ["calls", "list", "--limit", "0"], ["calls", "list", "--since", "yesterday"],
                ["calls", "list", "--since", "2026-02-30"], ["calls", "list", "--outcome", "great"],
                ["calls", "list", "--method", "pigeon"], ["calls", "list", "--number", "nobody"], ["calls", "export"],
                ["calls", "export", "--csv", "--json"], ["calls", "erase"], ["calls", "show"],
                ["calls", "totals", "--since", "1h", "--until", "2h"],
            ]
        )
        func wrongUse(arguments: [String]) async throws {
            let state = try TemporaryDirectory()
            let result = try await Program.run(arguments, state: state.path)
            #expect(result.status == 64, "\(result)")
            #expect(result.errors.count == 1, "\(result)")
            #expect(result.output == [])
        }
    }
}
