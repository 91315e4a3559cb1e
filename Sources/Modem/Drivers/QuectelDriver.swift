internal import ATProtocol

extension ModemDriver {
    /// Quectel UC15/UC20, EC20 to EC25, EG25-G, EG91/95, EP06 and relatives.
    ///
    /// No progress is reported unless `ccinfo` (or, on older firmware, `^DSCI`) is switched on, and none arrives here
    /// unless the reports are routed to this port.
    static let quectel: ModemDriver = {
        var driver = ModemDriver(.quectel) { $0.mentions("quectel") }
        driver.setUp = [
            ATCommand("AT+QURCCFG=\"urcport\",\"all\""),
            ATCommand("AT+QINDCFG=\"ccinfo\",1,0"),
            ATCommand("AT^DSCI=1"),
            ATCommand("AT+QSIMSTAT=1"),
            ATCommand("AT+QTONEDET=1"),
        ]
        driver.digits = [.quoted, .plain]
        driver.hangUp = [
            .command(.hangUp), .command(ATCommand("AT+QHUP=16", within: .seconds(10))), .hook, .releaseIndexed,
            .radioCycle,
        ]
        driver.cardNumber = [.query("AT+QCCID"), .query("AT+CCID")]
        driver.pinTries = ATCommand("AT+QPINC?", reply: .prefixes(["+QPINC:"]))
        return driver
    }()
}
