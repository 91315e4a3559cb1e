internal import CallModel

extension ModemDriver {
    /// ZTE MF1xx and K3565-Z sticks, on Qualcomm chips.
    ///
    /// A dial command is silent until `CONNECT`; asked for its call list meanwhile, the stick abandons the call; dialled
    /// again within five seconds of a call's end, it wedges until it is plugged in anew.
    static let zte: ModemDriver = {
        var driver = ModemDriver("zte", words: "zte")
        // No manual of theirs was found that has it.
        driver.hiding = .unknown
        driver.messages = ["HANGUP:": { _ in .report(CallReport(.ended(CallRelease(kind: .unknown)))) }]
        driver.chatter = ["+ZDONR", "+ZEND", "+ZMGT", "+ZPASR", "+ZPSTM", "+ZUSIMR"]
        // Some call themselves QUALCOMM INCORPORATED, M6280.
        driver.mark = .query("AT+ZPAS?")
        driver.rules.dialCompletion = .onConnectWord
        driver.rules.asksWhileDialing = false
        // Some of these sticks want to be told that a voice call follows; the others refuse the command.
        driver.beforeDial = [ATCommand("AT%ICSCALL=1,0")]
        driver.digitSet = "0123456789*#"
        driver.pinTries = ATCommand("AT+ZPINPUK=?", reply: .prefixes(["+ZPINPUK:"]))
        driver.restAfterCall = .milliseconds(5500)
        driver.restsAfterOpening = true
        driver.radios = [.gsm, .umts]
        driver.volte = VoiceOverLTEWay(
            lack: "ZTE sticks that make calls make them over 2G and 3G",
            source: "python-gsmmodem; home-assistant-gsm-call"
        )
        driver.soundLack = "no way is known to get the sound of ZTE sticks over USB"
        driver.sources = "python-gsmmodem, home-assistant-gsm-call, ModemManager"
        driver.caveats = [
            "an announcement counts as the answer",
            "silent from dialling to the answer, and not to be asked for its calls meanwhile",
            "blocks when it is dialled within 5 s of a call's end: it dials later than others",
        ]
        return driver
    }()
}
