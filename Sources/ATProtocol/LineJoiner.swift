/// Puts together what a modem says in several lines: a message that it hands over directly, and a text of USSD that has line
/// ends in it.
///
/// | state | `+CMT:`, `+CDS:` | octets | `+CUSD:` with an open quote | a closing quote | `OK`, `ERROR` | another result, a prompt, known news | other line | nothing for 1 s |
/// |---|---|---|---|---|---|---|---|---|
/// | none | header | line | text | line | line | line | line | – |
/// | header | both lines, header | message | text | both lines | both lines | both lines | both lines | – |
/// | text | what there is, header | kept | what there is, text | the whole text | kept: part of the text where a quote closes it, else a line | what there is, and the line | kept, 40 at most | what there is |
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
    static let mostLines = 40

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
            let isNews = Self.isOfItsOwn(line)
            let whole = lines + (isNews ? [] : [line.text])
            guard isNews || line.text.contains("\"") || whole.count >= Self.mostLines else {
                state = .text(whole)
                return []
            }
            state = .none
            if !isNews, line.text.contains("\"") { return [.line(ATLine(whole.joined(separator: "\n")))] }
            return Self.unclosed(whole) + (isNews ? begin(line) : [])
        }
    }

    /// Whether a text is being put together whose end may never come: firmware was seen to leave out the closing quote.
    package var isAmidText: Bool { if case .text = state { true } else { false } }

    /// How long after its last line a text is taken for whole.
    package static let textsPause: Duration = .seconds(1)

    /// Takes a text for whole, as nothing has come for ``textsPause``.
    package mutating func flush() -> [Output] {
        guard case .text(let lines) = state else { return [] }
        state = .none
        return Self.unclosed(lines)
    }

    /// A text whose quote never closed: it ends before the first result, which is the answer to a command.
    private static func unclosed(_ lines: [String]) -> [Output] {
        let end = lines.firstIndex { FinalResult(ATLine($0)) != nil } ?? lines.endIndex
        return [.line(ATLine(lines[..<end].joined(separator: "\n")))] + lines[end...].map { .line(ATLine($0)) }
    }

    /// Whether a line can't belong to a text: without the closing quote an answer, a prompt or a ring would be lost in it.
    private static func isOfItsOwn(_ line: ATLine) -> Bool {
        if line.isPrompt { return true }
        if let result = FinalResult(line) { return result != .ok && result != .error }
        return switch Indication(line) {
        case nil, .unknown: false
        default: true
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
