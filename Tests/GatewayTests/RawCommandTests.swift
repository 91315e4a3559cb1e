import Testing

@testable import Lines

@Suite("a command that a person typed") struct RawCommandTests {
    @Test(
        "what dials, answers, sends, presses keys, diverts or can't be understood is refused",
        arguments: [
            "ATD0301234567;", "atd>1;", "ATH;D112", "ATHD112", "AT D 112", "AT+CSQ;D030", "ATA", "ATE0A", "ATE0V1A",
            "ATL2M1D112;", "AT&D2D112;", "ATS7=60D112;", "ATS0?D112", "AT+CREG?D112;", "AT+CLIP=1D112;", "AT+CSQD112",
            // Behind a maker's own basic command, or one that is none.
            #"AT\Q0D0900112345;"#, "AT%E0D0900112345;", "AT&&D0900112345;", "AT*D0900112345;", "AT.D0900112345;",
            "ATV1\"D0900112345;", "AT\"\"D112", "AT;D112", "AT^D112", "AT*D?", "AT*DT112?", "AT%A?", "AT#D112=?",
            "AT/D112", "AT%EDL?", "AT%EXA?", "AT^XDL?", "AT+CSCS=\";D0900;\"", "AT+CSCS=\"A\\\"",
            "ATS00=1", "ATS256=1", "ATS3=59", "ATS5=8",
            "AT+CLIP=1\"D112", "AT+CLIP=\"1", "AT+CMGL=ALL", "AT+", "AT&", "AT&1", "AT=1", "AT+CSQ,1", "AT+1=2",
            "AT+CKPD=\"0301234567S\"", "AT+CSQ;+CKPD=1", "at+ccfc=0,3,\"+49900\"", "AT+CCFC=0,4,\"+49900\"",
            "AT+CCFC=0", "AT+CCFC=0,1", "AT+CCFC=0,1,,1", "AT+CCFC=0,3", "AT+CCFC=0,2,\"+49900\"", "AT+CCFC=0,02",
            "AT+CCFC=0,0,\"+49900\",145",
            "AT+CMSS=1", "AT+CMSS=1,\"+49900\"", "AT+CMGS=\"+49900\"", "AT+CMGS=20", "AT+CMGC=1", "AT+CMGW=\"1\"",
            "AT+CUSD=1,\"**21*0900112345#\",15", "AT+CUSD=1,\"*21*0900112345#\"", "AT+CUSD=1,\"**61*0900*11*20#\"",
            "AT+CUSD=1,\"**004*0900112345#\"", "AT+CUSD=1,\"**002*0900112345#\"", "AT+CUSD=1,\"*67#\"",
            "AT+CUSD=1,\"002A00320031002A\"", "AT+CUSD=1,\"AA180C3602\"",
            "AT+CRSM=214,28480,1,4,14,\"00\"", "AT+CRSM=220,28480", "AT+CSIM=10,\"A0A40000023F\"",
            "AT+CHLD=2", "AT+CHLD=1", "AT+CHLD=3", "AT+CHLD=4", "AT+CHLD=21", "AT+CHLD=10", "AT+CHLD=\"4*0900\"",
            "AT+CGACT=1,1", "AT+CGDATA=\"PPP\",1", "AT$QCRMCALL=1,1", "AT^NDISDUP=1,1", "AT+VTS=1", "ATS0=1", "ATS0=01",
            "ATO", "ATN", "AT+XYZ=1", "AT+XYZ", "AT^DIAL=1", "AT&Z0=0900112345",
            "CSQ", "A/", "AT\u{7}", "AT+CSQ\rATD112;", "ATD" + String(repeating: "1", count: 600),
        ]
    )
    func refused(text: String) {
        #expect(RawCommand.problem(with: text) != nil)
    }

    @Test(
        "what asks, and what is known to be harmless, is sent",
        arguments: [
            "AT", "ATI", "ATI9", "ATE0", "ATE0V1Q0", "ATZ", "AT&F", "AT&D2&C1", "ATS0?", "ATS0=0", "ATS7=60S8=2", "ATH",
            "AT+CSQ", "at+csq", "AT + CSQ", "AT+CSQ;+CREG?", "AT+CREG=2", "AT+CREG=?", "AT+COPS=0",
            "AT+COPS=1,2,\"26203\"", "AT+CMEE=2;+CLIP=1", "ATE0+CMEE=1", "AT+CLCC", "AT+CHUP", "AT+CHLD=0",
            "AT+CHLD=11",
            "AT+CHLD=?", "AT+CUSD=1,\"*100#\"", "AT+CUSD=1,\"*100#\",15", "AT+CUSD=1,\"*#21#\"", "AT+CUSD=1,\"##21#\"",
            "AT+CUSD=2", "AT+CCFC=0,2", "AT+CCFC=0,2,,1", "AT+CCFC=0,2,,,7",
            "AT+CCFC=0,2,\"\",,1", "AT+CCFC=0,4", "AT+CCFC=4,4", "AT+CCFC=0,0,,,1",
            "AT+CRSM=176,12258,0,0,10", "AT+CPIN=\"1234\"", "AT+CMGL=\"ALL\"",
            "AT+CMGS=?", "AT+VENDORTHING?", "AT+QCFG=\"nwscanmode\",0", "AT^SYSINFOEX", "AT^CVOICE?", "AT^DSCI=1",
            "AT#SERVINFO", "AT$QCMRUC?", "AT!GSTATUS?", "AT+CBC;", "AT+CPBS=\"SM\"", "AT+CNMI=2,1,,2", "AT+CGSN=1",
        ]
    )
    func sent(text: String) { #expect(RawCommand.problem(with: text) == nil) }

    @Test("no line that holds a dial command in any place is let through, whatever stands around it")
    func embedded() {
        let signs = (0x20...0x7E).map { String(Unicode.Scalar(UInt8($0))) }
        for first in signs {
            for second in [""] + signs {
                for middle in ["", "0", "1\"", "\"a\"", "?", "=1", "=?"] {
                    let text = "AT\(first)\(second)\(middle)D0900112345;"
                    #expect(RawCommand.problem(with: text) != nil, "\(text)")
                }
            }
        }
    }
}
