internal import ATProtocol

extension ModemDriver {
    /// SIMCom SIM7100/7500/7600 and A7600/A7670.
    ///
    /// `AT+CLCC=1` makes the module send its call list on every change, and `+CVHU` must be 0 before `ATH` means voice.
    static let simcom: ModemDriver = {
        var driver = ModemDriver(.simcom) { $0.mentions("simcom", "sim7", "a76", "a7600") }
        driver.setUp = [
            ATCommand("AT+CLCC=1"),
            ATCommand("AT+MORING=1"),
            ATCommand("AT+DDET=1"),
        ]
        driver.cardNumber = [.query("AT+CICCID"), .query("AT+CCID")]
        driver.reset = ATCommand("AT+CRESET", within: .seconds(3))
        driver.pinTries = ATCommand("AT+SPIC", reply: .prefixes(["+SPIC:"]))
        return driver
    }()

    /// SIMCom SIM800 and SIM900: 2G modules on a UART.
    ///
    /// With `AT+COLP=1` a dial command blocks until the answer; the common bring-up switches that off.
    static let sim800: ModemDriver = {
        var driver = ModemDriver(.sim800) { $0.mentions("sim800", "sim900", "sim808", "sim868") }
        driver.setUp = [
            ATCommand("AT+CLCC=1"),
            ATCommand("AT+MORING=1"),
            ATCommand("AT+DDET=1"),
        ]
        driver.unblocksDialing = ["AT+COLP=0"]
        driver.pinTries = ATCommand("AT+SPIC", reply: .prefixes(["+SPIC:"]))
        return driver
    }()
}
