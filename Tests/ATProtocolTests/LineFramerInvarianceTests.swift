import ATProtocol
import CallModel
import TestSupport
import Testing

/// That neither the way a stream is cut nor what is in it matters to the framer.
@Suite struct LineFramerInvarianceTests {
    private static func lines(_ bytes: [UInt8], cutAt cuts: [Int] = [], limit: Int = 4096) -> [ATLine] {
        var framer = LineFramer(lineLimit: limit)
        var lines: [ATLine] = []
        var start = 0
        for cut in cuts + [bytes.count] {
            lines += framer.receive(Array(bytes[start..<cut]))
            start = cut
        }
        return lines
    }

    /// Everything that the other tests feed as streams, in one.
    private static let recorded: [UInt8] =
        LineFramerTests.streams.flatMap { Array($0.bytes.utf8) }
        + TranscriptTests.transcripts.flatMap { Array($0.bytes.utf8) }

    @Test("a stream read byte by byte gives the same lines")
    func byteByByte() {
        let whole = Self.lines(Self.recorded)
        #expect(whole.count > 100)
        #expect(Self.lines(Self.recorded, cutAt: Array(1..<Self.recorded.count)) == whole)
    }

    @Test("a stream cut in two anywhere gives the same lines")
    func cutInTwo() {
        let whole = Self.lines(Self.recorded)
        for cut in 0...Self.recorded.count where Self.lines(Self.recorded, cutAt: [cut]) != whole {
            Issue.record("cut at \(cut)")
        }
    }

    /// Bytes as a modem with a bad cable sends them: mostly what has a meaning to the framer.
    private static func noise(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        let alphabet = Array("OKERROR+^#*%$RING:,\"0123456789 >>\r\n\r\nCSIU\0\u{7F}".utf8) + [0xFF, 0xC3, 0x80, 0x11]
        return (0..<count)
            .map { _ in
                Bool.random(using: &random)
                    ? alphabet.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
            }
    }

    @Test("random bytes cut at random give the same lines, and nothing traps", arguments: 0..<200 as Range<UInt64>)
    func randomCuts(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = Self.noise(Int.random(in: 0...600, using: &random), &random)
        let cuts = (0..<Int.random(in: 0...40, using: &random))
            .map { _ in Int.random(in: 0...bytes.count, using: &random) }
        let limit = Int.random(in: 16...64, using: &random)
        let whole = Self.lines(bytes, limit: limit)
        #expect(Self.lines(bytes, cutAt: cuts.sorted(), limit: limit) == whole)
        for line in whole {
            #expect(!line.text.isEmpty)
            Self.exercise(line)
        }
    }

    /// Feeds a line to every parser there is; that none of them traps is the point.
    private static func exercise(_ line: ATLine) {
        let forms: [ReplyForm] = [.none, .text, .callWaiting, .registration(.circuit), .prefixes(["+CLCC:"])]
        let isAnswer = forms.map { $0.claims(line) }
        #expect(!isAnswer[0])
        if let result = FinalResult(line) {
            #expect(!isAnswer[1])
            #expect((Indication(line) != nil) == result.isAboutACall)
        }
        if let numeric = NumericResult(line) { #expect(line.text == "\(numeric.rawValue)") }
        if let entry = CallListEntry(clcc: line) { #expect(Indication(line) == .listed(entry)) }
        if let imei = IMEI(reply: [line]) { #expect(imei.digits.utf8.count >= 14) }
        if let retries = PINRetries(reply: [line]) { #expect(retries != PINRetries()) }
        #expect(SIMState(reply: [line], result: .ok) != .deviceLock(""))
        #expect(!Redaction.mask(line: line.text).isEmpty)
        #expect(!Redaction.redact(command: line.text, secretDigits: true).isEmpty)
    }

    @Test("mangled messages of every kind are read as something, and nothing traps", arguments: 0..<50 as Range<UInt64>)
    func mangledMessages(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rows = IndicationTests.ringing + IndicationTests.progress + IndicationTests.state
        for row in rows {
            var bytes = Array(row.line.text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[index] = Self.noise(1, &random)[0]
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: Self.noise(3, &random), at: index)
                }
            }
            for line in Self.lines(bytes + [0x0D]) { Self.exercise(line) }
        }
    }

    @Test("a line without an end keeps its beginning and no more", arguments: [16, 100, 4096])
    func boundsLines(_ limit: Int) {
        let text = Array(repeating: UInt8(ascii: "x"), count: 10_000)
        var inOneRead = LineFramer(lineLimit: limit)
        #expect(inOneRead.receive(text + [0x0D]).map(\.text.utf8.count) == [limit])
        #expect(inOneRead.discardedBytes == 10_000 - limit)

        var inManyReads = LineFramer(lineLimit: limit)
        for byte in text { #expect(inManyReads.receive([byte]).isEmpty) }
        #expect(inManyReads.hasPartialLine)
        #expect(inManyReads.discardedBytes == 10_000 - limit)
        #expect(inManyReads.receive(Array("\r\nOK\r\n".utf8)).map(\.text.utf8.count) == [limit, 2])
        #expect(inManyReads.discardedBytes == 10_000 - limit)
    }

    @Test("an impossible limit is raised to one that holds every result")
    func raisesLimit() {
        var framer = LineFramer(lineLimit: -5)
        #expect(framer.lineLimit == 16)
        #expect(framer.receive(Array("NO CARRIER\r\n".utf8)) == ["NO CARRIER"])
    }

    @Test("a reset forgets the unfinished line and the counters")
    func resets() {
        var framer = LineFramer(lineLimit: 16)
        #expect(framer.receive(Array("\0\u{1}+CLIP: \"+4930123456".utf8)).isEmpty)
        #expect(framer.hasPartialLine)
        #expect(framer.noiseBytes == 2)
        #expect(framer.discardedBytes > 0)
        framer.reset()
        #expect(!framer.hasPartialLine)
        #expect(framer.noiseBytes == 0)
        #expect(framer.discardedBytes == 0)
        #expect(framer.receive(Array("OK\r".utf8)) == ["OK"])
    }

    @Test("a prompt is handed out as soon as its space is there")
    func prompts() {
        var framer = LineFramer()
        #expect(framer.receive(Array("\r\n>".utf8)).isEmpty)
        #expect(framer.hasPartialLine)
        let lines = framer.receive([0x20])
        #expect(lines == [">"])
        #expect(lines.first?.isPrompt == true)
        #expect(!framer.hasPartialLine)
    }

    @Test("a copy of a framer goes its own way")
    func copies() {
        var first = LineFramer()
        #expect(first.receive(Array("RI".utf8)).isEmpty)
        var second = first
        #expect(first.receive(Array("NG\r".utf8)) == ["RING"])
        #expect(second.receive(Array("P\r".utf8)) == ["RIP"])
    }

    @Test("a line knows its echo, letter case aside")
    func matchesEcho() {
        #expect(ATLine("at+cgmi").matches("AT+CGMI"))
        #expect(!ATLine("AT+CGMI=1").matches("AT+CGMI"))
        #expect(ATLine("+clcc: 1").hasPrefix("+CLCC:"))
        #expect(!ATLine("+CLC").hasPrefix("+CLCC:"))
        #expect(ATLine("").hasPrefix(""))
    }
}
