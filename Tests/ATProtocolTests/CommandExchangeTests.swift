import TestSupport
import Testing

@testable import ATProtocol

/// A clock and a script for an exchange: feeds it, and writes down what it does.
private struct Bench {
    var exchange = CommandExchange()
    var now = ContinuousClock.now
    var written: [String] = []
    var finished: [(id: Int, result: Result<ATReply, CommandExchange.Failure>)] = []
    var indications: [String] = []
    var notes: [CommandExchange.Note] = []
    var deadline: ContinuousClock.Instant?
    /// Commands that are submitted and neither written nor finished, in order.
    var queued: [Int] = []
    /// The command that is written and not finished.
    var inFlight: Int?
    /// Whether what is written now breaks a command off and has no id of its own.
    var isAbandoning = false
    /// How often a command was written while another was in flight.
    var collisions = 0

    mutating func take(_ steps: [CommandExchange.Step]) {
        for step in steps {
            switch step {
            case .write(let bytes):
                written.append(String(decoding: bytes.filter { $0 >= 0x20 }, as: UTF8.self))
                // A bare AT is the exchange's own probe, and so is what follows an ESC; that alone leaves a prompt.
                guard bytes.count > 3, bytes.first != 0x1B, !queued.isEmpty, !isAbandoning else { continue }
                if inFlight != nil { collisions += 1 }
                inFlight = queued.removeFirst()
            case .arm(let instant): deadline = instant
            case .disarm: deadline = nil
            case .finish(let id, let result):
                finished.append((id, result))
                queued.removeAll { $0 == id }
                if inFlight == id { inFlight = nil }
            case .indication(let line): indications.append(line.text)
            case .note(let note): notes.append(note)
            }
        }
    }

    @discardableResult
    mutating func submit(_ command: ATCommand) -> Int {
        let (id, steps) = exchange.submit(command, at: now)
        queued.append(id)
        take(steps)
        return id
    }

    mutating func receive(_ lines: String...) {
        for line in lines {
            take(exchange.activity(at: now))
            take(exchange.received(ATLine(line), at: now))
        }
    }

    /// Lets time pass, firing the timer whenever it is due.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let due = deadline, due <= end {
            now = due
            deadline = nil
            take(exchange.timerFired(at: now))
        }
        now = end
    }

    func reply(_ id: Int) -> ATReply? {
        guard case .success(let reply) = finished.first(where: { $0.id == id })?.result else { return nil }
        return reply
    }

    func failure(_ id: Int) -> CommandExchange.Failure? {
        guard case .failure(let failure) = finished.first(where: { $0.id == id })?.result else { return nil }
        return failure
    }
}

@Suite struct CommandExchangeTests {
    @Test("a command is written at once, and finished by its result with the lines that belong to it")
    func plainCommand() {
        var bench = Bench()
        let id = bench.submit(.query("AT+CSQ"))
        #expect(bench.written == ["AT+CSQ"])
        bench.receive("+CSQ: 24,99", "OK")
        #expect(bench.reply(id) == ATReply(lines: ["+CSQ: 24,99"], result: .ok))
        #expect(bench.deadline == nil)
    }

    @Test("the second command waits until the first is answered")
    func oneInFlight() {
        var bench = Bench()
        bench.submit(.attention)
        bench.submit(.callList)
        #expect(bench.written == ["AT"])
        bench.receive("OK")
        #expect(bench.written == ["AT", "AT+CLCC"])
    }

    @Test("an urgent command goes before all that wait, behind the one in flight and earlier urgent ones")
    func urgent() {
        var bench = Bench()
        bench.submit(ATCommand("AT+ONE"))
        for number in 0..<32 { bench.submit(ATCommand("AT+W\(number)")) }
        let (answer, first) = bench.exchange.submit(.answer, isUrgent: true, at: bench.now)
        let (_, second) = bench.exchange.submit(.hangUp, isUrgent: true, at: bench.now)
        // The queue is full for everything else.
        #expect(first.allSatisfy { if case .arm = $0 { true } else { false } } && second == [])
        bench.queued.insert(answer, at: 0)
        bench.receive("OK")
        #expect(bench.written == ["AT+ONE", "ATA"])
        bench.receive("OK")
        #expect(bench.written == ["AT+ONE", "ATA", "AT+CHUP"])
        bench.receive("OK")
        #expect(bench.written.last == "AT+W0")
    }

