internal import ATProtocol

extension ModemDriver {
    /// Siemens, Cinterion and Gemalto/Telit Cinterion modules (MC55, PLS8, PHS8, EHS6, PLS62, …).
    ///
    /// `AT^SM20=0` is essential: the older ones come with 1, where a dial command is silent until the answer.
    static let cinterion: ModemDriver = {
        var driver = ModemDriver(.cinterion) { $0.mentions("cinterion", "siemens", "gemalto", "thales") }
        driver.setUp = [
            ATCommand("AT^SM20=0"),
            ATCommand("AT^SLCC=1"),
        ]
        driver.unblocksDialing = ["AT^SM20=0"]
        driver.hangUp = [
            .command(.hangUp), .command(ATCommand("AT^SHUP=16,0", within: .seconds(10))), .hook, .releaseIndexed,
            .radioCycle,
        ]
        driver.cardNumber = [.query("AT+CCID"), .query("AT^SCID"), .query("AT+ICCID")]
        driver.pinTries = ATCommand("AT^SPIC=\"SC\"", reply: .prefixes(["^SPIC:"]))
        return driver
    }()
}
