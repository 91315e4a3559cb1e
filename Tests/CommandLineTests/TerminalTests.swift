import Console
import Testing

@testable import gsmbridge

@Suite("what a terminal gets") struct TerminalTests {
    @Test(
        "everything that a terminal would act on is shown as what it is",
        arguments: [
            ("\u{1B}[31mred", #"\u{1B}[31mred"#), ("\u{1B}]0;title\u{7}", #"\u{1B}]0;title\u{07}"#), ("a\rb", #"a\rb"#),
            ("a\nb", #"a\nb"#), ("\u{9B}2J", #"\u{009B}2J"#), ("x\u{7F}", #"x\u{7F}"#), ("a\u{202E}b", #"a\u{202E}b"#),
            ("a\u{2066}b\u{2069}", #"a\u{2066}b\u{2069}"#), ("a\u{2028}b", #"a\u{2028}b"#), ("\u{0}", #"\0"#),
            ("Jürgen • 日本 😀", "Jürgen • 日本 😀"), ("", ""),
        ]
    )
    func shown(_ text: String, _ expected: String) {
        #expect(Terminal.safe(text) == expected)
    }

    @Test("in JSON it stays JSON")
    func json() {
        #expect(
            Terminal.safe("{\"a\":\"\u{1B}[31m\u{9B}\u{202E}\u{7F}ä\"}", asJSON: true)
                == #"{"a":"\u001b[31m\u009b\u202e\u007fä"}"#
        )
    }

    @Test("no scalar of the first planes reaches a terminal as a control")
    func everyControl() {
        for value in UInt32(0)...0x2FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let category = scalar.properties.generalCategory
            guard [.control, .lineSeparator, .paragraphSeparator].contains(category) else { continue }
            #expect(
                Terminal.safe(String(scalar)).unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 },
                "\(value)"
            )
        }
    }
}
