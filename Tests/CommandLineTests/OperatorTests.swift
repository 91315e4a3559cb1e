import Glibc
import ModemSimulator
import TestSupport
import Testing

extension CommandLineTests {
    /// What a person does with a running service.
    @Suite("the box in an operator's hands", .serialized) struct OperatorTests {
        /// Starts a service on one modem, with a call that lasts until somebody ends it.
        private static func talking(
            _ bench: Bench,
            _ body: (ServiceUnderTest, _ call: String) async throws -> Void
        ) async throws {
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let watch = try service.start(["status", "--watch", "--format", "json"])
            _ = await watch.output { $0.contains("\"modems\"") }
            let dial = try await service.run(["dial", "030123456", "--detach"])
            let call = try #require(dial.output.first, "\(dial)")
            let talks = await watch.output(where: isEvent("call.in_progress"))
            #expect(talks != nil)
            watch.send(SIGKILL)
            _ = await watch.end()
            try await body(service, call)
            _ = await service.stop()
        }

        @Test("a mistake in the configuration takes no command away that a live call needs")
        func brokenConfiguration() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            try await Self.talking(bench) { service, call in
                let text = "gateway:\n  socket: \(service.socket)\nmdems: {}\n"
                try ServiceUnderTest.write(text, to: service.configuration)
                for command in [["status"], ["modems"], ["dtmf", "1"], ["dtmf", String(call.prefix(8)), "2"]] {
                    let result = try await service.run(command)
                    #expect(result.status == 0, "\(command): \(result)")
                    #expect(result.errors.count == 1 && result.errors.first?.contains("mdems") == true, "\(result)")
                }
                // No YAML at all: whoever names the socket needs no file.
                try ServiceUnderTest.write("gateway: [\n", to: service.configuration)
                let dial = try await service.run(["dial", "030123456"])
                #expect(dial.status == 78, "\(dial)")
                let hangUp = try await service.run(["hangup", "--socket", service.socket])
                #expect(hangUp.status == 0 && hangUp.errors == [], "\(hangUp)")
            }
            bench.expectClean(0, script: "030123456#12")
        }

        @Test("without a service a mistake in the configuration is told once")
        func mistakeWithoutService() async throws {
            let directory = try TemporaryDirectory()
            let file = directory.path + "/gsmbridge.yaml"
            try ServiceUnderTest.write("gateway:\n  socket: \(directory.path)/none.sock\nmdems: {}\n", to: file)
            for command in [["calls", "list"], ["contacts", "list"]] {
                let result = try await Program.run(command + ["--config", file])
                #expect(result.status == 78 && result.errors.count == 1, "\(command): \(result)")
                #expect(result.errors.first?.contains("mdems") == true, "\(command): \(result)")
            }
        }

