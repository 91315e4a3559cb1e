internal import ATProtocol

extension ModemDriver {
    /// u-blox LISA, SARA, TOBY and LARA; `AT+UCALLSTAT=1` switches the progress reports on.
    ///
    /// On TOBY-L4 `AT+CHUP` ends only an active call, so `ATH` follows before anything rougher, and
    /// a ring is refused by `AT+CHLD=0` first.
    static let ublox: ModemDriver = {
        var driver = ModemDriver(.ublox) { $0.mentions("u-blox", "ublox") }
        driver.setUp = [
            ATCommand("AT+UCALLSTAT=1"),
            ATCommand("AT+UDTMFD=1,2"),
        ]
        driver.refuse = [.command(.refuseWaiting), .command(.hangUp), .hook]
        driver.cardNumber = [.query("AT+CCID"), .query("AT+ICCID")]
        driver.pinTries = .query("AT+UPINCNT")
        return driver
    }()
}
