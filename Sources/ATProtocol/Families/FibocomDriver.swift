extension ModemDriver {
    /// Fibocom modules: digits are written in quotes.
    static let fibocom: ModemDriver = {
        var driver = ModemDriver("fibocom", words: "fibocom")
        driver.digits = [.quoted, .plain]
        driver.sources = "ModemManager, oFono; the call list as in 27.007"
        driver.caveats = [
            "nothing but the way digits are written is known of it"
        ]
        return driver
    }()
}
