import Glibc
import ModemSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// `gsmbridge contacts`.
    @Suite("contacts", .serialized) struct ContactsTests {
        private static func list(_ state: TemporaryDirectory) async throws -> [String] {
            let result = try await Program.run(["contacts", "list"], state: state.path)
            #expect(result.status == 0, "\(result)")
            return result.output
        }

        @Test("a SIM's phone book is read on any family: names in any alphabet, hidden ones not, settings as before")
        func phonebook() async throws {
            let families = ModemFamily.allCases
            let bench = try Bench(
                families.enumerated()
                    .map { index, family in
                        ModemProfile(family, number: index) {
                            $0.phonebook.append(SimulatedPhonebookEntry(58, "030999999", "Secret", isHidden: true))
                            $0.phonebook.append(SimulatedPhonebookEntry(250, "110", ""))
                            $0.phonebook.append(SimulatedPhonebookEntry(200, "*100#", "Balance"))
                        }
                    }
            )
            defer { bench.stop() }
            let found = try await concurrently(families) { index, _ in
                let state = try TemporaryDirectory()
                let result = try await Program.run(
                    ["contacts", "import", "--from-modem", bench.host.paths[index]],
                    state: state.path
                )
                return (result, try await Self.list(state))
            }
            for (index, family) in families.enumerated() {
                let (result, list) = found[index]
                #expect(result.status == 0, "\(family): \(result)")
                #expect(result.output == ["4 added, 0 changed, 0 as they were"], "\(family): \(result)")
                let names = [
                    "110: 110", "Anna Beispiel: +493012345678", "Büro Müller: 022166966966", "Łukasz: +48221234567",
                ]
                #expect(list.sorted() == names.sorted(), "\(family)")
                let sets = bench.commands(of: index).filter { $0.hasPrefix("AT+CSCS=") }
                #expect(sets == ["AT+CSCS=\"UCS2\"", "AT+CSCS=\"GSM\""], "\(family)")
                #expect(!bench.commands(of: index).contains { $0.hasPrefix("AT+CPBW") }, "\(family)")
                bench.expectClean(index, "\(family)")
            }
        }

        @Test("a modem without UCS2, one that wants everything in it, and an empty card", arguments: [false, true])
        func oddities(_ isEmpty: Bool) async throws {
            let faults: [SimulatedFault] = [.noUCS2, .ucs2Parameters]
            let bench = try Bench(
                faults.enumerated()
                    .map { index, fault in
                        ModemProfile(.quectel, number: index) {
                            $0.faults = [fault]
                            if isEmpty { $0.phonebook = [] }
                        }
                    }
            )
            defer { bench.stop() }
            for index in faults.indices {
                let state = try TemporaryDirectory()
                let result = try await Program.run(
                    ["contacts", "import", "--from-modem", bench.host.paths[index]],
                    state: state.path
                )
                #expect(result.status == 0, "\(faults[index]): \(result)")
                let names = [
                    "Anna Beispiel: +493012345678", "Büro Müller: 022166966966", "Łukasz: +48221234567",
                ]
                #expect(try await Self.list(state) == (isEmpty ? [] : names), "\(faults[index])")
                bench.expectClean(index, "\(faults[index])")
            }
        }

        @Test("a card that is missing, locked or not ready is said, with status 23, and nothing is taken in")
        func card() async throws {
            let cards: [SIMCondition] = [.absent, .pin(code: "1234", tries: 3), .puk, .busy(.seconds(600))]
            let bench = try Bench(cards.enumerated().map { index, card in ModemProfile(.simcom) { $0.sim = card } })
            defer { bench.stop() }
            for (index, card) in cards.enumerated() {
                let state = try TemporaryDirectory()
                let result = try await Program.run(
                    ["contacts", "import", "--from-modem", bench.host.paths[index]],
                    state: state.path
                )
                #expect(result.status == 23, "\(card): \(result)")
                #expect(result.errors.count == 1 && result.errors[0].contains("SIM"), "\(card): \(result)")
                #expect(try await Self.list(state) == [])
                #expect(bench.host.withWorld { world, _ in world.pinAttempts(of: index) } == [])
            }
        }

        @Test("a modem that falls silent in the middle is said, with status 21, and nothing is taken in")
        func silent() async throws {
            let bench = try Bench([ModemProfile(.quectel) { $0.faults = [.lostReply(command: "AT+CPBR=41", .always)] }])
            defer { bench.stop() }
            let state = try TemporaryDirectory()
            let result = try await Program.run(
                ["contacts", "import", "--from-modem", bench.host.paths[0]],
                state: state.path
            )
            #expect(result.status == 21, "\(result)")
            #expect(try await Self.list(state) == [])
        }

        @Test("an import names what it leaves out with file and line, and takes in the rest")
        func leftOut() async throws {
            let state = try TemporaryDirectory()
            let file = state.path + "/book.vcf"
            let long = String(repeating: "A", count: 17_000)
            try ServiceUnderTest.write(
                """
                BEGIN:VCARD
                FN:\(long)
                N:Beispiel;Anna;;;
                TEL:030123456
                END:VCARD
                BEGIN:VCARD
                FN:Nobody
                EMAIL:a@b.example
                END:VCARD
                BEGIN:VCARD
                FN:Cut off
                """,
                to: file
            )
            let result = try await Program.run(["contacts", "import", file], state: state.path)
            #expect(result.status == 0, "\(result)")
            #expect(result.output == ["1 added, 0 changed, 0 as they were, 3 problems"])
            let lines = zip(
                result.errors,
                ["line 2: FN is longer", "line 6: the card of Nobody", "line 10: the card has"]
            )
            #expect(result.errors.count == 3)
            #expect(lines.allSatisfy { $0.hasPrefix("gsmbridge: \(file): \($1)") }, "\(result)")
            #expect(try await Self.list(state) == ["Anna Beispiel: 030123456"])
        }

        @Test(
            "a file in which nobody can be called is wrong input, and what was there stays",
            arguments: [
                "", "name,number\nAnna,030123456\n", "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n",
                "BEGIN:VCARD\nTEL:030123456\n",
            ]
        )
        func nobody(_ text: String) async throws {
            let state = try TemporaryDirectory()
            let (good, bad) = (state.path + "/good.vcf", state.path + "/bad.vcf")
            try ServiceUnderTest.write("BEGIN:VCARD\nFN:A\nTEL:030123456\nEND:VCARD\n", to: good)
            try ServiceUnderTest.write(text, to: bad)
            #expect(try await Program.run(["contacts", "import", good], state: state.path).status == 0)
            for more in [[], ["--replace"]] {
                let result = try await Program.run(["contacts", "import", bad] + more, state: state.path)
                #expect(result.status == 64, "\(result)")
                #expect(result.output == [])
                #expect(result.errors.first?.hasPrefix("gsmbridge: \(bad): line 1: ") == true, "\(result)")
                #expect(result.errors.last?.contains("nobody to call") == true, "\(result)")
            }
            #expect(try await Self.list(state) == ["A: 030123456"])
            let missing = try await Program.run(["contacts", "import", state.path + "/none.vcf"], state: state.path)
            #expect(missing.status == 64, "\(missing)")
        }
    }
}
