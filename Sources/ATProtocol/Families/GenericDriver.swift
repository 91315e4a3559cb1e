internal import CallModel

extension ModemDriver {
    /// Any modem that keeps to 27.007, and the messages of makes that differ by nothing else.
    package static let generic: ModemDriver = {
        var driver = ModemDriver("generic")
        driver.messages = [
            "+DISC": { longsungEnd(Fields($0)) },
            "*ECAV": { ericssonEvent(Fields($0)) },
            "+DTMF": { .digit(Fields($0)[0]) },
        ]
        driver.sources = "3GPP TS 27.007 and 27.005; Longsung and Ericsson messages from other programs"
        driver.caveats = [
            "calls work if the modem has `+CLCC`; report it, so that it gets a row"
        ]
        return driver
    }()

    /// Reads Longsung's `+DISC: <id>,<dir>,<type>,<cause>[,<number>,<type>]`; data calls (type 1) are told by it too.
    private static func longsungEnd(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let direction = CallDirection(fields[1]), fields[2].int == 0 else {
            return nil
        }
        return .report(CallReport(.ended(CallRelease(cause: fields[3].int)), index: index, direction: direction))
    }

    /// Reads ST-Ericsson's `*ECAV: <id>,<status>,<type>[,<process>,<cause>][,<number>,<type>]`: the number is the quoted value.
    private static func ericssonEvent(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let state = fields[1].int else { return nil }
        let event = CallReport.Event(indicatorState: state)
        guard event == .ringing else { return .report(CallReport(event, mayAnswer: true)) }
        let number = fields.firstQuoted(from: 3).flatMap { phoneNumber(fields[$0], type: fields[$0 + 1].int) }
        return .report(CallReport(event, index: index, direction: .incoming, number: number, mayAnswer: true))
    }
}
