internal import CallModel

extension ModemDriver {
    /// SIMCom SIM7100/7500/7600 and A7600/A7670.
    ///
    /// `AT+CLCC=1` makes the module send its call list on every change, and `+CVHU` must be 0 before `ATH` means voice.
    static let simcom: ModemDriver = {
        var driver = ModemDriver("simcom", words: "simcom", "sim7", "a76", "a7600")
        driver.messages = [
            "VOICE CALL:": { voiceCall($0) },
            "MO RING": { _ in .report(CallReport(.alerting)) },
            "MO CONNECTED": { _ in .report(CallReport(.connected)) },
            // `<time> <number>`
            "MISSED_CALL:": { _ in .report(CallReport(.ended(CallRelease(kind: .noAnswer)), direction: .incoming)) },
            "+CSMINS": { .card(isPresent: Fields($0)[1].int) },
        ]
        driver.chatter = ["+CNSMOD", "+CPSI"]
        driver.setUp = [
            ATCommand("AT+CLCC=1"),
            ATCommand("AT+MORING=1"),
            ATCommand("AT+DDET=1"),
        ]
        // SIM7500 and SIM7600 AT manual V1.12, 3.2: `I` "disables presentation of own phone number to called party".
        driver.hiding = .documented
        driver.cardNumber = [.query("AT+CICCID"), .query("AT+CCID")]
        driver.reset = ATCommand("AT+CRESET", within: .seconds(3))
        driver.pinTries = ATCommand("AT+SPIC", reply: .prefixes(["+SPIC:"]))
        driver.sound = [pcmTTY]
        driver.volte = volte
        driver.sources = "callpilot, ModemManager, LilyGo's threads; SIM7500 and SIM7600 AT manual V1.07"
        driver.caveats = [
            "A7672SA and others leave LTE for a call and say `NO CARRIER` before it comes up",
            "A7670 with firmware B01 drops calls over LTE, B07 is reported to cure it",
            "a board that dies when it dials has too little power: up to 2 A for moments",
        ]
        return driver
    }()

    /// A76xx do it by themselves where the card has it, some by `AT+CVOLTE`; SIM7x00 have it with the operator's firmware only.
    private static let volte: VoiceOverLTEWay = {
        var way = VoiceOverLTEWay()
        let question = ATCommand.query("AT+CVOLTE?")
        way.questions.append(question)
        way.enable = [ATCommand("AT+CVOLTE=1")]
        way.readBack = question
        way.needsRestart = true
        way.caveats = [
            "A7670 with firmware B01 drops calls over LTE at once; B07 is reported to cure it",
            "A7670SA does not fall back to 2G with a card that has no VoLTE",
            "SIM7x00 refuse AT+CVOLTE: their calls over LTE come with the operator's firmware",
            "operators in the USA admit listed IMEIs only",
        ]
        way.source = "LilyGo-Modem-Series #240, #115; T-SIM7600X #104; from threads only"
        return way
    }()

    /// The PCM tty, interface 4.
    ///
    /// `AT+CPCMREG=1` is taken only while a call is up, and on some firmware up to 12 s later (callpilot #121). ModemManager waits 100 ms after `VOICE CALL: BEGIN`. A stick that refuses the first try is the one
    /// whose sound gets worse from call to call, until `AT+CRESET` (the same thread).
    private static let pcmTTY: SoundWay = {
        var way = SoundWay(.tty)
        // 8 kHz.
        way.prepare = [ATCommand("AT+CPCMFRM=0")]
        way.arm = [ATCommand("AT+CPCMREG=1")]
        way.settles = .milliseconds(100)
        way.attempts = 40
        way.remedy = [ATCommand("AT+CPCMREG=0")]
        way.disarm = [ATCommand("AT+CPCMREG=0")]
        way.refusalTellsWear = true
        return way
    }()

    /// SIMCom SIM800 and SIM900: 2G modules on a UART.
    ///
    /// With `AT+COLP=1` a dial command blocks until the answer; the common bring-up switches that off.
    static let sim800: ModemDriver = {
        var driver = ModemDriver("sim800", words: "sim800", "sim900", "sim808", "sim868")
        driver.setUp = [
            ATCommand("AT+CLCC=1"),
            ATCommand("AT+MORING=1"),
            ATCommand("AT+DDET=1"),
        ]
        driver.unblocksDialing = ["AT+COLP=0"]
        // SIM800 AT manual V1.09, 2.2.3.
        driver.hiding = .documented
        driver.radios = [.gsm]
        driver.volte = VoiceOverLTEWay(lack: "SIM800 and SIM900 know 2G only", source: "SIM800 AT manual V1.09")
        driver.soundLack = "SIM800 and SIM900 boards have their sound on sockets and pins, none on USB"
        driver.pinTries = ATCommand("AT+SPIC", reply: .prefixes(["+SPIC:"]))
        driver.sources = "SIM800 AT manual V1.09, gammu"
        driver.caveats = [
            "2G only: where that is switched off it finds no network"
        ]
        return driver
    }()

    /// Reads `BEGIN`, `END` and `END: nnnnnn`; the digits are informational (seconds, or hhmmss: open).
    private static func voiceCall(_ list: Bytes) -> Indication? {
        if list.equals("BEGIN") { return .report(CallReport(.connected)) }
        guard list.equals("END") || list.body(of: "END") != nil else { return nil }
        return .report(CallReport(.ended(CallRelease(kind: .unknown))))
    }
}
