typealias Instant = ContinuousClock.Instant

/// What distinguishes a family of modems; the defaults are 3GPP TS 27.007 and V.250.
protocol ModemDialect: Sendable {
    var identity: ModemIdentity { get }
    /// From the end of a command line to its answer.
    var latency: Duration { get }
    /// Settings after power-on and `AT&F`.
    var defaults: ModemSettings { get }
    /// Common commands that this family lacks.
    var absentCommands: Set<String> { get }
    /// What an unknown command gets.
    var unsupported: String { get }
    /// Whether the family knows LTE, and so `+CEREG`.
    var isEvolved: Bool { get }
    /// Between two RINGs.
    var ringPeriod: Duration { get }
    /// Whether `+CFUN=1,1` takes the modem off the USB bus.
    var resetLeavesBus: Bool { get }
    /// Whether lines are read while ATD waits for the answer, instead of aborting it.
    var readsWhileDialling: Bool { get }
    /// Unsolicited lines after power-on; `{sim}` stands for the state of the SIM.
    var bootLines: [Report] { get }
    /// Whether USSD goes over the line as packed septets in hexadecimal digits.
    var packsServiceCodes: Bool { get }
    /// The number of the first place for a message.
    var firstMessagePlace: Int { get }
    /// Lines without meaning that come by themselves; empty when there are none.
    var noise: [String] { get }

    /// Answers a command of the family; nil leaves it to the common commands.
    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome?
    /// What the modem says by itself when a call changes.
    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report]
    func dialCompletion(_ modem: SimulatedModem) -> DialCompletion
    /// Whether an announcement before the answer already counts as `CONNECT`.
    var takesAnnouncementForAnswer: Bool { get }
    /// The result of a waiting ATD whose call ended before the answer.
    func blockedResult(cause: Int) -> ResultCode
    /// What ATD gets without network.
    var withoutService: ResultCode { get }
    /// A line as bytes.
    func frame(_ line: String, _ kind: LineKind) -> [UInt8]
    /// How long the SIM is busy after its PIN was taken.
    var settlingAfterPIN: Duration { get }
    /// The parameters of `+CLIP`.
    func callerFields(_ call: ModemCall) -> String
    /// What is said when a caller gives up; most modems say nothing.
    func missedCall(_ modem: SimulatedModem) -> [Report]
    /// `+CLCC` line.
    func callListLine(_ call: ModemCall) -> String
    /// The parameters of `+CREG` and the like after `<stat>`.
    func cell(_ command: String) -> String
    /// `+CEER` line for a cause; nil when there was no call yet.
    func extendedError(_ cause: Int?) -> String
    /// How its voice tty behaves; nil for families without one.
    var voice: VoiceHabit? { get }
    /// Whether its voice tty carries sound now, as far as commands have their say in it.
    func voiceIsOn(_ modem: SimulatedModem) -> Bool
    /// The digits that a tone command sends; nil when its syntax is wrong for the family.
    func tones(_ command: ATCommand) -> [Character]?
}

extension ModemDialect {
    var latency: Duration { .milliseconds(4) }
    var defaults: ModemSettings { ModemSettings() }
    var absentCommands: Set<String> { [] }
    var unsupported: String { "ERROR" }
    var isEvolved: Bool { false }
    var ringPeriod: Duration { .seconds(5) }
    var resetLeavesBus: Bool { true }
    var readsWhileDialling: Bool { false }
    var takesAnnouncementForAnswer: Bool { false }
    var bootLines: [Report] { [] }
    var noise: [String] { [] }
    var packsServiceCodes: Bool { false }
    var firstMessagePlace: Int { 1 }
    var withoutService: ResultCode { .noCarrier }

    func answer(_ command: ATCommand, _ modem: inout SimulatedModem, _ now: Instant) -> CommandOutcome? { nil }

    func reports(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem, _ now: Instant) -> [Report] {
        verdict(change, call, modem)
    }

    func dialCompletion(_ modem: SimulatedModem) -> DialCompletion { .immediate }

    func blockedResult(cause: Int) -> ResultCode { Self.result(cause: cause) }

    func frame(_ line: String, _ kind: LineKind) -> [UInt8] { Array("\r\n\(line)\r\n".utf8) }

