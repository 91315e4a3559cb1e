internal import ATProtocol

extension ModemDriver {
    /// Huawei sticks (E1xx, E3xx, K3715, …) and modules (MU509, MU609, ME909).
    ///
    /// `AT+CHLD=1x` before `^CONF` deadlocks the E1550's command engine, so `AT+CHUP` comes first; `ATH` alone ends
    /// data calls only. Digits go out by `AT^DTMF`, one at a time; the modules know `AT+VTS` instead.
    static let huawei: ModemDriver = {
        var driver = ModemDriver(.huawei) { $0.mentions("huawei") }
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
        driver.reset = ATCommand("AT^RESET", within: .seconds(3))
        return driver
    }()
}
