/// One command line for a modem, with what its answer looks like and how long it may take.
///
/// The time limits are the "use" column of what peers and manuals say: see ``ATCommand/standardLimit`` and the factory
/// functions. A limit that is too short poisons the channel with a late answer; one that is too long keeps people
/// waiting.
package struct ATCommand: Sendable, Hashable {
    /// Which final words end the command.
    package enum Kind: Sendable, Hashable {
        /// `NO CARRIER`, `BUSY`, … report about a call and don't end the command.
        case ordinary
        /// `ATD` and `ATA`: the words about a call are results.
        case call
        /// What a person typed: it is not known which words end it, so each of them does; it is broken off when the
        /// modem is needed for a call.
        case typed
    }

    /// What is written, without the carriage return.
    package var text: String
    /// Which lines are part of the answer.
    package var reply: ReplyForm
    /// How long the modem may take for the final result.
    package var timeLimit: Duration
    /// Which words are final results.
    package var kind: Kind
    /// What is sent, followed by Ctrl-Z, when the modem shows its `> ` prompt; nil where no prompt is expected.
    package var payload: [UInt8]?
    /// How long it may still take once an urgent command waits; nil for as long as any other.
    package var patience: Duration?

    /// 5 s: the limit that most peers came to for ordinary commands.
    package static let standardLimit: Duration = .seconds(5)

    /// Creates a command; ordinary, with a plain final result, unless told otherwise.
    package init(
        _ text: String,
        reply: ReplyForm = .none,
        within timeLimit: Duration = ATCommand.standardLimit,
        kind: Kind = .ordinary,
        payload: [UInt8]? = nil
    ) {
        self.text = text
        self.reply = reply
        self.timeLimit = timeLimit
        self.kind = kind
        self.payload = payload
    }

    /// The bytes on the wire: the text and a carriage return (V.250 §5.2.1).
    package var bytes: [UInt8] { Array(text.utf8) + [0x0D] }

    /// Creates a query whose answer lines begin with the command's own name: `AT+CSQ` is answered by `+CSQ: …`.
    ///
    /// - Parameters:
    ///   - text: the command, for example `AT+QPINC?`.
    ///   - timeLimit: how long the final result may take.
    package static func query(_ text: String, within timeLimit: Duration = ATCommand.standardLimit) -> ATCommand {
        let name = text.utf8.dropFirst(2)
            .prefix { byte in
                byte != UInt8(ascii: "?") && byte != UInt8(ascii: "=") && byte != UInt8(ascii: ";")
            }
        return ATCommand(text, reply: .prefixes([String(decoding: name, as: UTF8.self) + ":"]), within: timeLimit)
    }

    /// Asks whether anybody is there: `AT`.
    package static let attention = ATCommand("AT", within: .seconds(1))
    /// Results in words, and no echo, also from a modem that was told to be quiet (V.250 §6.2.4 to §6.2.6).
    package static let wakeUp = ATCommand("ATQ0V1E0")
    /// `AT+CLCC`: the list of calls (27.007 §7.18).
    package static let callList = ATCommand("AT+CLCC", reply: .prefixes(["+CLCC:"]), within: .seconds(5))
    /// `ATH`: hang up; whether that includes voice calls is up to `+CVHU` (V.250 §6.3.6, 27.007 §6.20).
    package static let hook = ATCommand("ATH", within: .seconds(10))
    /// `AT+CHUP`: hang up the voice call (27.007 §6.5).
    package static let hangUp = ATCommand("AT+CHUP", within: .seconds(10))
    /// `AT+CHLD=0`: refuse the call that rings or waits, as busy; one that is being talked on stays (27.007 §7.13,
    /// 22.030 §6.5.5.1).
    package static let refuseWaiting = ATCommand("AT+CHLD=0", within: .seconds(10))
    /// Answers a call: `ATA`.
    ///
    /// Sticks were seen to need more than 5 s.
    package static let answer = ATCommand("ATA", within: .seconds(15), kind: .call)
    /// Asks what code the SIM wants, if any: `AT+CPIN?` (27.007 §8.3).
    package static let simState = ATCommand("AT+CPIN?", reply: .prefixes(["+CPIN:"]), within: .seconds(5))
    /// `AT+CEER`: why the last call ended (27.007 §6.10), in the vendor's words.
    package static let releaseCause = ATCommand("AT+CEER", reply: .prefixes(["+CEER:"]), within: .seconds(2))

    /// `ATD…;`: a voice call; without the semicolon it would be a data call (27.007 §6.2).
    ///
    /// - Parameters:
    ///   - number: digits, perhaps with a leading `+`; checked by the caller.
    ///   - isHidden: whether the number of the card is kept from the one who is called: `I`, for this call only.
    ///   - timeLimit: 30 s where the modem accepts at once, the answer limit where it blocks until the answer.
    package static func dial(
        _ number: String,
        isHidden: Bool = false,
        within timeLimit: Duration = .seconds(30)
    ) -> ATCommand {
        ATCommand("ATD\(number)\(isHidden ? "I" : "");", within: timeLimit, kind: .call)
    }

    /// Asks whether the subscription lets numbers be hidden; the modem asks the network (27.007 §7.7).
    package static let callerRestriction = ATCommand(
        "AT+CLIR?",
        reply: .prefixes(["+CLIR:"]),
        within: .seconds(15)
    )

    /// Unlocks the SIM: `AT+CPIN="…"` (27.007 §8.3).
    ///
    /// Never sent twice by the program itself.
    package static func enterPIN(_ pin: String) -> ATCommand {
        ATCommand("AT+CPIN=\"\(pin)\"", within: .seconds(10))
    }
}

/// What came back for a command.
package struct ATReply: Sendable, Hashable {
    /// The lines between the command and its final result that belong to it.
    package var lines: [ATLine] = []
    package var result: FinalResult

    /// Whether the final result is `OK`.
    package var isOK: Bool { result == .ok }
}
