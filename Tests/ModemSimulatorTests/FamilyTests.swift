import ModemSimulator
import NetworkSimulator
import Testing

@Suite("What is particular to a family")
struct FamilyTests {
    private static func dialogue(
        _ family: ModemFamily,
        _ change: (inout ModemProfile) -> Void = { _ in }
    ) -> Dialogue {
        var profile = ModemProfile(family)
        change(&profile)
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        _ = dialogue.lines()
        return dialogue
    }

    @Test(
        "each says who it is",
        arguments: [
            (ModemFamily.huawei, "huawei", "E1752"), (.quectel, "Quectel", "EC25"),
            (.simcom, "SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H"), (.sim800, "SIMCOM_Ltd", "SIMCOM_SIM800L"),
            (.cinterion, "Cinterion", "MC55i"), (.telit, "Telit", "LE910-EUG"), (.ublox, "u-blox", "SARA-U201"),
            (.zte, "ZTE INCORPORATED", "K3565-Z"), (.generic, "Generic", "GSM Modem"),
        ]
    )
    func identity(_ family: ModemFamily, _ manufacturer: String, _ model: String) {
        var dialogue = Self.dialogue(family)
        #expect(dialogue.ask("AT+CGMI") == [manufacturer, "OK"])
        #expect(dialogue.ask("AT+CGMM") == [model, "OK"])
        #expect(dialogue.ask("at+cgsn") == [ModemProfile(family).imei, "OK"])
        #expect(dialogue.ask("ATI").last == "OK")
        #expect(dialogue.world.violations == [])
    }

    @Test(
        "a command that does not exist gets the family's refusal",
        arguments: [(ModemFamily.huawei, "COMMAND NOT SUPPORT"), (.quectel, "ERROR"), (.sim800, "ERROR")]
    )
    func unknownCommand(_ family: ModemFamily, _ refusal: String) {
        var dialogue = Self.dialogue(family)
        #expect(dialogue.ask("AT+NONSENSE=1") == [refusal])
        #expect(dialogue.ask("AT!") == [refusal])
        #expect(dialogue.ask("AT") == ["OK"])
    }

    @Test(
        "the card's number has a command of its own",
        arguments: [
            (ModemFamily.huawei, "AT^ICCID?", "^ICCID: "), (.quectel, "AT+QCCID", "+QCCID: "),
            (.simcom, "AT+CICCID", "+ICCID: "), (.sim800, "AT+CCID", ""), (.cinterion, "AT^SCID", "^SCID: "),
            (.telit, "AT#CCID", "#CCID: "), (.ublox, "AT+CCID", "+CCID: "), (.zte, "AT+ICCID", "+ICCID: "),
            (.generic, "AT+CCID", "+CCID: "),
        ]
    )
    func cardNumber(_ family: ModemFamily, _ command: String, _ prefix: String) {
        var dialogue = Self.dialogue(family)
        let line = dialogue.ask(command).first ?? ""
        #expect(line.hasPrefix(prefix + ModemProfile(family).iccid))
    }

    @Test(
        "digits are taken in the family's spelling and in no other",
        arguments: [
            (ModemFamily.huawei, "AT^DTMF=1,5", "5"), (.huawei, "AT^DTMF=1,56", "5"), (.huawei, "AT^DTMF=2,5", ""),
            (.huawei, "AT^DTMF=1,A", ""), (.huawei, "AT+VTS=5", ""),
            (.quectel, "AT+VTS=\"123\"", "123"), (.quectel, "AT+VTS=5,3", "5"), (.quectel, "AT+VTS=123", ""),
            (.simcom, "AT+VTS=\"1,2,3\"", "123"), (.simcom, "AT+VTS=\"123\"", ""), (.simcom, "AT+VTS=#", "#"),
            (.sim800, "AT+VTS=\"123\"", "123"), (.sim800, "AT+VTS=12", ""),
            (.cinterion, "AT+VTS=\"1\",\"2\"", "12"), (.cinterion, "AT+VTS=12", ""),
            (.telit, "AT+VTS=123", "123"), (.telit, "AT+VTS=1P2", "12"), (.telit, "AT+VTS=x", ""),
            (.ublox, "AT+VTS=5", "5"), (.ublox, "AT+VTS=55", ""),
            (.zte, "AT+VTS=*", "*"), (.zte, "AT+VTS=A", ""), (.zte, "AT+VTS=1,2", ""),
            (.generic, "AT+VTS=1,2", "12"), (.generic, "AT+VTS=\"9\"", "9"), (.generic, "AT+VTS=", ""),
        ]
    )
    func tones(_ family: ModemFamily, _ command: String, _ digits: String) {
        var dialogue = Self.dialogue(family)
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        let answer = dialogue.ask(command, wait: .seconds(2))
        #expect((answer == ["OK"]) == (!digits.isEmpty), "\(answer)")
        #expect(dialogue.world.calls.first?.digits == digits)
    }

