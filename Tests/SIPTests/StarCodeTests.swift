import CallModel
import Logging
import TestSupport
import Testing

@testable import SIP

@Suite("Codes that phones dial") struct StarCodeTests {
    @Test(
        "a code is read with the number behind it",
        arguments: [
            ("*1030123456", .number("030123456", .callthrough)), ("*2+4930123456", .number("+4930123456", .callback)),
            ("*3112", .number("112", .direct)), ("*4(030) 12-34.56", .number("(030) 12-34.56", .internet)),
            ("*112", .number("12", .callthrough)), ("*66", .redial), ("*00", .status),
        ] as [(String, StarCode)]
    )
    func reads(dialled: String, code: StarCode) {
        #expect(StarCode(dialled) == code)
    }

    @Test(
        "what is no code is none, nor is one of the network",
        arguments: [
            "", "*", "**", "#", "030123456", "112", "*0", "*000", "*1", "*1+", "*1()", "*1#", "*1*", "*5030123456",
            "*6", "*660", "*66#", "*98", " *66", "1*1030", "*100#", "*#06#", "*21*030123456#", "**21*030123456#",
            "**61*030123456#", "*31#030123456", "#31#030123456", "*1030*123#", "*1030#", "*1desk", "*1\u{0661}\u{0662}",
        ]
    )
    func others(dialled: String) {
        #expect(StarCode(dialled) == nil)
    }

    @Test("whatever is dialled, a number is its end, has digits, and has no star and no hash")
    func random() {
        let signs = Array("*#0123456789+-.() a\u{301}\u{0661}")
        for seed in RandomRounds(20_000) {
            var random = SeededGenerator(seed: seed)
            let count = Int.random(in: 0...14, using: &random)
            var dialled = Bool.random(using: &random) ? "*" : ""
            for _ in 0..<count { dialled.append(signs.randomElement(using: &random) ?? "*") }
            guard case .number(let number, _)? = StarCode(dialled) else { continue }
            #expect(dialled.hasSuffix(number) && number.utf8.count == dialled.utf8.count - 2, "\(seed): \(dialled)")
            #expect(number.contains { $0.isASCII && $0.isNumber }, "\(seed): \(dialled)")
            #expect(!number.contains { "*#".contains($0) }, "\(seed): \(dialled)")
        }
    }

    @Test("each phone dials again what it has called itself; help has no method, and a trunk has no codes")
    func redials() async throws {
        let directory = try TemporaryDirectory()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let agent = try #require(SIPAgent(directory: directory.path, log: log) { _ in })
        var settings = SIPSettings(directory: directory.path)
        settings.listen = []
        settings.phones = ["desk", "hall"].map { SIPSettings.Phone(name: $0, title: nil, password: "correct horse") }
        settings.isHelp = { ["100", "112"].contains($0) }
        await agent.configure(settings)
        let (desk, hall) = (HouseCaller.phone("desk"), HouseCaller.phone("hall"))
        await #expect(throws: SIPAgent.CodeRefusal.self) { try await agent.call(1, "*66", by: desk) }
        let first = try await agent.call(2, "*1030123456", by: desk)
        #expect(first.number == "030123456" && first.via == .callthrough)
        await agent.remember(first)
        let again = try await agent.call(3, "*66", by: desk)
        #expect(again.id == 3 && again.number == "030123456" && again.via == .callthrough)
        await #expect(throws: SIPAgent.CodeRefusal.self) { try await agent.call(4, "*66", by: hall) }
        let help = try await agent.call(5, "*1112", by: hall)
        #expect(help.number == "112" && help.via == nil)
        for dialled in ["*100#", "*3100#"] {
            await #expect(throws: SIPAgent.CodeRefusal.self) { try await agent.call(6, dialled, by: hall) }
        }
        for dialled in ["*112", "*112#", "*3112#"] {
            let call = try await agent.call(6, dialled, by: hall)
            #expect(call.number == "112" && call.via == nil, "\(dialled)")
        }
        let other = try await agent.call(6, "*3112", by: .trunk("exchange"))
        #expect(other.number == "*3112" && other.via == nil)
        let status = try await agent.call(7, "*00", by: hall)
        #expect(status.asksStatus)
        await #expect {
            _ = try await agent.call(8, "*98", by: hall)
        } throws: {
            ($0 as? SIPAgent.CodeRefusal)?.phrase.contains("*1NUMBER") == true
        }
        // A phone that is not set up any more is forgotten.
        settings.phones.removeFirst()
        await agent.configure(settings)
        await #expect(throws: SIPAgent.CodeRefusal.self) { try await agent.call(9, "*66", by: desk) }
        await agent.stop(within: .seconds(10))
    }
}