    var settlingAfterPIN: Duration { .zero }

    /// 3GPP TS 27.007 clause 7.6; a withheld number is empty with validity 1.
    func callerFields(_ call: ModemCall) -> String {
        call.number.isEmpty ? "\"\",128,,,,1" : "\"\(call.number)\",\(call.type),,,,0"
    }

    func missedCall(_ modem: SimulatedModem) -> [Report] { [] }

    func callListLine(_ call: ModemCall) -> String {
        "+CLCC: \(call.index),\(call.isOutgoing ? 0 : 1),\(call.status.rawValue),0,0,\"\(call.number)\",\(call.type)"
    }

    func cell(_ command: String) -> String {
        isEvolved ? ",\"2616\",\"DDAEA01\",7" : ",\"5E25\",\"605F\""
    }

    func extendedError(_ cause: Int?) -> String {
        guard let cause else { return "+CEER: No report available" }
        return "+CEER: \(ReleaseCause.text(cause))"
    }

    var voice: VoiceHabit? { nil }
    func voiceIsOn(_ modem: SimulatedModem) -> Bool { false }

    func tones(_ command: ATCommand) -> [Character]? {
        command.name == "+VTS" ? ToneSyntax.list(command, limit: 32) : nil
    }

    /// The plain results that V.250 knows for the end of a call: the remote end, or why it never began.
    func verdict(_ change: CallChange, _ call: ModemCall, _ modem: SimulatedModem) -> [Report] {
        guard case .ended(byModem: false, let cause, _, blocked: false) = change else { return [] }
        if !call.isOutgoing, call.connectedAt == nil { return missedCall(modem) }
        var result = Self.result(cause: cause)
        if result == .busy, modem.settings.resultSelection < 3 { result = .noCarrier }
        return [Report(modem.words(result), after: .milliseconds(15))]
    }

    /// V.250 has few words for why a call failed.
    static func result(cause: Int) -> ResultCode {
        switch cause {
        case 17: .busy
        case 18, 19: .noAnswer
        default: .noCarrier
        }
    }
}

/// Texts of 3GPP TS 24.008 table 10.5.123.
enum ReleaseCause {
    static func text(_ cause: Int) -> String {
        switch cause {
        case 1: "Unassigned (unallocated) number"
        case 16: "Normal call clearing"
        case 17: "User busy"
        case 18: "No user responding"
        case 19: "User alerting, no answer"
        case 20: "Subscriber absent"
        case 21: "Call rejected"
        case 27: "Destination out of order"
        case 31: "Normal, unspecified"
        case 34: "No circuit/channel available"
        case 38: "Network out of order"
        case 41: "Temporary failure"
        case 42: "Switching equipment congestion"
        default: "Interworking, unspecified"
        }
    }
}

/// The ways in which families write the digits of a tone command.
enum ToneSyntax {
    private static let plain = Set("0123456789*#")
    private static let full = Set("0123456789*#ABCDabcd")

    /// A single character, quoted or not.
    static func single(_ text: String, full allowsLetters: Bool = true) -> [Character]? {
        guard text.count == 1, let digit = text.first else { return nil }
        return (allowsLetters ? full : plain).contains(digit) ? [capital(digit)] : nil
    }

    /// 27.007 C.2.11: characters separated by commas; a quoted string may hold several.
    static func list(_ command: ATCommand, limit: Int) -> [Character]? {
        let parts = command.argument.filter { $0 != "\"" && $0 != " " }
            .split(
                separator: ",",
                omittingEmptySubsequences: false
            )
        guard !parts.isEmpty, parts.count <= limit else { return nil }
        var digits: [Character] = []
        for part in parts {
            guard let digit = single(String(part)) else { return nil }
            digits += digit
        }
        return digits
    }

    /// A string of digits in one parameter.
    static func string(_ text: String, limit: Int) -> [Character]? {
        guard !text.isEmpty, text.count <= limit, text.allSatisfy(full.contains) else { return nil }
        return text.map(capital)
    }

    private static func capital(_ digit: Character) -> Character {
        switch digit {
        case "a": "A"
        case "b": "B"
        case "c": "C"
        case "d": "D"
        default: digit
        }
    }
}
