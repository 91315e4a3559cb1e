import CLinux
import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `dial` where the modem, its tty, its card or the network is not as it must be.
    @Suite("dial in trouble", .serialized) struct TroubleTests {
        struct Trouble: Sendable {
            let name: String
            let profile: ModemProfile
            let status: Int32
            let words: String
        }

        private static let troubles = [
            Trouble(
                name: "PIN",
                profile: ModemProfile(.huawei) { $0.sim = .pin(code: "1234", tries: 3) },
                status: 23,
                words: "PIN"
            ),
            Trouble(
                name: "PIN, one try left",
                profile: ModemProfile(.zte) { $0.sim = .pin(code: "1234", tries: 1) },
                status: 23,
                words: "PIN"
            ),
            Trouble(name: "PUK", profile: ModemProfile(.quectel) { $0.sim = .puk }, status: 23, words: "PUK"),
            Trouble(name: "no card", profile: ModemProfile(.sim800) { $0.sim = .absent }, status: 23, words: "no SIM"),
            Trouble(
                name: "denied",
                profile: ModemProfile(.telit) { $0.registration = .denied },
                status: 22,
                words: "refuses"
            ),
            Trouble(
                name: "not registered",
                profile: ModemProfile(.cinterion) { $0.registration = .none },
                status: 22,
                words: "not registered"
            ),
            Trouble(
                name: "searching",
                profile: ModemProfile(.ublox) { $0.registration = .searching },
                status: 22,
                words: "searching"
            ),
            Trouble(
                name: "emergency only",
                profile: ModemProfile(.simcom) { $0.registration = .emergencyOnly },
                status: 22,
                words: "no service"
            ),
        ]

        @Test("a card or a network that permits no calls is named, and nothing is dialled")
        func cardAndNetwork() async throws {
            let rows = Self.troubles
            let bench = try Bench(rows.map(\.profile))
            defer { bench.stop() }
            let results = try await concurrently(rows) { index, _ in
                try await Program.run(bench.dial(index, "--format", "json"))
            }
            for (index, row) in rows.enumerated() {
                #expect(results[index].status == row.status, "\(row.name): \(results[index])")
                let events = try CallEvents(results[index], "\(row.name)")
                #expect(events.names == ["call.requested", "call.ended"], "\(row.name)")
                let detail = events.end?["detail"]?.text ?? ""
                #expect(detail.contains(row.words), "\(row.name): \(detail)")
                #expect(bench.calls(of: index).isEmpty, "\(row.name)")
                #expect(bench.host.withWorld { world, _ in world.pinAttempts(of: index) } == [], "\(row.name)")
                bench.expectClean(index, "\(row.name)")
            }
        }

        @Test("a modem that is pulled out in mid-call, at any stage, is a failed modem")
        func unplugged() async throws {
            let stages = SimulatedFault.Stage.allCases
            let families: [ModemFamily] = [.huawei, .quectel, .zte, .telit, .generic]
            let bench = try Bench(
                zip(families, stages).map { family, stage in ModemProfile(family) { $0.faults = [.unplug(stage)] } },
                isLinked: true
            )
            defer { bench.stop() }
            let results = try await concurrently(stages) { index, _ in
                try await Program.run(bench.dial(index, "--format", "json"))
            }
            for (index, stage) in stages.enumerated() {
                #expect(results[index].status == 21, "\(stage): \(results[index])")
                let events = try CallEvents(results[index], "\(stage)")
                #expect(events.end?["by"] == .text("local"), "\(stage)")
                #expect(!events.names.contains("call.in_progress") || stage == .inProgress, "\(stage)")
                #expect(bench.calls(of: index).count == 1, "\(stage)")
            }
        }

        struct Tty: Sendable {
            let path: String
            let words: String
        }

        @Test("what is no modem's tty is told apart, each with its own words")
        func ttys() async throws {
            let directory = try TemporaryDirectory()
            let dead = try DeadTerminal()
            let rows = [
                Tty(path: "/dev/ttyUSB-that-is-not-there", words: "does not exist"),
                Tty(path: directory.path, words: "is a directory"),
                Tty(path: try directory.file("plain"), words: "is not a serial port"),
                Tty(path: "/dev/null", words: "is not a serial port"),
                Tty(path: dead.path, words: "nothing answers AT"),
            ]
            let results = try await concurrently(rows) { index, row in
                try await Program.run([
                    "dial", Bench.target, "--access-number", Bench.accessNumber, "--modem", row.path, "--format",
                    index.isMultiple(of: 2) ? "json" : "text",
                ])
            }
            for (index, row) in rows.enumerated() {
                #expect(results[index].status == 20, "\(row.path): \(results[index])")
                #expect(results[index].output.last?.contains(row.words) == true, "\(row.path): \(results[index])")
                if index.isMultiple(of: 2) {
                    #expect(try CallEvents(results[index]).names == ["call.requested", "call.ended"])
                } else {
                    #expect(results[index].output.count == 1, "\(row.path): \(results[index])")
                }
            }
        }

        @Test("a tty that another program holds is busy, and its holder is named")
        func held() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let holder = clinux_tty_open(bench.host.paths[0])
            try #require(holder >= 0)
            #expect(clinux_lock(holder) == 0)
            let refused = try await Program.run(bench.dial(0))
            #expect(refused.status == 20, "\(refused)")
            #expect(refused.output.first?.contains("is in use by") == true, "\(refused)")
            #expect(refused.output.first?.contains("(process \(getpid()))") == true, "\(refused)")
            #expect(bench.commands(of: 0).isEmpty)
            _ = clinux_close(holder)
            let accepted = try await Program.run(bench.dial(0))
            #expect(accepted.status == 0, "\(accepted)")
        }

        @Test("two calls on one modem: the second is refused, and the first does not notice")
        func twice() async throws {
            let bench = try Bench([.huawei], talk: .seconds(3600))
            defer { bench.stop() }
            let first = try Program(bench.dial(0, "--format", "json"))
            let answered = await first.output(where: isEvent("call.connected"))
            #expect(answered != nil)
            let second = try await Program.run(bench.dial(0, "--format", "json"))
            #expect(second.status == 20, "\(second)")
            let detail = try CallEvents(second).end?["detail"]?.text ?? ""
            #expect(detail.contains("gsmbridge (process \(first.processID))"), "\(detail)")
            #expect(await waits { bench.calls(of: 0).last?.digits == Bench.script })
            // The network has heard the last digit; the program has to know that, too.
            #expect(await first.output(where: isEvent("call.in_progress")) != nil)
            try bench.hangUpFarSide(of: 0)
            let result = await first.end()
            #expect(result.status == 0, "\(result)")
            #expect(bench.calls(of: 0).map(\.digits) == [Bench.script])
            bench.expectClean(0)
        }
    }
}
