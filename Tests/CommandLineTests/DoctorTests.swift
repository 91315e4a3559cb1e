import FoundationEssentials
import Glibc
import ModemSimulator
import SimulatedTerminals
import Testing

extension CommandLineTests {
    @Suite(.serialized) struct DoctorTests {
        private struct Finding: Decodable, Equatable {
            let severity: String
            let check: String
            let subject: String
            let message: String
            let remedy: String?
        }

        /// What the doctor says of one modem, and the exit status.
        private func diagnose(_ profile: ModemProfile) async throws -> (findings: [String: Finding], status: Int32) {
            let bench = try Bench([profile])
            defer { bench.stop() }
            let tty = bench.host.paths[0]
            let result = try await Program.run(["doctor", "--modem", tty, "--format", "json"])
            #expect(result.errors == [], "\(result)")
            let findings = try result.output.map { try JSONDecoder().decode(Finding.self, from: Data($0.utf8)) }
            // Nothing was changed: no PIN, no call, no radio.
            let commands = bench.commands(of: 0).joined(separator: "\n")
            #expect(!commands.contains("CPIN=") && !commands.contains("ATD") && !commands.contains("CFUN="))
            // The status says what the lines say.
            #expect(result.status == (findings.contains { $0.severity == "error" } ? 1 : 0))
            let own = findings.filter { $0.subject == tty }
            return (Dictionary(own.map { ($0.check, $0) }, uniquingKeysWith: { first, _ in first }), result.status)
        }

        @Test("a modem that can call passes every check", arguments: [ModemFamily.quectel, .huawei, .simcom])
        func healthy(_ family: ModemFamily) async throws {
            let findings = try await diagnose(ModemProfile(family)).findings
            #expect(findings.values.filter { $0.severity != "ok" } == [])
            #expect(Set(findings.keys).isSuperset(of: ["ports", "sim", "registration", "voice", "signal"]))
        }

        @Test("a locked card is named, with the tries that are left")
        func locked() async throws {
            let (findings, status) = try await diagnose(
                ModemProfile(.quectel) { $0.sim = .pin(code: "1234", tries: 3) }
            )
            let card = try #require(findings["sim"])
            #expect(card.severity == "error")
            #expect(card.message == "the SIM card wants its PIN, 3 tries left")
            #expect(card.remedy?.contains("pin") == true)
            #expect(status == 1)
        }

        @Test("LTE without a way for voice is named")
        func evolvedOnly() async throws {
            let findings = try await diagnose(
                ModemProfile(.simcom) {
                    $0.registration = .evolvedOnly
                    $0.offersIMS = false
                }
            )
            .findings
            #expect(findings["voice"]?.severity == "warning")
            #expect(findings["voice"]?.message.contains("VoLTE") == true)
        }

        @Test("a radio that is off is named, with the command that switches it on")
        func radioOff() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let tty = bench.host.paths[0]
            #expect(try await Program.run(["at", tty, "AT+CFUN=4"]).status == 0)
            let result = try await Program.run(["doctor", "--modem", tty])
            #expect(result.status == 1)
            #expect(
                result.output.contains(
                    "error   \(tty): its radio is off (AT+CFUN? says 4); do: gsmbridge at \(tty) AT+CFUN=1"
                ),
                "\(result)"
            )
        }

        @Test("a modem that another program has is named with that program")
        func busy() async throws {
            let bench = try Bench([.quectel], talk: .seconds(3600))
            defer { bench.stop() }
            let tty = bench.host.paths[0]
            let other = try Program(bench.dial(0, "--format", "json"))
            _ = await other.output { $0.contains("call.connected") }
            let result = try await Program.run(["doctor", "--modem", tty])
            let line = result.output.first { $0.contains(tty) }
            #expect(
                line?.hasPrefix("error   \(tty): in use by gsmbridge (process \(other.processID))") == true,
                "\(result)"
            )
            other.send(SIGINT)
            #expect(await other.end().status == 130)
            bench.expectClean(0)
        }

        @Test("a tty that is not there is named, with what to look at")
        func absent() async throws {
            let result = try await Program.run(["doctor", "--modem", "/dev/ttyUSB-none"])
            #expect(result.status == 1)
            let line = result.output.first { $0.contains("/dev/ttyUSB-none") }
            #expect(line == "error   /dev/ttyUSB-none: does not exist; do: ls -l /dev/serial/by-id/")
        }

        @Test("a name that nothing here has is a status of its own")
        func unknown() async throws {
            let modem = try await Program.run(["doctor", "--modem", "nobody"])
            #expect(modem.status == 20)
            let pbx = try await Program.run(["doctor", "--pbx", "nobody"])
            #expect(pbx.status == 78)
        }
    }
}
