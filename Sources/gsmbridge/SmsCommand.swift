import ArgumentParser
import CallLog
internal import Console
import FoundationEssentials
internal import GatewayAPI
import HTTP
internal import Presenters
import Settings
import TextCoding

/// `gsmbridge sms`: short messages, sent and received.
struct SmsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sms",
        abstract: "Short messages: send, list, show, export, erase.",
        discussion: """
            The running service sends and takes them. A message is given to a modem once: where its answer is lost it is \
            'unknown' (exit status 14), and never sent again by itself. Texts are kept for messages.keep (30 days).

            EXAMPLES
              gsmbridge sms send 01713920012 "On my way" --report
              gsmbridge sms list --number 01713920012
              gsmbridge sms list --watch --format json
              gsmbridge sms show 3f2a
              gsmbridge sms export --since 30d > messages.jsonl
              gsmbridge sms erase --number 01713920012
            """,
        subcommands: [
            SmsSendCommand.self, SmsListCommand.self, SmsShowCommand.self, SmsExportCommand.self, SmsEraseCommand.self,
        ],
        defaultSubcommand: SmsListCommand.self
    )
}

/// `gsmbridge sms send`: sends a message, and waits until the network has it.
struct SmsSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message, and wait until the network has it.",
        discussion: """
            Exit status: 0 the network has it, 12 refused by the network, 14 unknown whether it was sent, 20 to 23 as for \
            calls (20 also where no service runs, which has the modems), 30 refused by the policy or a limit.

            EXAMPLES
              gsmbridge sms send 01713920012 "On my way"
              gsmbridge sms send +491711234567 "Guten Tag" --modem o2 --report --format json
            """
    )

    @Argument(help: "The number.")
    var number: String

    @Argument(help: "The text.")
    var text: String

    @Option(help: "The modem: its name, IMEI or tty.", completion: Completion.modems)
    var modem: String?

    @Flag(help: "Have the network report what becomes of it; see 'sms show'.")
    var report = false

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    /// Longer than a modem takes for the longest text.
    private static let patience: Duration = .seconds(3600)

    func validate() throws {
        guard !text.isEmpty else { throw ValidationError("a message needs a text") }
    }

    func run() async throws {
        let client = service.client(configuration)
        let id = UUID()
        let request = MessageRequest(number: number, text: text, modem: modem, report: report ? true : nil)
        var record: MessageRecord
        do throws(ControlError) { record = try await client.sendMessage(request, id: id, origin: .local) } catch {
            switch error {
            // The service may have it all the same.
            case .lost, .callMayGoOn: throw Self.unknown(id, error)
            default:
                let exit = ServiceRequest.failure(error)
                // As for a call: the service has the modems.
                if case .notRunning = error { throw ExitCode(CallExit.noModem) }
                throw exit
            }
        }
        let end = ContinuousClock.now + Self.patience
        while record.exit == nil, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(200))
            do throws(ControlError) { record = try await client.message(id.name) } catch {
                throw Self.unknown(id, error)
            }
        }
        MessagePresenter(format: format).show(record)
        if let reason = record.reason { Terminal.standardError("gsmbridge: \(reason)") }
        let status = record.exit ?? Self.unknown
        if status != 0 { throw ExitCode(status) }
    }

    /// See the contract, section 7.
    private static let unknown: Int32 = 14

    /// Says how to learn what became of a message: it may be on its way, and is not sent again.
    private static func unknown(_ id: UUID, _ error: ControlError) -> ExitCode {
        let reason =
            switch error {
            case .lost(let reason), .callMayGoOn(_, let reason): "the connection to the service was lost: \(reason)"
            default: "\(error)"
            }
        Terminal.standardError("gsmbridge: \(reason); whether the message was sent: gsmbridge sms show \(id.name)")
        return ExitCode(unknown)
    }
}

/// The options that pick messages.
struct MessageFilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only messages from this time on: 2026-11-23, an RFC 3339 time, or 36h, 7d ago.",
            valueName: "time"
        ),
        transform: LogTime.parse
    )
    var since: Date?

    @Option(help: ArgumentHelp("Only messages before this time.", valueName: "time"), transform: LogTime.parse)
    var until: Date?

    @Option(help: ArgumentHelp("Only messages with this number, or this name of a service.", valueName: "number"))
    var number: String?

    @Option(help: "Only messages on this modem, by its name.", completion: Completion.modems)
    var modem: String?

    @Option(
        help: ArgumentHelp("Only messages that stand like this, such as received.", valueName: "state"),
        completion: .list(MessageRecord.State.allCases.map(\.rawValue))
    )
    var state: String?

    func query() throws -> MessageQuery {
        var query = MessageQuery()
        query.since = since
        query.until = until
        query.number = number
        query.modem = modem
        if let state {
            guard let known = MessageRecord.State(rawValue: state) else {
                let names = MessageRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--state \(state): known are \(names)")
            }
            query.state = known
        }
        return query
    }
}