    @Test("noise between a command and its answer is handed on, not mixed in")
    func interleaved() {
        var bench = Bench()
        let id = bench.submit(.query("AT+CSQ"))
        bench.receive("^RSSI:26", "^HCSQ:\"LTE\",60,52,106,24", "+CSQ: 28,99", "RING", "OK")
        #expect(bench.reply(id)?.lines == ["+CSQ: 28,99"])
        #expect(bench.indications == ["^RSSI:26", "^HCSQ:\"LTE\",60,52,106,24", "RING"])
    }

    @Test("NO CARRIER ends a dial command, and is news during any other")
    func callWords() {
        var bench = Bench()
        let query = bench.submit(.simState)
        bench.receive("RING", "NO CARRIER", "+CPIN: READY", "OK")
        #expect(bench.reply(query)?.result == .ok)
        #expect(bench.indications == ["RING", "NO CARRIER"])
        let dial = bench.submit(.dial("+4930123456"))
        bench.receive("NO CARRIER")
        #expect(bench.reply(dial)?.result == .noCarrier)
    }

    @Test("an unsolicited registration is not the answer to the question")
    func registrationBothWays() {
        var bench = Bench()
        let id = bench.submit(ATCommand("AT+CREG?", reply: .registration(.circuit)))
        bench.receive("+CREG: 2", "+CREG: 2,1,\"8B37\",\"0A265185\",7", "OK")
        #expect(bench.reply(id)?.lines == ["+CREG: 2,1,\"8B37\",\"0A265185\",7"])
        #expect(bench.indications == ["+CREG: 2"])
    }

    @Test("an echo is dropped, whenever it comes")
    func echo() {
        var bench = Bench()
        let id = bench.submit(ATCommand("AT+CGMI", reply: .text))
        bench.receive("AT+CGMI", "huawei", "OK", "AT+CGMI")
        #expect(bench.reply(id)?.lines == ["huawei"])
        #expect(bench.notes == [.echo, .echo])
    }

    @Test("a late answer is swallowed, the channel probed, and the next command gets its own answer")
    func lateAnswer() {
        var bench = Bench()
        let late = bench.submit(ATCommand("AT+CSIM=10,\"0020000100\"", reply: .prefixes(["+CSIM:"])))
        let next = bench.submit(ATCommand("AT+CIMI", reply: .text))
        bench.pass(.milliseconds(5100))
        #expect(bench.failure(late) == .timedOut(after: .seconds(5)))
        #expect(bench.written.last == "AT+CSIM=10,\"0020000100\"")
        bench.receive("+CSIM: 4,\"9000\"", "OK")
        #expect(bench.written.last == "AT")
        bench.receive("RING", "OK")
        bench.pass(.milliseconds(200))
        #expect(bench.written.last == "AT+CIMI")
        bench.receive("999990000000000", "OK")
        #expect(bench.reply(next) == ATReply(lines: ["999990000000000"], result: .ok))
        #expect(bench.indications == ["RING"])
        #expect(bench.notes.contains(.resynchronised))
    }

    @Test("an answer so late that it looks like the probe's is still not taken for the next command's")
    func lateAnswerDuringProbe() {
        var bench = Bench()
        bench.submit(.callList)
        let next = bench.submit(ATCommand("AT+CIMI", reply: .text))
        bench.pass(.milliseconds(5250))
        #expect(bench.written.last == "AT")
        bench.receive("+CLCC: 1,0,0,0,0,\"030\",129", "OK")
        bench.pass(.milliseconds(60))
        bench.receive("OK")
        bench.pass(.milliseconds(60))
        #expect(bench.written.last == "AT")
        bench.pass(.milliseconds(100))
        #expect(bench.written.last == "AT+CIMI")
        bench.receive("999990000000000", "OK")
        #expect(bench.reply(next)?.lines == ["999990000000000"])
    }

