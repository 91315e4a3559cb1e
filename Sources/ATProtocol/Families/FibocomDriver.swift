extension ModemDriver {
    /// Fibocom modules: digits are written in quotes.
    static let fibocom: ModemDriver = {
        var driver = ModemDriver("fibocom", words: "fibocom")
        driver.digits = [.quoted, .plain]
        return driver
    }()
}