    @Test("without a call no digit is taken", arguments: ModemFamily.allCases)
    func tonesWithoutCall(_ family: ModemFamily) {
        var dialogue = Self.dialogue(family)
        let command = family == .huawei ? "AT^DTMF=1,5" : "AT+VTS=5"
        #expect(dialogue.ask(command) == ["ERROR"])
    }

    @Test(
        "ATH hangs up where +CVHU lets it",
        arguments: [
            (ModemFamily.huawei, true), (.quectel, false), (.simcom, true), (.sim800, false), (.telit, false),
            (.ublox, false), (.zte, false), (.generic, false), (.cinterion, false),
        ]
    )
    func hangUpByH(_ family: ModemFamily, _ isIgnoredAtFirst: Bool) {
        var dialogue = Self.dialogue(family)
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        #expect(dialogue.ask("ATH").contains("OK"))
        #expect(dialogue.world.liveCalls(of: 0) == (isIgnoredAtFirst ? 1 : 0))
        dialogue.send("AT+CVHU=0")
        dialogue.send("ATH")
        #expect(dialogue.world.liveCalls(of: 0) == 0)
    }

    @Test(
        "the family's own way to hang up",
        arguments: [
            (ModemFamily.quectel, "AT+QHUP=16,1", 16), (.quectel, "AT+QHUP=17", 17), (.cinterion, "AT^SHUP=16,1", 16),
            (.cinterion, "AT^SHUP=27", 27), (.generic, "AT+CHLD=11", 16), (.generic, "AT+CHLD=1", 16),
            (.huawei, "AT+CHLD=11", 16),
        ]
    )
    func ownHangUp(_ family: ModemFamily, _ command: String, _ cause: Int) {
        var dialogue = Self.dialogue(family)
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        #expect(dialogue.ask(command).contains("OK"))
        #expect(dialogue.world.calls.first?.cause == cause)
        #expect(dialogue.world.calls.first?.endedBy == .modem)
    }

    @Test("the reason of the end is told in the family's style", arguments: ModemFamily.allCases)
    func extendedError(_ family: ModemFamily) {
        var dialogue = Self.dialogue(family)
        let before = dialogue.ask("AT+CEER")
        dialogue.send("ATD+4922166966970;", wait: .seconds(2))
        let expected =
            switch family {
            case .cinterion: "+CEER: 8,17,0"
            case .simcom: "+CEER:userbusy"
            case .ublox: "+CEER: \"CC setup error\", 17, \"User busy\""
            case .huawei, .quectel, .sim800, .telit, .zte, .generic: "+CEER: User busy"
            }
        #expect(dialogue.ask("AT+CEER") == [expected, "OK"])
        #expect(before != [expected, "OK"])
    }

    // MARK: Huawei

    @Test("Huawei: a call given up before ^ORIG vanishes without a word")
    func huaweiEarlyHangUp() {
        var dialogue = Self.dialogue(.huawei)
        dialogue.type("ATD+4930123456;\r")
        dialogue.pass(.milliseconds(15))
        _ = dialogue.lines()
        #expect(dialogue.ask("AT+CHUP", wait: .seconds(2)) == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
    }

    @Test("Huawei: +CHLD=1x before ^CONF kills the AT engine")
    func huaweiDeadlock() {
        var dialogue = Self.dialogue(.huawei)
        dialogue.send("ATD+4930123456;", wait: .milliseconds(200))
        _ = dialogue.lines()
        #expect(dialogue.ask("AT+CHLD=11", wait: .milliseconds(200)) == [])
        #expect(dialogue.ask("AT", wait: .seconds(3)).contains("OK") == false)
        #expect(dialogue.world.liveCalls(of: 0) == 1)
    }

