import CallModel
import ConfigurationText
import DialPlan
import Testing

@testable import Settings

@Suite("Rules for calls that come in") struct IncomingRuleTests {
    private static let box = """
        sip:
          phones: { desk: { password: { credential: desk } }, hall: { password: { credential: hall } } }
          accounts: { office: { registrar: "sip:pbx.example.net", user: "10", password: { credential: office } } }
        pbx:
          cloud: { profile: generic, url: "https://pbx.example.net", callback: { ring_from: ["+4922166966961"] } }
        arrivals:
          - { number: "+491711234567", on: message, code: { credential: code } }

        """

    private static func rules(_ rules: String) -> String { box + "incoming:\n" + rules }

    private static func fits(
        _ rule: String,
        line: String?,
        number: String?,
        isContact: Bool,
        _ minute: Int
    ) throws -> Bool {
        let configuration = try ConfigurationRig.read(rules("  - { ring: [\"phone:desk\"], \(rule) }\n"))
        // A Friday.
        let day = try #require(LocalDate(packed: 20_260_731))
        let time = PolicyTime(seconds: 0, day: day, minute: minute)
        let call = Configuration.IncomingRule.Call(line: line, number: number, isContact: isContact, time: time)
        return configuration.rule(for: call) != nil
    }

    @Test(
        "a rule has its lines, callers and times",
        arguments: [
            ("line: any", true), ("line: o2", true), ("line: d1", false), ("from: any", true), ("from: known", true),
            ("from: withheld", false), ("from: contact", false), ("from: listed", false),
            ("from: \"+4930555123\"", true), ("from: \"030 555123\"", true), ("from: \"+4930555124\"", false),
            ("from: \"+4930*\"", true), ("from: \"+4930???123\"", true), ("from: \"+43*\"", false),
            ("from: [withheld, \"+43*\"]", false), ("from: [withheld, \"+43*\", \"+49*\"]", true),
            ("time: \"08:00-18:00\"", true), ("time: \"mon-thu 08:00-18:00\"", false),
            ("time: [\"sat,sun 00:00-24:00\", \"fri 12:00-12:01\"]", true), ("time: \"22:00-07:00\"", false),
            ("line: o2, from: known, time: \"mon-fri 08:00-18:00\"", true),
        ]
    )
    func fits(rule: String, isIts: Bool) throws {
        #expect(try Self.fits(rule, line: "o2", number: "+4930555123", isContact: false, 720) == isIts, "\(rule)")
    }

    @Test("contacts, listed numbers and withheld ones are told apart, and a night belongs to its evening")
    func callers() throws {
        #expect(try Self.fits("from: contact", line: nil, number: "+4930555123", isContact: true, 0))
        #expect(try Self.fits("from: listed", line: nil, number: "+491711234567", isContact: false, 0))
        #expect(try Self.fits("from: withheld", line: nil, number: nil, isContact: false, 0))
        #expect(try !Self.fits("from: \"+49*\"", line: nil, number: nil, isContact: false, 0))
        #expect(try !Self.fits("line: o2", line: nil, number: nil, isContact: false, 0))
        #expect(try Self.fits("time: \"thu 22:00-07:00\"", line: nil, number: nil, isContact: false, 419))
        #expect(try !Self.fits("time: \"fri 22:00-07:00\"", line: nil, number: nil, isContact: false, 419))
    }

    @Test("the first rule that fits is taken, with its steps and who is rung last")
    func first() throws {
        let text = Self.rules(
            """
              - { from: withheld, ring: ["phone:hall"] }
              - { ring: ["phone:desk"], then: [{ after: 10s, ring: ["phone:hall"] }], else: "account:office/100" }
              - { ring: ["phone:hall"] }

            """
        )
        let configuration = try ConfigurationRig.read(text)
        let day = try #require(LocalDate(packed: 20_260_731))
        let time = PolicyTime(seconds: 0, day: day, minute: 0)
        let rule = configuration.rule(for: .init(line: nil, number: "+4930555123", isContact: false, time: time))
        #expect(rule?.everybody.map(\.description) == ["phone:desk", "phone:hall", "account:office/100"])
        #expect(rule?.then.map(\.after) == [.seconds(10)])
        #expect(rule?.otherwise == .ring(.account("office", number: "100")))
    }

    @Test(
        "what can't be is told, with its key",
        arguments: [
            ("ring: [\"phone:desk\"], time: \"Mo-Fr 08:00-18:00\"", "time", "not a time of the day"),
            ("ring: [\"phone:desk\"], time: \"mon-fri\"", "time", "not a time of the day"),
            ("ring: [\"phone:desk\"], time: []", "time", "the list is empty"),
            ("ring: [\"phone:desk\"], from: contacts", "from", "did you mean contact?"),
            ("ring: [\"phone:desk\"], from: \"+49x*\"", "from", "no pattern"),
            ("ring: [\"phone:desk\"], from: \"112\"", "from", "emergency"),
            ("ring: [\"phone:desk\"], then: [{ after: 5s }]", "then[1].ring", "nobody is rung"),
            ("ring: [\"phone:desk\"], then: [{ ring: [\"phone:halle\"] }]", "ring", "no phone called"),
            (
                "ring: [\"phone:desk\"], then: [{ after: 30s, ring: [\"phone:hall\"] }]", "then[1].after",
                "after 30s nobody"
            ),
            (
                "ring: [\"phone:desk\"], then: [{ ring: [\"phone:hall\"] }, { ring: [\"account:office/1\"] }]",
                "then[2].after", "not later"
            ),
            ("ring: [\"phone:desk\"], then: [{ ring: [\"phone:desk\"] }]", "then", "rings already"),
            ("ring: [\"phone:desk\"], else: phone:desk", "else", "rings already"),
            ("ring: [\"phone:desk\"], else: busy", "else", "not known here"),
            ("ring: [\"phone:desk\"], else: \"account:office/112\"", "ring", "calls for help"),
            ("ring: [\"phone:desk\"], else: \"modem:o2/100\"", "else", "can't be rung"),
            ("audio: alsa, then: [{ ring: [\"phone:hall\"] }]", "then", "answered at once"),
        ]
    )
    func wrong(rule: String, key: String, message: String) {
        let problems = ConfigurationRig.problems(Self.rules("  - { \(rule) }\n"))
        #expect(
            problems.contains { $0.key == "incoming[1].\(key)" && $0.description.contains(message) },
            "\(rule): \(problems.map(\.description))"
        )
    }
}
