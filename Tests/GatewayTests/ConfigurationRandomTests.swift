import ConfigurationText
import TestSupport
import Testing

@testable import Settings

/// Files that are nearly right: whole lines and values of one that is right, elsewhere.
@Suite("configuration files that are nearly right") struct ConfigurationRandomTests {
    private static let values = [
        "", "~", "true", "no", "0", "-1", "1e9", "99999999999999999999", "60", "60s", "0s", "1h", "25h", "1.5s", "DE",
        "xx", "\"\"", "\"+4930123456\"", "+49", "112", "\"0900112345\"", "[]", "[home]", "[home, world]", "{}",
        "{ credential: x }", "{ file: /nowhere }", "{ file: relative }", "https://a.example.net", "http://b", "ftp://c",
        "https://u:p@d", "answer", "dial_back", "\"{target}#\"", "\"{pin}# ,, {target}#\"", "\"{nothing}\"",
        "/dev/ttyS0",
        "../x", "\"\u{0}\"", "\"\u{202E}\"", "&a x", "*a", "|", "é", String(repeating: "x", count: 300),
    ]

    @Test("each is read, or refused with safe lines that name a place in it, and the same the second time")
    func random() {
        let source = Self.lines
        for seed in RandomRounds(400) {
            var dice = SeededGenerator(seed: seed)
            var lines = source
            for _ in 0..<Int.random(in: 1...6, using: &dice) { Self.change(&lines, source, &dice) }
            let text = lines.joined(separator: "\n")
            let found = ConfigurationRig.problems(text)
            #expect(found == ConfigurationRig.problems(text), "seed \(seed)")
            let count = lines.count + 1
            for problem in found {
                let isSafe = problem.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
                let isWhole = !problem.message.isEmpty && !problem.remedy.isEmpty
                #expect((1...count).contains(problem.line ?? 1) && isSafe && isWhole, "seed \(seed): \(problem)")
            }
        }
    }

    /// The contract's example and everything else that a file may have, as far as the template shows it.
    private static var lines: [String] {
        (ConfigurationRig.contract.split(separator: "\n", omittingEmptySubsequences: false)
            + [
                "tariffs:", "  flat:", "    free_minutes: 100", "control:", "  listen: 127.0.0.1:8080",
                "webhooks:", "  home:", "    url: https://home.example.net/hook", "    events: [call.ended]",
            ])
            .map { String($0) }
    }

    private static func change(_ lines: inout [String], _ source: [String], _ dice: inout SeededGenerator) {
        guard let place = lines.indices.randomElement(using: &dice) else { return }
        let colon = lines[place].firstIndex(of: ":")
        switch Int.random(in: 0..<8, using: &dice) {
        case 0: lines.remove(at: place)
        case 1: lines.insert(source.randomElement(using: &dice) ?? "", at: place)
        case 2: lines[place] = "  " + lines[place]
        case 3: lines[place] = String(lines[place].drop { $0 == " " })
        case 4: lines.swapAt(place, Int.random(in: lines.indices, using: &dice))
        case 5: lines[place] = String(lines[place].prefix(Int.random(in: 0...20, using: &dice)))
        default:
            guard let colon else { return }
            lines[place] = lines[place][...colon] + " " + (values.randomElement(using: &dice) ?? "")
        }
    }
}