/// `gsmbridge sms list`: the latest messages, newest first, and what comes from then on.
struct SmsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List messages, newest first.",
        discussion: """
            With --watch, each message that comes or changes from then on.

            EXAMPLES
              gsmbridge sms list --since 7d
              gsmbridge sms list --state received --format json
              gsmbridge sms list --watch
            """
    )

    @OptionGroup var filter: MessageFilterOptions

    @Option(help: ArgumentHelp("The most messages to show, 1 to 10000.", valueName: "number"))
    var limit = 50

    @Option(help: ArgumentHelp("Begin behind this message.", valueName: "message"))
    var after: String?

    @Flag(help: "Go on with what comes.")
    var watch = false

    @Option(help: "How to report: text or json (one object a message).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit: give a number from 1 to 10000") }
        _ = try filter.query()
    }

    func run() async throws {
        let client = service.client(configuration)
        var query = try filter.query()
        query.after = after
        // Listened to before the list is asked for, so that nothing is missed.
        let events =
            watch
            ? try await ServiceRequest.perform { () async throws(ControlError) in try await client.events() } : nil
        let presenter = MessagePresenter(format: format)
        try await MessagePages.each(client, query, limit: limit) { presenter.show($0) }
        guard let events else { return }
        do {
            for try await heard in events where heard.event.name.hasPrefix("message.") {
                guard let event = try? WireFormat.decode(MessageEvent.self, from: heard.event.bytes),
                    let id = event.message
                else { continue }
                let record = try await ServiceRequest.perform { () async throws(ControlError) in
                    try await client.message(id.name)
                }
                presenter.show(record)
            }
        } catch let error as ControlError {
            throw ServiceRequest.failure(error)
        }
    }
}

/// `gsmbridge sms export`: the messages for other programs.
struct SmsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write messages as JSON, one object a line, newest first.",
        discussion: """
            EXAMPLES
              gsmbridge sms export > messages.jsonl
              gsmbridge sms export --number 01713920012 --since 2026-11-01
            """
    )

    @OptionGroup var filter: MessageFilterOptions

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let presenter = MessagePresenter(format: .json)
        let query = try filter.query()
        try await MessagePages.each(service.client(configuration), query, limit: .max) { presenter.show($0) }
    }
}

/// Pages of messages, one after the other.
enum MessagePages {
    static func each(
        _ client: ControlClient,
        _ query: MessageQuery,
        limit: Int,
        _ body: (MessageRecord) -> Void
    ) async throws {
        var query = query
        var left = limit
        while true {
            query.limit = min(left, MessageQuery.longestPage)
            let wanted = query
            let page = try await ServiceRequest.perform { () async throws(ControlError) in
                try await client.messages(wanted)
            }
            for message in page.messages { body(message) }
            left -= page.messages.count
            query.after = page.next
            guard Terminal.drained(), page.next != nil, left > 0 else { return }
        }
    }
}

/// `gsmbridge sms show`: everything about one message.
struct SmsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one message.",
        discussion: """
            EXAMPLES
              gsmbridge sms show 3f2a9c10
            """
    )

    @Argument(help: "The message: its id, or the beginning of it.")
    var message: String

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let reference = message
        let record = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.message(reference)
        }
        MessagePresenter(format: format).showWhole(record)
    }
}

/// `gsmbridge sms erase`: forgets what was written with a number.
struct SmsEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Forget the texts of a number.",
        discussion: """
            That there were messages stays, so that limits stay right; number and text are removed from the files.

            EXAMPLES
              gsmbridge sms erase --number 01713920012
            """
    )

    @Option(help: ArgumentHelp("The number, or the name of a service.", valueName: "number"))
    var number: String

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let number = number
        let erased = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.eraseMessages(number: number)
        }
        switch format {
        case .json: JSONOutput.line(erased)
        case .text: Terminal.standardOutput("\(erased.number) erased from \(erased.messages) messages")
        }
    }
}

/// Shows messages to people, or as JSON.
struct MessagePresenter {
    let format: OutputFormat

    func show(_ record: MessageRecord) {
        switch format {
        case .json: JSONOutput.line(record)
        case .text:
            let arrow = record.direction == "incoming" ? "<" : ">"
            let who = record.name.map { "\($0) (\(record.number ?? ""))" } ?? record.number ?? "erased"
            Terminal.standardOutput(
                "\(record.message.name.prefix(LiveCallName.shown))  \(LogTime.local(record.at))  \(record.state.rawValue)  "
                    + "\(arrow) \(Self.safe(who))  \(Self.text(of: record))"
            )
        }
    }

    func showWhole(_ record: MessageRecord) {
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

    private static func safe(_ text: String) -> String { TerminalText.safe(text) { $0 == "\n" ? " " : "?" } }

    /// The text in one line, without anything that a terminal would take for an order.
    private static func text(of record: MessageRecord) -> String {
        if let text = record.text { return Self.safe(text) }
        return record.data.map { "(\($0.count) bytes that are no text)" } ?? "(removed)"
    }
}
