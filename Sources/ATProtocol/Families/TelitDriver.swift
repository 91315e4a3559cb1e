internal import CallModel

extension ModemDriver {
    /// Telit GM862, UC864, HE910, LE910 and relatives; `AT#ECAM=1` switches the progress reports on.
    static let telit: ModemDriver = {
        var driver = ModemDriver("telit", words: "telit", foreignWords: ["cinterion"])
        driver.messages = [
            "#ECAM": { callEvent(Fields($0)) },
            "#QSS": { card(Fields($0)) },
            "#DTMFEV": { .digit(Fields($0)[0]) },
        ]
        driver.chatter = ["#MWI", "#NITZ", "#PSNT", "#SCFG", "#STN"]
        driver.setUp = [
            ATCommand("AT#ECAM=1"),
            ATCommand("AT#QSS=1"),
        ]
        driver.cardNumber = [.query("AT#CCID"), .query("AT+CCID")]
        driver.pinTries = ATCommand("AT#PCT", reply: .prefixes(["#PCT:"]))
        driver.soundLack = "Telit modules have their sound on digital pins (#DVI), none on USB"
        driver.sources = "ModemManager, gammu; Telit LE910, UC864 and GM862 AT manuals"
        driver.caveats = [
            "which port takes commands depends on the mode that is set"
        ]
        return driver
    }()

    /// Reads `#ECAM: <ccid>,<status>,<type>,,,[<number>,<type>]`; it counts calls in a way of its own.
    private static func callEvent(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let state = fields[1].int else { return nil }
        let event: CallReport.Event = (fields[2].int ?? 0) <= 1 ? .init(indicatorState: state) : .irrelevant
        guard event == .ringing else { return .report(CallReport(event, mayAnswer: true)) }
        let number = phoneNumber(fields[5], type: fields[6].int)
        return .report(CallReport(event, index: index, direction: .incoming, number: number, mayAnswer: true))
    }

    /// Reads `#QSS: [<mode>,]<status>`: 0 none, 1 inserted, 2 unlocked, 3 ready.
    private static func card(_ fields: Fields) -> Indication? {
        switch fields[fields.count - 1].int {
        case .some(0): .sim(.removed)
        case .some(1): .sim(.inserted)
        case .some(2), .some(3): .sim(.state(.ready))
        default: nil
        }
    }
}

extension CallReport.Event {
    /// The states of `#ECAM` and `*ECAV`, which count 5 as waiting and 6 as ringing.
    init(indicatorState: Int) {
        switch indicatorState {
        case 0: self = .ended(CallRelease(kind: .unknown))
        case 1, 2: self = .dialing
        case 3, 4: self = .connected
        case 5, 6: self = .ringing
        case 7: self = .ended(CallRelease(kind: .busy))
        default: self = .irrelevant
        }
    }
}
