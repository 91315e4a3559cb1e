internal import ATProtocol

extension ModemDriver {
    /// Telit GM862, UC864, HE910, LE910 and relatives; `AT#ECAM=1` switches the progress reports on.
    static let telit: ModemDriver = {
        var driver = ModemDriver(.telit) { $0.mentions("telit") && !$0.mentions("cinterion") }
        driver.setUp = [
            ATCommand("AT#ECAM=1"),
            ATCommand("AT#QSS=1"),
        ]
        driver.cardNumber = [.query("AT#CCID"), .query("AT+CCID")]
        driver.pinTries = ATCommand("AT#PCT", reply: .prefixes(["#PCT:"]))
        return driver
    }()
}
