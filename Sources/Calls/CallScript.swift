package import CallModel
internal import GatewayAPI
internal import Lines
internal import Settings

extension Call {
    /// Why a call gets no modem, as its end.
    struct Refusal: Error {
        let end: CallEnd
        init(_ end: CallEnd) { self.end = end }
    }
}

/// How one kind of call is made: what is its own between the record and the last event.
protocol CallScript: Sendable {
    /// Whether what rings on the modem meanwhile is in the call's way.
    var occupiesModem: Bool { get }

    /// Whether it is for help, which no end of the service breaks off.
    var isHelp: Bool { get }

    /// The rule by which people are rung, where the call's line does not say it.
    var people: Configuration.IncomingRule? { get }

    /// How tones are sent that people ask for.
    var tones: ManualTones { get }

    /// Gets the modem that the call is made on; nil where another call has it, and this one is only put away.
    func findModem(for call: Call) async -> Result<ModemLease?, Call.Refusal>

    /// Makes the call, and looks at the end that nothing is left up.
    func make(_ call: Call, on lease: ModemLease?) async -> CallEnd

    /// Takes the call, if it rings and waits for that.
    func answer(_ call: Call) async throws(ControlError)

    /// The call is over: nothing leads to it any more.
    func letGo()
}

extension CallScript {
    var occupiesModem: Bool { true }
    var isHelp: Bool { false }
    var people: Configuration.IncomingRule? { nil }
    func letGo() {}
}

/// How tones are sent that people ask for.
struct ManualTones: Sendable {
    var length: Duration = .milliseconds(120)
    var gap: Duration = .milliseconds(120)
    /// Said where they can't be sent now.
    var refusal: String
}

extension CallEnd {
    /// The end of a call that was interrupted before it began.
    package static let interruptedEarly = CallEnd(
        outcome: .interrupted,
        by: .local,
        detail: "before anything was dialled"
    )
}
