import CallModel
import Testing

@testable import ATProtocol

/// The unsolicited messages of all families, as they were seen in the field or in manuals.
@Suite struct IndicationTests {
    typealias Row = (line: ATLine, indication: Indication?)

    private static func caller(
        _ number: String?,
        _ type: Int?,
        _ validity: CallerLine.Validity = .valid
    ) -> CallerLine {
        CallerLine(number: number, type: type, validity: validity)
    }

    private static func report(
        _ event: CallReport.Event,
        _ index: Int? = nil,
        _ direction: CallDirection? = nil,
        _ number: String? = nil,
        mayAnswer: Bool = false
    ) -> Indication {
        .report(CallReport(event, index: index, direction: direction, number: number, mayAnswer: mayAnswer))
    }

    private static let gone = CallReport.Event.ended(CallRelease(kind: .unknown))

    static let ringing: [Row] = [
        ("RING", .ring(kind: nil)),
        ("+CRING: VOICE", .ring(kind: "VOICE")),
        ("+CRING:REL ASYNC", .ring(kind: "REL ASYNC")),
        ("+CRING: ", .ring(kind: nil)),
        ("+CLIP: \"123456789\",129", .callerLine(caller("123456789", 129))),
        ("+CLIP: \"123456789\",129,,,,0", .callerLine(caller("123456789", 129))),
        ("+CLIP: \"+27821231234\",145,,,,0", .callerLine(caller("+27821231234", 145))),
        ("+CLIP: \"+481239823991\",145,\"\",128,\"\",0", .callerLine(caller("+481239823991", 145))),
        ("+CLIP: \"XXXXXXXXXXXXX\",145,\"\",128,\"\",0", .callerLine(caller("XXXXXXXXXXXXX", 145))),
        ("+CLIP: \"13600000000\",129", .callerLine(caller("13600000000", 129))),
        ("+CLIP: \"123456789\",128,...", .callerLine(caller("123456789", 128))),
        ("+CLIP: \"+48xxxxxxxxx\",145,\"\",128,\"\",0", .callerLine(caller("+48xxxxxxxxx", 145))),
        ("+CLIP: \"82882690\",129,,,,0", .callerLine(caller("82882690", 129))),
        ("+CLIP: \"+8613903702766\",145,,,,0", .callerLine(caller("+8613903702766", 145))),
        ("+CLIP: \"+0123456789\",145,,,,0", .callerLine(caller("+0123456789", 145))),
        ("+CLIP: \"\",128,,,,1", .callerLine(caller(nil, 128, .withheld))),
        ("+CLIP: \"\",128,,,,2", .callerLine(caller(nil, 128, .unavailable))),
        ("+CLIP: \"\",128,,,,3", .callerLine(caller(nil, 128, .unavailable))),
        ("+CLIP: \"\",128", .callerLine(caller(nil, 128, .unavailable))),
        ("+CLIP: ,128,,,,1", .callerLine(caller(nil, 128, .withheld))),
        ("+CLIP:82882690,129,,,,0", .callerLine(caller("82882690", 129))),
        ("+CLIP: \"4930123456\",145", .callerLine(caller("+4930123456", 145))),
        ("+CLIP: \"4930123456,145", .callerLine(caller("+4930123456", 145))),
        ("+CLIP: 4930123456\",145,,,\"\",0", .callerLine(caller("+4930123456", 145))),
        ("+CLIP: \"30123456\",161,,,\"Name, first\",0", .callerLine(caller("30123456", 161))),
        ("+CLIP: \"030123456\"", .callerLine(caller("030123456", nil))),
        ("+CLIP: 1,1", .unknown(name: "+CLIP")),
        ("+CLIP: (0-1)", .unknown(name: "+CLIP")),
        ("+CLIP: ", .unknown(name: "+CLIP")),
        ("+CCWA: \"123456789\",129,1", .callWaiting(caller("123456789", 129))),
        ("+CCWA: \"123456789\",129,1,,0", .callWaiting(caller("123456789", 129))),
        ("+CCWA: \"123456789\",129,1,,0,,,", .callWaiting(caller("123456789", 129))),
        ("+CCWA: \"\",128,1,,1", .callWaiting(caller(nil, 128, .withheld))),
        ("+CCWA: 82882690,129,1", .callWaiting(caller("82882690", 129))),
        ("+CCWA: 0,255", .unknown(name: "+CCWA")),
        ("+CCWA: (0,1)", .unknown(name: "+CCWA")),
    ]

