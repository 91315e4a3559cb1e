/// Puts together what a modem says in several lines: a message that it hands over directly, and a text of USSD that has line
/// ends in it.
///
/// | state | `+CMT:`, `+CDS:` | octets | `+CUSD:` with an open quote | a closing quote | news of a call | other line |
/// |---|---|---|---|---|---|---|
/// | none | header | line | text | line | line | line |
/// | header | both lines, header | message | text | both lines | both lines | both lines |
/// | text | kept | kept | kept | the whole text | what there is, and the line | kept, 40 at most |
package struct LineJoiner: Sendable, Equatable {
    /// What came of a line.
    package enum Output: Sendable, Hashable {
        /// A line as it is.
        case line(ATLine)
        /// A message, or the report of one, that is stored nowhere (27.005 §3.4.1): its octets in hexadecimal digits.
        case message(String, isReport: Bool)
    }

    private enum State: Sendable, Equatable {
        case none
        case header(ATLine, isReport: Bool)
        case text([String])
    }

    /// The most lines of one text.
    private static let mostLines = 40

    private var state = State.none

    /// Creates a joiner that waits for nothing.
    package init() {}

    /// Takes a line, and returns what is complete with it, in order.
    package mutating func take(_ line: ATLine) -> [Output] {
        switch state {
        case .none: return begin(line)
        case .header(let header, let isReport):
            state = .none
            return line.isOctets ? [.message(line.text, isReport: isReport)] : [.line(header)] + begin(line)
        case .text(let lines):
            let isNews =
                switch Indication(line) {
                case .ring, .callerLine, .callWaiting, .listed, .result, .report: true
                default: false
                }
            let whole = lines + (isNews ? [] : [line.text])
            guard isNews || line.text.contains("\"") || whole.count >= Self.mostLines else {
                state = .text(whole)
                return []
            }
            state = .none
            return [.line(ATLine(whole.joined(separator: "\n")))] + (isNews ? begin(line) : [])
        }
    }

    private mutating func begin(_ line: ATLine) -> [Output] {
        if line.hasPrefix("+CMT:") || line.hasPrefix("+CDS:") {
            state = .header(line, isReport: line.hasPrefix("+CDS:"))
            return []
        }
        if line.hasPrefix("+CUSD:"), line.text.utf8.count(where: { $0 == .quote }) == 1 {
            state = .text([line.text])
            return []
        }
        return [.line(line)]
    }
}