    @Test("while an answer is owed, each answer is followed by a moment of silence in which the owed one is caught")
    func owedAnswer() {
        var bench = Bench()
        bench.submit(.query("AT+COPS?"))
        bench.pass(.milliseconds(5250))
        bench.receive("OK")
        bench.pass(.milliseconds(200))
        let first = bench.submit(.query("AT+CSQ"))
        bench.receive("+CSQ: 1,99", "OK")
        #expect(bench.reply(first) != nil)
        bench.submit(.attention)
        #expect(bench.written.last == "AT+CSQ")
        bench.receive("+COPS: 0,0,\"TELE2\",0", "OK")
        bench.pass(.milliseconds(200))
        #expect(bench.written.last == "AT")
    }

    @Test("a caller who gives up while ATA is under way does not shift the answers: the result behind the news is owed")
    func newsBeforeTheResult() {
        var bench = Bench()
        bench.submit(.answer)
        let next = bench.submit(ATCommand("AT+CLCC", reply: .prefixes(["+CLCC:"])))
        bench.receive("NO CARRIER")
        #expect(bench.finished.count == 1)
        bench.receive("OK")
        #expect(bench.notes.contains(.strayResult(.ok)))
        bench.pass(.seconds(1))
        #expect(bench.written.last == "AT+CLCC")
        bench.receive("+CLCC: 1,0,2,0,0", "OK")
        #expect(bench.finished.last?.id == next)
        #expect((try? bench.finished.last?.result.get())?.lines.count == 1)
    }

    @Test("a modem that answers nothing any more is given up, and everything that waits fails once")
    func deaf() {
        var bench = Bench()
        let first = bench.submit(.callList)
        let second = bench.submit(.hangUp)
        bench.pass(.seconds(20))
        #expect(bench.failure(first) == .timedOut(after: .seconds(5)))
        #expect(bench.failure(second) == .unresponsive)
        #expect(bench.exchange.isUnresponsive)
        #expect(bench.finished.count == 2)
        let third = bench.submit(.attention)
        #expect(bench.failure(third) == .unresponsive)
    }

    @Test("a modem that comes back is found again by reviving")
    func revived() {
        var bench = Bench()
        bench.submit(.callList)
        bench.pass(.seconds(20))
        bench.take(bench.exchange.revive(at: bench.now))
        #expect(bench.written.last == "AT")
        bench.receive("OK")
        bench.pass(.milliseconds(200))
        let id = bench.submit(.attention)
        bench.receive("OK")
        #expect(bench.reply(id)?.isOK == true)
    }

    @Test("results as numbers are understood and reported")
    func numeric() {
        var bench = Bench()
        let id = bench.submit(.attention)
        bench.receive("0")
        #expect(bench.reply(id)?.isOK == true)
        #expect(bench.notes == [.numericResults])
    }

    @Test("once results come as words, a bare digit is noise")
    func noNumberAmongWords() {
        var bench = Bench()
        bench.submit(.attention)
        bench.receive("OK")
        let dial = bench.submit(.dial("030123456"))
        bench.receive("1", "3", "0")
        #expect(bench.reply(dial) == nil)
        bench.receive("OK")
        #expect(bench.reply(dial)?.result == .ok)
    }

    @Test("a command that still waits can be taken back, one on the wire can't")
    func withdrawn() {
        var bench = Bench()
        let first = bench.submit(.callList)
        let second = bench.submit(.dial("030123456"))
        bench.take(bench.exchange.withdraw(second))
        bench.take(bench.exchange.withdraw(first))
        #expect(bench.failure(second) == .abandoned)
        #expect(bench.failure(first) == nil)
        bench.receive("OK")
        #expect(bench.written == ["AT+CLCC"])
    }

