package import CallModel

/// How one family of modems differs from the standard, as a value.
///
/// A new family is one file here and a row in ``ModemDriver/all``; nothing else in the program asks which family a modem
/// belongs to. What its modems say by themselves is read by every session, because the names of messages tell the families
/// apart, and one maker's chip is in another's modem.
package struct ModemDriver: Sendable {
    /// One way to send a DTMF digit.
    package enum DigitCommand: Sendable, Hashable {
        /// `AT^DTMF=<index>,<digit>`: Huawei sticks; needs the call's index.
        case caret
        /// `AT+VTS=<digit>` (27.007 C.2.11).
        case plain
        /// `AT+VTS="<digit>"`.
        case quoted
    }

    /// One step of getting rid of a call.
    package enum HangUpStep: Sendable, Hashable {
        case command(ATCommand)
        /// `AT+CHLD=1<index>`: releases one call; skipped while its index is unknown.
        case releaseIndexed
        /// `AT+CVHU=0`, then `ATH`: on many modems `ATH` spares voice calls until told otherwise.
        case hook
        /// Radio off and on. Ends everything; the last resort, because a call that stays up costs money.
        case radioCycle
    }

    /// What is known of a dial command with `I`, which keeps our number from the one who is called (27.007 §6.2).
    package enum Hiding: Sendable, Hashable {
        /// A manual of the family has it.
        case documented
        /// The standard has it, no manual of theirs was found: the network has to confirm it.
        case standard
        /// It is not known at all.
        case unknown
    }

    /// The family's name, as `status` and `modems` show it.
    package var family: String
    /// Words in what a modem says of itself that make it one of this family, in lower case; none for the standard's own.
    package var words: [String]
    /// Words that make it another family's all the same.
    package var foreignWords: [String]
    /// What reads the parameters of the family's own messages, by their name; see ``Indication/init(bytes:)``.
    ///
    /// A name without a sigil has its colon with it, where it has one (`VOICE CALL:`). Names have fifteen bytes at most.
    package var messages: [String: MessageReader]
    /// Names of messages with `+` or `#` that come unasked and that nothing here reads.
    package var chatter: Set<String>
    /// A question that only this family answers by `OK`; asked where a stick names the maker of its chip for its own.
    package var mark: ATCommand?
    /// Commands after the common part of the bring-up; each may fail without harm.
    package var setUp: [ATCommand]
    /// Which set-up commands keep a dial command from blocking until the answer; where one is refused, it may.
    package var unblocksDialing: Set<String>
    /// Commands before each dial; each may fail without harm.
    package var beforeDial: [ATCommand]
    /// See ``Hiding``.
    package var hiding: Hiding
    /// How a call is followed.
    package var rules: CallRules
    /// Ways to send a digit, best first; the next is tried only after a plain refusal of the first digit.
    package var digits: [DigitCommand]
    /// Which digits the modem can send.
    package var digitSet: String
    /// The way to end a call, gentlest first.
    package var hangUp: [HangUpStep]
    /// The way to refuse a call that rings and no other, gentlest first.
    package var refuse: [HangUpStep]
    /// Commands that may tell the card's number, best first.
    package var cardNumber: [ATCommand]
    /// The command that tells how many PIN tries are left; nil where only the card itself can be asked.
    package var pinTries: ATCommand?
    /// The radio networks that its modems know; the newest generation of those that are in use.
    package var radios: Set<RadioTechnology>
    /// How calls over LTE are looked at and switched on.
    package var volte: VoiceOverLTEWay
    /// A command whose failure, or whose answer, says that the firmware has no voice calls.
    package var voiceProbe: ATCommand?
    /// The ways in which the sound of a call comes to the computer, best first; empty where there is none.
    package var sound: [SoundWay]
    /// The question for the USB interface that carries the voice, on sticks whose layout is set by a command, and what reads
    /// its answer; nil where the layout is fixed.
    package var voiceInterface: (question: ATCommand, read: @Sendable (ATLine) -> Int?)?
    /// Why there is none, in one line for a person; nil where there may be.
    package var soundLack: String?
    /// How long after a call's end the next one may be dialled: reports of the old call may still be under way, and
    /// would be taken for the new one's.
    package var restAfterCall: Duration
    /// Whether a dial command that comes too early breaks the modem, so that the rest is kept after opening it too: an
    /// earlier run may have ended a call a moment ago.
    package var restsAfterOpening: Bool
    /// Whether the text of USSD goes over the line as packed septets in hexadecimal digits (27.007 §7.15 leaves that to the
    /// character set).
    package var packsUSSD: Bool
    /// Where the row is from: manuals, the source of other programs, people's reports.
    package var sources: String
    /// Who has run it on what: modem, firmware, when and with which outcome, one line each; empty where nobody has told.
    package var sightings: [String]
    /// What is to be known beside, one sentence each.
    package var caveats: [String]
    /// The family's own command for a restart, tried when `AT+CFUN=1,1` did not help; nil where there is none.
    package var reset: ATCommand?

    /// Creates a driver for a modem that keeps to the standard; families change what differs.
    package init(_ family: String, words: String..., foreignWords: [String] = []) {
        self.family = family
        self.words = words
        self.foreignWords = foreignWords
        messages = [:]
        chatter = []
        mark = nil
        setUp = []
        unblocksDialing = []
        beforeDial = []
        hiding = .standard
        rules = CallRules()
        digits = [.plain, .quoted]
        digitSet = "0123456789*#ABCD"
        hangUp = [.command(.hangUp), .hook, .releaseIndexed, .radioCycle]
        refuse = [.command(.hangUp), .command(.refuseWaiting), .hook]
        cardNumber = [.query("AT+CCID"), .query("AT+ICCID")]
        pinTries = nil
        radios = [.gsm, .umts, .lte]
        volte = VoiceOverLTEWay()
        voiceProbe = nil
        sound = []
        soundLack = nil
        voiceInterface = nil
        restAfterCall = .seconds(3)
        restsAfterOpening = false
        reset = nil
        packsUSSD = false
        sources = "3GPP TS 27.007 and 27.005"
        sightings = []
        caveats = []
    }

    /// Every driver, in the order in which they are asked whether a modem is theirs; the last takes all.
    package static let all: [ModemDriver] = [
        .huawei, .quectel, .sim800, .simcom, .cinterion, .telit, .ublox, .zte, .fibocom, .wavecom,
        .generic,
    ]

    /// Whether any modem is taken by this driver, for want of another.
    package var takesAny: Bool { words.isEmpty }

    /// The driver for a modem.
    ///
    /// - Parameter identity: what it says of itself: maker, model and the like.
    package static func driver(for identity: String) -> ModemDriver {
        let identity = identity.lowercased()
        return all.first { $0.recognises(identity) } ?? .generic
    }

    private func recognises(_ identity: String) -> Bool {
        takesAny || words.contains { identity.contains($0) } && !foreignWords.contains { identity.contains($0) }
    }
}

extension ModemDriver.HangUpStep: CustomStringConvertible {
    /// The step as a person would say it.
    package var description: String {
        switch self {
        case .command(let command): command.text
        case .releaseIndexed: "AT+CHLD=1x"
        case .hook: "AT+CVHU=0 and ATH"
        case .radioCycle: "switching the radio off and on"
        }
    }
}
