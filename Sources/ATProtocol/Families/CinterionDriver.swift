extension ModemDriver {
    /// Siemens, Cinterion and Gemalto/Telit Cinterion modules (MC55, PLS8, PHS8, EHS6, PLS62, …).
    ///
    /// `AT^SM20=0` is essential: the older ones come with 1, where a dial command is silent until the answer.
    static let cinterion: ModemDriver = {
        var driver = ModemDriver("cinterion", words: "cinterion", "siemens", "gemalto", "thales")
        driver.messages = [
            // A list, which the bare name ends; alone, it says that there is no call.
            "^SLCC": { $0.isEmpty ? .listed(nil) : CallListEntry(Fields($0), numberAt: 6).map(Indication.listed) },
            // `^SCKS: [<mode>,]<connected>`
            "^SCKS": { list in
                let fields = Fields(list)
                return .card(isPresent: fields[fields.count - 1].int)
            },
        ]
        driver.setUp = [
            ATCommand("AT^SM20=0"),
            ATCommand("AT^SLCC=1"),
        ]
        driver.unblocksDialing = ["AT^SM20=0"]
        // TC63i AT command set, 7.3; the M20's (2000), ATD, has it too.
        driver.hiding = .documented
        driver.hangUp = [
            .command(.hangUp), .command(ATCommand("AT^SHUP=16,0", within: .seconds(10))), .hook, .releaseIndexed,
            .radioCycle,
        ]
        driver.cardNumber = [.query("AT+CCID"), .query("AT^SCID"), .query("AT+ICCID")]
        driver.pinTries = ATCommand("AT^SPIC=\"SC\"", reply: .prefixes(["^SPIC:"]))
        driver.volte = volte
        driver.soundLack = "Cinterion modules have their sound on analogue and PCM pins, none on USB"
        driver.sources = "oFono, ModemManager; MC55 and EHS6 AT manuals"
        driver.caveats = [
            "older ones are silent while they dial until `AT^SM20=0` was taken",
            "on MC55 a tone lasts 300 ms at least",
        ]
        return driver
    }()

    /// `^SCFG` has a place for it on the modules with LTE; it holds from the next start.
    private static let volte: VoiceOverLTEWay = {
        var way = VoiceOverLTEWay()
        let question = ATCommand.query("AT^SCFG=\"MEopMode/IMS\"")
        way.questions.append(question)
        way.enable = [ATCommand("AT^SCFG=\"MEopMode/IMS\",\"1\"")]
        way.readBack = question
        way.needsRestart = true
        way.caveats = ["MC55, PHS8 and EHS6 have 2G and 3G only"]
        way.source = "oFono, gemalto context driver; ModemManager's tests; from source code only"
        return way
    }()
}
