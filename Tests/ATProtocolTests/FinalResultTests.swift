import ATProtocol
import Testing

@Suite struct FinalResultTests {
    static let results: [(line: ATLine, result: FinalResult)] = [
        ("OK", .ok),
        ("ok", .ok),
        (" OK ", .ok),
        ("ERROR", .error),
        ("+CME ERROR: raspberry", .equipmentError(EquipmentError(code: nil, text: "raspberry"))),
        ("+CME ERROR: 123", .equipmentError(EquipmentError(code: 123, text: "123"))),
        ("+CME ERROR: ", .equipmentError(EquipmentError(code: nil, text: ""))),
        ("+CME ERROR", .equipmentError(EquipmentError(code: nil, text: ""))),
        ("+CME ERROR: 42", .equipmentError(EquipmentError(code: 42, text: "42"))),
        ("+CME ERROR: 515", .equipmentError(EquipmentError(code: 515, text: "515"))),
        ("+CME ERROR: 11", .equipmentError(EquipmentError(code: 11, text: "11"))),
        ("+CME ERROR: 14", .equipmentError(EquipmentError(code: 14, text: "14"))),
        ("+CME ERROR: 100", .equipmentError(EquipmentError(code: 100, text: "100"))),
        ("+CME ERROR:30", .equipmentError(EquipmentError(code: 30, text: "30"))),
        ("+CMS ERROR: bananas", .messageError(EquipmentError(code: nil, text: "bananas"))),
        ("+CMS ERROR: 456", .messageError(EquipmentError(code: 456, text: "456"))),
        ("+CMS ERROR: 204", .messageError(EquipmentError(code: 204, text: "204"))),
        ("+CMS ERROR: SIM busy", .messageError(EquipmentError(code: 314, text: "SIM busy"))),
        ("+EXT ERROR: 7", .vendorError(EquipmentError(code: 7, text: "7", form: "+EXT ERROR"))),
        ("MODEM ERROR: 5", .vendorError(EquipmentError(code: 5, text: "5", form: "MODEM ERROR"))),
        ("ERROR: 5", .vendorError(EquipmentError(code: 5, text: "5", form: "ERROR"))),
        ("ERROR: no SIM", .vendorError(EquipmentError(code: nil, text: "no SIM", form: "ERROR"))),
        ("ERROR:", .vendorError(EquipmentError(code: nil, text: "", form: "ERROR"))),
        ("UNKNOWN COMMAND", .commandNotSupported),
        ("COMMAND NOT SUPPORT", .commandNotSupported),
        ("COMMAND NOT SUPPORTED", .commandNotSupported),
        ("TOO MANY PARAMETERS", .tooManyParameters),
        ("NO CARRIER", .noCarrier),
        ("BUSY", .busy),
        ("NO ANSWER", .noAnswer),
        ("NO DIALTONE", .noDialtone),
        ("NO DIAL TONE", .noDialtone),
        ("CONNECT", .connect("")),
        ("CONNECT 115200", .connect("115200")),
        ("CONNECT: 57600", .connect("57600")),
        ("CONNECT 9600/RLP", .connect("9600/RLP")),
    ]

    @Test("a line that is a final result as a whole is read as one", arguments: results)
    func reads(_ row: (line: ATLine, result: FinalResult)) {
        #expect(FinalResult(row.line) == row.result)
    }

    static let others: [ATLine] = [
        "OKAY", "OK then", "OK,1", "NOT OK", "O", "OKOK", "0K", ">", "AT+OK",
        "ERRORS", "ERROR 5", "+ERROR: 5", "+CMEERROR: 5", "+CME ERRORS: 5", "CME ERROR: 5", "+CME: ERROR",
        "MODEM ERROR", "MODEM ERRORS: 5", "NO CARRIERS", "NO  CARRIER", "NOCARRIER", "NO", "NO DIAL", "NO ANSWERS",
        "^NO CARRIER", "BUSY TONE", "BUSYBOX", "CONNECTED", "CONNECTION", "^CONNECT: 1", "+CONNECT", "CONN",
        "COMMAND", "COMMAND NOT", "UNKNOWN", "UNKNOWN COMMAND 7", "TOO MANY", "RING", "+CNUM: \"OK\",\"1\",129",
        "+CUSD: 0,\"ERROR\",15", "oooops", "Something extra", "huawei", "S11", "+CSQ: 24,99OK", "", "0",
        "this is valid",
        "all this string is to be considered echo",
    ]

    @Test("a line that only contains or resembles a result is none", arguments: others)
    func rejects(_ line: ATLine) {
        #expect(FinalResult(line) == nil)
    }

    static let texts: [(text: String, code: Int)] = [
        ("SIM busy", 14), ("SIM not inserted", 10), ("SIM PIN required", 11), ("SIM PUK required", 12),
        ("SIM failure", 13), ("SIM wrong", 15), ("incorrect password", 16), ("operation not allowed", 3),
        ("operation not supported", 4), ("no network service", 30), ("phone failure", 0), ("memory full", 20),
        ("dial string too long", 26), ("network timeout", 31), ("unknown", 100), ("SIM PIN2 required", 17),
        ("PH-SIM PIN required", 5), ("SIM NOT INSERTED", 10), ("(U)SIM busy", 14), ("USIM not inserted", 10),
        ("Operation not allowed", 3), ("\"SIM failure\"", 13), ("network not allowed - emergency calls only", 32),
    ]

    @Test("the texts of the standard have their codes", arguments: texts)
    func knowsText(_ row: (text: String, code: Int)) throws {
        let result = try #require(FinalResult(ATLine("+CME ERROR: \(row.text)")))
        #expect(result == .equipmentError(EquipmentError(code: row.code, text: row.text)))
    }

    @Test("only words about a call may come outside their command")
    func splitsByMeaning() {
        let aboutACall: [FinalResult] = [.noCarrier, .busy, .noAnswer, .noDialtone, .connect("")]
        #expect(aboutACall.filter(\.isAboutACall) == aboutACall)
        let others: [FinalResult] = [
            .ok, .error, .equipmentError(EquipmentError(code: 1, text: "1")), .commandNotSupported, .tooManyParameters,
        ]
        #expect(others.filter(\.isAboutACall).isEmpty)
    }

    static let numbers: [(line: ATLine, result: NumericResult?, final: FinalResult?)] = [
        ("0", .ok, .ok), ("1", .connect, .connect("")), ("2", .ring, nil), ("3", .noCarrier, .noCarrier),
        ("4", .error, .error), ("6", .noDialtone, .noDialtone), ("7", .busy, .busy), ("8", .noAnswer, .noAnswer),
        ("5", nil, nil), ("9", nil, nil), ("00", nil, nil), ("10", nil, nil), ("", nil, nil), ("OK", nil, nil),
        ("0 ", nil, nil), ("-1", nil, nil),
    ]

    @Test("a line that is exactly one number of V.250 is a numeric result", arguments: numbers)
    func readsNumbers(_ row: (line: ATLine, result: NumericResult?, final: FinalResult?)) {
        #expect(NumericResult(row.line) == row.result)
        #expect(NumericResult(row.line)?.finalResult == row.final)
    }

    @Test("an error's number is told with its meaning, and a text as it came")
    func words() {
        #expect(EquipmentError(code: 4, text: "4").words == "4: operation not supported")
        #expect(EquipmentError(code: 123, text: "123").words == "123")
        #expect(EquipmentError(code: 10, text: "SIM not inserted").words == "SIM not inserted")
        #expect(EquipmentError(code: nil, text: "raspberry").words == "raspberry")
    }
}
