import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `gsmbridge dial NAME`, where the name may mean several numbers.
    @Suite("dial asks whom a name means", .serialized) struct ContactChoiceTests {
        private static let book = """
            BEGIN:VCARD
            FN:Anna Anders
            TEL;TYPE=CELL:+49301111111
            END:VCARD
            BEGIN:VCARD
            FN:Anna Beispiel
            TEL;TYPE=CELL:\(Bench.target)
            TEL;TYPE=WORK:+49302222222
            END:VCARD

            """

        /// A state directory with two people of one name in it.
        private static func state() async throws -> TemporaryDirectory {
            let state = try TemporaryDirectory()
            try ServiceUnderTest.write(book, to: state.path + "/book.vcf")
            let result = try await Program.run(["contacts", "import", state.path + "/book.vcf"], state: state.path)
            #expect(result.status == 0, "\(result)")
            return state
        }

        private static func dial(_ bench: Bench, _ more: String...) -> [String] {
            ["dial", "anna", "--access-number", Bench.accessNumber, "--modem", bench.host.paths[0]] + more
        }

        @Test("the question appears, and the choice is dialled")
        func choice() async throws {
            let state = try await Self.state()
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let terminal = try TypedTerminal()
            let program = try Program(Self.dial(bench), state: state.path, terminal: terminal)
            let line = await program.output { $0.contains("Anna Beispiel, mobile: \(Bench.target)") }
            let number = try #require(line?.split(separator: " ").first)
            #expect(await program.output { $0.contains("Which one?") } != nil)
            try terminal.type("\(number)\n")
            let result = await program.end()
            #expect(result.status == 0, "\(result)")
            #expect(bench.calls(of: 0).map { String($0.tones.map(\.digit)) } == [Bench.script])
            bench.expectClean(0)
        }

        @Test(
            "whoever leaves, or chooses what is not there, calls nobody",
            arguments: [
                ("\n", 130), ("q\n", 130), (" \n", 130), ("\u{4}", 130), ("\u{3}", 130), ("99\n", 64), ("0\n", 64),
            ]
        )
        func leaving(_ typed: String, _ status: Int32) async throws {
            let state = try await Self.state()
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let watch = try OpenWatch(bench.host.paths[0])
            let terminal = try TypedTerminal()
            let program = try Program(Self.dial(bench), state: state.path, terminal: terminal)
            #expect(await program.output { $0.contains("Which one?") } != nil)
            try terminal.type(typed)
            let result = await program.end()
            #expect(result.status == status, "\(result)")
            #expect(!watch.wasOpened())
            #expect(bench.calls(of: 0).isEmpty)
        }

        @Test("nobody is asked in JSON mode, or without a terminal: the candidates are named")
        func unasked() async throws {
            let state = try await Self.state()
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let watch = try OpenWatch(bench.host.paths[0])
            let onTerminal = try await Program(
                Self.dial(bench, "--format", "json"),
                state: state.path,
                terminal: TypedTerminal()
            )
            .end()
            let piped = try await Program.run(Self.dial(bench), state: state.path)
            for result in [onTerminal, piped] {
                #expect(result.status == 64, "\(result)")
                let lines = result.output + result.errors
                #expect(lines.count == 1, "\(result)")
                for candidate in ["Anna Anders, mobile", "Anna Beispiel, mobile", "Anna Beispiel, work: +49302222222"] {
                    #expect(lines.first?.contains(candidate) == true, "\(result)")
                }
            }
            #expect(!watch.wasOpened())
        }
    }
}
