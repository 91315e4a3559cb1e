import ModemSimulator
import SimulatedTerminals
import Testing

extension CommandLineTests {
    /// `gsmbridge at`.
    @Suite("at", .serialized) struct AtTests {
        @Test("answers are shown with their timing, one command after the other")
        func answers() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let tty = bench.host.paths[0]
            let text = try await Program.run(["at", tty, "AT+CGSN", "AT+CSQ"])
            #expect(text.status == 0, "\(text)")
            #expect(text.errors == [])
            #expect(text.output.count == 4, "\(text)")
            let imei = ModemProfile(.quectel).imei
            #expect(text.output.first == imei)
            #expect(text.output.dropFirst(2).first == "+CSQ: 20,99")
            for line in [text.output[1], text.output[3]] {
                #expect(line.wholeMatch(of: /OK  \(\d+ ms\)/) != nil, "\(line)")
            }
            let json = try await Program.run(["at", tty, "AT+CGSN", "AT+CSQ", "--format", "json"])
            #expect(json.status == 0, "\(json)")
            let documents = try json.output.map { try Document($0) }
            #expect(documents.map { $0["command"]?.text } == ["AT+CGSN", "AT+CSQ"])
            #expect(documents.map { $0["lines"]?.list } == [[.text(imei)], [.text("+CSQ: 20,99")]])
            #expect(documents.allSatisfy { $0["result"] == .text("OK") && ($0["ms"]?.number ?? -1) >= 0 })
        }

        @Test("what comes unasked behind the last command is shown for as long as is wanted")
        func waiting() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let program = try Program(["at", bench.host.paths[0], "AT+CLIP=1", "AT", "--wait", "8s"])
            _ = await program.output { $0.hasPrefix("OK") }
            _ = await program.output { $0.hasPrefix("OK") }
            bench.host.withWorld { world, now in
                _ = world.ring(modem: 0, from: "+4930555123", at: now, givesUpAfter: .seconds(2))
            }
            let end = await program.end()
            #expect(end.status == 0, "\(end)")
            #expect(end.output.contains("RING"), "\(end)")
            #expect(end.output.contains { $0.hasPrefix("+CLIP: \"+4930555123\"") }, "\(end)")
            let long = try await Program.run(["at", bench.host.paths[0], "AT", "--wait", "2m"])
            #expect(long.status == 64, "\(long)")
        }

        @Test("a PIN goes to the card and nowhere else", arguments: ["text", "json"])
        func secrets(_ format: String) async throws {
            let bench = try Bench([ModemProfile(.telit) { $0.sim = .pin(code: "8273", tries: 3) }])
            defer { bench.stop() }
            let result = try await Program.run(
                ["at", bench.host.paths[0], "AT+CPIN=8273", "--format", format, "--verbose"])
            #expect(result.status == 0, "\(result)")
            #expect(bench.host.withWorld { world, _ in world.pinAttempts(of: 0) } == ["8273"])
            #expect(!(result.output + result.errors).contains { $0.contains("8273") }, "\(result)")
            if format == "json" {
                #expect(try Document(result.output.first ?? "")["command"] == .text("AT+CPIN=••••"))
            }
        }

        @Test("the first command that fails ends it, with status 1")
        func refused() async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let result = try await Program.run(["at", bench.host.paths[0], "AT+NOSUCH?", "AT+CGSN"])
            #expect(result.status == 1, "\(result)")
            #expect(result.output.count == 1)
            #expect(result.output.first?.contains("ERROR") == true, "\(result)")
            #expect(!bench.commands(of: 0).contains("AT+CGSN"))
        }

        @Test("a refusal is shown as the modem said it, and in text with what its number means")
        func refusals() async throws {
            let bench = try Bench([
                ModemProfile(.generic) {
                    $0.sim = .absent
                    $0.faults.append(.errorText)
                }
            ])
            defer { bench.stop() }
            let tty = bench.host.paths[0]
            let text = try await Program.run(["at", tty, "AT+CMEE=1", "AT+CPIN?"])
            #expect(text.output.last?.hasPrefix("+CME ERROR: 10: SIM not inserted  (") == true, "\(text)")
            let json = try await Program.run(["at", tty, "AT+CMEE=1", "AT+CPIN?", "--format", "json"])
            #expect(try Document(json.output.last ?? "")["result"] == .text("+CME ERROR: 10"), "\(json)")
            let own = try await Program.run(["at", tty, "AT+CMEE=0", "AT+CPIN?"])
            #expect(own.output.last?.hasPrefix("ERROR: not allowed  (") == true, "\(own)")
        }

        @Test("of a modem that the service does not have it is said where the others are listed")
        func unknownModem() async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            let result = try await service.run(["at", "nope", "AT"])
            #expect(result.status == 1, "\(result)")
            #expect(
                result.errors == ["gsmbridge: the service has no modem nope; `gsmbridge modems` lists those it has"],
                "\(result)"
            )
            _ = await service.stop()
        }

        @Test("without a modem there is one line that says why")
        func missing() async throws {
            let absent = try await Program.run(["at", "/dev/ttyUSB-that-is-not-there", "ATI"])
            #expect(absent.status == 20, "\(absent)")
            #expect(absent.output == [])
            #expect(absent.errors.count == 1)
            let dead = try DeadTerminal()
            let silent = try await Program.run(["at", dead.path, "ATI", "--timeout", "500ms"])
            #expect(silent.status == 21, "\(silent)")
            #expect(silent.output.first?.contains("no answer") == true, "\(silent)")
        }

        @Test(
            "whatever dials is refused before the tty is opened",
            arguments: ["ATD112;", "atd+49301234567;", "ATE0D112;", "AT+CSQ;D112;", "AT D112;", "ATDL", "AT&F0D1"]
        )
        func dialling(_ command: String) async throws {
            let bench = try Bench([.generic])
            defer { bench.stop() }
            let watch = try OpenWatch(bench.host.paths[0])
            let result = try await Program.run(["at", bench.host.paths[0], command])
            #expect(result.status == 64, "\(result)")
            #expect(result.output == [])
            #expect(result.errors.count == 1, "\(result)")
            #expect(result.errors.first?.contains("dialling") == true, "\(result)")
            #expect(!watch.wasOpened())
        }
    }
}
