/// A digit in a message of a call: INFO without an info package (RFC 6086 §4.2.1), as most telephones send it that are set to `SIP INFO`.
///
/// | type | body |
/// |---|---|
/// | `application/dtmf-relay` | `Signal=5`, and `Duration=160` on a line of its own |
/// | `application/dtmf` | `5` |
///
/// `*` and `#` may be written as 10 and 11, A to D as 12 to 15, like the events of RFC 4733 (so Asterisk reads them, chan_sip.c,
/// `handle_request_info`); 16 is a flash of the hook, and no digit.
enum KeyMessage {
    /// The longest body that is looked at.
    private static let longest = 128
    private static let digits = Array("0123456789*#ABCD")

    /// The digit that a body says; nil where it says none.
    static func digit(type: String, _ body: String) -> Character? {
        guard body.utf8.count <= longest else { return nil }
        switch type.lowercased() {
        case "application/dtmf-relay":
            let lines = body.split(whereSeparator: \.isNewline)
            let signal = lines.first { $0.lowercased().hasPrefix("signal") }
            guard let signal, let mark = signal.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
            return read(signal[signal.index(after: mark)...])
        case "application/dtmf": return read(body[...])
        default: return nil
        }
    }

    private static func read(_ text: Substring) -> Character? {
        let word = text.filter { !$0.isWhitespace }.uppercased()
        if word.count == 1, let digit = word.first { return digits.contains(digit) ? digit : nil }
        return word.count == 2 ? Int(word).flatMap { (10..<16).contains($0) ? digits[$0] : nil } : nil
    }
}
