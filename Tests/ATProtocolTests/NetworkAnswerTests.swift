import ATProtocol
import Testing

@Suite struct NetworkAnswerTests {
    static let signals: [(line: ATLine, dBm: Int?)] = [
        ("+CSQ: 21,99", -71), ("+CSQ: 24,99", -65), ("+CSQ: 28,99", -57), ("+CSQ: 30,3", -53), ("+CSQ: 0,0", -113),
        ("+CSQ: 31,99", -51), ("+CSQ: 99,99", nil), ("+CSQ: 32,99", nil), ("+CSQ:7", -99),
        ("+CESQ: 99,99,255,255,20,80", -61), ("+CESQ:10,6,255,255,255,255", -101), ("+CESQ: 99,99,40,20,255,255", -81),
        ("+CESQ: 99,99,255,255,255,255", nil),
        ("^HCSQ:\"LTE\",30,19,66,0", -91), ("^HCSQ:\"LTE\",60,52,106,24", -61), ("^HCSQ: \"WCDMA\",30,30,58", -91),
        ("^HCSQ: \"GSM\",36,255", -85), ("^HCSQ: LTE,33,40,135,11", -88), ("^HCSQ: \"NOSERVICE\"", nil),
        ("^HCSQ: NOSERVICE", nil), ("^HCSQ:\"LTE\",255,255,255,255", nil),
        ("+QCSQ: \"LTE\",52,-83,207,-14", -52), ("+QCSQ: \"LTE\",-52,-83,207,-14", -52), ("+QCSQ: \"NOSERVICE\"", nil),
        ("^RSSI:26", -61), ("+QIND: \"csq\",27,99", -59),
    ]

    @Test("a signal is told in dBm, or as unknown", arguments: signals)
    func readsSignal(_ row: (line: ATLine, dBm: Int?)) {
        #expect(SignalStrength(row.line) == SignalStrength(dBm: row.dBm))
    }

    @Test("what is no signal report is none", arguments: ["RING", "+CREG: 1", "OK", "+CSQ:", "^HCSQ:"] as [ATLine])
    func rejectsSignal(_ line: ATLine) {
        #expect(SignalStrength(line) == nil)
    }

    static let operators: [(line: ATLine, network: Operator?)] = [
        ("+COPS: 1,0,\"CHINA MOBILE\"", Operator(name: "CHINA MOBILE")),
        ("+COPS: 1,0,\"CHINA MOBILE\",7", Operator(name: "CHINA MOBILE", technology: 7)),
        ("+COPS: 1,2,\"46000\",7", Operator(name: "46000", isNumeric: true, technology: 7)),
        ("+COPS: 0,2,\"40443\",7", Operator(name: "40443", isNumeric: true, technology: 7)),
        ("+COPS: 0,2,\"73001\",7", Operator(name: "73001", isNumeric: true, technology: 7)),
        ("+COPS: 0,0,\"TELE2\",0", Operator(name: "TELE2", technology: 0)),
        ("+COPS: 0,0,\"TELE2,0", Operator(name: "TELE2", technology: 0)),
        ("+COPS: 0,0,TELE2,0", Operator(name: "TELE2", technology: 0)),
        ("+COPS: 0,0,\"POL\"", Operator(name: "POL")),
        ("+COPS: 0,0,\"Tele, Two\",0", Operator(name: "Tele, Two", technology: 0)),
        ("+COPS: 0", Operator(name: nil)),
        ("+COPS: (2,\"POL\",\"POL\",\"26001\",7)", nil),
        ("+CREG: 0,1", nil),
    ]

    @Test("the network's name is read, its quotes matched or not", arguments: operators)
    func readsOperator(_ row: (line: ATLine, network: Operator?)) {
        #expect(Operator(cops: row.line) == row.network)
    }

