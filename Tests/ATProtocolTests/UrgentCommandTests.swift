import Testing

@testable import ATProtocol

/// An exchange on a clock of its own, with what it wrote and when.
private struct Line {
    var exchange = CommandExchange()
    var now = ContinuousClock.now
    let began: ContinuousClock.Instant
    var written: [(text: String, at: Duration)] = []
    var finished: [Int: Result<ATReply, CommandExchange.Failure>] = [:]
    var indications: [String] = []
    var deadline: ContinuousClock.Instant?

    init() { began = now }

    mutating func take(_ steps: [CommandExchange.Step]) {
        for step in steps {
            switch step {
            case .write(let bytes):
                let text = bytes == [0x0D] ? "\\r" : String(decoding: bytes.filter { $0 >= 0x20 }, as: UTF8.self)
                written.append((text, now - began))
            case .arm(let instant): deadline = instant
            case .disarm: deadline = nil
            case .finish(let id, let result): finished[id] = result
            case .indication(let line): indications.append(line.text)
            case .note: break
            }
        }
    }

    @discardableResult
    mutating func submit(_ command: ATCommand, urgently: Bool = false) -> Int {
        let (id, steps) = exchange.submit(command, isUrgent: urgently, at: now)
        take(steps)
        return id
    }

    mutating func hear(_ line: String) {
        take(exchange.activity(at: now))
        take(exchange.received(ATLine(line), at: now))
    }

    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let due = deadline, due <= end {
            now = due
            deadline = nil
            take(exchange.timerFired(at: now))
        }
        now = end
    }

    /// Lets time pass while the modem says something again and again.
    mutating func pass(_ duration: Duration, hearing line: String, every pause: Duration) {
        let end = now + duration
        while now < end {
            hear(line)
            pass(pause)
        }
    }

    func time(of text: String) -> Duration? { written.first { $0.text == text }?.at }
}

@Suite("An urgent command")
struct UrgentCommandTests {
    @Test(
        "goes out within 2 s of being asked for, whatever the modem says and in whatever state the exchange is",
        arguments: [
            Duration.zero, .milliseconds(50), .milliseconds(4990), .milliseconds(5100), .milliseconds(6900),
            .milliseconds(7300), .milliseconds(8500), .milliseconds(11_000), .milliseconds(14_000),
        ],
        ["+CREG: 1", "garbage", "RING", "OK"]
    )
    func chatter(after: Duration, chatter: String) {
        var line = Line()
        // Its answer is lost; what follows is a clean-up that the chatter never lets come to rest.
        line.submit(.callList)
        if after > .zero { line.pass(after, hearing: chatter == "OK" ? "+CREG: 1" : chatter, every: .milliseconds(60)) }
        if line.exchange.isUnresponsive { return }
        let asked = line.now - line.began
        line.submit(.hangUp, urgently: true)
        line.pass(.seconds(3), hearing: chatter, every: .milliseconds(60))
        let waited = line.time(of: "AT+CHUP").map { $0 - asked }
        #expect(waited.map { $0 <= .seconds(2) } == true, "\(String(describing: waited))")
    }

    @Test("that nobody hurries goes out as well, although the modem never falls silent")
    func settlesAnyway() {
        var line = Line()
        line.submit(.callList)
        line.submit(.query("AT+CSQ"))
        line.pass(.seconds(5))
        // The probe is answered, and then the line is never quiet.
        line.pass(.seconds(3), hearing: "+CREG: 1", every: .milliseconds(60))
        line.hear("OK")
        line.pass(.seconds(2), hearing: "+CREG: 1", every: .milliseconds(60))
        #expect(line.time(of: "AT+CSQ") != nil)
        // Answers are owed: each one is followed by a silence that does not come.
        line.hear("+CSQ: 20,99")
        line.hear("OK")
        line.submit(.query("AT+COPS?"))
        line.pass(.seconds(2), hearing: "+CREG: 1", every: .milliseconds(60))
        #expect(line.time(of: "AT+COPS?") != nil)
    }

    @Test("breaks off what a person typed by one character, 125 ms after it was sent at the earliest")
    func typed() {
        var line = Line()
        let typed = line.submit(ATCommand("AT+COPS=?", reply: .everything, within: .seconds(180), kind: .typed))
        line.pass(.milliseconds(40))
        line.submit(.answer, urgently: true)
        #expect(line.written.map(\.text) == ["AT+COPS=?"])
        line.pass(.milliseconds(90))
        #expect(line.time(of: "\\r") == .milliseconds(125))
        #expect(line.finished[typed] == .failure(.abandoned))
        line.hear("OK")
        #expect(line.written.last?.text == "ATA")
        line.hear("OK")
        #expect(line.finished[typed + 1] == .success(ATReply(result: .ok)))
    }

    @Test("does not wait long for a modem that can't be broken off")
    func stubborn() {
        var line = Line()
        line.submit(ATCommand("AT+COPS=?", reply: .everything, within: .seconds(180), kind: .typed))
        line.pass(.seconds(10))
        line.submit(.answer, urgently: true)
        line.pass(.seconds(1))
        #expect(line.time(of: "ATA").map { $0 <= .milliseconds(10_400) } == true)
    }

