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
        for line in ["OK", "+CMS ERROR: 500", ">", "+CMTI: \"SM\",3", "+CREG: 1"] as [ATLine] {
            #expect(joiner.take("+CUSD: 1,\"1 Tarif") == [])
            #expect(joiner.take(line) == [.line("+CUSD: 1,\"1 Tarif"), .line(line)])
        }
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