    static let causes: [(line: ATLine, cause: ReleaseCause?)] = [
        (
            "+CEER: \"CC setup error\", 16, \"Normal call clearing\"",
            ReleaseCause(code: 16, text: "\"CC setup error\", 16, \"Normal call clearing\"")
        ),
        ("+CEER: \"No report available\"", ReleaseCause(code: nil, text: "No report available")),
        ("+CEER: 0,0,0", ReleaseCause(code: nil, text: "0,0,0")),
        ("+CEER: 8,21,0", ReleaseCause(code: 21, text: "8,21,0")),
        ("+CEER: 35,0,38", ReleaseCause(code: nil, text: "35,0,38")),
        ("+CEER:userbusy", ReleaseCause(code: 17, text: "userbusy")),
        (
            "+CEER: EPS_AND_NON_EPS_SERVICES_NOT_ALLOWED",
            ReleaseCause(code: nil, text: "EPS_AND_NON_EPS_SERVICES_NOT_ALLOWED")
        ),
        (
            "+CEER: NO_SUITABLE_CELLS_IN_TRACKING_AREA",
            ReleaseCause(code: nil, text: "NO_SUITABLE_CELLS_IN_TRACKING_AREA")
        ),
        ("+CEER:", ReleaseCause(code: nil, text: "")),
        ("+CEER: Release cause: 17, User busy", ReleaseCause(code: 17, text: "Release cause: 17, User busy")),
        ("+CEER: 19", ReleaseCause(code: 19, text: "19")),
        ("+CEER: 5,16", ReleaseCause(code: nil, text: "5,16")),
        ("+CEER: 999", ReleaseCause(code: nil, text: "999")),
        ("+CEER: User busy", ReleaseCause(code: 17, text: "User busy")),
        ("+CEER: No answer from user", ReleaseCause(code: 19, text: "No answer from user")),
        ("+CEER: User alerting, no answer", ReleaseCause(code: 19, text: "User alerting, no answer")),
        ("+CEER: \"Normal call clearing\"", ReleaseCause(code: 16, text: "Normal call clearing")),
        ("+CEER: NORMAL_CALL_CLEARING", ReleaseCause(code: 16, text: "NORMAL_CALL_CLEARING")),
        ("+CEER: Unassigned number", ReleaseCause(code: 1, text: "Unassigned number")),
        ("+CEER: Call rejected", ReleaseCause(code: 21, text: "Call rejected")),
        ("+CEER: rejected", ReleaseCause(code: 21, text: "rejected")),
        ("+CEER: Facility rejected", ReleaseCause(code: 29, text: "Facility rejected")),
        ("+CEER: PDP activation rejected", ReleaseCause(code: nil, text: "PDP activation rejected")),
        ("+CREG: 1", nil),
    ]

    @Test("a release cause keeps its text and has a code only where it means one", arguments: causes)
    func readsCause(_ row: (line: ATLine, cause: ReleaseCause?)) {
        #expect(ReleaseCause(ceer: row.line) == row.cause)
        #expect(ReleaseCause(reply: ["^RSSI:26", row.line]) == row.cause)
    }

    @Test("voice settings are read, ranges and strangers are not")
    func readsSettings() {
        #expect(ToneDuration(vtd: "+VTD: 1") == ToneDuration(tenths: 1))
        #expect(ToneDuration(vtd: "+VTD: 1,0") == ToneDuration(tenths: 1, interval: 0))
        #expect(ToneDuration(vtd: "+VTD: (0-255)") == nil)
        #expect(
            VoiceStream(cvoice: "^CVOICE: 0,8000,16,20")
                == VoiceStream(isEnabled: true, sampleRate: 8000, bitsPerSample: 16, frameMilliseconds: 20)
        )
        #expect(VoiceStream(cvoice: "^CVOICE:1")?.isEnabled == false)
        #expect(VoiceStream(cvoice: "^CVOICE:(0,1)") == nil)
    }

    @Test("calls over LTE are read in the words of each family")
    func readsIMS() {
        func reading(_ line: ATLine) -> [Bool?]? {
            IMSReading(line).map { [$0.isOn, $0.isRegistered, $0.carriesVoice] }
        }
        #expect(reading("+QCFG: \"ims\",1,1") == [true, true, nil])
        #expect(reading("+QCFG: \"ims\",2,0") == [false, false, nil])
        #expect(reading("+QCFG: \"ims\",0,0") == [nil, false, nil])
        #expect(reading("+QCFG: \"usbcfg\",0x2C7C,0x0125,1,1,1,1,1,0") == nil)
        #expect(reading("+CIREG: 0,1,5") == [nil, true, true])
        #expect(reading("+CIREG: 2,1,4") == [nil, true, false])
        #expect(reading("+CIREG: 0,1") == [nil, true, nil])
        #expect(reading("+CIREG: 0,0") == [nil, false, nil])
        #expect(reading("+CIREG: (0-2)") == nil)
        #expect(reading("+CAVIMS: 1") == [nil, nil, true])
        #expect(reading("+CVOLTE: 0") == [false, nil, nil])
        #expect(reading("^SCFG: \"MEopMode/IMS\",\"1\"") == [true, nil, nil])
        #expect(reading("^SCFG: \"MEopMode/Prov/Cfg\",\"1\"") == nil)
    }

    @Test("whether a number may be hidden is read")
    func readsRestriction() {
        #expect(CallerRestriction(clir: "+CLIR: 0,4")?.provision == .shownByDefault)
        #expect(CallerRestriction(clir: "+CLIR: 2, 0")?.provision == .absent)
        #expect(CallerRestriction(clir: "+CLIR: 1")?.setting == 1)
        #expect(CallerRestriction(clir: "+CLIR: (0-2)") == nil)
    }
}