    static let progress: [Row] = [
        ("^ORIG:1,0", report(.dialing, 1)),
        ("^ORIG: 1,0", report(.dialing, 1)),
        ("^ORIG:2,0", report(.dialing, 2)),
        ("^ORIG:1,9", report(.dialing, 1)),
        ("^ORIG:1,1", report(.irrelevant, 1)),
        ("^CONN:1,1", report(.irrelevant, 1)),
        ("^CONF:1", report(.alertingClaimed, 1)),
        ("^CONF: 1", report(.alertingClaimed, 1)),
        ("^CONN:1,0", report(.connected, 1)),
        ("^CONN:1", report(.connected, 1)),
        ("^CEND:1,5,29,16", report(.ended(CallRelease(cause: 16)), 1)),
        ("^CEND:1,0,25", report(.ended(CallRelease(kind: .unknown)), 1)),
        ("^CEND: 1, 12, 29, 160", report(.ended(CallRelease(cause: 160)), 1)),
        ("^CEND:1,...", report(.ended(CallRelease(kind: .unknown)), 1)),
        ("^CEND:{0},5,29,16", .unknown(name: "^CEND")),
        ("^ORIG:{0},{1}", .unknown(name: "^ORIG")),
        ("^CONF:{0}", .unknown(name: "^CONF")),
        ("^CONN:{0},{1}", .unknown(name: "^CONN")),
        ("^CONF:", .unknown(name: "^CONF")),
        (
            "+QIND: \"ccinfo\",2,0,3,0,0,\"XXXXXXXXX\",129",
            report(.alerting, 2, .outgoing, "XXXXXXXXX")
        ),
        (
            "+QIND: \"ccinfo\",2,0,-1,0,0,\"XXXXXXXXX\",129",
            report(gone, 2, .outgoing, "XXXXXXXXX")
        ),
        (
            "+QIND: \"ccinfo\",1,1,4,0,0,\"4930123456\",145,\"\"",
            report(.ringing, 1, .incoming, "+4930123456")
        ),
        (
            "+QIND: \"ccinfo\",1,1,4,1,0,\"4930123456\",145,\"\"",
            report(.irrelevant, 1, .incoming, "+4930123456")
        ),
        ("+QIND: \"ccinfo\",1", .unknown(name: "+QIND")),
        ("+QIND: \"act\",\"LTE\"", .unknown(name: "+QIND")),
        (
            "^DSCI: 2,1,4,0,+48XXXXXXXXX,145",
            report(.ringing, 2, .incoming, "+48XXXXXXXXX")
        ),
        (
            "^DSCI: 2,1,6,0,+48XXXXXXXXX,145",
            report(gone, 2, .incoming, "+48XXXXXXXXX")
        ),
        (
            "^DSCI: 4,1,3,0,+XXXXXXXXX,145",
            report(.connected, 4, .incoming, "+XXXXXXXXX")
        ),
        (
            "^DSCI: 1,0,7,0,030123456,129,0",
            report(.alerting, 1, .outgoing, "030123456")
        ),
        ("^DSCI: 1,0,3,0,\"030123456\",129,0,0,0,0,0,16", .unknown(name: "^DSCI")),
        (
            "^DSCI: 1,1,4,0,0,\"13693607335\",161,,,0,\"\",0",
            report(.ringing, 1, .incoming, "13693607335")
        ),
        (
            "^DSCI: 1,1,4,0,0,\"+4922166966960\",145",
            report(.ringing, 1, .incoming, "+4922166966960")
        ),
        (
            "^DSCI: 1,1,4,0,0,\"\",128",
            report(.ringing, 1, .incoming)
        ),
        (
            "^DSCI: 1,0,2,0,0,18062077083,129,,,,0",
            report(.dialing, 1, .outgoing, "18062077083")
        ),
        (
            "^DSCI: 1,0,6,0,0,\"13611112222\",129,,17,128,\"\",255",
            report(.ended(CallRelease(cause: 17)), 1, .outgoing, "13611112222")
        ),
        ("+DISC: 2,1,0,16,\"18969188036\",161", report(.ended(CallRelease(cause: 16)), 2, .incoming)),
        ("+DISC: 1,0,0,17", report(.ended(CallRelease(cause: 17)), 1, .outgoing)),
        ("+DISC: 1,0,1,16", .unknown(name: "+DISC")),
        ("+DISC: 1", .unknown(name: "+DISC")),
        (
            "+CLIP: \"Anna\",145",
            .callerLine(CallerLine(number: "Anna", type: 145, validity: .valid))
        ),
        (
            "+CLIP: \"0X30\",145",
            .callerLine(CallerLine(number: "0X30", type: 145, validity: .valid))
        ),
        ("VOICE CALL: BEGIN", report(.connected)),
        ("VOICE CALL:BEGIN", report(.connected)),
        ("VOICE CALL: END", report(gone)),
        ("VOICE CALL: END: 000041", report(gone)),
        ("VOICE CALL: END: 000017", report(gone)),
        ("VOICE CALL: ENDING", .unknown(name: "VOICE CALL")),
        ("MISSED_CALL: 11:01AM 07712345678", report(.ended(CallRelease(kind: .noAnswer)), nil, .incoming)),
        ("MISSED_CALL: 11:01 AM +447712345678", report(.ended(CallRelease(kind: .noAnswer)), nil, .incoming)),
        ("MISSED_CALL: 11:01AM", report(.ended(CallRelease(kind: .noAnswer)), nil, .incoming)),
        ("MO RING", report(.alerting)),
        ("MO CONNECTED", report(.connected)),
        ("^SLCC:", .listed(nil)),
        ("^SLCC: ", .listed(nil)),
        ("#ECAM: 0,1,1,,,\"030123456\",129", report(.dialing, mayAnswer: true)),
        ("#ECAM: 0,3,1,,,", report(.connected, mayAnswer: true)),
        ("#ECAM: 0,3,2,,,", report(.irrelevant, mayAnswer: true)),
        (
            "#ECAM: 1,6,1,,,\"030123456\",129", report(.ringing, 1, .incoming, "030123456", mayAnswer: true)
        ),
        ("+UCALLSTAT: 2,4", report(.ringing, 2, .incoming, mayAnswer: true)),
        ("*ECAV: 1,6,1,,,\"030123456\",129", report(.ringing, 1, .incoming, "030123456", mayAnswer: true)),
        ("+WIND: 63", report(.irrelevant, mayAnswer: true)),
        ("+UCALLSTAT: 1,7", report(.connected, mayAnswer: true)),
        ("+XCALLSTAT: 1,6", report(gone, mayAnswer: true)),
        ("*ECAV: 1,7,1", report(.ended(CallRelease(kind: .busy)), mayAnswer: true)),
        ("*ECAV: 1,2,1,,,\"030123456\",129", report(.dialing, mayAnswer: true)),
        ("*ECAV: 1,0,1,4,17", report(gone, mayAnswer: true)),
        ("+WIND: 5,1", report(.dialing, mayAnswer: true)),
        ("+WIND: 2", report(.alertingClaimed, mayAnswer: true)),
        ("+WIND: 6,1", report(.perhapsEnded(CallRelease(kind: .unknown)), mayAnswer: true)),
        ("HANGUP: 1", report(gone)),
        ("HANGUP: {0}", report(gone)),
        ("HANGUP:", report(gone)),
        ("NO CARRIER", .result(.noCarrier)),
        ("BUSY", .result(.busy)),
        ("NO ANSWER", .result(.noAnswer)),
        ("NO DIALTONE", .result(.noDialtone)),
        ("CONNECT", .result(.connect(""))),
    ]