    @Test("leaves a dial command alone, and another urgent one")
    func leftAlone() {
        var line = Line()
        line.submit(.dial("030123456"))
        line.submit(.hangUp, urgently: true)
        line.pass(.seconds(3))
        #expect(line.written.map(\.text) == ["ATD030123456;"])
        line.hear("OK")
        line.submit(.refuseWaiting, urgently: true)
        line.pass(.seconds(3))
        #expect(line.written.map(\.text) == ["ATD030123456;", "AT+CHUP"])
    }

    @Test("has a command that it cuts short fail as broken off, not as unanswered")
    func cutShort() {
        var line = Line()
        let list = line.submit(.callList)
        line.submit(.hangUp, urgently: true)
        line.pass(.milliseconds(1600))
        #expect(line.finished[list] == .failure(.abandoned))
    }

    @Test("is one of eight at most")
    func bounded() {
        var line = Line()
        line.submit(.callList)
        let ids = (0..<9).map { _ in line.submit(.hangUp, urgently: true) }
        #expect(line.finished[ids[7]] == nil)
        #expect(line.finished[ids[8]] == .failure(.queueFull))
    }
}

@Suite("A command that a person typed")
struct TypedCommandTests {
    private static func typed(_ text: String) -> ATCommand {
        ATCommand(text, reply: .everything, within: .seconds(180), kind: .typed)
    }

    @Test("ends on every final word, which is news of a call as well", arguments: ["NO CARRIER", "BUSY", "NO ANSWER"])
    func callWords(word: String) {
        var line = Line()
        let id = line.submit(Self.typed("ATO"))
        line.hear(word)
        #expect(line.finished[id] == .success(ATReply(result: FinalResult(ATLine(word)) ?? .ok)))
        #expect(line.indications == [word])
    }

    @Test("is given up when the modem is needed, and so are those that wait")
    func brokenOff() {
        var line = Line()
        let first = line.submit(Self.typed("AT+COPS=?"))
        let second = line.submit(Self.typed("AT+CSQ"))
        line.submit(.simState)
        line.pass(.seconds(1))
        line.take(line.exchange.breakOffTyped(at: line.now))
        #expect(line.finished[first] == .failure(.abandoned))
        #expect(line.finished[second] == .failure(.abandoned))
        line.hear("OK")
        line.pass(.milliseconds(10))
        line.hear("OK")
        line.pass(.milliseconds(200))
        #expect(line.written.map(\.text) == ["AT+COPS=?", "\\r", "AT", "AT+CPIN?"])
    }
}

@Suite("A modem with habits of its own")
struct HabitTests {
    @Test("that shows prompts without end gets one ESC a second")
    func prompts() {
        var line = Line()
        for _ in 0..<100_000 { line.hear(">") }
        #expect(line.written.count == 1)
        line.pass(.seconds(1))
        for _ in 0..<100_000 { line.hear(">") }
        #expect(line.written.count == 2)
    }

    @Test("that passes over a bare AT is found by the next probe")
    func silentAttention() {
        var line = Line()
        line.submit(.callList)
        line.pass(.milliseconds(6500))
        #expect(line.written.last?.text == "ATQ0V1E0")
        line.hear("OK")
        line.pass(.milliseconds(200))
        #expect(!line.exchange.isUnresponsive)
        let next = line.submit(.query("AT+CSQ"))
        line.hear("OK")
        #expect(line.finished[next] == .success(ATReply(result: .ok)))
    }

    @Test("that restarted in numbers is understood when it is probed")
    func numbersAgain() {
        var line = Line()
        line.submit(.attention)
        line.hear("OK")
        line.submit(.callList)
        line.pass(.milliseconds(5250))
        #expect(line.written.last?.text == "AT")
        line.hear("0")
        line.pass(.milliseconds(200))
        let next = line.submit(.query("AT+CSQ"))
        line.hear("0")
        #expect(line.finished[next] == .success(ATReply(result: .ok)))
    }

    @Test(
        "that writes UCS2 is read as if it did not",
        arguments: [
            ("+CLIP: \"002B0034003900320032\",145,,,,0", "+CLIP: \"+4922\",145,,,,0"),
            ("+CLCC: 1,1,4,0,0,\"003100310032\",129", "+CLCC: 1,1,4,0,0,\"112\",129"),
            ("+COPS: 0,0,\"006F00320020002D002000640065\",7", "+COPS: 0,0,\"o2 - de\",7"),
            ("+CLIP: \"+4922166966966\",145", "+CLIP: \"+4922166966966\",145"),
            ("+CLIP: \"022166966966\",129", "+CLIP: \"022166966966\",129"),
            ("+CLIP: \"\",128,,,,1", "+CLIP: \"\",128,,,,1"),
            ("+CREG: 2,1,\"2616\",\"DDAEA010\",7", "+CREG: 2,1,\"2616\",\"DDAEA010\",7"),
            ("+CPBR: 1,\"0031\",129,\"0041\"", "+CPBR: 1,\"0031\",129,\"0041\""),
        ]
    )
    func ucs2(written: String, plain: String) {
        #expect(ATLine(written).decodedFromUCS2 == ATLine(plain))
    }
}
