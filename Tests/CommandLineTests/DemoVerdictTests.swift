import CallFlows
import CallModel
import ModemSimulator
import Testing

@testable import Simulation
@testable import gsmbridge

/// The demo's judge must not praise what went wrong.
@Suite("The demo's verdict") struct DemoVerdictTests {
    private static let good = CallEnd(outcome: .completed, by: .remote, seconds: .seconds(8))

    /// Drives a modem by hand, on simulated time: each command after a pause.
    private static func judge(
        _ script: [(pause: Duration, command: String)],
        end: CallEnd = good
    ) -> DemoVerdict {
        var world = SimulatedWorld()
        let modem = world.addModem(ModemProfile(.generic))
        var now = ContinuousClock.now
        for step in script {
            now += step.pause
            _ = world.advance(to: now)
            world.receive(Array("\(step.command)\r".utf8), from: modem, at: now)
        }
        _ = world.advance(to: now + .seconds(1))
        return DemoVerdict(family: .generic, modem: modem, end: end, calls: world.calls, violations: world.violations)
    }

    private static func call(
        _ number: String = Demo.accessNumber,
        settle: Duration = .seconds(3),
        digits: String,
        talk: Duration = .seconds(20)
    ) -> [(pause: Duration, command: String)] {
        [(.zero, "ATD\(number);"), (settle, "AT")] + digits.map { (.milliseconds(300), "AT+VTS=\($0)") } + [
            (talk, "ATH")
        ]
    }

    @Test("a call as it must be is good")
    func whole() {
        let verdict = Self.judge(Self.call(digits: Demo.expectedDigits))
        #expect(verdict.differences == [])
        #expect(verdict.isGood)
        #expect(verdict.heard == Demo.expectedDigits)
        #expect(verdict.joined == Demo.targetNumber)
    }

    struct Flaw: Sendable {
        let name: String
        let verdict: DemoVerdict
        let words: String
    }

    private static let flaws: [Flaw] = [
        Flaw(name: "no call", verdict: judge([(.zero, "AT")]), words: "0 calls"),
        Flaw(
            name: "a digit twice",
            verdict: judge(call(digits: "030123345678#")),
            words: "the PBX heard 030123345678#"
        ),
        Flaw(name: "a digit missing", verdict: judge(call(digits: "0301234568#")), words: "the PBX heard 0301234568#"),
        Flaw(name: "out of order", verdict: judge(call(digits: "03021345678#")), words: "the PBX heard 03021345678#"),
        Flaw(name: "nothing sent", verdict: judge(call(digits: "")), words: "the PBX heard nothing"),
        Flaw(
            name: "too early",
            verdict: judge(call(settle: .milliseconds(1300), digits: Demo.expectedDigits)),
            words: "did not listen"
        ),
        Flaw(
            name: "another number",
            verdict: judge(call("+4922166966976", digits: Demo.expectedDigits)),
            words: "+4922166966976 was dialled"
        ),
        Flaw(
            name: "hung up too soon",
            verdict: judge(call(digits: Demo.expectedDigits, talk: .milliseconds(300))),
            words: "joined with nobody"
        ),
        Flaw(
            name: "left up",
            verdict: judge(Array(call(digits: "0301234569#").dropLast())),
            words: "is still up in the network"
        ),
        Flaw(
            name: "two calls",
            verdict: judge(call(digits: Demo.expectedDigits) + call(digits: Demo.expectedDigits)),
            words: "2 calls"
        ),
        Flaw(
            name: "our side says otherwise",
            verdict: judge(
                call(digits: Demo.expectedDigits),
                end: CallEnd(outcome: .lost, by: .local, detail: "it was dark")
            ),
            words: "this side says lost: it was dark"
        ),
        Flaw(
            name: "not known to be idle",
            verdict: judge(
                call(digits: Demo.expectedDigits),
                end: CallEnd(outcome: .completed, by: .local, hangUpVerified: false)
            ),
            words: "idle"
        ),
        Flaw(
            name: "commands on top of each other",
            verdict: judge(call(digits: Demo.expectedDigits) + [(.seconds(1), "AT+CGMI\rAT+CGMM")]),
            words: "mistreated"
        ),
    ]

    @Test("what differs is found and named", arguments: flaws.indices)
    func flawed(_ index: Int) {
        let flaw = Self.flaws[index]
        #expect(!flaw.verdict.isGood, "\(flaw.name)")
        #expect(
            flaw.verdict.differences.contains { $0.contains(flaw.words) },
            "\(flaw.name): \(flaw.verdict.differences)"
        )
    }
}