    static let state: [Row] = [
        ("+CPIN: READY", .sim(.state(.ready))),
        ("+CPIN: SIM PIN", .sim(.state(.pin))),
        ("+CPIN: NOT INSERTED", .sim(.state(.absent))),
        ("+CPIN: NOT READY", .sim(.state(.busy))),
        ("+CPIN:", .unknown(name: "+CPIN")),
        ("+QSIMSTAT: 1,0", .sim(.removed)),
        ("+QSIMSTAT: 1,1", .sim(.inserted)),
        ("+QSIMSTAT : 1,1", .sim(.inserted)),
        ("+QSIMSTAT: 1,2", .unknown(name: "+QSIMSTAT")),
        ("#QSS: 0,3", .sim(.state(.ready))),
        ("#QSS:0,3", .sim(.state(.ready))),
        ("#QSS: 1,0", .sim(.removed)),
        ("#QSS: 0,5", .unknown(name: "#QSS")),
        ("#QSS: 1", .sim(.inserted)),
        ("^SIMST: 255,1", .sim(.removed)),
        ("^SIMST: 1", .sim(.inserted)),
        ("^SCKS: 0", .sim(.removed)),
        ("+CSMINS: 1,0", .sim(.removed)),
        ("^RSSI:26", .signal(dBm: -61)),
        ("^RSSI:99", .signal(dBm: nil)),
        ("+CSQ: 24,99", .signal(dBm: -65)),
        ("+CSQ: 30,3", .signal(dBm: -53)),
        ("+CSQN: 25,0", .signal(dBm: -63)),
        ("+QIND: \"csq\",27,99", .signal(dBm: -59)),
        ("+CSQ: (0-31,99),(0-7,99)", .unknown(name: "+CSQ")),
        ("^DDTMF: 5", .digitHeard("5")),
        ("^DDTMF:*", .digitHeard("*")),
        ("+QTONEDET: 56", .digitHeard("8")),
        ("+QTONEDET: 35", .digitHeard("#")),
        ("+QTONEDET: 42", .digitHeard("*")),
        ("+QTONEDET: 65", .digitHeard("A")),
        ("+QTONEDET: 5", .unknown(name: "+QTONEDET")),
        ("+QTONEDET: 999", .unknown(name: "+QTONEDET")),
        ("+RXDTMF: 8", .digitHeard("8")),
        ("+RXDTMF: *", .digitHeard("*")),
        ("+RXDTMF: #", .digitHeard("#")),
        ("+RXDTMF: A", .digitHeard("A")),
        ("+RXDTMF: a", .digitHeard("A")),
        ("+RXDTMF: 5", .digitHeard("5")),
        ("+RXDTMF: E", .unknown(name: "+RXDTMF")),
        ("+DTMF:5", .digitHeard("5")),
        ("+DTMF: 1,40", .digitHeard("1")),
        ("+DTMF: *,200", .digitHeard("*")),
        ("+DTMF: #,300", .digitHeard("#")),
        ("+DTMF:1,160", .digitHeard("1")),
        ("#DTMFEV: 7", .digitHeard("7")),
        ("+UUDTMFD: 0", .digitHeard("0")),
        ("RDY", .started(stage: "RDY")),
        ("PB DONE", .started(stage: "PB DONE")),
        ("SMS DONE", .started(stage: "SMS DONE")),
        ("SMS Ready", .started(stage: "SMS Ready")),
        ("Call Ready", .started(stage: "Call Ready")),
        ("+QIND: SMS DONE", .started(stage: "SMS DONE")),
        ("+READY", .started(stage: "+READY")),
        ("*ATREADY: 1", .started(stage: "*ATREADY: 1")),
        ("^SYSSTART", .started(stage: "^SYSSTART")),
        ("+CFUN: 1", .started(stage: "+CFUN: 1")),
        ("+CFUN: 1,0", .started(stage: "+CFUN: 1,0")),
        ("+CFUN: 4,0", .started(stage: "+CFUN: 4,0")),
        ("+CFUN: (0-1,4-7),(0-1)", .unknown(name: "+CFUN")),
    ]

