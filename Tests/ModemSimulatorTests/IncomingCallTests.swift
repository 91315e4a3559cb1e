import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

@Suite("Calls to a modem")
struct IncomingCallTests {
    private static func dialogue(_ family: ModemFamily, _ commands: String...) -> Dialogue {
        var dialogue = Dialogue(ModemProfile(family))
        dialogue.send("ATE0")
        for command in commands { dialogue.send(command) }
        _ = dialogue.lines()
        return dialogue
    }

    @Test(
        "a ring is announced in the family's words",
        arguments: [
            (ModemFamily.huawei, "AT+CLIP=1", ["RING", "+CLIP: \"+4922166966960\",145,,,,0"]),
            (.quectel, "AT+QINDCFG=\"ccinfo\",1", ["+QIND: \"ccinfo\",1,1,4,0,0,\"+4922166966960\",145", "RING"]),
            (.simcom, "AT+CLCC=1;+CRC=1", ["+CLCC: 1,1,4,0,0,\"+4922166966960\",145", "+CRING: VOICE"]),
            (.sim800, "AT+CLIP=1", ["RING", "+CLIP: \"+4922166966960\",145,\"\",128,\"\",0"]),
            (.cinterion, "AT^SLCC=1", ["^SLCC: 1,1,4,0,0,0,\"+4922166966960\",145", "^SLCC: ", "RING"]),
            (.telit, "AT#ECAM=1", ["#ECAM: 1,6,1,,,\"+4922166966960\",145", "RING"]),
            (.ublox, "AT+UCALLSTAT=1", ["+UCALLSTAT: 1,4", "RING"]),
            (.zte, "AT+CLIP=1", ["RING", "+CLIP: \"+4922166966960\",145,,,,0"]),
            (.generic, "AT+CLIP=1", ["RING", "+CLIP: \"+4922166966960\",145"]),
        ]
    )
    func ring(_ family: ModemFamily, _ command: String, _ lines: [String]) {
        var dialogue = Self.dialogue(family, command)
        dialogue.world.ring(modem: 0, from: "+4922166966960", at: dialogue.now)
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == lines)
        dialogue.pass(.seconds(5))
        #expect(dialogue.lines().contains { $0 == "RING" || $0.hasPrefix("+CRING") })
    }

    @Test("an answered call is active on both sides", arguments: ModemFamily.allCases)
    func answer(_ family: ModemFamily) throws {
        var dialogue = Self.dialogue(family)
        let ringing = dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now)
        let id = try #require(ringing)
        dialogue.pass(.seconds(1))
        #expect(dialogue.ask("ATA", wait: .milliseconds(400)).contains("OK"))
        #expect(dialogue.ask("AT+CLCC").first?.hasPrefix("+CLCC: 1,1,0,0,0,\"+49301\",145") == true)
        #expect(dialogue.world.calls.first?.state == .answered)
        dialogue.pass(.seconds(60))
        #expect(dialogue.world.liveCalls(of: 0) == 1)
        dialogue.world.hangUpFarSide(call: id, at: dialogue.now)
        dialogue.pass(.seconds(1))
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
    }

    @Test("^CONN comes before the answer to ATA")
    func connBeforeOK() {
        var dialogue = Self.dialogue(.huawei, "AT^CURC=0")
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now)
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == ["RING"])
        #expect(dialogue.ask("ATA", wait: .milliseconds(400)) == ["^CONN:1,0", "OK"])
    }

    @Test(
        "a caller who gives up is told by some and not by others",
        arguments: [
            (ModemFamily.huawei, "AT^CURC=0", ["^CEND:1,0,25,16"]), (.quectel, "AT", ["NO CARRIER"]),
            (.simcom, "AT", ["MISSED_CALL: 11:01AM +49301"]), (.generic, "AT", []), (.zte, "AT", []),
        ]
    )
    func missed(_ family: ModemFamily, _ command: String, _ lines: [String]) {
        var dialogue = Self.dialogue(family, command)
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now, givesUpAfter: .seconds(12))
        dialogue.pass(.seconds(30))
        #expect(dialogue.lines() == ["RING", "RING", "RING"] + lines)
        #expect(dialogue.world.calls.first?.endedBy == .farSide)
    }

    @Test("a withheld number is empty", arguments: [(ModemFamily.generic, "\"\",128"), (.quectel, "\"\",128,,,,1")])
    func withheld(_ family: ModemFamily, _ fields: String) {
        var dialogue = Self.dialogue(family, "AT+CLIP=1")
        dialogue.world.ring(modem: 0, from: "", at: dialogue.now)
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == ["RING", "+CLIP: \(fields)"])
    }

    @Test("a ringing call is rejected as busy", arguments: ["AT+CHUP", "ATH", "AT+CHLD=0"])
    func reject(_ command: String) {
        var dialogue = Self.dialogue(.generic)
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now)
        dialogue.pass(.seconds(1))
        dialogue.send(command)
        #expect(dialogue.world.calls.first?.cause == 17)
        #expect(dialogue.world.calls.first?.endedBy == .modem)
    }

    @Test("ATS0 answers by itself")
    func autoAnswer() {
        var dialogue = Self.dialogue(.generic, "ATS0=2")
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now)
        dialogue.pass(.seconds(3))
        #expect(dialogue.world.calls.first?.state == .alerting)
        dialogue.pass(.seconds(3))
        #expect(dialogue.world.calls.first?.state == .answered)
        #expect(dialogue.ask("ATS0?") == ["002", "OK"])
    }

    @Test("a second call meets a busy modem, or waits when that was asked for", arguments: [false, true])
    func secondCall(_ waits: Bool) {
        var dialogue = Self.dialogue(.generic)
        if waits { dialogue.send("AT+CCWA=1,1", wait: .seconds(2)) }
        dialogue.send("ATD+4930123456;", wait: .seconds(2))
        _ = dialogue.lines()
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now)
        dialogue.pass(.milliseconds(200))
        #expect(dialogue.lines() == (waits ? ["+CCWA: \"+49301\",145,1"] : []))
        #expect(dialogue.world.calls.last?.isLive == waits)
        #expect(dialogue.world.calls.last?.cause == (waits ? nil : 17))
        guard waits else { return }
        #expect(dialogue.ask("AT+CHLD=2") == ["OK"])
        #expect(dialogue.world.calls.last?.state == .answered)
        #expect(dialogue.ask("AT+CLCC").map { $0.prefix(13) } == ["+CLCC: 1,0,1,", "+CLCC: 2,1,0,", "OK"])
        #expect(dialogue.ask("AT+CHLD=2") == ["OK"])
        #expect(dialogue.ask("AT+CLCC").map { $0.prefix(13) } == ["+CLCC: 1,0,0,", "+CLCC: 2,1,1,", "OK"])
    }

    @Test("a modem without network can't be reached")
    func unreachable() {
        var dialogue = Self.dialogue(.generic)
        dialogue.world.setRegistration(.none, of: 0, at: dialogue.now)
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now)
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == [])
        #expect(dialogue.world.calls.first?.cause == 20)
        #expect(dialogue.world.ring(modem: 5, from: "+49301", at: dialogue.now) == nil)
    }

    @Test("a ring comes in the middle of an answer")
    func interleaving() {
        var profile = ModemProfile(.generic)
        profile.faults = [.lateReply(command: "AT+CPIN?", delay: .seconds(2), .always)]
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        dialogue.send("AT+CLIP=1")
        _ = dialogue.lines()
        dialogue.type("AT+CPIN?\r")
        dialogue.world.ring(modem: 0, from: "+49301", at: dialogue.now)
        dialogue.pass(.seconds(3))
        #expect(dialogue.lines() == ["RING", "+CLIP: \"+49301\",145", "+CPIN: READY", "OK"])
    }
}
