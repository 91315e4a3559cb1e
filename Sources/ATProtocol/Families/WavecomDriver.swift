internal import CallModel

extension ModemDriver {
    /// Wavecom and Sierra Fastrack: `OK` to a dial command is the answer, with `+WIND` in between.
    static let wavecom: ModemDriver = {
        var driver = ModemDriver("wavecom", words: "wavecom")
        driver.messages = ["+WIND": { call(Fields($0)) }]
        driver.rules.dialCompletion = .onAnswer
        driver.setUp = [ATCommand("AT+WIND=63")]
        driver.radios = [.gsm]
        driver.volte = VoiceOverLTEWay(lack: "Wavecom modems know 2G only", source: "gammu; python-gsmmodem")
        driver.sources = "gammu, python-gsmmodem"
        driver.caveats = [
            "`OK` to the dial command is the answer"
        ]
        return driver
    }()

    /// Reads `+WIND: <event>[,<call>]`.
    private static func call(_ fields: Fields) -> Indication? {
        guard let number = fields[0].int else { return nil }
        let event: CallReport.Event =
            switch number {
            case 5: .dialing
            case 2: .alertingClaimed
            case 6: .perhapsEnded(CallRelease(kind: .unknown))
            default: .irrelevant
            }
        return .report(CallReport(event, mayAnswer: true))
    }
}
