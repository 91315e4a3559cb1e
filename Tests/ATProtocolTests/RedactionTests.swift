import ATProtocol
import Testing

@Suite struct RedactionTests {
    static let commands: [(command: String, redacted: String)] = [
        ("AT+CPIN=1234", "AT+CPIN=••••"),
        ("AT+CPIN=\"1234\"", "AT+CPIN=••••"),
        ("AT+CPIN=\"12345678\",\"1234\"", "AT+CPIN=••••"),
        ("at+cpin=1234", "at+cpin=••••"),
        ("AT+CPIN = 1234", "AT+CPIN =••••"),
        ("AT+CPIN=\"12;34\"", "AT+CPIN=••••"),
        ("AT+CPIN=\"1234", "AT+CPIN=••••"),
        ("AT+CPIN=\"12;34", "AT+CPIN=••••"),
        ("AT+CUSD=1,\"*100#;+CPIN=1234", "AT+CUSD=1,\"*100#;+CPIN=••••"),
        ("AT+CMEE=1;+CPIN=1234;+CLIP=1", "AT+CMEE=1;+CPIN=••••;+CLIP=1"),
        ("ATE0+CPIN=1234", "ATE0+CPIN=••••"),
        ("AT+CLCK=\"SC\",0,\"1234\"", "AT+CLCK=••••"),
        ("AT+CPWD=\"SC\",\"1234\",\"4321\"", "AT+CPWD=••••"),
        ("AT^CPIN=\"1234\"", "AT^CPIN=••••"),
        ("AT+QPINC=\"SC\"", "AT+QPINC=••••"),
        ("AT+CSIM=26,\"002000010831323334FFFFFFFF\"", "AT+CSIM=••••"),
        ("AT+CPIN?", "AT+CPIN?"),
        ("AT+CPIN=?", "AT+CPIN=?"),
        ("AT+CLIP=1", "AT+CLIP=1"),
        ("AT+VTS=5", "AT+VTS=5"),
        ("ATD030123456;", "ATD030123456;"),
        ("", ""),
        (";;=", ";;="),
    ]

    @Test("codes never reach a log, the rest of the command does", arguments: commands)
    func hidesCodes(_ row: (command: String, redacted: String)) {
        #expect(Redaction.redact(command: row.command) == row.redacted)
    }

    static let tones: [(command: String, redacted: String)] = [
        ("AT+VTS=5", "AT+VTS=•"),
        ("AT+VTS=\"1,2,#\"", "AT+VTS=\"•,•,•\""),
        ("AT+VTS=1;+VTS=2", "AT+VTS=•;+VTS=•"),
        ("AT^DTMF=1,7", "AT^DTMF=•,•"),
        ("AT+QVTS=\"A*\"", "AT+QVTS=\"••\""),
        ("AT+VTD=1", "AT+VTD=1"),
        ("AT+CPIN=1234", "AT+CPIN=••••"),
    ]

    @Test("tones are hidden only where they are secret", arguments: tones)
    func hidesTones(_ row: (command: String, redacted: String)) {
        #expect(Redaction.redact(command: row.command, secretDigits: true) == row.redacted)
    }

    static let lines: [(line: String, masked: String)] = [
        ("ATD030123456;", "ATD030123•••;"),
        ("ATD+4922166966966;", "ATD+4922166966•••;"),
        ("ATD112;", "ATD•••;"),
        ("atd1455", "atd1•••"),
        ("AT+QPCMV=0;+QPCMV=1,2;D030123456;", "AT+QPCMV=0;+QPCMV=1,2;D030123•••;"),
        ("+CLIP: \"+27821231234\",145,,,,0", "+CLIP: \"+27821231•••\",145,,,,0"),
        ("+CLIP:82882690,129,,,,0", "+CLIP:82882•••,129,,,,0"),
        // Keys that a caller pressed may be a PIN.
        ("+RXDTMF: 4", "+RXDTMF: •"),
        ("^DDTMF: #", "^DDTMF: •"),
        ("+QTONEDET: 49", "+QTONEDET: ••"),
        ("+CCWA: \"123456789\",129,1", "+CCWA: \"123456•••\",129,1"),
        ("+CLCC: 1,0,2,0,0,\"1455\",129,\"\"", "+CLCC: 1,0,2,0,0,\"1•••\",129,\"\""),
        ("+CLCC: 1,1,0,0,1", "+CLCC: 1,1,0,0,1"),
        ("^SLCC: 1,1,0,0,0,0,\"123456789\",161", "^SLCC: 1,1,0,0,0,0,\"123456•••\",161"),
        ("^DSCI: 2,1,4,0,+48123456789,145", "^DSCI: 2,1,4,0,+48123456•••,145"),
        ("+QIND: \"ccinfo\",2,0,3,0,0,\"030123456\",129", "+QIND: \"ccinfo\",2,0,3,0,0,\"030123•••\",129"),
        ("+QIND: \"csq\",27,99", "+QIND: \"csq\",27,99"),
        ("MISSED_CALL: 11:01AM 07712345678", "MISSED_CALL: 11:01AM 07712345•••"),
        ("+CNUM: \"\",\"+79139131234\",145", "+CNUM: \"\",\"+79139131•••\",145"),
        ("+CMT: \"+4930123456\",,\"24/11/23,05:04:08+08\"", "+CMT: \"+4930123•••\",,\"24/11/23,05:04:08+08\""),
        ("+COPS: 0,2,\"26207\",7", "+COPS: 0,2,\"26207\",7"),
        ("+CREG: 2,1,\"CE00\",\"01CEAD8F\"", "+CREG: 2,1,\"CE00\",\"01CEAD8F\""),
        ("353535011111116", "353535011111116"),
        ("OK", "OK"),
        ("", ""),
        ("ATD", "ATD"),
        ("ATD;", "ATD;"),
    ]

    @Test("the last three digits of a number are hidden, other numbers are not", arguments: lines)
    func masks(_ row: (line: String, masked: String)) {
        #expect(Redaction.mask(line: row.line) == row.masked)
    }

    @Test("what is redacted already stays as it is")
    func isStable() {
        for row in Self.commands {
            #expect(Redaction.redact(command: row.redacted) == row.redacted)
        }
    }
}
