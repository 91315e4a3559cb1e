package import Console
package import GatewayAPI
internal import TextCoding

/// Shows messages to people, or as JSON.
package struct MessagePresenter {
    private let format: OutputFormat

    package init(format: OutputFormat) { self.format = format }

    package func show(_ record: MessageRecord) {
        switch format {
        case .json: JSONOutput.line(record)
        case .text:
            let who = Self.safe(Self.who(record.number, record.name))
            Terminal.standardOutput(
                "\(record.message.name.prefix(8))  \(LogTime.local(record.at))  \(record.state.rawValue)  "
                    + "\(Self.arrow(record)) \(who)  \(Self.text(of: record))"
            )
        }
    }

    package func showWhole(_ record: MessageRecord) {
        guard format == .text else { return JSONOutput.line(record) }
        show(record)
        let details: [(String, String?)] = [
            ("id", record.message.name), ("modem", record.modem), ("parts", "\(record.parts)"),
            ("sent at", record.sentAt.map { LogTime.local($0) }), ("reason", record.reason),
        ]
        for (name, value) in details {
            if let value { Terminal.standardOutput("  \(name): \(Self.safe(value))") }
        }
    }

    /// A thread in a line: its number, what there is of it, and its latest message.
    package func show(_ thread: MessageThread) {
        guard format == .text else { return JSONOutput.line(thread) }
        let who = Self.who(thread.number, thread.name)
        let failed = thread.failed > 0 ? ", \(thread.failed) failed" : ""
        Terminal.standardOutput(
            "\(Self.safe(who))  \(thread.messages)\(failed)  \(LogTime.local(thread.last.at))  "
                + "\(Self.arrow(thread.last)) \(Self.text(of: thread.last))"
        )
    }

    private static func who(_ number: String?, _ name: String?) -> String {
        name.map { "\($0) (\(number ?? ""))" } ?? number ?? "erased"
    }

    private static func arrow(_ record: MessageRecord) -> String { record.direction == "incoming" ? "<" : ">" }

    private static func safe(_ text: String) -> String { TerminalText.safe(text) { $0 == "\n" ? " " : "?" } }

    /// The text in one line, without anything that a terminal would take for an order.
    private static func text(of record: MessageRecord) -> String {
        if let text = record.text { return Self.safe(text) }
        return record.data.map { "(\($0.count) bytes that are no text)" } ?? "(removed)"
    }
}
