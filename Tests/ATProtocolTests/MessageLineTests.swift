import Testing

@testable import ATProtocol

/// Lines about messages and USSD, as modems were seen to write them.
@Suite struct MessageLineTests {
    @Test("a message that is handed over directly is put together from its two lines")
    func direct() {
        var joiner = LineJoiner()
        // warthog618/modem, gsm/gsm_test.go.
        #expect(joiner.take("+CMT: ,24") == [])
        let octets = "00040B911234567890F000000250100173832305C8329BFD06"
        #expect(joiner.take(ATLine(octets)) == [.message(octets, isReport: false)])
        #expect(joiner.take("+CDS: 25") == [])
        #expect(joiner.take(ATLine(octets)) == [.message(octets, isReport: true)])
        // A head without octets is a line like any other, and what follows it too.
        #expect(joiner.take("+CMT: ,24") == [])
        #expect(joiner.take("RING") == [.line("+CMT: ,24"), .line("RING")])
    }

    @Test("a text of USSD goes to its closing quote, and news of a call end it")
    func text() {
        var joiner = LineJoiner()
        #expect(joiner.take("+CUSD: 1,\"1 Tarif") == [])
        #expect(joiner.take("2 Guthaben\",15") == [.line("+CUSD: 1,\"1 Tarif\n2 Guthaben\",15")])
        #expect(joiner.take("+CUSD: 1,\"1 Tarif") == [])
        #expect(joiner.take("RING") == [.line("+CUSD: 1,\"1 Tarif"), .line("RING")])
        // Without its closing quote a text must not keep what is not its own.
        for line in ["+CMS ERROR: 500", ">", "+CMTI: \"SM\",3", "+CREG: 1"] as [ATLine] {
            #expect(joiner.take("+CUSD: 1,\"1 Tarif") == [])
            #expect(joiner.take(line) == [.line("+CUSD: 1,\"1 Tarif"), .line(line)])
        }
        // A bare result may be a word of the text: the quote that closes it tells, or that none comes.
        #expect(joiner.take("+CUSD: 0,\"Status") == [] && joiner.take("OK") == [])
        #expect(joiner.take("5 EUR\",15") == [.line("+CUSD: 0,\"Status\nOK\n5 EUR\",15")])
        #expect(joiner.take("+CUSD: 0,\"Status") == [] && joiner.take("OK") == [])
        #expect(joiner.flush() == [.line("+CUSD: 0,\"Status"), .line("OK")])
        #expect(joiner.take("+CUSD: 1,\"a") == [] && joiner.isAmidText)
        #expect(joiner.flush() == [.line("+CUSD: 1,\"a")] && !joiner.isAmidText)
        #expect(joiner.take("+CUSD: 1,\"a") == [])
        var kept = 1
        while joiner.take("b") == [], kept < 100 { kept += 1 }
        #expect(kept < 41)
    }

    @Test(
        "reports of USSD are read in every writing",
        arguments: [
            // python-gsmmodem, chan_dongle's test/parse.c, gammu's dumps.
            ("+CUSD: 0,\"Available Balance: R 96.45 .\",15", 0, "Available Balance: R 96.45 .", 15),
            ("+CUSD: 2,\"Initiating Release\",15", 2, "Initiating Release", 15),
            ("+CUSD: 5", 5, nil, nil),
            ("+CUSD: 1,\"CF2135487D2E4130572D0682BB1A\",1", 1, "CF2135487D2E4130572D0682BB1A", 1),
            ("+CUSD: 0, 49B41C74ACD3D16171D90D", 0, "49B41C74ACD3D16171D90D", nil),
            ("+CUSD: 0,\"say \"yes\", or no\",72", 0, "say \"yes\", or no", 72),
        ] as [(String, Int, String?, UInt8?)]
    )
    func service(_ line: String, _ state: Int, _ text: String?, _ coding: UInt8?) {
        let report = ServiceReport(ATLine(line))
        #expect(report?.state?.rawValue == state)
        #expect(report?.text == text)
        #expect(report?.coding == coding)
    }

    @Test("a text keeps the control characters that are letters of the seven-bit alphabet, and no other line does")
    func controls() {
        var framer = LineFramer()
        let bytes = Array("\r\n+CUSD: 0,\"Guthaben 10 \u{1B}e\r\n\u{1B}e 5\",15\r\nO\u{1}K\r\n".utf8)
        #expect(framer.receive(bytes) == ["+CUSD: 0,\"Guthaben 10 \u{1B}e", "\u{1B}e 5\",15", "OK"])
        #expect(framer.receive(Array("+CUSD: 0,\"a\r\nb \u{1B}e\"\r\n".utf8)) == ["+CUSD: 0,\"a", "b \u{1B}e\""])
        #expect(framer.noiseBytes == 1)
    }

    @Test("an entry with fewer octets than its head says is not whole")
    func torn() {
        let head: ATLine = "+CMGR: 0,,24"
        let octets = "00040B911234567890F000000250100173832305C8329BFD06"
        #expect(StoredMessage.entry([head, ATLine(octets)])?.isWhole == true)
        #expect(StoredMessage.entry([head, ATLine(String(octets.dropLast(4)))])?.isWhole == false)
    }

    @Test("a list of messages is read pair by pair, and what is torn is left out")
    func list() {
        let octets = "07911234567890F0040B911234567890F000000250100173832305C8329BFD06"
        let lines: [ATLine] = [
            "+CMGL: 3,1,,24", ATLine(octets), "+CMGL: 4,0,\"Anna\",24", "+CMGL: 7,2,,24", ATLine(octets),
        ]
        let list = StoredMessage.list(lines)
        #expect(list.map(\.place) == [3, 7])
        #expect(list.map(\.isReceived) == [true, false])
        #expect(StoredMessage.entry(["+CMGR: 0,,24", ATLine(octets)])?.octets == octets)
        #expect(StoredMessage.entry([]) == nil)
        #expect(StoreUsage("+CPMS: 5,50,5,50,5,50").map { [$0.used, $0.places] } == [5, 50])
        #expect(StoreUsage("+CPMS: ,,,,,,,,") == nil)
        #expect(StoreUsage.names("+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\")") == ["ME", "SM"])
        #expect(StoreUsage.names("+CPMS: (),(),()") == [])
    }
}
