import ConfigurationText
import Testing
import TextCoding

@testable import Settings

@Suite("Problems of the configuration")
struct ConfigurationProblemTests {
    @Test(
        "a wrong file is told with line, key, reason and remedy",
        arguments: WrongFile.shapes + WrongFile.values + WrongFile.modems + WrongFile.pbx + WrongFile.syntax
    )
    func told(wrong: WrongFile) throws {
        let problems = ConfigurationRig.problems(wrong.text)
        try #require(problems.count == 1, "\(problems)")
        let problem = problems[0]
        #expect(problem.file == "gsmbridge.yaml")
        #expect(problem.line == wrong.line, "\(problem)")
        #expect(problem.key == wrong.key, "\(problem)")
        #expect(problem.description.contains(wrong.words), "\(problem)")
    }

    @Test("everything that is wrong is told at once, in the order of the file")
    func allAtOnce() {
        let problems = ConfigurationRig.problems(
            """
            policy:
              max_duration: 60
              max_duration: 1h
              max_calls_per_hour: many
            gateway:
              regoin: DE
            pbx:
              a:
                callthrough:
                  access_number: abc
                  settle: 5
                  settle: 6
                  settle: 7s
            colour: red
            """
        )
        let expected = [
            "2 policy.max_duration", "3 policy.max_duration", "4 policy.max_calls_per_hour", "6 gateway.regoin",
            "10 pbx.a.callthrough.access_number", "11 pbx.a.callthrough.settle", "12 pbx.a.callthrough.settle",
            "13 pbx.a.callthrough.settle", "14 colour",
        ]
        #expect(problems.map { "\($0.line ?? 0) \($0.key ?? "-")" } == expected)
    }

    @Test("a problem is one line: file, line, key, what is wrong, what to do")
    func oneLine() {
        let problem = ConfigurationRig.problems("gateway:\n  regoin: DE\n").first
        #expect(problem?.description == "gsmbridge.yaml:2: gateway.regoin: unknown key; did you mean region?")
    }

    @Test("text of the file reaches the terminal shortened and without control characters")
    func safeText() throws {
        let long = String(repeating: "x", count: 500)
        let texts = [
            "gateway:\n  region: \"\\e[2J\"\n", "gateway:\n  \"a\\e[2J\\nb\": 1\n",
            "policy:\n  max_duration: \(long)\n",
            "\(long): 1\n", "modems:\n  \"a\\e[2J\": {}\n", "policy:\n  allow: [\"\\u202E\"]\n",
        ]
        for text in texts {
            let problem = try #require(ConfigurationRig.problems(text).first)
            #expect(!problem.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
            #expect(problem.description.utf8.count < 300)
        }
    }

    @Test("a key given dozens of times is told each time")
    func manyRepeats() {
        let text = "gateway:\n" + String(repeating: "  name: a\n", count: 40)
        #expect(ConfigurationRig.problems(text).map(\.line) == Array(3...41))
    }

    @Test("a key given more often than is worth finding is told once")
    func tooManyRepeats() {
        let text = "gateway:\n" + String(repeating: "  name: a\n", count: 400)
        #expect(ConfigurationRig.problems(text).map(\.message) == ["a key is given twice"])
    }

    @Test(
        "the nearest word is meant",
        arguments: [
            ("acces_number", "access_number"), ("numberformat", "number_format"), ("tnoe", "tone"),
            ("Settle", "settle"),
            ("colour", nil), ("x", nil), (String(repeating: "a", count: 1000), nil),
        ] as [(String, String?)]
    )
    func spelling(word: String, meant: String?) {
        #expect(Spelling.nearest(to: word, among: SettingTable<Configuration.Callthrough>.callthrough.keys) == meant)
    }
}
