import ModemSimulator
import NetworkSimulator
import Testing

/// What a family says in a complete callthrough, word for word.
struct Transcript: Sendable, CustomTestStringConvertible {
    let family: ModemFamily
    /// Sent after ATE0, each answered by OK.
    let setUp: [String]
    /// Until the network has the request.
    let dialled: [String]
    let alerting: [String]
    let answered: [String]
    /// `+CLCC` while the call is active.
    let list: [String]
    /// With `_` for the digit.
    let tone: String
    /// After the target hung up.
    let ended: [String]

    var testDescription: String { family.rawValue }

    static let number = "022166966966"

    static let all = [
        Transcript(
            family: .huawei,
            setUp: ["AT+CMEE=1", "AT^CURC=0", "AT+CLIP=1", "AT+CVHU=0"],
            dialled: ["OK", "^ORIG:1,0"],
            alerting: ["^CONF:1"],
            answered: ["^CONN:1,0"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT^DTMF=1,_",
            ended: ["^CEND:1,9,25,16"]
        ),
        Transcript(
            family: .quectel,
            setUp: ["AT+QINDCFG=\"ccinfo\",1,0", "AT+QURCCFG=\"urcport\",\"usbat\""],
            dialled: ["OK", "+QIND: \"ccinfo\",1,0,2,0,0,\"022166966966\",129"],
            alerting: ["+QIND: \"ccinfo\",1,0,3,0,0,\"022166966966\",129"],
            answered: ["+QIND: \"ccinfo\",1,0,0,0,0,\"022166966966\",129"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=\"_\"",
            ended: ["+QIND: \"ccinfo\",1,0,-1,0,0,\"022166966966\",129", "NO CARRIER"]
        ),
        Transcript(
            family: .quectel,
            setUp: ["AT^DSCI=1"],
            dialled: ["OK", "^DSCI: 1,0,2,0,022166966966,129"],
            alerting: ["^DSCI: 1,0,7,0,022166966966,129"],
            answered: ["^DSCI: 1,0,3,0,022166966966,129"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=_",
            ended: ["^DSCI: 1,0,6,0,022166966966,129", "NO CARRIER"]
        ),
        Transcript(
            family: .quectel,
            setUp: [],
            dialled: ["OK"],
            alerting: [],
            answered: [],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+QVTS=\"_\"",
            ended: ["NO CARRIER"]
        ),
        Transcript(
            family: .simcom,
            setUp: ["AT+CVHU=0", "AT+CLCC=1"],
            dialled: ["OK", "+CLCC: 1,0,2,0,0,\"022166966966\",129"],
            alerting: ["+CLCC: 1,0,3,0,0,\"022166966966\",129"],
            answered: ["+CLCC: 1,0,0,0,0,\"022166966966\",129", "VOICE CALL: BEGIN"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=_",
            ended: ["+CLCC: 1,0,6,0,0,\"022166966966\",129", "VOICE CALL: END: 000009", "NO CARRIER"]
        ),
        Transcript(
            family: .sim800,
            setUp: ["AT+MORING=1"],
            dialled: ["OK"],
            alerting: ["MO RING"],
            answered: ["MO CONNECTED"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129,\"\""],
            tone: "AT+VTS=\"_\"",
            ended: ["NO CARRIER"]
        ),
        Transcript(
            family: .sim800,
            setUp: ["AT+COLP=1"],
            dialled: [],
            alerting: [],
            answered: ["+COLP: \"022166966966\",129,\"\",0,\"\"", "OK"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129,\"\""],
            tone: "AT+VTS=_",
            ended: ["NO CARRIER"]
        ),
        Transcript(
            family: .cinterion,
            setUp: ["AT^SLCC=1", "AT^SM20=0"],
            dialled: ["OK", "^SLCC: 1,0,2,0,0,0,\"022166966966\",129", "^SLCC: "],
            alerting: ["^SLCC: 1,0,3,0,0,0,\"022166966966\",129", "^SLCC: "],
            answered: ["^SLCC: 1,0,0,0,0,0,\"022166966966\",129", "^SLCC: "],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=\"_\"",
            ended: ["^SLCC: ", "NO CARRIER"]
        ),
        Transcript(
            family: .cinterion,
            setUp: [],
            dialled: [],
            alerting: [],
            answered: ["OK"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=_",
            ended: ["NO CARRIER"]
        ),
        Transcript(
            family: .telit,
            setUp: ["AT#ECAM=1"],
            dialled: ["OK", "#ECAM: 1,1,1,,,\"022166966966\",129"],
            alerting: ["#ECAM: 1,2,1,,,"],
            answered: ["#ECAM: 1,3,1,,,"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=_",
            ended: ["#ECAM: 1,0,1,,,", "NO CARRIER"]
        ),
        Transcript(
            family: .ublox,
            setUp: ["AT+UCALLSTAT=1"],
            dialled: ["OK", "+UCALLSTAT: 1,2"],
            alerting: ["+UCALLSTAT: 1,3"],
            answered: ["+UCALLSTAT: 1,7", "+UCALLSTAT: 1,0"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=_",
            ended: ["+UCALLSTAT: 1,6", "NO CARRIER"]
        ),
        Transcript(
            family: .zte,
            setUp: ["AT+CLIP=1", "AT%ICSCALL=1,0"],
            dialled: ["+BEARTYPE: \"UMTS\",\"CS_PS\""],
            alerting: [],
            answered: ["CONNECT"],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=_",
            ended: ["HANGUP: 1"]
        ),
        Transcript(
            family: .generic,
            setUp: ["AT+CREG=2"],
            dialled: ["OK"],
            alerting: [],
            answered: [],
            list: ["+CLCC: 1,0,0,0,0,\"022166966966\",129"],
            tone: "AT+VTS=_",
            ended: ["NO CARRIER"]
        ),
    ]
}

@Suite("A callthrough, family by family")
struct CallthroughTests {
    @Test("every family carries a callthrough in its own words", arguments: Transcript.all)
    func callthrough(_ transcript: Transcript) throws {
        var dialogue = Dialogue(ModemProfile(transcript.family))
        #expect(dialogue.ask("ATE0") == ["ATE0", "OK"])
        for command in transcript.setUp { #expect(dialogue.ask(command) == ["OK"], "\(command)") }

        #expect(dialogue.ask("ATD\(Transcript.number);", wait: .milliseconds(300)) == transcript.dialled)
        dialogue.pass(.milliseconds(400))
        #expect(dialogue.lines() == transcript.alerting)
        dialogue.pass(.milliseconds(700))
        #expect(dialogue.lines() == transcript.answered)
        #expect(dialogue.ask("AT+CLCC") == transcript.list + ["OK"])

        dialogue.pass(.milliseconds(600))
        for digit in "03012345678#" {
            let command = transcript.tone.replacing("_", with: String(digit))
            #expect(dialogue.ask(command, wait: .milliseconds(240)) == ["OK"], "\(command)")
        }
        dialogue.pass(.seconds(4))
        let access = try #require(dialogue.world.calls.first)
        #expect(access.digits == "03012345678#")
        #expect(access.number == "+4922166966966")
        #expect(access.dialled == Transcript.number)
        #expect(access.target == "03012345678")
        #expect(access.isJoined)
        #expect(dialogue.world.calls.map(\.number) == ["+4922166966966", "+493012345678"])
        #expect(dialogue.lines() == [])

        dialogue.pass(.seconds(8))
        #expect(Self.withoutSeconds(dialogue.lines()) == Self.withoutSeconds(transcript.ended))
        #expect(dialogue.ask("AT+CLCC") == ["OK"])
        #expect(dialogue.world.liveCalls(of: 0) == 0)
        #expect(dialogue.world.calls.allSatisfy { !$0.isLive })
        #expect(dialogue.world.violations == [])
    }

    /// The length of the call depends on how fast the family takes digits; it is looked at elsewhere.
    private static func withoutSeconds(_ lines: [String]) -> [String] {
        lines.map { line in
            if line.hasPrefix("^CEND:1,") {
                return "^CEND:1,x," + line.split(separator: ",").dropFirst(2).joined(separator: ",")
            }
            return line.hasPrefix("VOICE CALL: END: ") ? "VOICE CALL: END: x" : line
        }
    }

    @Test("the far side tells the whole story in order")
    func farSideEvents() {
        var dialogue = Dialogue(ModemProfile(.generic))
        dialogue.send("ATD+4922166966966;", wait: .seconds(2))
        for digit in "0301#" { dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(240)) }
        dialogue.pass(.seconds(2))
        dialogue.send("AT+CHUP", wait: .seconds(1))
        #expect(
            dialogue.events.map(\.description) == [
                "call 1: +4922166966966 is called by +491713920000 (modem 0)",
                "call 1: +4922166966966 answers",
                "call 1: +4922166966966 hears 0, so far 0",
                "call 1: +4922166966966 hears 3, so far 03",
                "call 1: +4922166966966 hears 0, so far 030",
                "call 1: +4922166966966 hears 1, so far 0301",
                "call 1: +4922166966966 hears #, so far 0301#",
                "call 2: +49301 is called by +4922166966966 (PBX)",
                "call 2: +49301 answers",
                "call 1: +4922166966966 joins the caller with +49301",
                "call 1: to +4922166966966 ended by the modem, cause 16",
                "call 2: to +49301 ended by the modem, cause 16",
            ]
        )
    }

    @Test("the same world gives the same bytes", arguments: ModemFamily.allCases)
    func determinism(_ family: ModemFamily) {
        func run() -> [UInt8] {
            var dialogue = Dialogue(ModemProfile(family), seed: 7)
            for line in ["ATE0", "AT+CSQ", "ATD022166966966;"] { dialogue.send(line, wait: .seconds(2)) }
            dialogue.pass(.seconds(20))
            return dialogue.raw()
        }
        let first = run()
        #expect(first == run())
        #expect(!first.isEmpty)
    }
}