    @Test("a wait that is ended early is cleaned up like one that timed out")
    func expired() {
        var bench = Bench()
        let dial = bench.submit(.dial("030123456"))
        bench.take(bench.exchange.expire(dial, at: bench.now))
        #expect(bench.failure(dial) == .timedOut(after: .seconds(30)))
        bench.pass(.milliseconds(300))
        #expect(bench.written.last == "AT")
    }

    @Test("a prompt while a dial command is silent is left alone")
    func promptWhileDialing() {
        var bench = Bench()
        bench.submit(.dial("030123456"))
        bench.receive(">")
        #expect(bench.written == ["ATD030123456;"])
    }

    @Test("a dial command that is given up is broken off, and what it says late is dropped")
    func abandoned() {
        var bench = Bench()
        let dial = bench.submit(.dial("112"))
        bench.submit(.hangUp)
        bench.take(bench.exchange.abandon(by: .hook, at: bench.now))
        #expect(bench.failure(dial) == .abandoned)
        #expect(bench.written == ["ATD112;", "ATH"])
        bench.receive("NO CARRIER")
        #expect(bench.indications == ["NO CARRIER"])
        bench.pass(.milliseconds(300))
        #expect(bench.written.last == "AT+CHUP")
    }

    @Test("a prompt gets its payload once; one that nobody expects is left")
    func prompts() {
        var bench = Bench()
        bench.submit(ATCommand("AT+CMGS=12", payload: [0x41]))
        bench.receive(">")
        #expect(bench.written == ["AT+CMGS=12", "A"])
        bench.receive("OK", ">")
        #expect(bench.notes == [.promptEscaped])
    }

    @Test("a port that closes fails what is in flight and what waits, once, and everything after")
    func closed() {
        var bench = Bench()
        let ids = [bench.submit(.attention), bench.submit(.callList)]
        bench.take(bench.exchange.portClosed())
        bench.take(bench.exchange.portClosed())
        #expect(bench.finished.map(\.id) == ids)
        #expect(bench.finished.allSatisfy { $0.result == .failure(.portClosed) })
        let late = bench.submit(.attention)
        #expect(bench.failure(late) == .portClosed)
    }

    @Test("the queue is bounded")
    func bounded() {
        var bench = Bench()
        for _ in 0..<33 { bench.submit(.attention) }
        #expect(bench.finished.isEmpty)
        let tooMany = bench.submit(.attention)
        #expect(bench.failure(tooMany) == .queueFull)
    }

    @Test("whatever happens in whatever order: one command in flight, every command finished once, never a silent stop")
    func randomSequences() {
        let lines = [
            "OK", "ERROR", "+CME ERROR: 30", "NO CARRIER", "BUSY", "RING", "+CLCC: 1,0,0,0,0", "+CREG: 1", "AT+CLCC",
            ">", "0", "4", "^CEND:1,5,29,16", "garbage", "CONNECT", "+CSQ: 1,1",
        ]
        let commands: [ATCommand] = [ATCommand("ATI"), .callList, .dial("030"), .hangUp, .query("AT+CSQ"), .simState]
        for seed in 0..<3000 {
            var random = SeededGenerator(seed: seed)
            var bench = Bench()
            var ids: [Int] = []
            for _ in 0..<60 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0...2: ids.append(bench.submit(commands.randomElement(using: &random) ?? .callList))
                case 3...6: bench.receive(lines.randomElement(using: &random) ?? "OK")
                case 7:
                    let steps = bench.exchange.abandon(by: .hangUp, at: bench.now)
                    bench.isAbandoning = true
                    bench.take(steps)
                    bench.isAbandoning = false
                case 8: bench.take(bench.exchange.revive(at: bench.now))
                default: bench.pass(.milliseconds(Int.random(in: 0...3000, using: &random)))
                }
            }
            bench.pass(.seconds(600))
            #expect(bench.collisions == 0, "seed \(seed)")
            #expect(bench.finished.map(\.id).sorted() == ids, "seed \(seed)")
            #expect(bench.deadline == nil, "seed \(seed): a timer is left")
        }
    }
}
