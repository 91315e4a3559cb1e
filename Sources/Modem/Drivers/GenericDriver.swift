internal import ATProtocol

extension ModemDriver {
    /// Any modem that keeps to 27.007.
    static let generic = ModemDriver(.generic) { _ in true }

    /// Wavecom and Sierra Fastrack: `OK` to a dial command is the answer, with `+WIND` in between.
    static let wavecom: ModemDriver = {
        var driver = ModemDriver(.wavecom) { $0.mentions("wavecom") }
        driver.rules.dialCompletion = .onAnswer
        driver.setUp = [ATCommand("AT+WIND=63")]
        return driver
    }()
}
