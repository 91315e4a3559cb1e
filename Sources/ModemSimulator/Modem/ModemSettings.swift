/// What AT commands can set on a modem and a reset takes back.
struct ModemSettings: Sendable, Equatable {
    var echo = true
    var verbose = true
    var quiet = false
    /// `+CMEE`: 0 plain ERROR, 1 numbers, 2 words.
    var errorReports = 0
    var callerID = 0
    var extendedRing = 0
    var connectedLine = 0
    var voiceHangUp = 0
    var callWaiting = 0
    /// `X`: busy is told from other endings from 3 on.
    var resultSelection = 4
    /// `<n>` of `+CREG`, `+CGREG`, `+CEREG`.
    var registrationReports: [String: Int] = [:]
    var operatorFormat = 0
    var autoAnswerRings = 0
    /// `+VTD` in tenths of a second.
    var toneTenths = 1
    /// `+CFUN`.
    var functionality = 1
    /// `+CSCS`.
    var characters = PhonebookCharacters.gsm
    /// What is particular to a family, by name of the command.
    var flags: [String: Int] = [:]

    /// Sets the flag of a command to 0 or 1; false for anything else.
    mutating func setFlag(_ command: ATCommand) -> Bool {
        guard let value = command.value, (0...1).contains(value) else { return false }
        flags[command.name] = value
        return true
    }
}

/// `<stat>` of `+CLCC` (3GPP TS 27.007 clause 7.18).
enum CallStatus: Int, Sendable {
    case active = 0
    case held = 1
    case dialling = 2
    case alerting = 3
    case incoming = 4
    case waiting = 5
}

/// A call as the modem knows it.
struct ModemCall: Sendable, Equatable {
    /// The number in `+CLCC`, from 1.
    let index: Int
    /// The network's number for it.
    let call: Int
    let isOutgoing: Bool
    /// The number as it was dialled or signalled; empty when withheld.
    let number: String
    var status: CallStatus
    let since: ContinuousClock.Instant
    var connectedAt: ContinuousClock.Instant?
    /// Whether the network has taken the call over; reports begin here.
    var isOriginated = false
    /// Whether the network has confirmed the call: it rings, or more.
    var isConfirmed = false
    var rings = 0
    /// Whether the modem itself has forgotten it: it is neither listed nor ended by a command.
    var isForgotten = false

    /// 145 for an international number, 129 otherwise (3GPP TS 24.008 octet "type of number").
    var type: Int { number.isEmpty ? 128 : number.hasPrefix("+") ? 145 : 129 }

    func seconds(until now: ContinuousClock.Instant) -> Int {
        guard let connectedAt else { return 0 }
        return Int(connectedAt.duration(to: now).components.seconds)
    }
}

/// What happened to a call, from the modem's point of view.
enum CallChange: Sendable, Equatable {
    /// The network has the request.
    case originated
    /// Tones or speech before the answer.
    case earlyMedia
    case alerting
    case connected
    case incoming
    /// `byModem` when a command on this modem ended it, `blocked` when a waiting ATD reports it as its result.
    case ended(byModem: Bool, cause: Int, wasConfirmed: Bool, blocked: Bool)
}

/// An unsolicited line and how long after the change it is sent.
struct Report: Sendable, Equatable {
    let text: String
    let after: Duration

    init(_ text: String, after: Duration = .milliseconds(2)) {
        self.text = text
        self.after = after
    }
}

/// How ATD says that it is done.
enum DialCompletion: Sendable, Equatable {
    /// `OK` at once; the fate of the call comes later.
    case immediate
    /// `OK` at the answer.
    case okWhenConnected
    /// `CONNECT` at the answer.
    case connectString
}

/// A final result as the simulation knows it, before it is put into the words of a family.
enum ResultCode: Sendable, Equatable {
    case ok
    case error
    /// 3GPP TS 27.007 clause 9.2, worded as `+CMEE` asks for.
    case equipment(Int)
    /// 3GPP TS 27.005 clause 3.2.5, worded in the same way.
    case message(Int)
    /// The command does not exist on this modem.
    case unsupported
    case connect
    case noCarrier
    case noDialtone
    case busy
    case noAnswer
    /// The result comes later, from the network.
    case pending
    /// There will be no result ever.
    case never
}

/// What a command does to the world outside the modem.
enum CommandEffect: Sendable, Equatable {
    /// `isHidden`: the number of the modem is kept from who is called.
    case dial(String, DialCompletion, isHidden: Bool)
    case answer(ModemCall)
    case hangUp([Int], cause: Int)
    case tone(call: Int, digit: Character, length: Duration)
    case serviceCode(String)
    /// A code or a choice for the network, by `+CUSD`.
    case serviceText(String)
    /// A text is asked for.
    case prompt(length: Int)
    /// A place for a message has come free.
    case storeHasRoom
    case dataCall(String)
    case simUnlocked
    case radioOff
    case radioOn
    /// Reboots; `leavesBus` when the USB device goes and comes back.
    case reset(leavesBus: Bool)
    case powerOff
    /// Nothing is answered any more until the modem is plugged in again.
    case wedge
}

/// What a command answers.
struct CommandOutcome: Sendable, Equatable {
    var lines: [String] = []
    var result = ResultCode.ok
    var effects: [CommandEffect] = []
    /// Lines behind the final result.
    var afterwards: [String] = []
    /// How long the command takes on top of the family's latency.
    var duration = Duration.zero

    static let ok = CommandOutcome()
    static let error = CommandOutcome(result: .error)

    static func text(_ lines: String...) -> CommandOutcome { CommandOutcome(lines: lines) }

    static func failure(_ code: Int) -> CommandOutcome { CommandOutcome(result: .equipment(code)) }

    static func effect(_ effect: CommandEffect) -> CommandOutcome { CommandOutcome(effects: [effect]) }
}

/// What a modem answers about itself.
struct ModemIdentity: Sendable {
    let manufacturer: String
    let model: String
    let revision: String
    /// The lines of `ATI`; `{imei}` stands for the IMEI.
    let information: [String]
}

/// What kind of line is framed.
enum LineKind: Sendable {
    case information
    case final
    case unsolicited
}
