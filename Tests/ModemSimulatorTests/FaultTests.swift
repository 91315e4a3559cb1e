import ModemSimulator
import NetworkSimulator
import Testing

@Suite("Faults")
struct FaultTests {
    private static func dialogue(_ family: ModemFamily = .generic, _ faults: String...) throws -> Dialogue {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        _ = dialogue.lines()
        return dialogue
    }

    /// Dials the ordinary access number and waits until it listens.
    private static func connect(_ dialogue: inout Dialogue) {
        dialogue.send("ATD022166966966;", wait: .seconds(3))
        _ = dialogue.lines()
    }

    @Test("a late answer comes late, and what was typed meanwhile comes after it")
    func lateReply() throws {
        var dialogue = try Self.dialogue(.generic, "late-reply:AT+CLCC:7s")
        #expect(dialogue.ask("AT+CLCC", wait: .seconds(6)) == [])
        #expect(dialogue.ask("AT+CGMM", wait: .milliseconds(500)) == [])
        dialogue.pass(.seconds(1))
        #expect(dialogue.lines() == ["OK", "GSM Modem", "OK"])
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
        #expect(dialogue.world.violations == [])
    }

    @Test("a lost answer was a command all the same")
    func lostReply() throws {
        var dialogue = try Self.dialogue(.generic, "lost-reply:AT+VTS:2")
        Self.connect(&dialogue)
        #expect(dialogue.ask("AT+VTS=1", wait: .milliseconds(300)) == [])
        #expect(dialogue.ask("AT+VTS=2", wait: .milliseconds(300)) == [])
        #expect(dialogue.ask("AT+VTS=3", wait: .milliseconds(300)) == ["OK"])
        #expect(dialogue.world.calls.first?.digits == "123")
    }

    @Test("a stuck command leaves a modem that hears nothing, and whose call goes on")
    func stuck() throws {
        var dialogue = try Self.dialogue(.generic, "stuck:AT+CHUP")
        Self.connect(&dialogue)
        #expect(dialogue.ask("AT+CHUP", wait: .seconds(60)) == [])
        #expect(dialogue.ask("AT") == [])
        #expect(dialogue.world.liveCalls(of: 0) == 1)
        #expect(dialogue.world.violations == [])
    }

    @Test(
        "an ignored hang-up says OK and does nothing",
        arguments: [("hangup-ignored:AT+CHUP", "AT+CHUP", "ATH"), ("ath-ignored", "ATH", "AT+CHUP")]
    )
    func ignoredHangUp(_ fault: String, _ ignored: String, _ obeyed: String) throws {
        var dialogue = try Self.dialogue(.generic, fault)
        Self.connect(&dialogue)
        #expect(dialogue.ask(ignored) == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 1)
        #expect(dialogue.ask("AT+CLCC") == ["+CLCC: 1,0,0,0,0,\"022166966966\",129", "OK"])
        #expect(dialogue.ask(obeyed) == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
    }