    static let messages: [Row] = [
        ("+CMTI: \"ME\",41", .message),
        ("+CMTI: \"ME\",1", .message),
        ("+CMTI: 0,111", .message),
        ("+CMTI: ", .message),
        ("+CMTI: ,2", .message),
        ("+CMTI: ,-1", .message),
        ("+CDSI: \"SM\",3", .message),
        ("+CMT: ,24", .message),
        ("00040B911234567890F000000250100173832305C8329BFD06", nil),
        ("+CUSD: 0,\"Available Balance: R 96.45 .\",15", .ussd),
        ("+CUSD: 2,\"Initiating Release\",15", .ussd),
        ("+CUSD: 3,\"Other local client responded\",15", .ussd),
        ("+CUSD: 5", .ussd),
        ("+CUSD: 1,\"CF2135487D2E4130572D0682BB1A\",1", .ussd),
        (
            "+CUSD: 0, 49B41C74ACD3D16171D90D66666666666666666666B45CAC76C3CD6CB41B2D060389CB74F9FE4C07DD5CB91AA85897BF1B",
            .ussd
        ),
        (
            "+CUSD: 2,\"Maaf, permintaan Anda tidak dapat kami proses. Silakan coba beberapa saat lagi.\",0",
            .ussd
        ),
        ("+CMGS: 42", .messageSent(reference: 42)),
        ("+CPMS: (),(),()", .unknown(name: "+CPMS")),
        ("+CPMS: ,,,,,,,,", .unknown(name: "+CPMS")),
    ]

