import Glibc
import ModemSimulator
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
    }
}