        @Test("a call is named by the beginning of its id, or by nothing; one that is not there is told")
        func names() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            try await Self.talking(bench) { service, call in
                let status = try await service.run(["status"])
                #expect(status.output.contains { $0.hasPrefix(call.prefix(8) + "  callthrough") }, "\(status)")
                let other = try await service.run(["hangup", call.hasPrefix("a") ? "b" : "a"])
                #expect(other.status == 1 && other.errors.count == 1, "\(other)")
                let wrong = try await service.run(["hangup", "seven"])
                #expect(wrong.status == 64, "\(wrong)")
                let silent = try await service.run(["answer"])
                #expect(silent.status == 1 && silent.errors == ["gsmbridge: no call rings here"], "\(silent)")
                let hangUp = try await service.run(["hangup", String(call.prefix(8))])
                #expect(hangUp.status == 0, "\(hangUp)")
            }
            bench.expectClean(0, script: "030123456#")
        }

        @Test("the log and the contacts are the service's, for whoever may only use its socket")
        func records() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let socket = ["--socket", service.socket]
            // A directory of their own, in which there is nothing.
            let own = try TemporaryDirectory()
            let ask = { (arguments: [String]) in try await Program.run(arguments + socket, state: own.path) }

            let card = service.directory.path + "/anna.vcf"
            try ServiceUnderTest.write(
                "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Beispiel\r\nTEL:030 12345678\r\nEND:VCARD\r\n",
                to: card
            )
            let taken = try await ask(["contacts", "import", card])
            #expect(taken.output == ["1 added, 0 changed, 0 as they were"], "\(taken)")
            let listed = try await ask(["contacts", "list"])
            #expect(listed.output == ["Anna Beispiel: 030 12345678"], "\(listed)")
            let dialled = try await ask(["dial", "anna"])
            #expect(dialled.status == 0, "\(dialled)")

            let list = try await ask(["calls", "list", "--format", "json"])
            let call = try #require(try list.output.map { try Document($0) }.first?["call"]?.text, "\(list)")
            let shown = try await ask(["calls", "show", String(call.prefix(8)), "--format", "json"])
            #expect(try Document(shown.output.first ?? "")["legs"]?.list?.count == 2, "\(shown)")
            let text = try await ask(["calls", "show", call])
            #expect(text.output.contains { $0.hasPrefix("journal") && $0.hasSuffix("over") }, "\(text)")
            let csv = try await ask(["calls", "export", "--csv", "--number", "030 12345678"])
            #expect(csv.output.count == 2, "\(csv)")
            let totals = try await ask(["calls", "totals", "--format", "json"])
            #expect(try Document(totals.output.first ?? "")["calls"] == .number(1), "\(totals)")
            let unknown = try await ask(["calls", "show", "ffffffff"])
            #expect(unknown.status == 64 && unknown.errors.count == 1, "\(unknown)")
            let erased = try await ask(["calls", "erase", "--number", "030 12345678"])
            #expect(erased.output == ["+493012345678 was removed from 1 call"], "\(erased)")
            let gone = try await ask(["calls", "list", "--number", "030 12345678"])
            #expect(gone.output == [] && gone.errors == ["gsmbridge: no such call has been logged yet"], "\(gone)")

            let removed = try await ask(["contacts", "remove", "anna beispiel"])
            #expect(removed.output == ["1 removed"], "\(removed)")
            #expect(TemporaryDirectory.names(in: own.path) == [], "nothing was written where they are")
            _ = await service.stop()
        }

        @Test("the service tells of each call when it begins and when it is over, without its number")
        func lines() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let dial = try await service.run(["dial", Bench.target])
            #expect(dial.status == 0, "\(dial)")
            let refused = try await service.run(["dial", "0900 123456"])
            #expect(refused.status == 30, "\(refused)")
            let end = await service.stop()
            let told = end.errors.filter { $0.contains("call: ") }
            #expect(told.count == 3, "\(end)")
            #expect(
                told.first?.contains("call: dialling +49221669669•••") == true || told.first?.contains("•••") == true
            )
            #expect(
                told.contains { $0.contains("call: completed with +4930123456•• ") || $0.contains("call: completed") }
            )
            #expect(told.last?.contains("call: policy") == true)
            #expect(!told.joined().contains("2345678"))
            #expect(!told.joined().contains("0900123456"))
        }

        @Test("a wrong file is not taken over at a reload, and the status says so until a right one is")
        func reload() async throws {
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let right = try String(decoding: #require(Self.bytes(of: service.configuration)), as: UTF8.self)
            try ServiceUnderTest.write(right + "mdems: {}\n", to: service.configuration)
            service.program.send(SIGHUP)
            _ = await service.program.error { $0.contains("was not reloaded") }
            let wrong = try await Program.run(["status", "--socket", service.socket])
            #expect(wrong.output.contains { $0.hasPrefix("! the configuration was not reloaded") }, "\(wrong)")
            // What the unit does behind the signal: the file is found by the process.
            let check = ["config", "check", "--process", "\(service.program.processID)"]
            let refused = try await Program.run(check)
            #expect(refused.status == 78, "\(refused)")
            #expect(
                refused.errors.contains { $0.contains(service.configuration) && $0.contains("modems") },
                "\(refused)"
            )
            try ServiceUnderTest.write(right, to: service.configuration)
            service.program.send(SIGHUP)
            _ = await service.program.error { $0.contains("configuration reloaded") }
            let status = try await Program.run(["status", "--socket", service.socket])
            #expect(!status.output.contains { $0.contains("not reloaded") }, "\(status)")
            let passed = try await Program.run(check)
            #expect(passed.status == 0 && passed.output.first?.contains(service.configuration) == true, "\(passed)")
            _ = await service.stop()
        }

        private static func bytes(of path: String) -> [UInt8]? {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(file, &buffer, buffer.count)
            return count >= 0 ? Array(buffer[..<count]) : nil
        }

        @Test("a modem is taken out of service, back, and restarted; it is shown in full by its name")
        func orders() async throws {
            let bench = try Bench([ModemProfile(.quectel)], isLinked: true)
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let full = try await service.run(["modems", "m0"])
            #expect(full.output.contains { $0.hasPrefix("firmware") }, "\(full)")
            #expect(full.output.contains { $0.hasPrefix("iccid") }, "\(full)")
            #expect(full.output.contains { $0.hasPrefix("imsi") }, "\(full)")
            let unknown = try await service.run(["modems", "o3"])
            #expect(unknown.status == 64 && unknown.errors.count == 1, "\(unknown)")

            let off = try await service.run(["modem", "m0", "off"])
            #expect(off.status == 0 && off.output.first?.contains("switched off by hand") == true, "\(off)")
            let dial = try await service.run(["dial", Bench.target])
            #expect(dial.status == 20, "\(dial)")
            #expect(bench.calls(of: 0).isEmpty)
            let restart = try await service.run(["modem", "m0", "restart"])
            #expect(restart.status == 1, "\(restart)")
            let on = try await service.run(["modem", "m0", "on"])
            #expect(on.status == 0, "\(on)")
            try await service.modems(are: "ready", count: 1)

            let again = try await service.run(["modem", "m0", "restart"])
            #expect(again.status == 0, "\(again)")
            try await service.modems(are: "ready", count: 1)
            #expect(bench.commands(of: 0).contains { $0.contains("CFUN=1,1") || $0.contains("QPOWD") })
            let call = try await service.run(["dial", Bench.target])
            #expect(call.status == 0, "\(call)")
            _ = await service.stop()
        }

        @Test("a shell is offered the names that this box knows, and nothing where something is wrong")
        func completion() async throws {
            let nothing = try await Program.run([
                "---completion", "hangup", "--", "positional@0", "2", "0", "gsmbridge",
            ])
            #expect(nothing.status == 0 && nothing.output.allSatisfy(\.isEmpty) && nothing.errors == [], "\(nothing)")
            let bash = try await Program.run(["--generate-completion-script", "bash"])
            let script = bash.output.joined(separator: "\n")
            for option in ["dial -- --modem", "dial -- --pbx", "hangup -- positional@0", "at -- positional@0"] {
                #expect(script.contains("---completion \(option)"), "\(option)")
            }
            #expect(script.contains("callthrough"))
        }

        @Test("a command that does not exist brings the one that was meant to mind")
        func mistyped() async throws {
            let rows: [([String], String)] = [
                (["dail", "030123456"], "there is no command gsmbridge 'dail'; did you mean dial?"),
                (["statsu"], "did you mean status?"), (["config", "chekc"], "did you mean check?"),
                (["calls", "lsit"], "did you mean list?"), (["xyzzy"], "there is no command gsmbridge 'xyzzy'"),
            ]
            for (arguments, words) in rows {
                let result = try await Program.run(arguments)
                #expect(result.status == 64, "\(result)")
                #expect(result.errors.count == 1 && result.errors.first?.contains(words) == true, "\(result)")
            }
        }
    }
}
