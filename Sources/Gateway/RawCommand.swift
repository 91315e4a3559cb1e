public import ATProtocol

/// A command that a person typed for a modem.
public enum RawCommand {
    /// What speaks against sending it; nil when nothing does.
    public static func problem(with text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 2, text.prefix(2).uppercased() == "AT" else { return "an AT command begins with AT" }
        guard bytes.count <= 512 else { return "longer than any modem takes (512 bytes)" }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return "only printable ASCII can be sent" }
        if text.uppercased() == "ATA" { return "a call that is answered here would be ended by nobody" }
        if let costly = costly.first(where: { text.uppercased().contains($0) }) {
            return "\(costly) can make or divert calls that cost money, past the dial policy"
        }
        if dials(text) { return "dialling is for `gsmbridge dial`, which checks the number and ends the call" }
        return nil
    }

    /// Keys pressed by command, and diverted calls (27.007 §8.7, §7.11): both can cost money without a dial command.
    private static let costly = ["+CKPD", "+CCFC"]

    /// Whether a command line contains a dial command (V.250 §5.4: basic commands may follow each other, and a
    /// semicolon separates extended ones).
    static func dials(_ text: String) -> Bool {
        var isQuoted = false
        var mayDial = true
        var isBehindAmpersand = false
        var isParameter = false
        for byte in text.uppercased().utf8.dropFirst(2) {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted || byte == UInt8(ascii: " ") { continue }
            // A parameter is set and read in the middle of a line: S0=0, S0?, and another basic command may follow.
            if byte == UInt8(ascii: "S"), mayDial { isParameter = true }
            switch byte {
            case UInt8(ascii: ";"): mayDial = true
            case UInt8(ascii: "D") where mayDial && !isBehindAmpersand: return true
            // A basic command is a letter, perhaps behind &, and its digits: another may follow directly.
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "&"): break
            case UInt8(ascii: "=") where mayDial && isParameter, UInt8(ascii: "?") where mayDial && isParameter:
                isParameter = false
            default: mayDial = false
            }
            isBehindAmpersand = byte == UInt8(ascii: "&")
        }
        return false
    }

    /// The command as it may be shown.
    public static func shown(_ text: String) -> String { Redaction.redact(command: text) }

    /// The command for a session; everything that is said until the result belongs to the answer.
    public static func command(_ text: String, within limit: Duration) -> ATCommand {
        ATCommand(text, reply: .everything, within: limit, kind: .typed)
    }

    /// Why there was no answer, for a person.
    public static func words(for failure: CommandExchange.Failure) -> String {
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
    public var words: String {
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