    @Test("Huawei: +CHUP is answered before ^CEND, whose cause is missing before ^CONF")
    func huaweiLocalEnd() {
        var dialogue = Self.dialogue(.huawei)
        dialogue.send("ATD+4930123456;", wait: .milliseconds(200))
        _ = dialogue.lines()
        #expect(dialogue.ask("AT+CHUP", wait: .milliseconds(200)) == ["OK", "^CEND:1,0,29"])
    }

    @Test("Huawei: noise stands between command and answer, until ^CURC=0")
    func huaweiNoise() {
        var dialogue = Self.dialogue(.huawei)
        dialogue.send("AT+CSQ")
        let answer = String(decoding: dialogue.raw(), as: UTF8.self)
        #expect(answer.contains("\r\n^RSSI:20\r\n"))
        dialogue.pass(.seconds(60))
        #expect(dialogue.raw().count > 100)
        dialogue.send("AT^CURC=0")
        _ = dialogue.raw()
        dialogue.pass(.seconds(60))
        #expect(dialogue.raw() == [])
    }

    // MARK: ZTE

    @Test("ZTE: a look at the call list while dialling loses the call without a word")
    func zteCallListWhileDialling() {
        var dialogue = Self.dialogue(.zte)
        dialogue.send("ATD+4930123456;", wait: .milliseconds(500))
        _ = dialogue.lines()
        #expect(dialogue.ask("AT+CLCC", wait: .seconds(5)) == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        #expect(dialogue.world.violations.count == 1)
    }

    @Test("ZTE: a rejected call is OK, a busy one is not")
    func zteRejection() {
        var dialogue = Self.dialogue(.zte)
        #expect(dialogue.ask("ATD+4922166966972;", wait: .seconds(10)).last == "OK")
        #expect(dialogue.world.calls.first?.answeredAt == nil)
        #expect(dialogue.ask("ATD+4922166966970;", wait: .seconds(10)).last == "BUSY")
    }

    @Test("ZTE: a hang-up while dialling is obeyed", arguments: ["AT+CHUP\r", "ATH\r", "\r"])
    func zteGiveUp(_ text: String) {
        var dialogue = Self.dialogue(.zte)
        dialogue.send("ATD+4930123456;", wait: .milliseconds(500))
        _ = dialogue.lines()
        dialogue.type(text)
        dialogue.pass(.milliseconds(200))
        #expect(dialogue.lines() == [text == "\r" ? "NO CARRIER" : "OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        #expect(dialogue.world.violations == [])
    }

    @Test("ZTE: a new call too soon after the last wedges the stick until it is plugged in again")
    func zteGuardTime() {
        var dialogue = Self.dialogue(.zte)
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        dialogue.send("AT+CHUP", wait: .seconds(4))
        _ = dialogue.lines()
        #expect(dialogue.ask("ATD+4930123456;", wait: .seconds(60)) == [])
        #expect(dialogue.ask("AT", wait: .seconds(10)) == [])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        dialogue.world.unplug(0, at: dialogue.now)
        dialogue.world.replug(0, at: dialogue.now)
        dialogue.pass(.seconds(5))
        #expect(dialogue.ask("ATD+4930123456;", wait: .seconds(3)).last == "CONNECT")
    }

    @Test("ZTE: +CVHU= is taken for a question and ATZ needs the PIN")
    func zteOddities() {
        var dialogue = Self.dialogue(.zte) { $0.sim = .pin(code: "1234", tries: 3) }
        #expect(dialogue.ask("AT+CVHU=0") == ["+CVHU: (0-1)", "OK"])
        #expect(dialogue.ask("ATZ") == ["ERROR"])
        #expect(dialogue.ask("AT+CPIN=\"1234\"", wait: .milliseconds(300)) == ["OK"])
        #expect(dialogue.ask("ATZ").last == "OK")
    }

    // MARK: Waiting ATD

