package import ATProtocol

/// A command that a person typed for a modem.
package enum RawCommand {
    /// What speaks against sending it; nil when nothing does.
    package static func problem(with text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 2, text.prefix(2).uppercased() == "AT" else { return "an AT command begins with AT" }
        guard bytes.count <= 512 else { return "longer than any modem takes (512 bytes)" }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return "only printable ASCII can be sent" }
        guard let parts = CommandLine(text)?.parts else {
            return "it can't be taken apart by the rules of V.250, and dialling could be hidden in it"
        }
        for part in parts {
            if let problem = part.problem { return problem }
        }
        return nil
    }

    /// The command as it may be shown.
    package static func shown(_ text: String) -> String { Redaction.redact(command: text) }

    /// The command for a session; everything that is said until the result belongs to the answer.
    package static func command(_ text: String, within limit: Duration) -> ATCommand {
        ATCommand(text, reply: .everything, within: limit, kind: .typed)
    }

    /// Why there was no answer, for a person.
    package static func words(for failure: CommandExchange.Failure) -> String {
        switch failure {
        case .timedOut(let limit): "no answer within \(limit.spokenSeconds)"
        case .abandoned: "broken off: the modem was needed for a call"
        case .unresponsive: "no answer: nothing answers AT on this tty"
        case .portClosed: "the modem was unplugged"
        case .queueFull: "too many commands at once"
        }
    }
}

extension Duration {
    fileprivate var spokenSeconds: String { "\(Double(components.seconds) + Double(components.attoseconds) / 1e18) s" }
}

extension FinalResult {
    /// The result as the modem writes it.
    package var words: String {
        switch self {
        case .ok: "OK"
        case .error: "ERROR"
        case .equipmentError(let error): "+CME ERROR: \(error.text)"
        case .messageError(let error): "+CMS ERROR: \(error.text)"
        case .vendorError(let error): "+EXT ERROR: \(error.text)"
        case .commandNotSupported: "COMMAND NOT SUPPORT"
        case .tooManyParameters: "TOO MANY PARAMETERS"
        case .noCarrier: "NO CARRIER"
        case .busy: "BUSY"
        case .noAnswer: "NO ANSWER"
        case .noDialtone: "NO DIALTONE"
        case .connect(let detail): detail.isEmpty ? "CONNECT" : "CONNECT \(detail)"
        }
    }
}
