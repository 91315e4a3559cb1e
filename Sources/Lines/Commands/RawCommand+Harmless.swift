extension RawCommand.CommandLine.Part {
    /// What speaks against sending it; nil for what is understood as harmless.
    ///
    /// A list of what is dangerous could never be whole: every maker has commands of its own.
    var problem: String? {
        switch self {
        case .basic("D", _): "dialling is for calls, whose numbers are checked and which are ended"
        case .basic("A", _): "a call that is answered here would be ended by nobody"
        // Two digits are the most that a basic command takes; a modem that lacks the command may dial what is behind it.
        case .basic(let name, let number) where number.utf8.count > 2: Self.unknown("AT\(name)\(number.prefix(2))…")
        case .basic(let name, _): Self.basic.contains(name) ? nil : Self.unknown("AT\(name)")
        case .register(_, nil): nil
        case .register(let number, let value?): Self.problem(register: number, value)
        case .question(let name): Self.isName(name) ? nil : Self.unknown("AT\(name)?")
        case .action(let name): Self.costly[name] ?? (Self.harmless.contains(name) ? nil : Self.unknown("AT\(name)"))
        case .setting(let name, let values): Self.problem(name, values)
        }
    }

    private static func unknown(_ command: String) -> String {
        "\(command) is not known to be harmless; what asks is let through, such as AT+NAME? and AT+NAME=?"
    }

    /// Whether a name can only be that of an extended command.
    ///
    /// Behind other signs than `+`, which V.250 keeps for these, a
    /// modem may know basic commands of one letter, and take what follows for the next: `%E0D`, `*D`.
    private static func isName(_ name: String) -> Bool {
        if name.hasPrefix("+") || harmless.contains(name) { return true }
        let letters = name.dropFirst()
        return letters.count >= 3 && letters.allSatisfy { $0.isLetter && $0 != "D" && $0 != "A" }
    }

    /// What speaks against setting an S-parameter (V.250, 6.2 and 6.3.8 to 6.3.12).
    ///
    /// S3 to S5 change what ends a line: nothing would end where the modem expects it any more.
    private static func problem(register number: String, _ value: String) -> String? {
        switch Int(number) {
        case 0 where number == "0" && value.allSatisfy { $0 == "0" }: nil
        case 0: "a modem that answers by itself (S0) takes calls that nobody ends"
        case .some(6...10), 12: nil
        default: "setting S\(number.prefix(4)) is not known to be harmless"
        }
    }

    private static func problem(_ name: String, _ values: [String]) -> String? {
        let first = values.first ?? ""
        switch name {
        // 27.007, 7.13: 0 lets go of held and waiting calls, 1 and an index of that call; everything else may answer one.
        case "+CHLD":
            let isEnd = first == "0" || first.count == 2 && first.hasPrefix("1") && first != "10"
            return isEnd ? nil : "AT+CHLD=\(first.prefix(4)) can answer, hold or connect calls"
        // 27.007, 7.11: 2 asks; 0 and 4 switch off and erase. 1 and 3 divert, and the others are taken without a number.
        case "+CCFC":
            let number = values.dropFirst(2).first ?? ""
            return values.count > 1 && ["0", "2", "4"].contains(values[1]) && number.isEmpty ? nil : costly[name]
        case "+CUSD": return isDiversion(values) ? "a diversion of calls costs money past the dial policy" : nil
        // 27.007, 8.18: 176 and 178 read, 192 and 242 ask; everything else writes.
        case "+CRSM": return ["176", "178", "192", "242"].contains(first) ? nil : costly[name]
        default: return costly[name] ?? (harmless.contains(name) ? nil : unknown("AT\(name)="))
        }
    }

    /// Whether a code for the network diverts calls, or can't be read: `*21*NUMBER#` and its like (22.030, 6.5.2 and annex B).
    private static func isDiversion(_ values: [String]) -> Bool {
        guard values.count > 1 else { return false }
        let code = values[1]
        guard code.utf8.count <= 182, code.allSatisfy({ "0123456789*#".contains($0) }) else { return true }
        guard code.hasPrefix("*"), !code.hasPrefix("*#") else { return false }
        let service = code.drop { $0 == "*" }.prefix { $0 != "*" && $0 != "#" }
        return ["21", "61", "62", "67", "002", "004"].contains(String(service))
    }

    /// Basic commands (V.250, 6; 27.007, annex C) that neither dial, answer, nor go into a call.
    private static let basic: Set<String> = [
        "E", "F", "H", "I", "L", "M", "P", "Q", "T", "V", "X", "Z", "&C", "&D", "&F", "&K", "&S", "&V", "&W",
    ]

    private static let costly: [String: String] = [
        "+CCFC": "a diversion of calls costs money past the dial policy",
        "+CGACT": "a data connection costs money",
        "+CGDATA": "a data connection costs money",
        "+CKPD": "keys can make calls, past the dial policy",
        "+CMGC": "a message costs money, past the dial policy",
        "+CMGS": "a message costs money, past the dial policy",
        "+CMGW": "it leaves the modem waiting for a text",
        "+CMSS": "a message costs money, past the dial policy",
        "+CRSM": "it can write to the SIM",
        "+CSIM": "it can have the SIM make calls",
        "+VTS": "tones can make a PBX dial, past the dial policy",
    ]

    /// Extended commands that may be sent in every form: 27.007, 27.005, V.250, and what makers have for looking and for the
    /// way in which a modem works.
    private static let harmless: Set<String> = Set(
        """
        +CACM +CAMM +CAOC +CBC +CCID +CCLK +CCUG +CCWA +CEER +CEMODE +CEREG +CESQ +CFUN +CGATT +CGCONTRDP +CGDCONT +CGEREP \
        +CGMI +CGMM +CGMR +CGPADDR +CGREG +CGSN +CHUP +CIMI +CIND +CLAC +CLAN +CLCC +CLCK +CLIP +CLIR +CLVL +CMEE +CMER \
        +CMGD +CMGF +CMGL +CMGR +CMUT +CNAP +CNMI +CNUM +COLP +COLR +COPN +COPS +CPAS +CPBF +CPBR +CPBS +CPIN +CPLS +CPMS \
        +CPOL +CPUC +CPWD +CR +CRC +CREG +CRES +CSAS +CSCB +CSCS +CSDH +CSMP +CSMS +CSPN +CSQ +CSSN +CSTA +CTZR +CTZU \
        +CUAD +CVHU +CVMOD +CEN +CIREG +CIREP +CAVIMS +CASIMS \
        +DR +DS +ES +FCLASS +GCAP +GMI +GMM +GMR +GOI +GSN +ICF +ICCID +IFC +ILRR +IPR +WS46 \
        +QCCID +QCFG +QCSQ +QENG +QGMR +QINDCFG +QINISTAT +QNWINFO +QPCMV +QPINC +QPOWD +QSCLK +QSIMDET +QSIMSTAT +QSPN \
        +QTEMP +QURCCFG +QDSIM +QLTS +QSIMVOL +QAUDMOD +QDAI +QSIDET +QMIC +QRXGAIN \
        +CNMP +CNAOP +CNBP +CPCMFRM +CPCMREG +CPOF +CPSI +CPTONE +CRESET +CSCLK +CSUB +CUSBPIDSWITCH +CVOLTE +SIMEI \
        +ZPAS +ZSNT +ZOPRT +ZCDRUN +ZLST +UBANDMASK +UCALLSTAT +UMNOPROF +URAT +UREG +USPM +UCGED \
        ^CARDLOCK ^CARDMODE ^CPIN ^CSNR ^CURC ^CVOICE ^DDSETEX ^DSCI ^FHVER ^HCSQ ^HWVER ^ICCID ^ICCID ^MONI ^SMONI \
        ^RESET ^RFSWITCH ^SCFG ^SIMST ^SYSCFG ^SYSCFGEX ^SYSINFO ^SYSINFOEX ^U2DIAG ^USSDMODE ^VERSION ^SETPORT ^GETPORTMODE \
        #CCID #CGMM #CGMR #CGSN #CIMI #ENS #MONI #QSS #RFSTS #SERVINFO #SIMDET #STN #CVER \
        !GSTATUS !ENTERCND !SELRAT !BAND !HWID !PACKAGE !UDUSBCOMP !USBCOMP
        """
        .split(separator: " ").map(String.init)
    )
}
