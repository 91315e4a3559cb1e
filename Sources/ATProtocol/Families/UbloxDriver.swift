internal import CallModel

extension ModemDriver {
    /// u-blox LISA, SARA, TOBY and LARA; `AT+UCALLSTAT=1` switches the progress reports on.
    ///
    /// On TOBY-L4 `AT+CHUP` ends only an active call, so `ATH` follows before anything rougher, and
    /// a ring is refused by `AT+CHLD=0` first.
    static let ublox: ModemDriver = {
        var driver = ModemDriver("ublox", words: "u-blox", "ublox")
        driver.messages = [
            "+UCALLSTAT": { callStatus(Fields($0)) },
            // Infineon's chips, in modems of several makes.
            "+XCALLSTAT": { callStatus(Fields($0)) },
            "+UUDTMFD": { .digit(Fields($0)[0]) },
        ]
        driver.chatter = ["+UUPSDD", "+UUSIMSTAT"]
        driver.setUp = [
            ATCommand("AT+UCALLSTAT=1"),
            ATCommand("AT+UDTMFD=1,2"),
        ]
        driver.refuse = [.command(.refuseWaiting), .command(.hangUp), .hook]
        driver.cardNumber = [.query("AT+CCID"), .query("AT+ICCID")]
        driver.pinTries = .query("AT+UPINCNT")
        driver.soundLack = "u-blox modules have their sound on I2S pins, none on USB"
        driver.sources = "ModemManager, oFono; u-blox AT manuals"
        driver.caveats = [
            "TOBY-L2 and TOBY-L4 need up to 20 s after power-on",
            "on TOBY-L4 `AT+CHUP` ends active calls only",
        ]
        return driver
    }()

    /// Reads `<id>,<stat>`: the states of `+CLCC`, and 7 for a call that is active on both sides.
    private static func callStatus(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let state = fields[1].int else { return nil }
        let event: CallReport.Event = state == 7 ? .connected : .init(listState: state)
        // Its index is told for a call that rings only: the others are counted in another way than in the list.
        guard event == .ringing else { return .report(CallReport(event, mayAnswer: true)) }
        return .report(CallReport(event, index: index, direction: .incoming, mayAnswer: true))
    }
}
