import ModemSimulator
import Testing

@Suite("The line to a modem")
struct LineTests {
    private static func dialogue(_ family: ModemFamily = .generic) -> Dialogue {
        var dialogue = Dialogue(ModemProfile(family))
        dialogue.send("ATE0")
        _ = dialogue.lines()
        return dialogue
    }

    @Test("echo is on at first, and repeats every character")
    func echo() {
        var dialogue = Dialogue(ModemProfile(.generic))
        dialogue.type("at")
        #expect(dialogue.raw() == [])
        dialogue.pass(.zero)
        #expect(dialogue.raw() == Array("at".utf8))
        dialogue.type("+cgmm\r")
        dialogue.pass(.milliseconds(20))
        #expect(dialogue.raw() == Array("+cgmm\r\r\nGSM Modem\r\n\r\nOK\r\n".utf8))
    }

    @Test(
        "what is around a command line does not matter",
        arguments: [
            "\rAT\r", "\r\n\r\nAT\r\n", "AT\r\n", "garbageAT\r", "\u{0}\u{1B}AT\r", "aAT\r", "A\u{8}AT\r", "ATX\u{8}\r",
            "AT ; ;\r", "  at  \r",
        ]
    )
    func tolerance(_ text: String) {
        var dialogue = Self.dialogue()
        dialogue.type(text)
        dialogue.pass(.milliseconds(50))
        #expect(dialogue.lines() == ["OK"])
    }

    @Test("what is no command line gets no answer", arguments: ["\r", "hello\r", "+CLCC\r", "A\rT\r"])
    func silence(_ text: String) {
        var dialogue = Self.dialogue()
        dialogue.type(text)
        dialogue.pass(.seconds(5))
        #expect(dialogue.lines() == [])
    }

    @Test("A/ repeats the last command line")
    func repetition() {
        var dialogue = Self.dialogue()
        _ = dialogue.ask("AT+CGMM")
        dialogue.type("A/")
        dialogue.pass(.milliseconds(50))
        #expect(dialogue.lines() == ["GSM Modem", "OK"])
    }

    @Test("a line that is too long is refused and the next one is not")
    func tooLong() {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("AT" + String(repeating: "x", count: 100_000)) == ["ERROR"])
        #expect(dialogue.ask("AT") == ["OK"])
    }

    @Test("a command that was written too early is answered in turn, and noted")
    func violation() {
        var dialogue = Self.dialogue()
        dialogue.type("AT+CGMM\r")
        dialogue.type("AT+CLCC\r")
        dialogue.pass(.milliseconds(100))
        #expect(dialogue.lines() == ["GSM Modem", "OK", "OK"])
        #expect(dialogue.world.violations.map(\.kind) == [.commandInFlight])
        #expect(dialogue.world.violations.first?.command == "AT+CGMM")
        #expect(dialogue.world.violations.first?.written == "AT+CLCC")
        #expect(dialogue.world.violations.first?.description.contains("AT+CGMM <- AT+CLCC") == true)
    }

    @Test("each line that came too early is one violation")
    func severalViolations() {
        var dialogue = Self.dialogue()
        dialogue.type("AT+CGMM\rAT\rAT\r")
        dialogue.pass(.milliseconds(100))
        #expect(dialogue.world.violations.map(\.written) == ["AT", "AT"])
    }

    @Test("a polite program violates nothing", arguments: ModemFamily.allCases)
    func noViolation(_ family: ModemFamily) {
        var dialogue = Self.dialogue(family)
        for command in ["AT", "ATI", "AT+CSQ", "AT+COPS?", "AT+CPIN?", "AT+NONSENSE"] {
            _ = dialogue.ask(command, wait: .milliseconds(100))
        }
        #expect(dialogue.world.violations == [])
    }

    @Test("a character right behind ATD is no abort but a violation")
    func earlyAbort() {
        var dialogue = Self.dialogue(.cinterion)
        dialogue.send("ATD+4930123456;", wait: .milliseconds(50))
        dialogue.type("A")
        dialogue.pass(.seconds(2))
        #expect(dialogue.lines() == ["OK"])
        #expect(dialogue.world.violations.count == 1)
    }

    @Test("a data call is noted and fails")
    func dataCall() {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("ATD+4930123456", wait: .seconds(2)) == ["NO CARRIER"])
        #expect(dialogue.world.violations.map(\.kind) == [.dataCall])
        #expect(dialogue.world.calls.isEmpty)
    }

    @Test("quiet means no results")
    func quiet() {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("ATQ1") == [])
        #expect(dialogue.ask("AT+CGMM") == ["GSM Modem"])
        #expect(dialogue.ask("ATQ0") == ["OK"])
    }

    @Test("the executed commands are remembered")
    func log() {
        var dialogue = Self.dialogue()
        _ = dialogue.ask("at+csq")
        #expect(dialogue.world.commands(of: 0) == ["ATE0", "AT+CSQ"])
        #expect(dialogue.world.commands(of: 9) == [])
    }

    @Test("time that goes backwards stands still")
    func backwards() {
        var dialogue = Self.dialogue()
        let past = dialogue.now - .seconds(100)
        dialogue.world.receive(Array("AT\r".utf8), from: 0, at: past)
        #expect(dialogue.world.advance(to: past).isEmpty)
        dialogue.pass(.milliseconds(20))
        #expect(dialogue.lines() == ["OK"])
    }
}
