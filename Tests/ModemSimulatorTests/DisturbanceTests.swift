import ModemSimulator
import SimulatedTerminals
import Testing

@Suite("What is done to a modem while the world runs")
struct DisturbanceTests {
    private static func dialogue(_ faults: SimulatedFault...) -> Dialogue {
        var profile = ModemProfile(.generic)
        profile.faults = faults
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        return dialogue
    }

    @Test("the call list is empty so many times while a call is up, and shows it before and afterwards")
    func emptyLists() {
        var dialogue = Self.dialogue(.emptyList(.first(2)))
        dialogue.send("ATD022166966966;", wait: .milliseconds(200))
        #expect(dialogue.ask("AT+CLCC") == ["+CLCC: 1,0,2,0,0,\"022166966966\",129", "OK"])
        dialogue.pass(.seconds(3))
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
        #expect(dialogue.ask("AT+CLCC") == ["+CLCC: 1,0,0,0,0,\"022166966966\",129", "OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 1)
    }

    @Test("faults can be changed, and strike anew")
    func otherFaults() {
        var dialogue = Self.dialogue(.lostReply(command: "AT+CSQ", .first(1)))
        #expect(dialogue.ask("AT+CSQ") == [])
        #expect(dialogue.ask("AT+CSQ").last == "OK")
        dialogue.world.setFaults([.lostReply(command: "AT+CSQ", .first(1))], of: 0)
        #expect(dialogue.ask("AT+CSQ") == [])
        dialogue.world.setFaults([], of: 0)
        #expect(dialogue.ask("AT+CSQ").last == "OK")
    }

    @Test("chatter comes for as long as it should, and a restart ends it")
    func chatter() {
        var dialogue = Self.dialogue()
        _ = dialogue.lines()
        let line = Array("\r\n+CREG: 1\r\n".utf8)
        dialogue.world.chatter(line, every: .milliseconds(60), for: .milliseconds(300), on: 0, at: dialogue.now)
        dialogue.pass(.seconds(2))
        #expect(dialogue.lines() == Array(repeating: "+CREG: 1", count: 6))
        dialogue.world.chatter(line, every: .milliseconds(60), for: .seconds(60), on: 0, at: dialogue.now)
        dialogue.pass(.milliseconds(100))
        dialogue.world.restart(0, at: dialogue.now)
        _ = dialogue.lines()
        dialogue.pass(.seconds(10))
        #expect(!dialogue.lines().contains("+CREG: 1"))
    }

    @Test("a restart is seen by what a program has set")
    func settings() {
        var dialogue = Self.dialogue()
        for command in ["AT+CLIP=1", "AT+CMEE=1", "AT+CREG=1"] { dialogue.send(command) }
        let before = dialogue.world.settings(of: 0)
        #expect(before.contains("E0") && before.contains("+CLIP=1") && before.contains("+CREG=1"), "\(before)")
        dialogue.world.restart(0, at: dialogue.now)
        dialogue.pass(.seconds(10))
        let after = dialogue.world.settings(of: 0)
        #expect(after.contains("E1") && after.contains("+CLIP=0") && !after.contains("+CREG=1"), "\(after)")
        #expect(dialogue.plugging == [])
        #expect(dialogue.world.settings(of: 7) == "")
    }

    @Test("a modem that does not read lets its terminal fill up, and goes on when it reads")
    func notReading() throws {
        let directory = "/tmp/modem-simulator-reading-\(UInt32.random(in: 0 ... .max))"
        var world = SimulatedWorld()
        _ = world.addModem(ModemProfile(.generic))
        let host = try PseudoTerminalHost(world: world, linkDirectory: directory)
        try host.start()
        defer { host.stop() }
        let terminal = try #require(Terminal(host.paths[0]))
        #expect(terminal.write("AT\r"))
        #expect(terminal.read(until: "OK") != nil)
        host.setReading(false, modem: 0)
        // Far more than a terminal holds; a kernel takes some 4 to 64 KiB.
        let line = String(repeating: " ", count: 4000) + "\r"
        #expect((0..<1000).contains { _ in !terminal.write(line) })
        host.setReading(true, modem: 0)
        // Blanks alone are no command; the next one may be cut, the one behind it is whole.
        #expect(terminal.writeWhenFree("\rAT\r\rAT\r"))
        #expect(terminal.read(until: "OK") != nil)
    }
}
