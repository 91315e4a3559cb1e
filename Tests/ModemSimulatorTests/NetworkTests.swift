import ModemSimulator
import NetworkSimulator
import Testing

@Suite("The simulated network")
struct NetworkTests {
    private static func dialogue(_ family: ModemFamily = .generic) -> Dialogue {
        var dialogue = Dialogue(ModemProfile(family))
        dialogue.send("ATE0")
        _ = dialogue.lines()
        return dialogue
    }

    @Test(
        "national and international spellings are one subscriber",
        arguments: ["+4922166966966", "004922166966966", "022166966966", "+49 221 66966966"]
    )
    func spelling(_ number: String) {
        #expect(SimulatedNetwork.international(number) == "+4922166966966")
    }

    @Test("emergency and service numbers stay as they are", arguments: ["112", "110", "*100#"])
    func shortNumbers(_ number: String) {
        #expect(SimulatedNetwork.international(number) == number)
    }

    @Test("the directory names each number once, and the network knows each")
    func directory() {
        let entries = SimulatedNetwork.standardDirectory
        #expect(Set(entries.map(\.number)).count == entries.count)
        let network = SimulatedNetwork.standard
        for entry in entries {
            #expect((network.accessNumbers[entry.number] != nil) == entry.isAccessNumber)
            #expect((network.subscribers[entry.number] != nil) != entry.isAccessNumber)
            #expect(!entry.outcome.isEmpty)
        }
        #expect(entries.count > 20)
    }

