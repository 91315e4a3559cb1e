/// How the answer of a command looks, so that it can be told from the unsolicited lines that arrive in between.
package enum ReplyForm: Sendable, Hashable {
    /// The command has no answer but its result.
    case none
    /// Each line of the answer begins with one of these, the colon included (`["+CLCC:"]`).
    case prefixes([String])
    /// The answer to `AT+CREG?` and its relatives, `+CREG: <n>,<stat>…`, as against the unsolicited `+CREG: <stat>…`.
    case registration(Registration.Domain)
    /// The answer to a `AT+CCWA` query, whose lines begin with a digit or a bracket; a caller's number is quoted.
    case callWaiting
    /// Stored messages: `+CMGL: …` and `+CMGR: …`, each with a line of octets behind it (27.005 §3.1).
    case messages
    /// Any line that is not a known unsolicited message: what `ATI`, `AT+CGMM` or `AT+CIMI` answer.
    case text
    /// For commands that a person typed: every line that is not certainly about a call or a message.
    case everything

    /// Tells whether `line` belongs to an answer of this form.
    ///
    /// Final results and prompts never do.
    package func claims(_ line: ATLine) -> Bool {
        switch self {
        case .none:
            false
        case .prefixes(let prefixes):
            prefixes.contains(where: line.hasPrefix)
        case .messages:
            line.hasPrefix("+CMGL:") || line.hasPrefix("+CMGR:") || line.isOctets
        case .registration(let domain):
            Registration(reply: line, domain: domain) != nil
        case .callWaiting:
            line.withBytes { bytes in
                bytes.body(of: "+CCWA").map { Self.isCallWaitingAnswer(Fields($0)) } ?? false
            }
        case .text:
            !line.isPrompt && line.withBytes(Self.isText)
        case .everything:
            !line.isPrompt && FinalResult(line) == nil && Self.isNoNews(line)
        }
    }

    /// Whether a line is not one of the messages that never answer a command.
    private static func isNoNews(_ line: ATLine) -> Bool {
        switch Indication(line) {
        case .ring, .callerLine, .message, .messageSent: false
        case .report(let report): report.mayAnswer
        case .callWaiting, .listed, .result, .registration, .sim, .signal, .digitHeard, .soundPaused, .started, .ussd,
            .unknown, nil:
            true
        }
    }

    /// Whether the parameters of `+CCWA:` are `<status>,<class>` or a test answer, not a caller's number.
    static func isCallWaitingAnswer(_ fields: Fields) -> Bool {
        let first = fields[0]
        return !first.isQuoted && (first.bytes.first == UInt8(ascii: "(") || (first.isDigits && first.bytes.count <= 2))
    }

    /// Whether a line can be the answer of an identity command.
    ///
    /// Of the unknown messages, those with `+` or `#` may be (`+CGSN: 1234`, `#CGMM: …`); those with `^`, `*`,
    /// `%` or `$` are chatter of the firmware.
    private static func isText(_ line: Bytes) -> Bool {
        guard FinalResult(bytes: line) == nil else { return false }
        switch Indication(bytes: line) {
        case .none: return true
        case .some(.unknown(let name)):
            guard let first = name.utf8.first, first.isSigil else { return !announcements.contains(name) }
            let mayAnswer = first == UInt8(ascii: "+") || first == UInt8(ascii: "#")
            return mayAnswer && name.utf8.count > 1 && !chatter.contains(name)
        case .some: return false
        }
    }

    /// Words without a sigil that modems say by themselves.
    private static let announcements: Set<String> = [
        "REMOTE CALL END", "NORMAL POWER DOWN", "POWERED DOWN", "VOICE CALL", "DST", "UNDER-VOLTAGE WARNNING",
        "UNDER-VOLTAGE POWER DOWN", "OVER-VOLTAGE WARNNING", "OVER-VOLTAGE POWER DOWN",
    ]

    /// Messages with `+` or `#` that come unasked and that nothing here reads, or that were read and made no sense.
    private static let chatter: Set<String> = ModemDriver.all
        .reduce(into: standardChatter) { chatter, driver in
            chatter.formUnion(driver.chatter)
            chatter.formUnion(driver.messages.keys)
        }

    private static let standardChatter: Set<String> = [
        "+BEARTYPE", "+CALA", "+CALV", "+CBM", "+CCWV", "+CDEV", "+CDIP", "+CGEV", "+CIEV", "+CIREPI", "+CIREPH",
        "+CKEV", "+CLAV", "+CLCC", "+CLIP", "+CCWA", "+CMWT", "+CNAP", "+COLP", "+CR", "+CREG", "+CGREG", "+CEREG",
        "+C5GREG", "+CRING", "+CSSI", "+CSSU", "+CTZE", "+CTZDST", "+CTZEU", "+CTZV", "+ILRR", "+NITZ", "+PACSP0",
        "+PACSP1", "+PBREADY", "+STIN", "+STC", "+CPIN", "+CFUN", "+CSQ", "+CSQN",
    ]
}
