import ATProtocol
import Testing

@Suite struct ReplyFormTests {
    /// What identity commands answer, bare or with a name in front.
    static let texts: [ATLine] = [
        "huawei", "K3715", "E1752", "11.104.05.00.00", "11.126.13.00.00", "QUALCOMM INCORPORATED", "ZTE INCORPORATED",
        "M6280_V1.0.0 M6280_V1.0.0 1 [Sep 4 2008 12:00:00]", "K3565-Z", "BD_P673A2V1.0.0B09", "WAVECOM MODEM",
        "MULTIBAND  900E  1800", "V ICPR72_08w44.1", "111111111111111", "Quectel", "EC20F",
        "Revision: EC20CEFAGR06A06M4G", "Manufacturer: INCORPORATED", "Model: A7670E-FASE",
        "Revision: A011B07A7670M7_F", "A7670M7_B07V01_240927", "Manufacturer: SIMCOM INCORPORATED",
        "Model: SIMCOM_SIM7600G-H", "Model: SIM7670G-MNGV", "IMEI: 353535011111116", "+GCAP: +CGSM,+DS,+ES",
        "+CGSN: 353535011111116", "+GMM: EC25", "+CGMR: EC25EFAR06A06M4G", "#CGMM: LE910-EUG", "+CIMI: 999990000000000",
        "S11", "0",
    ]

    @Test("text is what no known message is", arguments: texts)
    func claimsText(_ line: ATLine) {
        #expect(ReplyForm.text.claims(line))
        #expect(!ReplyForm.none.claims(line))
    }

    /// What arrives in the middle of such an answer and does not belong to it.
    static let strangers: [ATLine] = [
        "^RSSI:26", "+CREG: 1", "+CREG: 2,1", "+CREG: x", "RING", "+CRING: VOICE", "+CLIP: \"+27821231234\",145,,,,0",
        "^HCSQ:\"LTE\",60,52,106,24", "^BOOT:20952548,0,0,0,72", "^NEVERSEEN: 5", "*PSUTTZ: 2023, 6, 8", "%CPI: 1,0",
        "$QCRCIND: 1", "+CIEV: 7,1", "+CMTI: \"ME\",1", "+CUSD: 5", "+QIND: \"csq\",27,99", "+QIND: \"act\",\"LTE\"",
        "NO CARRIER", "BUSY", "OK", "ERROR", "+CME ERROR: 10", "VOICE CALL: BEGIN", "MISSED_CALL: 11:01AM 07712345678",
        "RDY", "PB DONE", "SMS DONE", "Call Ready", "+CPIN: READY", "HANGUP: 1", "MO RING", "+ZPASR: \"UMTS\"",
        "+BEARTYPE: \"UMTS\",\"CS_PS\"", "REMOTE CALL END", "NORMAL POWER DOWN", "+", ">", "+WIND: 5,1", "+CSSI: 3",
    ]

    @Test("a message that arrives in between is not taken for the answer", arguments: strangers)
    func leavesStrangers(_ line: ATLine) {
        #expect(!ReplyForm.text.claims(line))
    }

    @Test("a prefix claims its own lines and no others")
    func claimsPrefix() {
        let form = ReplyForm.prefixes(["+CLCC:", "+CSQ:"])
        #expect(form.claims("+CLCC: 1,0,0,0,0"))
        #expect(form.claims("+csq: 28,99"))
        let others: [ATLine] = ["+CLC: 1", "+CSQN: 25,0", "^RSSI:26", "RING", "OK", ">", "", "+CLCC"]
        #expect(!others.contains { form.claims($0) })
    }

    static let callWaitingAnswers: [ATLine] = [
        "+CCWA: 0,255", "+CCWA: 1,255", "+CCWA: 0,1", "+CCWA: 0,4", "+CCWA: 1,1", "+CCWA: 1,4", "+CCWA: 0,2",
        "+CCWA: 0,8", "+CCWA: 1,8", "+CCWA: 2,1", "+CCWA: 2,4", "+CCWA: (0,1)", "+CCWA:0,1",
    ]

    @Test("the answer to a call waiting query begins with a digit or a bracket", arguments: callWaitingAnswers)
    func claimsCallWaiting(_ line: ATLine) {
        #expect(ReplyForm.callWaiting.claims(line))
        #expect(Indication(line) == .unknown(name: "+CCWA"))
    }

    static let waitingCallers: [ATLine] = [
        "+CCWA: \"123456789\",129,1", "+CCWA: \"123456789\",129,1,,0", "+CCWA: \"\",128,1,,1", "+CCWA: 82882690,129,1",
        "+CCWA: ", "RING", "+CLIP: \"123456789\",129",
    ]

    @Test("a caller who waits is not the answer to a query", arguments: waitingCallers)
    func leavesCallers(_ line: ATLine) {
        #expect(!ReplyForm.callWaiting.claims(line))
    }
}
