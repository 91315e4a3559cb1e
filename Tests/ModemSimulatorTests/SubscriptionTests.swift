import ModemSimulator
import Testing

@Suite("SIM, registration and signal")
struct SubscriptionTests {
    private static func dialogue(
        _ family: ModemFamily = .generic,
        _ change: (inout ModemProfile) -> Void = { _ in }
    ) -> Dialogue {
        var profile = ModemProfile(family)
        change(&profile)
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        dialogue.send("AT+CMEE=1")
        _ = dialogue.lines()
        return dialogue
    }

    @Test(
        "the SIM's state decides what +CPIN?, +CIMI and ATD say",
        arguments: [
            (SIMCondition.ready, "+CPIN: READY", nil as String?),
            (.pin(code: "1234", tries: 3), "+CPIN: SIM PIN", "11"),
            (.pin(code: "1234", tries: 0), "+CPIN: SIM PUK", "12"), (.puk, "+CPIN: SIM PUK", "12"),
            (.absent, "+CME ERROR: 10", "10"), (.busy(.seconds(5)), "+CME ERROR: 14", "14"),
        ]
    )
    func condition(_ sim: SIMCondition, _ status: String, _ failure: String?) {
        var dialogue = Self.dialogue { $0.sim = sim }
        #expect(dialogue.ask("AT+CPIN?").first == status)
        let refusal = failure.map { ["+CME ERROR: \($0)"] }
        #expect(dialogue.ask("AT+CIMI") == refusal ?? [ModemProfile(.generic).imsi, "OK"])
        #expect(dialogue.ask("ATD+4930123456;") == refusal ?? ["OK"])
        #expect(dialogue.world.calls.isEmpty == (failure != nil))
    }

    @Test(
        "errors are plain, numbers or words",
        arguments: [(0, "ERROR"), (1, "+CME ERROR: 10"), (2, "+CME ERROR: SIM not inserted")]
    )
    func errorReports(_ mode: Int, _ text: String) {
        var dialogue = Self.dialogue { $0.sim = .absent }
        dialogue.send("AT+CMEE=\(mode)")
        #expect(dialogue.ask("AT+CPIN?") == [text])
    }

    @Test("a busy SIM becomes ready")
    func busy() {
        var dialogue = Self.dialogue { $0.sim = .busy(.seconds(5)) }
        dialogue.pass(.seconds(5))
        #expect(dialogue.ask("AT+CPIN?").first == "+CPIN: READY")
        dialogue.pass(.seconds(2))
        #expect(dialogue.ask("AT+CREG?").first == "+CREG: 0,1")
    }

    @Test("the right PIN opens the SIM, and the modem finds its network")
    func rightPIN() {
        var dialogue = Self.dialogue { $0.sim = .pin(code: "1234", tries: 2) }
        dialogue.send("AT+CREG=1")
        #expect(dialogue.ask("AT+CREG?").first == "+CREG: 1,0")
        _ = dialogue.lines()
        #expect(dialogue.ask("AT+CPIN=\"1234\"", wait: .milliseconds(300)) == ["+CREG: 2", "OK"])
        dialogue.pass(.seconds(3))
        #expect(dialogue.lines() == ["+CREG: 1"])
        #expect(dialogue.world.pinAttempts(of: 0) == ["1234"])
    }

