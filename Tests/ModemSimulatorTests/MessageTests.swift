import ModemSimulator
import NetworkSimulator
import Testing

@Suite("Messages and USSD of the simulated modems")
struct MessageTests {
    private static func dialogue(
        _ family: ModemFamily = .generic,
        _ change: (inout ModemProfile) -> Void = { _ in }
    ) -> Dialogue {
        var profile = ModemProfile(family)
        change(&profile)
        var dialogue = Dialogue(profile, ModemProfile(.generic, number: 1))
        for line in ["ATE0", "AT+CMEE=1", "AT+CMGF=0", "AT+CNMI=2,1,0,1,0"] { dialogue.send(line) }
        _ = dialogue.lines()
        return dialogue
    }

    @Test("a message that comes is stored, told, read, listed and deleted", arguments: ModemFamily.allCases)
    func incoming(_ family: ModemFamily) throws {
        var dialogue = Self.dialogue(family)
        let now = dialogue.now
        dialogue.world.send(SimulatedMessage(from: "+4917112345", text: "hellohello"), to: 0, at: now)
        dialogue.pass(.milliseconds(200))
        let notice = try #require(dialogue.lines().first { $0.hasPrefix("+CMTI") })
        let place = try #require(notice.split(separator: ",").last)
        let read = dialogue.ask("AT+CMGR=\(place)")
        #expect(read.count == 3 && read.first?.hasPrefix("+CMGR: 0,,") == true)
        // The text as the tutorial of dreamfabric packs it.
        #expect(read.dropFirst().first?.hasSuffix("0AE8329BFD4697D9EC37") == true)
        #expect(dialogue.ask("AT+CMGL=4").count == 3)
        #expect(dialogue.ask("AT+CMGL=0") == ["OK"])
        #expect(dialogue.ask("AT+CMGD=\(place)") == ["OK"])
        #expect(dialogue.ask("AT+CMGR=\(place)") == ["+CMS ERROR: 321"])
        #expect(dialogue.world.stored(on: 0, in: "SM") == 0)
    }

    @Test("a text is typed behind the prompt, taken by the network, and its delivery reported")
    func outgoing() {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("AT+CMGS=23") == ["> "])
        // First octet 31: with a report.
        dialogue.type("0031000B916407281553F80000AA0AE8329BFD4697D9EC37\u{1A}")
        dialogue.pass(.milliseconds(400))
        #expect(dialogue.lines() == ["+CMGS: 0", "OK"])
        #expect(dialogue.world.takenMessages.map(\.number) == ["+46708251358"])
        #expect(dialogue.world.takenMessages.map(\.text) == ["hellohello"])
        dialogue.pass(.seconds(2))
        let report = dialogue.lines()
        #expect(report.count == 2 && report.first?.hasPrefix("+CDS: ") == true)
        #expect(report.last?.contains("06000B916407281553F8") == true)
        #expect(report.last?.hasSuffix("00") == true)
    }

    @Test("a wrong length is refused, and ESC leaves the prompt")
    func prompt() {
        var dialogue = Self.dialogue()
        #expect(dialogue.ask("AT+CMGS=22") == ["> "])
        dialogue.type("0011000B916407281553F80000AA0AE8329BFD4697D9EC37\u{1A}")
        dialogue.pass(.milliseconds(400))
        #expect(dialogue.lines() == ["+CMS ERROR: 304"])
        #expect(dialogue.ask("AT+CMGS=23") == ["> "])
        dialogue.type("0011\u{1B}")
        dialogue.pass(.milliseconds(400))
        #expect(dialogue.lines() == ["OK"])
        #expect(dialogue.world.takenMessages.isEmpty)
    }

    @Test("a full card leaves messages at the service centre, until there is room")
    func full() {
        var dialogue = Self.dialogue { $0.messagePlaces = 2 }
        let now = dialogue.now
        for number in 0..<4 {
            dialogue.world.send(SimulatedMessage(from: "+491711", text: "message \(number)"), to: 0, at: now)
        }
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines().count == 2)
        #expect(dialogue.ask("AT+CPMS?") == ["+CPMS: \"SM\",2,2,\"SM\",2,2,\"SM\",2,2", "OK"])
        _ = dialogue.ask("AT+CMGD=1", wait: .seconds(2))
        #expect(dialogue.world.stored(on: 0, in: "SM") == 2)
        _ = dialogue.ask("AT+CMGD=2", wait: .seconds(2))
        #expect(dialogue.world.stored(on: 0, in: "SM") == 2)
    }

    @Test("a menu of USSD is gone through, in the writing of the family", arguments: [ModemFamily.generic, .huawei])
    func service(_ family: ModemFamily) {
        var dialogue = Self.dialogue(family)
        let isPacked = family == .huawei
        // `*100#` packed, as chan_dongle sends it.
        #expect(dialogue.ask("AT+CUSD=1,\"\(isPacked ? "AA180C3602" : "*100#")\",15") == ["OK"])
        dialogue.pass(.seconds(1))
        let answer = dialogue.lines().first ?? ""
        #expect(
            isPacked ? answer.hasPrefix("+CUSD: 0,\"49") : answer == "+CUSD: 0,\"Ihr Guthaben beträgt 12,34 EUR.\",15"
        )
        guard !isPacked else { return }
        _ = dialogue.ask("AT+CUSD=1,\"*101#\",15", wait: .seconds(1))
        _ = dialogue.ask("AT+CUSD=1,\"2\",15", wait: .seconds(1))
        #expect(dialogue.ask("AT+CUSD=1,\"1\",15", wait: .seconds(1)).last == "+CUSD: 0,\"12,34 EUR\",15")
        #expect(dialogue.ask("AT+CUSD=1,\"*9#\",15", wait: .seconds(1)).last == "+CUSD: 4")
    }
}
