import ATProtocol
import Testing

@Suite struct LineFramerTests {
    /// What a stream is cut into: one row for each habit of a modem's line ends.
    static let streams: [(bytes: String, lines: [String])] = [
        ("\r\nOK\r\n", ["OK"]),
        ("OK\r\n", ["OK"]),
        ("\nNO CARRIER\r\n", ["NO CARRIER"]),
        ("\nCONNECT\r\n", ["CONNECT"]),
        ("OK\r", ["OK"]),
        ("OK\n", ["OK"]),
        ("\r\n\r\n\r\n", []),
        ("S11\r\r\n", ["S11"]),
        ("\r\r\n+CRING: VOICE\r\r\n", ["+CRING: VOICE"]),
        ("\r\r\n+RXDTMF: 8\r\r\n", ["+RXDTMF: 8"]),
        ("+CLIP: \"+481239823991\",145,\"\",128,\"\",0\r", ["+CLIP: \"+481239823991\",145,\"\",128,\"\",0"]),
        ("\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n", ["OK", "+CMTI: \"ME\",1"]),
        (
            "\r\nOK\r\n\r\n+CIEV: 7,1\r\n\r\n+CRING: VOICE\r\n\r\n+CLIP: \"+0123456789\",145,,,,0\r\n",
            ["OK", "+CIEV: 7,1", "+CRING: VOICE", "+CLIP: \"+0123456789\",145,,,,0"]
        ),
        ("\r\nERROR\r\n\r\noooops\r\n", ["ERROR", "oooops"]),
        ("\r\nCOMMAND NOT SUPPORT\r\n\r\nSomething extra\r\n", ["COMMAND NOT SUPPORT", "Something extra"]),
        ("\r\nNO CARRIER\r\n\r\nSomething extra\r\n", ["NO CARRIER", "Something extra"]),
        (
            "all this string is to be considered echo\r\nthis is valid\r\n",
            ["all this string is to be considered echo", "this is valid"]
        ),
        ("+CSQ: 24,99\r\n\r\r\nOK\r\n", ["+CSQ: 24,99", "OK"]),
        (
            "\r\n^RSSI:26\r\n\r\n^HCSQ:\"LTE\",60,52,106,24\r\n\r\n+CSQ: 28,99\r\n\r\nOK\r\n",
            ["^RSSI:26", "^HCSQ:\"LTE\",60,52,106,24", "+CSQ: 28,99", "OK"]
        ),
        ("AT+CGMI\r\r\nhuawei\r\n\r\nOK\r\n", ["AT+CGMI", "huawei", "OK"]),
        ("\r\n WAVECOM MODEM\r\n", ["WAVECOM MODEM"]),
        ("\r\n   \r\n", []),
        ("\r\n^MODE:3\r\r\n^RSSILVL:60\r+\n", ["^MODE:3", "^RSSILVL:60", "+"]),
        // A prompt has no terminator, and a text's own "> " in mid-line is none.
        ("\r\n> ", [">"]),
        ("\r\n> \r\n+CMGS: 42\r\n", [">", "+CMGS: 42"]),
        ("> hello\r\n", [">", "hello"]),
        (">hello > \r\n", [">hello > "]),
        // Noise: NUL and other control bytes anywhere, high bytes only where a line begins.
        ("\0\0OK\0\r\n", ["OK"]),
        ("O\u{1}K\u{7F}\r\n", ["OK"]),
        ("\u{11}\u{13}RING\r\n", ["RING"]),
        ("\u{F6}\u{FC}OK\r\n", ["OK"]),
        ("+COPS: 0,0,\"Türk\"\r\n", ["+COPS: 0,0,\"Türk\""]),
        // A text of USSD whose quote never closes keeps its bytes for 40 lines, and no longer.
        (
            "+CUSD: 0,\"a\r\n" + String(repeating: "b\u{1}c\r\n", count: 40) + "d\u{1}e\r\n",
            ["+CUSD: 0,\"a"] + Array(repeating: "b\u{1}c", count: 40) + ["de"]
        ),
        // Results without a line end of their own.
        ("ERROR+CNUM: \"a\",\"1\",129\r\n", ["ERROR", "+CNUM: \"a\",\"1\",129"]),
        ("OK^RSSI:26\r\n", ["OK", "^RSSI:26"]),
        ("OKRING\r\n", ["OK", "RING"]),
        ("OK*ECAV: 1,7,1\r\n", ["OK", "*ECAV: 1,7,1"]),
        ("OK+CSQ: 24,99OK\r\n", ["OK", "+CSQ: 24,99", "OK"]),
        ("+CSQ: 24,99OK\r\n", ["+CSQ: 24,99", "OK"]),
        ("+COPS: 0,0,\"TELE2\"OK\r\n", ["+COPS: 0,0,\"TELE2\"", "OK"]),
        ("^CVOICE:0,8000,16,20OK\r\n", ["^CVOICE:0,8000,16,20", "OK"]),
        ("+CSSI: 1^ORIG:1,0\r\n", ["+CSSI: 1", "^ORIG:1,0"]),
        ("+CSSU: 2OK\r\n", ["+CSSU: 2", "OK"]),
        ("+CSSI: 3RING\r\n", ["+CSSI: 3", "RING"]),
        // And what only looks like it.
        ("OKAY\r\nOK then\r\nERRORS\r\nOKRINGS\r\n", ["OKAY", "OK then", "ERRORS", "OK", "RINGS"]),
        ("+CEER: LOOK\r\n", ["+CEER: LOOK"]),
        ("+CUSD: 0,\"it is OK\",15\r\n", ["+CUSD: 0,\"it is OK\",15"]),
        ("O2OK\r\n+1OK\r\n+CSSI: 1\r\n", ["O2OK", "+1OK", "+CSSI: 1"]),
    ]

    @Test("a stream is cut into the lines that the modem meant", arguments: streams)
    func cuts(_ row: (bytes: String, lines: [String])) {
        var framer = LineFramer()
        #expect(framer.receive(Array(row.bytes.utf8)).map(\.text) == row.lines)
    }
}