    @Test("a message that announces a caller is read in every variant", arguments: ringing)
    func readsRinging(_ row: Row) { #expect(Indication(row.line) == row.indication) }

    @Test("a message about a call's progress is read in every family's words", arguments: progress)
    func readsProgress(_ row: Row) { #expect(Indication(row.line) == row.indication) }

    @Test("a message about card, signal, tones or start is read", arguments: state)
    func readsState(_ row: Row) { #expect(Indication(row.line) == row.indication) }

    @Test("messages of the message services are recognised", arguments: messages)
    func readsMessages(_ row: Row) { #expect(Indication(row.line) == row.indication) }

    /// Messages and answers that nothing here reads; unasked, each is harmless and keeps its name.
    static let unknown: [(line: ATLine, name: String)] = [
        ("+CIEV: 7,1", "+CIEV"),
        ("+CIEV: 10,\"26003\",\"Orange\",\"Orange\", 0, 0", "+CIEV"),
        ("^CIEV: 1,0", "^CIEV"),
        ("+QTEMP: 31,28,28", "+QTEMP"),
        ("+QSPN: \"aaaaa\",\"bbbbb\",\"ccccc\",0,\"000000\"", "+QSPN"),
        ("+QSPN: \"spusu\",\"spusu\",\"spusu\",0,\"22288\"", "+QSPN"),
        ("+QNWINFO: No Service", "+QNWINFO"),
        ("+QNWINFO: \"FDD LTE\",\"40494\",\"LTE BAND 1\",390", "+QNWINFO"),
        ("+QNWINFO: \"FDD LTE\",\"46001\",\"LTE BAND 3\",1825", "+QNWINFO"),
        ("+QNWINFO: \"FDD LTE\",\"25011\",\"LTE BAND 3\",1602", "+QNWINFO"),
        ("+QLTS: \"2017/10/13,03:40:48+32,0\"", "+QLTS"),
        ("+QLTS: \"2024/06/11,08:37:38+08,1\"", "+QLTS"),
        ("+QRXGAIN: 20577", "+QRXGAIN"),
        ("+QMIC: 20577,16001", "+QMIC"),
        ("+QAUDLOOP: 0", "+QAUDLOOP"),
        ("+QAUDMOD: 3", "+QAUDMOD"),
        ("+QCFG: \"ims\",1,0", "+QCFG"),
        ("+QCFG: \"usbcfg\",0x2C7C,0x0125,1,1,1,1,1,0", "+QCFG"),
        ("+QDAI: 1,0,0,4,0,1,1,1", "+QDAI"),
        ("+QMBNCFG: \"List\",0,0,0,\"ROW_Generic_3GPP\",0x0501081F,202108201", "+QMBNCFG"),
        ("+QMBNCFG: \"List\",10,0,0,\"Volte_OpenMkt-Commercial-CMCC\",0x05012071,202102221", "+QMBNCFG"),
        (
            "+QENG: \"servingcell\",\"NOCONN\",\"LTE\",\"FDD\",222,88,243800E,20,3350,7,5,5,3AC9,-86,-13,-52,15,-",
            "+QENG"
        ),
        ("+QLDTMF: 5", "+QLDTMF"),
        ("+CPCMREG: 0", "+CPCMREG"),
        ("+CMICGAIN: 3", "+CMICGAIN"),
        ("+COUTGAIN: 8", "+COUTGAIN"),
        ("+CTXVOL: 0x1234", "+CTXVOL"),
        ("+CRXVOL: 0x1234", "+CRXVOL"),
        ("+CNSMOD: 8", "+CNSMOD"),
        ("+CNSMOD: 1,7", "+CNSMOD"),
        ("*PSUTTZ: 2023, 6, 8, 5, 15, 27, \"+8\", 1", "*PSUTTZ"),
        ("+COLP: \"10086\",129,,,", "+COLP"),
        ("+CPSI: LTE,Online,460-11,0x775C,117004595,399,EUTRAN-BAND3,1650,5,5,-83,-835,-552,15", "+CPSI"),
        ("+CNMP: 2", "+CNMP"),
        ("+CNMP: 38", "+CNMP"),
        ("Revision: LE20B06SIM7600G22", "Revision"),
        ("Revision: LE20B05SIM7600G22", "Revision"),
        ("DeviceInfo: 173,170", "DeviceInfo"),
        ("^SIND: simstatus,1,5", "^SIND"),
        ("+UPINCNT: 3,3,10,10", "+UPINCNT"),
        ("+BEARTYPE: \"UMTS\",\"CS_PS\"", "+BEARTYPE"),
        (
            """
            +CIND: ("Voice Mail",(0,1)),("service",(0,1)),("call",(0,1)),("Roam",(0-2)),("signal",(0-5)),\
            ("callsetup",(0-3)),("smsfull",(0,1))
            """,
            "+CIND"
        ),
        ("^SYSINFO:2,4,5,3,1", "^SYSINFO"),
        ("^SYSINFO:2,4,5,3,1,,6", "^SYSINFO"),
        ("^SYSINFOEX:2,4,5,1,,3,WCDMA,41,HSPA+", "^SYSINFOEX"),
        ("^SYSINFOEX: 2,4,5,1,0,3,\"WCDMA\",41,\"HSPA+\"", "^SYSINFOEX"),
        ("^NWTIME: 14/08/05,04:00:21+40,00", "^NWTIME"),
        ("^GETPORTMODE: TYPE: WCDMA: huawei,PCUI:0,MDM:1", "^GETPORTMODE"),
        ("^GETPORTMODE: TYPE: WCDMA: ,pcui:1,modem:2,ncm:3,mass:4,mass_two:5,", "^GETPORTMODE"),
        ("^GETPORTMODE:TYPE:WCDMA:Qualcomm,MDM:0,NDIS:1,DIAG:2,PCUI:3,CDROM:4,SD:5", "^GETPORTMODE"),
        ("^BOOT:20952548,0,0,0,72", "^BOOT"),
        ("^MODE:3", "^MODE"),
        ("^CCALLSTATE:1,2", "^CCALLSTATE"),
        ("^CSCHANNELINFO:1,0", "^CSCHANNELINFO"),
        ("+ZEND", "+ZEND"),
        ("+", "+"),
        ("REMOTE CALL END", "REMOTE CALL END"),
        ("NORMAL POWER DOWN", "NORMAL POWER DOWN"),
        ("+AVERYVERYVERYVERYVERYVERYVERYLONGNAME: 1", "+AVERYVERYVERYVERYVERYVERYVERYLO"),
        ("+CLCC: (0-1)", "+CLCC"),
        ("+CREG: (0-2)", "+CREG"),
        ("+CREG: x", "+CREG"),
        ("+UCALLSTAT: 1", "+UCALLSTAT"),
    ]

    @Test("what nobody knows keeps its name and does no harm", arguments: unknown)
    func keepsUnknown(_ row: (line: ATLine, name: String)) {
        #expect(Indication(row.line) == .unknown(name: row.name))
    }

    static let texts: [ATLine] = [
        "huawei", "K3715", "E1752", "11.104.05.00.00", "11.126.13.00.00", "QUALCOMM INCORPORATED", "ZTE INCORPORATED",
        "M6280_V1.0.0 M6280_V1.0.0 1 [Sep 4 2008 12:00:00]", "K3565-Z", "BD_P673A2V1.0.0B09", "WAVECOM MODEM",
        "MULTIBAND  900E  1800", "V ICPR72_08w44.1", "111111111111111", "Quectel", "EC20F", "A7670M7_B07V01_240927",
        "S11", "oooops", "this is valid", ">", "", "*100#", "+491234", "12:30", "HANGUP", "RINGING", "RINGS",
        "OK", "ERROR", "+CME ERROR: 10", "+CMS ERROR: 456", "COMMAND NOT SUPPORT",
    ]

    @Test("plain text and the results of commands are no messages", arguments: texts)
    func leavesText(_ line: ATLine) {
        #expect(Indication(line) == nil)
    }
}
