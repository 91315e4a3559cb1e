import ConfigurationText
import DialPlan
import Testing

@testable import Settings

/// The block `arrivals`.
@Suite("Configuration: what arrives")
struct ConfigurationArrivalTests {
    private static let pbx =
        "pbx: { o: { profile: generic, url: \"https://p.example\", "
        + "callback: { ring_from: [\"+4922166966961\"] } } }\n"

    @Test("rings and messages are read, and the number of a caller is none that calls for help")
    func read() throws {
        let file =
            Self.pbx + "arrivals:\n  - { number: \"+491711234567\", on: ring }\n"
            + "  - { number: \"+491711234567\", on: message, do: status, code: { credential: c } }\n"
        let arrivals = try ConfigurationRig.read(file).arrivals
        #expect(arrivals.map(\.trigger) == [.ring, .message])
        #expect(arrivals.map(\.action) == [.callback, .status])
        #expect(
            arrivals[0].number.description == "+491711234567" || arrivals[0].number.description.hasPrefix("+49 171")
        )
    }

    @Test(
        "what can't be meant is refused with line, key and remedy",
        arguments: [
            WrongFile(Self.pbx + "arrivals:\n  - { on: ring }\n", 3, "arrivals[1].number", "no number"),
            WrongFile(Self.pbx + "arrivals:\n  - { number: \"112\" }\n", 3, "arrivals[1].number", "emergency"),
            WrongFile(
                Self.pbx + "arrivals:\n  - { number: \"+491711234567\", on: message }\n",
                3,
                "arrivals[1].code",
                "can be forged"
            ),
            WrongFile(
                Self.pbx + "arrivals:\n  - { number: \"+491711234567\", do: status }\n",
                3,
                "arrivals[1].do",
                "each message costs"
            ),
            WrongFile(
                Self.pbx + "arrivals:\n  - { number: \"+491711234567\", code: abcdef }\n",
                3,
                "arrivals[1].code",
                "a secret never stands in this file"
            ),
            WrongFile(
                Self.pbx + "arrivals:\n  - { number: \"+491711234567\", pbx: p }\n",
                3,
                "arrivals[1].pbx",
                "there is no PBX called"
            ),
            WrongFile(
                "arrivals:\n  - { number: \"+491711234567\" }\n",
                2,
                "arrivals[1].number",
                "no PBX can call back"
            ),
            WrongFile(
                Self.pbx + "arrivals:\n  - { number: \"+491711234567\" }\n  - { number: \"0171 1234567\" }\n",
                4,
                "arrivals[2].number",
                "stands above already"
            ),
        ]
    )
    func wrong(file: WrongFile) {
        let problems = ConfigurationRig.problems(file.text)
        #expect(
            problems.contains { problem in
                problem.line == file.line && problem.key == file.key
                    && "\(problem.message); \(problem.remedy)".contains(file.words)
            },
            "\(problems.map(\.description))"
        )
    }
}
