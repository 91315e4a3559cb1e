import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// The box's own codes, dialled by phones that others wrote.
    @Suite(
        "codes that phones dial",
        .serialized,
        .enabled(if: Sipp.path != nil, "sipp (package sip-tester) is not installed")
    )
    struct PhoneCodeTests {
        private static let digits = "030123456#"

        @Test("a code chooses the method of one call, and another one calls what this phone has called last")
        func methods() async throws {
            let house = try await house()
            try await call(house, "*66", from: "hall", .refused(404))
            try await call(house, "*1030123456", .talk(milliseconds: 100))
            #expect(heard(house) == [Self.digits])
            // What is dialled without a code goes another way.
            try await call(house, "030123456", from: "hall", .talk(milliseconds: 100))
            #expect(heard(house) == [Self.digits, ""])
            try await call(house, "*66", .talk(milliseconds: 100))
            #expect(heard(house) == [Self.digits, "", Self.digits])
            try await call(house, "*66", from: "hall", .talk(milliseconds: 100))
            #expect(heard(house) == [Self.digits, "", Self.digits, ""])
            let numbers = house.bench.calls(of: 0).map(\.number)
            try #require(numbers.count == 4)
            #expect(numbers[0] == Bench.accessNumber && numbers[2] == numbers[0], "\(numbers)")
            #expect(numbers[1] != Bench.accessNumber && numbers[3] == numbers[1], "\(numbers)")
            // One that is refused was not called.
            try await call(house, "*309001234567", .refused(403))
            try await call(house, "*66", .talk(milliseconds: 100))
            #expect(heard(house).last == Self.digits)
            house.bench.expectClean(0, script: Self.digits)
            _ = await house.service.stop()
        }

        @Test("what begins with a star and is no code of ours goes nowhere, codes of the network among it")
        func others() async throws {
            let house = try await house()
            for code in ["*98", "*5030123456", "*1", "*660", "*100%23", "*21*030123456%23", "**61*030123456%23"] {
                try await call(house, code, .refused(404))
            }
            #expect(house.bench.calls(of: 0).isEmpty)
            #expect(!house.bench.commands(of: 0).contains { $0.hasPrefix("ATD") || $0.contains("*") })
            _ = await house.service.stop()
        }

        @Test("help behind a code is called as it is without one")
        func help() async throws {
            let house = try await house()
            try await call(house, "*3112", .talk(milliseconds: 100))
            try await call(house, "*1112", .talk(milliseconds: 100))
            #expect(house.bench.calls(of: 0).map(\.number) == ["112", "112"])
            #expect(heard(house) == ["", ""])
            _ = await house.service.stop()
        }

        @Test("the box says itself how it is, and hangs up; no modem is needed for that")
        func status() async throws {
            let house = try await PhoneHouse(modems: 0)
            try await call(house, "*00", .answered(Sipp.takesBye()))
            let listed = try await house.service.run(["calls", "list", "--format", "json"])
            #expect(listed.status == 0 && listed.output.isEmpty, "\(listed)")
            let stopped = await house.service.stop()
            #expect(!stopped.errors.contains { $0.contains("does not hear") }, "\(stopped)")
        }

        private func house() async throws -> PhoneHouse {
            try await PhoneHouse(modems: 1, policy: "  prefer: [direct]\n")
        }

        /// Has a phone dial, and waits until nothing of it is left.
        private func call(
            _ house: PhoneHouse,
            _ dialled: String,
            from caller: String = "desk",
            _ story: Sipp.Story
        ) async throws {
            let phone = try Sipp(house, number: dialled, story, from: caller, as: caller)
            let end = await phone.program.end()
            #expect(end.status == 0, "\(dialled): \(end)")
            #expect(await waits { house.bench.calls(of: 0).allSatisfy { !$0.isLive } }, "\(dialled)")
        }

        /// The digits that were heard in each call.
        private func heard(_ house: PhoneHouse) -> [String] {
            house.bench.calls(of: 0).map { String($0.tones.map(\.digit)) }
        }
    }
}