    @Test("a waiting ATD reports why the call failed", arguments: [ModemFamily.cinterion, .sim800])
    func blockedFailure(_ family: ModemFamily) {
        var dialogue = Self.dialogue(family)
        dialogue.send("AT+COLP=1")
        _ = dialogue.lines()
        #expect(dialogue.ask("ATD+4922166966970;", wait: .milliseconds(600)) == [])
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == ["BUSY"])
        #expect(dialogue.ask("ATD+4922166966972;", wait: .seconds(3)) == ["NO CARRIER"])
        #expect(dialogue.world.violations == [])
    }

    @Test("a character aborts a waiting ATD", arguments: [ModemFamily.cinterion, .sim800])
    func abort(_ family: ModemFamily) {
        var dialogue = Self.dialogue(family)
        dialogue.send("AT+COLP=1")
        dialogue.send("ATD+4930123456;", wait: .milliseconds(600))
        _ = dialogue.lines()
        dialogue.type("\r")
        dialogue.pass(.milliseconds(200))
        #expect(dialogue.lines() == ["NO CARRIER"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        #expect(dialogue.world.violations == [])
        #expect(dialogue.ask("AT") == ["OK"])
    }

    // MARK: Others

    @Test("SIMCom: the audio port opens only while a call is up")
    func simcomAudio() {
        var dialogue = Self.dialogue(.simcom)
        #expect(dialogue.ask("AT+CPCMREG=?") == ["+CPCMREG: (0-1)", "OK"])
        #expect(dialogue.ask("AT+CPCMREG=1") == ["ERROR"])
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        #expect(dialogue.ask("AT+CPCMREG=1") == ["OK"])
    }

    @Test("SIMCom: the end of the call comes before the answer to the hang-up")
    func simcomLocalEnd() {
        var dialogue = Self.dialogue(.simcom)
        dialogue.send("ATD+4930123456;", wait: .milliseconds(18_000))
        #expect(dialogue.ask("AT+CHUP", wait: .seconds(1)) == ["VOICE CALL: END: 000016", "OK"])
    }

    @Test("Quectel: a data session may be listed as a call of mode 1")
    func dataCallListed() {
        var dialogue = Self.dialogue(.quectel) { $0.listsDataCall = true }
        #expect(dialogue.ask("AT+CLCC") == ["+CLCC: 1,0,0,1,0,\"\",128", "OK"])
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        #expect(
            dialogue.ask("AT+CLCC") == ["+CLCC: 1,0,0,1,0,\"\",128", "+CLCC: 2,0,0,0,0,\"+4930123456\",145", "OK"]
        )
    }

    @Test(
        "unsolicited lines go where the program sent them",
        arguments: [
            (ModemFamily.huawei, "AT^PORTSEL=1", "AT^PORTSEL=0"),
            (.quectel, "AT+QURCCFG=\"urcport\",\"usbmodem\"", "AT+QURCCFG=\"urcport\",\"usbat\""),
        ]
    )
    func urcPort(_ family: ModemFamily, _ away: String, _ here: String) {
        var dialogue = Self.dialogue(family)
        dialogue.send(away)
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now, givesUpAfter: .seconds(3))
        _ = dialogue.lines()
        dialogue.pass(.seconds(4))
        #expect(!dialogue.lines().contains("RING"))
        dialogue.send(here)
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now, givesUpAfter: .seconds(3))
        dialogue.pass(.seconds(4))
        #expect(dialogue.lines().contains("RING"))
    }

    @Test("after +CFUN=1,1 the modem leaves the bus and comes back with echo on", arguments: ModemFamily.allCases)
    func reset(_ family: ModemFamily) {
        var dialogue = Self.dialogue(family)
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        #expect(dialogue.ask("AT+CFUN=1,1", wait: .milliseconds(100)) == ["OK"])
        dialogue.pass(.seconds(8))
        #expect(dialogue.plugging == (family == .sim800 ? [] : [.unplugged(0), .plugged(0)]))
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        #expect(dialogue.ask("AT") == ["AT", "OK"])
        #expect(dialogue.ask("AT+CPIN?") == ["AT+CPIN?", "+CPIN: READY", "OK"])
    }

    @Test("several commands stand on one line")
    func compound() {
        var dialogue = Self.dialogue(.quectel)
        #expect(
            dialogue.ask("AT+QPCMV=0;+QPCMV=1,2;+CSQ;D+4930123456;") == ["+CSQ: 20,99", "OK"]
        )
        #expect(dialogue.world.calls.first?.dialled == "+4930123456")
        #expect(dialogue.ask("ATE0V1+CMEE=1;+NONSENSE;+CSQ") == ["ERROR"])
        #expect(dialogue.ask("AT+CMEE?") == ["+CMEE: 1", "OK"])
    }
}