    @Test("a modem that went deaf says nothing and holds the call up", arguments: SimulatedFault.Stage.allCases)
    func deaf(_ stage: SimulatedFault.Stage) throws {
        var dialogue = try Self.dialogue(.quectel, "deaf-after:\(stage.rawValue)")
        Self.connect(&dialogue)
        for digit in "0301#" { dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(300)) }
        dialogue.pass(.seconds(2))
        #expect(dialogue.ask("AT", wait: .seconds(1)) == [])
        #expect(dialogue.world.liveCalls(of: 0) == 1)
        #expect(dialogue.world.isPlugged(0))
    }

    @Test(
        "an unplugged modem's call is dropped by the network a little later",
        arguments: SimulatedFault.Stage.allCases
    )
    func unplug(_ stage: SimulatedFault.Stage) throws {
        var dialogue = try Self.dialogue(.generic, "unplug:\(stage.rawValue)")
        dialogue.send("ATD022166966966;", wait: .zero)
        var seen: SimulatedCall?
        for step in 0..<80 where dialogue.plugging.isEmpty {
            if step >= 25, step % 3 == 0, let digit = Array("0301#").dropFirst((step - 25) / 3).first {
                dialogue.type("AT+VTS=\(digit)\r")
            }
            dialogue.pass(.milliseconds(100))
            seen = dialogue.world.calls.first
        }
        #expect(dialogue.plugging == [.unplugged(0)])
        let call = try #require(seen)
        switch stage {
        case .dialling: #expect(call.state == .dialling)
        case .alerting: #expect(call.state == .alerting)
        case .answered: #expect(call.state == .answered && call.digits == "")
        case .handover: #expect(call.digits == "0")
        case .inProgress: #expect(call.digits == "0301#")
        }
        #expect(dialogue.world.liveCalls(of: 0) == 1)
        dialogue.pass(.seconds(3))
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        #expect(dialogue.world.calls.allSatisfy { !$0.isLive })
        #expect(!dialogue.world.isPlugged(0))
        #expect(dialogue.ask("AT") == [])
    }

    @Test("a modem that was plugged in again starts afresh")
    func replug() throws {
        var dialogue = try Self.dialogue(.quectel, "unplug:alerting", "replug-after:3s")
        dialogue.send("AT+CMEE=1")
        dialogue.send("ATD022166966966;", wait: .seconds(3))
        #expect(dialogue.plugging == [.unplugged(0)])
        _ = dialogue.lines()
        dialogue.pass(.seconds(6))
        #expect(dialogue.plugging == [.unplugged(0), .plugged(0)])
        #expect(dialogue.lines().first == "RDY")
        #expect(dialogue.ask("AT+CLCC") == ["AT+CLCC", "OK"])
        #expect(dialogue.ask("AT+CMEE?") == ["AT+CMEE?", "+CMEE: 0", "OK"])
        #expect(dialogue.ask("AT+CREG?") == ["AT+CREG?", "+CREG: 0,1", "OK"])
    }

    @Test("a spontaneous reset loses call and settings but not the line")
    func spontaneousReset() throws {
        var dialogue = try Self.dialogue(.sim800, "spontaneous-reset")
        dialogue.send("ATD022166966966;", wait: .seconds(2))
        #expect(dialogue.ask("AT", wait: .milliseconds(100)) == [])
        dialogue.pass(.seconds(8))
        #expect(dialogue.lines() == ["RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"])
        #expect(dialogue.plugging == [])
        #expect(dialogue.ask("AT+CLCC") == ["AT+CLCC", "OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
    }

    @Test("the tone that a fault names is refused and not played")
    func toneError() throws {
        var dialogue = try Self.dialogue(.generic, "vts-error:3")
        Self.connect(&dialogue)
        let answers = "12345".map { dialogue.ask("AT+VTS=\($0)", wait: .milliseconds(300)) }
        #expect(answers == [["OK"], ["OK"], ["ERROR"], ["OK"], ["OK"]])
        #expect(dialogue.world.calls.first?.digits == "1245")
    }

    @Test("without a call list the command is refused")
    func noCallList() throws {
        var dialogue = try Self.dialogue(.generic, "no-clcc")
        #expect(dialogue.ask("AT+CLCC") == ["ERROR"])
    }

    @Test("without indications only answers come")
    func noIndications() throws {
        var dialogue = try Self.dialogue(.huawei, "no-indications")
        #expect(dialogue.ask("ATD+4922166966970;", wait: .seconds(60)) == ["OK"])
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
    }

    @Test("garbage stands between lines and never inside them")
    func garbage() throws {
        var dialogue = try Self.dialogue(.generic, "garbage")
        var strange = 0
        for _ in 0..<50 {
            let lines = dialogue.ask("AT+CGMM")
            #expect(lines.filter { $0 == "GSM Modem" || $0 == "OK" } == ["GSM Modem", "OK"])
            strange += lines.count - 2
        }
        #expect(strange > 10)
    }

    @Test("split writes come in small pieces, glued ones in one")
    func pieces() throws {
        var split = try Self.dialogue(.generic, "split-writes")
        var before = split.writes
        #expect(split.ask("AT+CGMM", wait: .milliseconds(100)) == ["GSM Modem", "OK"])
        #expect(split.writes - before >= 6)

        var glued = try Self.dialogue(.huawei, "glued-writes")
        glued.pass(.milliseconds(100))
        before = glued.writes
        _ = glued.ask("ATD022166966966;", wait: .milliseconds(60))
        #expect(glued.writes - before == 1)
    }

    @Test("echo comes back with the call")
    func echoReturns() throws {
        var dialogue = try Self.dialogue(.generic, "echo-returns")
        #expect(dialogue.ask("AT") == ["OK"])
        #expect(dialogue.ask("ATD022166966966;") == ["OK"])
        #expect(dialogue.ask("AT+CLCC").first == "AT+CLCC")
    }

    @Test("numeric results are V.250's, and ATV1 puts them right")
    func numericResults() throws {
        var profile = ModemProfile(.generic)
        profile.faults = [.numericResults]
        var dialogue = Dialogue(profile)
        dialogue.send("ATE0")
        #expect(dialogue.raw() == Array("ATE0\r0\r".utf8))
        dialogue.send("AT+CGMM")
        #expect(dialogue.raw() == Array("GSM Modem\r\n0\r".utf8))
        dialogue.send("AT+NONSENSE")
        #expect(dialogue.raw() == Array("4\r".utf8))
        dialogue.send("ATD+4922166966970;", wait: .seconds(2))
        #expect(dialogue.raw() == Array("0\r7\r".utf8))
        #expect(dialogue.ask("ATV1") == ["OK"])
    }

    @Test(
        "the text of a fault is understood",
        arguments: [
            ("late-reply:AT+CLCC:7s", SimulatedFault.lateReply(command: "AT+CLCC", delay: .seconds(7), .first(1))),
            ("late-reply:at+csq:500ms:*", .lateReply(command: "AT+CSQ", delay: .milliseconds(500), .always)),
            ("lost-reply:AT+VTS:1", .lostReply(command: "AT+VTS", .first(1))),
            ("stuck:AT+CHUP", .stuck(command: "AT+CHUP")),
            ("hangup-ignored:AT+CHUP", .hangUpIgnored(command: "AT+CHUP")),
            ("ath-ignored", .hangUpIgnored(command: "ATH")),
            ("deaf-after:answered", .deafAfter(.answered)),
            ("unplug:dialing", .unplug(.dialling)),
            ("unplug:in_progress", .unplug(.inProgress)),
            ("replug-after:2m", .replugAfter(.seconds(120))),
            ("spontaneous-reset", .spontaneousReset(.answered)),
            ("vts-error:3", .toneError(tone: 3)),
            ("empty-list", .emptyList(.first(2))),
            ("empty-list:*", .emptyList(.always)),
            ("garbage", .garbage),
            ("Split-Writes", .splitWrites),
        ]
    )
    func parsing(_ text: String, _ fault: SimulatedFault) throws {
        #expect(try SimulatedFault(parsing: text) == fault)
    }

    @Test(
        "the text of a fault that makes no sense is refused with the reason",
        arguments: [
            ("", "unknown"), ("nonsense", "unknown"), ("garbage:1", "unknown"), ("late-reply", "write it as"),
            ("late-reply:AT:soon", "is no duration"), ("late-reply:AT:7", "is no duration"),
            ("late-reply:CLCC:7s", "begins with AT"), ("lost-reply:AT:0", "is no count"), ("unplug", "write it as"),
            ("unplug:later", "no stage"), ("vts-error:x", "is no tone"), ("vts-error", "write it as"),
            ("replug-after:99999999999999999999s", "is no duration"), ("stuck:AT:AT", "write it as"),
        ]
    )
    func refusal(_ text: String, _ reason: String) throws {
        let error = #expect(throws: SimulatedFaultError.self) { try SimulatedFault(parsing: text) }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains("\"\(text)\"") == true)
    }

    @Test("a list may show a call as another kind, late, by chance or not at all")
    func untrueLists() throws {
        var other = try Self.dialogue(.generic, "list-mode:9")
        Self.connect(&other)
        #expect(other.ask("AT+CLCC") == ["+CLCC: 1,0,0,9,0,\"022166966966\",129", "OK"])
        var late = try Self.dialogue(.generic, "list-gap:3s")
        Self.connect(&late)
        #expect(late.ask("AT+CLCC") == ["OK"])
        late.pass(.seconds(3))
        #expect(late.ask("AT+CLCC").count == 2)
        var stray = try Self.dialogue(.generic, "stray-lists")
        Self.connect(&stray)
        let answers = (0..<40).map { _ in stray.ask("AT+CLCC").count }
        #expect(Set(answers) == [1, 2])
        var unlisted = try Self.dialogue(.generic, "unlisted-incoming")
        _ = unlisted.world.ring(modem: 0, from: "+4930999999", at: unlisted.now)
        unlisted.pass(.seconds(1))
        _ = unlisted.lines()
        #expect(unlisted.ask("AT+CLCC") == ["OK"])
        #expect(unlisted.world.liveCalls(of: 0) == 1)
    }

    @Test("a call that changes its network is said to have failed, can't be ended meanwhile, and comes up")
    func lateFallback() throws {
        var dialogue = try Self.dialogue(.generic, "late-fallback:3s")
        dialogue.send("ATD+4930123456;", wait: .seconds(1))
        #expect(dialogue.lines().contains("NO CARRIER"))
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
        #expect(dialogue.ask("AT+CHUP") == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 1)
        dialogue.pass(.seconds(5))
        #expect(dialogue.world.calls.first?.state == .answered)
        #expect(dialogue.ask("AT+CLCC").count == 2)
        #expect(dialogue.ask("AT+CHUP") == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
    }
}
