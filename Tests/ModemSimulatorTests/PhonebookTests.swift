import ModemSimulator
import Testing

@Suite("The SIM's phone book")
struct PhonebookTests {
    private static func dialogue(_ change: (inout ModemProfile) -> Void = { _ in }) -> Dialogue {
        var profile = ModemProfile(.generic)
        profile.phonebook = [
            SimulatedPhonebookEntry(7, "030123456", "Büro"), SimulatedPhonebookEntry(2, "+4930123456", "Anna"),
            SimulatedPhonebookEntry(9, "030999999", "Secret", isHidden: true),
            SimulatedPhonebookEntry(40, "+48221234567", "Łukasz"),
        ]
        change(&profile)
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        dialogue.send("AT+CMEE=1")
        _ = dialogue.lines()
        return dialogue
    }

    @Test(
        "entries are listed by place in the character set that was chosen, empty places left out",
        arguments: [
            ("GSM", "B~ro", "8001410075006B00610073007A"),
            ("IRA", "80004200FC0072006F", "8001410075006B00610073007A"),
            ("UCS2", "004200FC0072006F", "01410075006B00610073007A"),
        ]
    )
    func entries(_ set: String, _ office: String, _ lukasz: String) {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("AT+CSCS=\"\(set)\"") == ["OK"])
        #expect(dialogue.ask("AT+CSCS?") == ["+CSCS: \"\(set)\"", "OK"])
        #expect(dialogue.ask("AT+CPBS=\"SM\"") == ["OK"])
        #expect(dialogue.ask("AT+CPBS?") == ["+CPBS: \"SM\",4,250", "OK"])
        #expect(dialogue.ask("AT+CPBR=?") == ["+CPBR: (1-250),40,20", "OK"])
        #expect(dialogue.ask("AT+CPBR=7") == ["+CPBR: 7,\"030123456\",129,\"\(office)\"", "OK"])
        let lines = dialogue.ask("AT+CPBR=3,250")
        #expect(lines.count == 4)
        #expect(lines.dropFirst().first?.contains("Secret") == false)
        #expect(lines.dropFirst().first?.hasPrefix("+CPBR: 9,\"\",") == true)
        #expect(lines.dropFirst(2).first == "+CPBR: 40,\"+48221234567\",145,\"\(lukasz)\"")
    }

    @Test(
        "what can't be listed is refused with its reason",
        arguments: [
            ("AT+CPBR=1", "22"), ("AT+CPBR=10,39", "22"), ("AT+CPBR=0", "21"), ("AT+CPBR=1,251", "21"),
            ("AT+CPBR=5,1", "50"), ("AT+CPBR=x", "50"), ("AT+CPBR=1,2,3", "50"), ("AT+CPBS=\"ME\"", "50"),
            ("AT+CSCS=\"HEX\"", "50"),
        ]
    )
    func refusals(_ command: String, _ code: String) {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask(command) == ["+CME ERROR: \(code)"])
    }

    @Test("a card that is not ready has no phone book yet")
    func locked() {
        var dialogue = Self.dialogue { $0.sim = .busy(.seconds(5)) }
        for command in ["AT+CPBS=\"SM\"", "AT+CPBS?", "AT+CPBR=?", "AT+CPBR=1,40"] {
            #expect(dialogue.ask(command) == ["+CME ERROR: 14"])
        }
        #expect(dialogue.ask("AT+CSCS=\"UCS2\"") == ["OK"])
        dialogue.pass(.seconds(5))
        #expect(dialogue.ask("AT+CPBS=\"SM\"") == ["OK"])
    }

    @Test("faults: a modem without UCS2, and one that writes all in it")
    func faults() {
        var poor = Self.dialogue { $0.faults = [.noUCS2] }
        #expect(poor.ask("AT+CSCS=\"UCS2\"") == ["+CME ERROR: 50"])
        #expect(poor.ask("AT+CSCS=?") == ["+CSCS: (\"GSM\",\"IRA\")", "OK"])
        var strict = Self.dialogue { $0.faults = [.ucs2Parameters] }
        #expect(strict.ask("AT+CPBS=\"SM\"") == ["OK"])
        #expect(strict.ask("AT+CSCS=\"UCS2\"") == ["OK"])
        #expect(strict.ask("AT+CPBS=\"SM\"") == ["+CME ERROR: 50"])
        #expect(strict.ask("AT+CPBS=\"0053004D\"") == ["OK"])
        let line = "+CPBR: 7,\"003000330030003100320033003400350036\",129,\"004200FC0072006F\""
        #expect(strict.ask("AT+CPBR=7") == [line, "OK"])
    }
}
