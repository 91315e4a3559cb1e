import ATProtocol
import CallModel
import Testing

@Suite struct IdentityTests {
    static let imeis: [(lines: [ATLine], digits: String?)] = [
        (["111111111111111"], "111111111111111"),
        (["AT+CGSN", "353535011111116"], "353535011111116"),
        (["^RSSI:26", "353535011111116"], "353535011111116"),
        (["+CGSN: 353535011111116"], "353535011111116"),
        (["+CGSN: \"353535011111116\""], "353535011111116"),
        (["IMEI: 353535011111116"], "353535011111116"),
        (["35353501111111"], "35353501111111"),
        (["3535350111111123"], "3535350111111123"),
        (["AT+CGSN"], nil),
        (["3535350111111"], nil),
        (["35353501111111234"], nil),
        (["35353501111111X"], nil),
        (["AT+CGSN353535011111116"], nil),
        ([], nil),
    ]

    @Test("a modem's number is found, an echo never taken for one", arguments: imeis)
    func readsIMEI(_ row: (lines: [ATLine], digits: String?)) {
        #expect(IMEI(reply: row.lines)?.digits == row.digits)
    }

    static let imsis: [(lines: [ATLine], digits: String?)] = [
        (["999990000000000"], "999990000000000"),
        (["+CIMI: 999990000000000"], "999990000000000"),
        (["26207123456789"], "26207123456789"),
        (["+CSIM: 4,\"9000\"", "999990000000000"], "999990000000000"),
        (["2620712345678"], nil),
        (["AT+CIMI"], nil),
    ]

    @Test("a subscriber's number is found", arguments: imsis)
    func readsIMSI(_ row: (lines: [ATLine], digits: String?)) {
        #expect(IMSI(reply: row.lines)?.digits == row.digits)
    }

    static let iccids: [(lines: [ATLine], digits: String?)] = [
        (["+CCID: \"8949020000012345678\""], "8949020000012345678"),
        (["+ICCID: 89490200000123456789"], "89490200000123456789"),
        (["+QCCID: 8949020000012345678F"], "8949020000012345678"),
        (["^ICCID: 98942000001032547698"], "98942000001032547698"),
        (["+CICCID: 8949020000012345678f"], "8949020000012345678"),
        (["^SCID: \"89490200000123456789\""], "89490200000123456789"),
        (["#CCID: 8949020000012345678"], "8949020000012345678"),
        (["89490200000123456789"], "89490200000123456789"),
        (["898604A41920C0015214"], "898604A41920C0015214"),
        (["AT+CCID", "89490200000123456789"], "89490200000123456789"),
        (["AT+CCID"], nil),
        (["12ABCDEF0123456789AB"], nil),
        (["894902000001234"], nil),
        (["89490200000123456789012"], nil),
        (["FFFFFFFFFFFFFFFFFFFF"], nil),
    ]

    @Test("a card's number is found in every vendor's answer", arguments: iccids)
    func readsICCID(_ row: (lines: [ATLine], digits: String?)) {
        #expect(ICCID(reply: row.lines)?.digits == row.digits)
    }

    static let numbers: [(line: ATLine, entry: SubscriberNumber?)] = [
        (
            "+CNUM: \"*Subscriber Number\",\"+79139131234\",145",
            SubscriberNumber(name: "*Subscriber Number", number: "+79139131234")
        ),
        ("+CNUM: \"Subscriber Number\",\"\",145", SubscriberNumber(name: "Subscriber Number", number: nil)),
        ("+CNUM: \"Subscriber Number\",,145", SubscriberNumber(name: "Subscriber Number", number: nil)),
        ("+CNUM: \"\",\"+79139131234\",145", SubscriberNumber(name: nil, number: "+79139131234")),
        ("+CNUM: ,\"\",145", SubscriberNumber(name: nil, number: nil)),
        ("+CNUM: ,,145", SubscriberNumber(name: nil, number: nil)),
        ("+CNUM: \"\",+79139131234\",145", SubscriberNumber(name: nil, number: "+79139131234")),
        ("+CNUM: \"\",+79139131234,145", SubscriberNumber(name: nil, number: "+79139131234")),
        ("+CNUM: \"something\",\"1234567890\",161", SubscriberNumber(name: "something", number: "1234567890")),
        ("+CNUM: ,\"1234567890\",161", SubscriberNumber(name: nil, number: "1234567890")),
        ("+CNUM: something,\"+34600000001\",145", SubscriberNumber(name: "something", number: "+34600000001")),
        ("RING", nil),
    ]

    @Test("the SIM's own number is read with and without quotes", arguments: numbers)
    func readsOwnNumber(_ row: (line: ATLine, entry: SubscriberNumber?)) {
        #expect(SubscriberNumber(cnum: row.line) == row.entry)
    }
}