    @Test(
        "a call that fails ends with the right cause and says so",
        arguments: [
            ("+4922166966970", 17, "BUSY", SimulatedCall.Party.farSide),
            ("+4922166966971", 19, "NO ANSWER", .network),
            ("+4922166966972", 21, "NO CARRIER", .farSide),
            ("+4922166966978", 20, "NO CARRIER", .network),
            ("+4922166966979", 1, "NO CARRIER", .network),
            ("+4922166966980", 34, "NO CARRIER", .network),
            ("+493023125001", 17, "BUSY", .farSide),
            ("+493023125002", 19, "NO ANSWER", .network),
            ("+493023125003", 21, "NO CARRIER", .farSide),
            ("+493023125004", 20, "NO CARRIER", .network),
        ]
    )
    func failure(_ number: String, _ cause: Int, _ word: String, _ party: SimulatedCall.Party) throws {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("ATD\(number);", wait: .seconds(120)) == ["OK", word])
        let call = try #require(dialogue.world.calls.first)
        #expect(call.state == .ended)
        #expect(call.cause == cause)
        #expect(call.endedBy == party)
        #expect(call.answeredAt == nil)
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
    }

    @Test("a call list shows how far the call has come")
    func callList() {
        var dialogue = Self.dialogue()
        dialogue.send("ATD+4922166966966;", wait: .milliseconds(200))
        _ = dialogue.lines()
        #expect(dialogue.ask("AT+CLCC").first == "+CLCC: 1,0,2,0,0,\"+4922166966966\",145")
        dialogue.pass(.milliseconds(400))
        #expect(dialogue.ask("AT+CLCC").first == "+CLCC: 1,0,3,0,0,\"+4922166966966\",145")
        dialogue.pass(.milliseconds(700))
        #expect(dialogue.ask("AT+CLCC").first == "+CLCC: 1,0,0,0,0,\"+4922166966966\",145")
    }

    @Test("an immediate answer is active when it is first seen")
    func immediateAnswer() {
        var dialogue = Self.dialogue(.quectel)
        #expect(dialogue.ask("ATD+4922166966976;", wait: .milliseconds(60)) == ["OK"])
        #expect(dialogue.ask("AT+CLCC").first == "+CLCC: 1,0,0,0,0,\"+4922166966976\",145")
        #expect(dialogue.world.calls.first?.alertingAt == nil)
    }

    @Test("an announcement is no answer, except to a ZTE stick")
    func announcement() {
        var dialogue = Self.dialogue(.huawei)
        dialogue.send("AT^CURC=0")
        #expect(dialogue.ask("ATD+4922166966977;", wait: .seconds(3)).last == "^CONF:1")
        #expect(dialogue.ask("AT+CLCC").first == "+CLCC: 1,0,2,0,0,\"+4922166966977\",145")
        dialogue.pass(.seconds(2))
        #expect(dialogue.lines() == ["^CONN:1,0"])

        var zte = Self.dialogue(.zte)
        #expect(zte.ask("ATD+4922166966977;", wait: .seconds(3)).last == "CONNECT")
        #expect(zte.world.calls.first?.state == .dialling)
    }

    @Test("digits before the prompt are lost, and are seen to be")
    func earlyDigits() throws {
        var dialogue = Self.dialogue()
        dialogue.send("ATD+4922166966968;", wait: .milliseconds(1300))
        _ = dialogue.ask("AT+VTS=7", wait: .milliseconds(300))
        dialogue.pass(.seconds(2))
        _ = dialogue.ask("AT+VTS=8", wait: .milliseconds(300))
        let call = try #require(dialogue.world.calls.first)
        #expect(call.digits == "8")
        #expect(call.tones.map(\.isIgnored) == [true, false])
        #expect(dialogue.events.contains(.ignoredDigit(call: 1, number: "+4922166966968", digit: "7")))
    }

    @Test("a silence ends the target as # does")
    func silence() {
        var dialogue = Self.dialogue()
        dialogue.send("ATD022166966966;", wait: .seconds(3))
        for digit in "0301" { dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(300)) }
        #expect(dialogue.world.calls.count == 1)
        dialogue.pass(.seconds(4))
        #expect(dialogue.world.calls.last?.number == "+49301")
        #expect(dialogue.world.calls.first?.target == "0301")
    }

    @Test("the PIN comes first where one is asked for", arguments: [("4711", true), ("4712", false)])
    func accessPIN(_ pin: String, _ isRight: Bool) throws {
        var dialogue = Self.dialogue()
        dialogue.send("ATD022166966967;", wait: .seconds(3))
        for digit in pin + "#" + (isRight ? "0301#" : "") { dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(300)) }
        dialogue.pass(.seconds(2))
        let call = try #require(dialogue.world.calls.first)
        #expect(call.target == (isRight ? "0301" : nil))
        #expect(call.isJoined == isRight)
        #expect(call.isLive == isRight)
    }

    @Test(
        "an access number hangs up when its digits have come",
        arguments: [("+4922166966973", ""), ("+4922166966974", "030")]
    )
    func midDigit(_ number: String, _ heard: String) throws {
        var dialogue = Self.dialogue()
        dialogue.send("ATD\(number);", wait: .milliseconds(1750))
        var refused = 0
        for digit in "030123" where dialogue.ask("AT+VTS=\(digit)", wait: .milliseconds(300)).contains("ERROR") {
            refused += 1
        }
        let call = try #require(dialogue.world.calls.first)
        #expect(call.digits == heard)
        #expect(call.endedBy == .farSide)
        #expect(refused >= 2)
    }

    @Test("hanging up on either side ends both legs", arguments: [true, false])
    func propagation(_ byTarget: Bool) throws {
        var dialogue = Self.dialogue()
        dialogue.send("ATD022166966966;", wait: .seconds(3))
        for digit in "030123456#" { dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(300)) }
        dialogue.pass(.seconds(3))
        #expect(dialogue.world.calls.map(\.isJoined) == [true, true])
        let target = try #require(dialogue.world.calls.last)
        if byTarget {
            dialogue.world.hangUpFarSide(call: target.id, at: dialogue.now)
        } else {
            dialogue.send("AT+CHUP")
        }
        dialogue.pass(.seconds(1))
        #expect(dialogue.world.calls.allSatisfy { $0.state == .ended && $0.cause == 16 })
        #expect(dialogue.world.calls.map(\.endedBy) == (byTarget ? [.farSide, .farSide] : [.modem, .modem]))
    }

    @Test("a busy target ends the callthrough a little later")
    func busyTarget() {
        var dialogue = Self.dialogue()
        dialogue.send("ATD022166966966;", wait: .seconds(3))
        for digit in "03023125001#" { dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(300)) }
        _ = dialogue.lines()
        dialogue.pass(.seconds(5))
        #expect(dialogue.lines() == ["NO CARRIER"])
        #expect(dialogue.world.calls.map(\.cause) == [16, 17])
        #expect(dialogue.world.calls.map(\.isJoined) == [false, false])
    }

    @Test("one modem can call another")
    func betweenModems() {
        var dialogue = Dialogue(ModemProfile(.generic, number: 1), ModemProfile(.quectel, number: 2))
        dialogue.send("ATE0", modem: 1)
        dialogue.send("AT+CLIP=1", modem: 1)
        _ = dialogue.lines(modem: 1)
        dialogue.send("ATE0")
        dialogue.send("ATD+491713920002;", wait: .milliseconds(700))
        #expect(dialogue.lines(modem: 1) == ["RING", "+CLIP: \"+491713920001\",145,,,,0"])
        #expect(dialogue.ask("AT+CLCC").first?.hasPrefix("+CLCC: 1,0,3") == true)
        #expect(dialogue.ask("ATA", modem: 1, wait: .milliseconds(400)) == ["OK"])
        #expect(dialogue.ask("AT+CLCC").first?.hasPrefix("+CLCC: 1,0,0") == true)
        #expect(dialogue.world.liveCalls(of: 0) == 1)
        #expect(dialogue.world.liveCalls(of: 1) == 1)
        #expect(dialogue.ask("AT+CHUP", modem: 1, wait: .seconds(1)).first == "OK")
        #expect(dialogue.lines() == ["NO CARRIER"])
        #expect(dialogue.world.calls.allSatisfy { !$0.isLive })
    }

    @Test("emergency calls need neither SIM nor registration", arguments: ["110", "112"])
    func emergency(_ number: String) {
        var profile = ModemProfile(.generic)
        profile.sim = .absent
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        #expect(dialogue.ask("ATD\(number);", wait: .seconds(1)) == ["OK"])
        #expect(dialogue.world.calls.first?.state == .answered)
        #expect(dialogue.world.calls.first?.number == number)
    }

    @Test("a service code is not a call")
    func serviceCode() {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("ATD*100#;", wait: .seconds(1)) == ["OK", "+CUSD: 0,\"This is a simulation.\",15"])
        #expect(dialogue.world.calls.isEmpty)
        #expect(dialogue.events == [.serviceCode(modem: 0, code: "*100#")])
    }

    @Test("a number that is no number is refused", arguments: ["ATD;", "ATDhello;", "ATD+;", "ATD12x4;"])
    func wrongNumber(_ line: String) {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask(line) == ["ERROR"])
        #expect(dialogue.world.calls.isEmpty)
    }
}
