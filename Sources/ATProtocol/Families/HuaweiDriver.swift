internal import CallModel

extension ModemDriver {
    /// Huawei sticks (E1xx, E3xx, K3715, …) and modules (MU509, MU609, ME909).
    ///
    /// `AT+CHLD=1x` before `^CONF` deadlocks the E1550's command engine, so `AT+CHUP` comes first; `ATH` alone ends
    /// data calls only. Digits go out by `AT^DTMF`, one at a time; the modules know `AT+VTS` instead.
    static let huawei: ModemDriver = {
        var driver = ModemDriver("huawei", words: "huawei")
        driver.messages = [
            "^ORIG": { talk(.dialing, Fields($0)) },
            "^CONF": { Fields($0)[0].int.map { .report(CallReport(.alertingClaimed, index: $0)) } },
            "^CONN": { talk(.connected, Fields($0)) },
            "^CEND": { end(Fields($0)) },
            "^SIMST": { list in
                // `<state>[,<lock>]`: 255 no card, 0 to 4 and 240 a card in any state.
                Fields(list)[0].int.map { .sim($0 == 255 ? .removed : .inserted) }
            },
            "^RSSI": { Fields($0)[0].int.map { .signal(dBm: SignalStrength(csq: $0).dBm) } },
            "^HCSQ": { $0.isEmpty ? nil : .signal(dBm: SignalStrength(hcsq: Fields($0)).dBm) },
            "^DDTMF": { .digit(Fields($0)[0]) },
        ]
        driver.setUp = [
            // Reports go to the port that is open here; ERROR where there is but one.
            ATCommand("AT^PORTSEL=0"),
            ATCommand("AT^CURC=1"),
            ATCommand("AT^DDTMFCFG=0,1"),
        ]
        driver.digits = [.caret, .plain, .quoted]
        driver.digitSet = "0123456789*#"
        driver.cardNumber = [.query("AT^ICCID?"), .query("AT+CCID")]
        driver.pinTries = .query("AT^CPIN?")
        driver.voiceProbe = .query("AT^CVOICE?")
        driver.sound = [voiceTTY]
        // chan_dongle writes and reads every code so, on all Huawei sticks.
        driver.packsUSSD = true
        driver.voiceInterface = (.query("AT^SETPORT?"), { setPort($0) })
        driver.radios = [.gsm, .umts]
        driver.volte = VoiceOverLTEWay(
            lack: "Huawei sticks that make calls make them over 2G and 3G",
            source: "chan_dongle; Huawei MU509 and ME909 AT manuals"
        )
        driver.reset = ATCommand("AT^RESET", within: .seconds(3))
        driver.sources = "chan_dongle, gammu; Huawei MU509, MU609 and ME909 AT manuals"
        driver.caveats = [
            "voice is a matter of the firmware: `AT^CVOICE?` tells, and some sticks call without it",
            "HiLink firmware has no tty, and can't be used",
            "the digits A to D can't be sent",
        ]
        return driver
    }()

    /// The voice tty: silent until `AT^DDSETEX=2` in the call, 8 kHz, 320 bytes each 20 ms (chan_dongle, channel.c).
    ///
    /// Firmware without voice refuses the command; one refusal may be a stick that is still busy with the answer.
    private static let voiceTTY: SoundWay = {
        var way = SoundWay(.tty)
        way.arm = [ATCommand("AT^DDSETEX=2")]
        way.attempts = 2
        return way
    }()

    /// Reads the interfaces of `^SETPORT: A1,A2;1,3,2,A2`, behind the semicolon in their order: 1 is the modem, 2 the commands,
    /// 3 the diagnostics, over which the voice goes (chan_dongle #185).
    private static func setPort(_ line: ATLine) -> Int? {
        let parts = line.text.split(separator: ";", maxSplits: 1)
        guard parts.count == 2, parts[0].hasPrefix("^SETPORT:") else { return nil }
        return parts[1].split(separator: ",").firstIndex { $0.filter { !$0.isWhitespace } == "3" }
    }

    /// Reads `<index>,<type>`; types 0 (voice) and 9 (emergency) are calls that people talk on.
    private static func talk(_ event: CallReport.Event, _ fields: Fields) -> Indication? {
        guard let index = fields[0].int else { return nil }
        let type = fields[1].int ?? 0
        return .report(CallReport(type == 0 || type == 9 ? event : .irrelevant, index: index))
    }

    /// Reads `^CEND:<index>,<seconds>,<end status>[,<cause>]`, of which only the index has to be there: that a call is over
    /// matters more than why.
    private static func end(_ fields: Fields) -> Indication? {
        fields[0].int.map { .report(CallReport(.ended(CallRelease(cause: fields[3].int)), index: $0)) }
    }
}
