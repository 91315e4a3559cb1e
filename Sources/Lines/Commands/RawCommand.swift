internal import Modem

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
    package static func shown(_ text: String) -> String { ModemSession.shown(text) }
}
