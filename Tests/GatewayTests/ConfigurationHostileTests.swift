import ConfigurationText
import TestSupport
import Testing

@testable import Settings

@Suite("Hostile configuration files")
struct ConfigurationHostileTests {
    /// Every problem must be one safe line that names a line of the file.
    private func flaw(in problems: [ConfigurationProblem], lines: Int) -> String? {
        for problem in problems {
            let isInside = (1...lines).contains(problem.line ?? 1)
            let isSafe = problem.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            if !isInside || !isSafe || problem.message.isEmpty || problem.remedy.isEmpty { return problem.description }
        }
        return nil
    }

    @Test("random bytes are refused, never crashed on", arguments: [1, 2, 3, 4] as [UInt64])
    func randomBytes(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            // At least eight bytes: fewer may by chance be a remark, and so on.
            let count = Int.random(in: 8...300, using: &dice)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
            let found = ConfigurationRig.problems(bytes)
            #expect(!found.isEmpty)
            #expect(flaw(in: found, lines: 301) == nil)
        }
    }

    @Test("random pieces of YAML are refused or read, never crashed on", arguments: [5, 6, 7, 8] as [UInt64])
    func randomPieces(seed: UInt64) {
        let pieces = [
            "gateway", "pbx", "modems", "policy", "match", "imei", "callthrough", "script", "allow", ": ", ":", "\n",
            "\n  ", "\n    ", "\n- ", "- ", "[", "]", "{", "}", ", ", "\"", "'", "&a ", "*a", "*b", "!!str ", "!x ",
            "|\n", ">-\n", "#", "---\n", "...\n", "%YAML 1.1\n", "? ", "<<", "~", "null", "0", "+49", "{pin}", "\t",
            "\\", "\u{FEFF}", "\u{E000}", "\u{2028}", "é", "🙂", "@", "`", "1500ms", "credential", "password",
        ]
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<1500 {
            let count = Int.random(in: 1...40, using: &dice)
            let text = (0..<count).compactMap { _ in pieces.randomElement(using: &dice) }.joined()
            #expect(flaw(in: ConfigurationRig.problems(text), lines: 42) == nil)
        }
    }

    @Test(
        "the contract's example with bytes changed, left out or doubled is refused or read",
        arguments: [9, 10, 11] as [UInt64]
    )
    func mutations(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let original = Array(ConfigurationRig.contract.utf8)
        for _ in 0..<400 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let index = Int.random(in: bytes.indices, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &dice)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(bytes[index], at: index)
                default: bytes.removeSubrange(index..<min(bytes.count, index + 40))
                }
            }
            #expect(flaw(in: ConfigurationRig.problems(bytes), lines: 40) == nil)
        }
    }

    @Test(
        "deep nesting of every kind ends",
        .timeLimit(.minutes(10)),
        arguments: ["[", "{", "- ", "? ", "{a: ", "!!seq [", "&a ["]
    )
    func nesting(piece: String) {
        for count in [900, 100_000] {
            let found = ConfigurationRig.problems(String(repeating: piece, count: count))
            #expect(!found.isEmpty)
        }
    }

    @Test(
        "references that would grow without bounds are refused at once",
        .timeLimit(.minutes(10)),
        arguments: ["gateway: *p\n", "*p : 1\n", "? *p\n: 1\n", "? [*p, *p]\n: 1\n", "pbx: { *p : *p }\n"]
    )
    func bomb(use: String) {
        var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        let names = "abcdefghijklmnop"
        for (last, next) in zip(names, names.dropFirst()) {
            text += "\(next): &\(next) [" + Array(repeating: "*\(last)", count: 10).joined(separator: ", ") + "]\n"
        }
        let found = ConfigurationRig.problems(text + use)
        #expect(found.first?.message.contains("references") == true)
    }

    @Test("as many references as are allowed still end", .timeLimit(.minutes(10)))
    func smallBomb() {
        let leaf = Array(repeating: "x", count: 5000).joined(separator: ",")
        let text = "a: &a [\(leaf)]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: &d [*c,*c,*c]\n? [*d, *d]\n: 1\n"
        #expect(ConfigurationRig.problems(text).contains { $0.message.contains("not plain text") })
    }

    @Test("a full mebibyte of keys ends, and its problems are bounded", .timeLimit(.minutes(10)))
    func manyKeys() {
        // Long keys, because the time that the unoptimised parser needs grows with their number.
        let padding = String(repeating: "x", count: 80)
        var text = ""
        var number = 0
        while text.utf8.count < (1 << 20) - 128 {
            text += "key\(number)\(padding): 1\n"
            number += 1
        }
        let found = ConfigurationRig.problems(text)
        #expect(found.count == ConfigurationReader.mostProblems + 1)
        #expect(found.last?.message.contains("more problems") == true)
    }

    @Test(
        "what is no text is told with its line",
        arguments: [
            ([0x61, 0x3A, 0x0A, 0xFF, 0x0A], 2, "UTF-8"), ([0xFF, 0xFE, 0x61, 0x00], 1, "UTF-16"),
            ([0x61, 0x0A, 0x0A, 0x00], 3, "U+0000"), ([0x1B, 0x5B, 0x32, 0x4A], 1, "U+001B"),
        ] as [([UInt8], Int, String)]
    )
    func noText(bytes: [UInt8], line: Int, words: String) {
        let found = ConfigurationRig.problems(bytes)
        #expect(found.map(\.line) == [line])
        #expect(found.first?.message.contains(words) == true)
    }

    @Test("Windows line ends and a byte order mark do no harm")
    func windows() {
        let text = "\u{FEFF}gateway:\r\n  name: cabin\r\n  colour: red\r\n  colour: blue\r\n"
        let found = ConfigurationRig.problems(text).map { "\($0.line ?? 0) \($0.key ?? "")" }
        #expect(found == ["3 gateway.colour", "4 gateway.colour"])
    }
}