    @Test("SIMCom modules are busy with the SIM after the PIN")
    func settling() {
        var dialogue = Self.dialogue(.simcom) { $0.sim = .pin(code: "1234", tries: 3) }
        #expect(dialogue.ask("AT+CPIN=1234", wait: .milliseconds(300)) == ["OK"])
        #expect(dialogue.ask("AT+CPIN?") == ["+CME ERROR: 14"])
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == ["+CPIN: READY"])
        #expect(dialogue.ask("AT+CPIN?").first == "+CPIN: READY")
    }

    @Test("wrong PINs use up the tries and then lock the SIM, even across a reset")
    func wrongPIN() {
        var dialogue = Self.dialogue { $0.sim = .pin(code: "1234", tries: 3) }
        #expect(dialogue.ask("AT+CPIN=\"0000\"") == ["+CME ERROR: 16"])
        dialogue.world.unplug(0, at: dialogue.now)
        dialogue.world.replug(0, at: dialogue.now)
        dialogue.send("ATE0")
        dialogue.send("AT+CMEE=1")
        #expect(dialogue.ask("AT+CSIM=10,\"0020000100\"").first == "+CSIM: 4,\"63C2\"")
        #expect(dialogue.ask("AT+CPIN=\"0000\"") == ["+CME ERROR: 16"])
        #expect(dialogue.ask("AT+CPIN=\"0000\"") == ["+CME ERROR: 12"])
        #expect(dialogue.ask("AT+CPIN=\"1234\"") == ["+CME ERROR: 12"])
        #expect(dialogue.ask("AT+CPIN?").first == "+CPIN: SIM PUK")
        #expect(dialogue.world.pinAttempts(of: 0).count == 4)
        #expect(dialogue.ask("AT+CPIN=\"12\"") == ["+CME ERROR: 50"])
        #expect(dialogue.world.pinAttempts(of: 0).count == 4)
    }

    @Test("the PIN is asked for again after a reset")
    func pinAfterReset() {
        var dialogue = Self.dialogue { $0.sim = .pin(code: "1234", tries: 3) }
        dialogue.send("AT+CPIN=\"1234\"", wait: .seconds(3))
        dialogue.send("AT+CFUN=1,1", wait: .seconds(8))
        _ = dialogue.lines()
        #expect(dialogue.ask("AT+CPIN?").contains("+CPIN: SIM PIN"))
    }

    @Test(
        "each family counts the tries in its own words",
        arguments: [
            (ModemFamily.huawei, "AT^CPIN?", "^CPIN: SIM PIN,2,10,2,10,3"),
            (.quectel, "AT+QPINC?", "+QPINC: \"SC\",2,10"), (.simcom, "AT+SPIC", "+SPIC: 2,10,3,10"),
            (.sim800, "AT+SPIC", "+SPIC: 2,3,10,10"), (.cinterion, "AT^SPIC=\"SC\"", "^SPIC: 2"),
            (.telit, "AT#PCT", "#PCT: 2"), (.ublox, "AT+UPINCNT", "+UPINCNT: 2,3,10,10"),
            (.zte, "AT+ZPINPUK=?", "+ZPINPUK: 2,10"), (.generic, "AT+CSIM=10,\"0020000100\"", "+CSIM: 4,\"63C2\""),
            (.generic, "AT+CPINR", "+CPINR: SIM PIN,2,3"),
        ]
    )
    func counters(_ family: ModemFamily, _ command: String, _ line: String) {
        var dialogue = Self.dialogue(family) { $0.sim = .pin(code: "1234", tries: 2) }
        #expect(dialogue.ask(command).first == line)
    }

    @Test(
        "registration decides whether there are calls",
        arguments: [
            (NetworkRegistration.home, "+CREG: 0,1", "+CEREG: 0,1", true),
            (.roaming, "+CREG: 0,5", "+CEREG: 0,5", true), (.searching, "+CREG: 0,2", "+CEREG: 0,2", false),
            (.denied, "+CREG: 0,3", "+CEREG: 0,3", false), (.none, "+CREG: 0,0", "+CEREG: 0,0", false),
            (.emergencyOnly, "+CREG: 0,8", "+CEREG: 0,8", false),
            (.evolvedOnly, "+CREG: 0,3", "+CEREG: 0,1", true),
        ]
    )
    func registration(_ state: NetworkRegistration, _ circuit: String, _ evolved: String, _ carriesCalls: Bool) {
        var dialogue = Self.dialogue { $0.registration = state }
        #expect(dialogue.ask("AT+CREG?") == [circuit, "OK"])
        #expect(dialogue.ask("AT+CEREG?") == [evolved, "OK"])
        #expect(dialogue.ask("AT+COPS?").first == (carriesCalls ? "+COPS: 0,0,\"o2 - de\",7" : "+COPS: 0"))
        #expect(dialogue.ask("ATD+4930123456;") == (carriesCalls ? ["OK"] : ["NO CARRIER"]))
        #expect(dialogue.ask("ATD112;").last == (carriesCalls ? "+CME ERROR: 3" : "OK"))
    }

    @Test("a 2G modem has no dial tone and no +CEREG")
    func sim800WithoutNetwork() {
        var dialogue = Self.dialogue(.sim800) { $0.registration = .none }
        #expect(dialogue.ask("ATD+4930123456;") == ["NO DIALTONE"])
        #expect(dialogue.ask("AT+CEREG?") == ["ERROR"])
    }

    @Test("a change of registration is announced in the detail that was asked for")
    func registrationReports() {
        var dialogue = Self.dialogue()
        dialogue.send("AT+CREG=2")
        dialogue.send("AT+CEREG=1")
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        _ = dialogue.lines()
        dialogue.world.setRegistration(.searching, of: 0, at: dialogue.now)
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == ["+CEREG: 2", "+CREG: 2", "NO CARRIER"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        dialogue.world.setRegistration(.home, of: 0, at: dialogue.now)
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == ["+CEREG: 1", "+CREG: 1,\"2616\",\"DDAEA01\",7"])
        #expect(dialogue.ask("AT+CREG?").first == "+CREG: 2,1,\"2616\",\"DDAEA01\",7")
    }

    @Test("switching the radio off ends the calls, switching it on finds the network again")
    func functionality() {
        var dialogue = Self.dialogue(.quectel)
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        #expect(dialogue.ask("AT+CFUN=0", wait: .seconds(1)) == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        #expect(dialogue.ask("AT+CREG?").first == "+CREG: 0,0")
        #expect(dialogue.ask("AT+CSQ").first == "+CSQ: 99,99")
        #expect(dialogue.ask("AT+CFUN=1", wait: .seconds(1)).contains("OK"))
        #expect(dialogue.ask("AT+CREG?").first == "+CREG: 0,2")
        dialogue.pass(.seconds(2))
        #expect(dialogue.ask("AT+CREG?").first == "+CREG: 0,1")
    }

    @Test("the signal is what the test sets")
    func signal() {
        var dialogue = Self.dialogue()
        dialogue.world.setSignal(7, of: 0, at: dialogue.now)
        #expect(dialogue.ask("AT+CSQ") == ["+CSQ: 7,99", "OK"])
        dialogue.world.setSignal(77, of: 0, at: dialogue.now)
        #expect(dialogue.ask("AT+CSQ") == ["+CSQ: 99,99", "OK"])
    }

    @Test("identities differ between modems and carry their check digits")
    func identities() {
        let profiles = (0..<50).map { ModemProfile(.generic, number: $0) }
        #expect(Set(profiles.map(\.imei)).count == 50)
        #expect(Set(profiles.map(\.ownNumber)).count == 50)
        for profile in profiles {
            #expect(profile.imei.count == 15 && Self.luhn(profile.imei))
            #expect(profile.iccid.count == 19 && Self.luhn(profile.iccid))
            #expect(profile.imsi.count == 15)
        }
    }

    private static func luhn(_ digits: String) -> Bool {
        let values = digits.reversed().compactMap { $0.wholeNumberValue }.enumerated()
            .map { position, digit in
                position.isMultiple(of: 2) ? digit : (digit * 2) / 10 + (digit * 2) % 10
            }
        return values.reduce(0, +).isMultiple(of: 10)
    }
}
