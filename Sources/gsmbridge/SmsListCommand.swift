import ArgumentParser
internal import Console
import FoundationEssentials
internal import GatewayAPI
import HTTP
internal import Presenters

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
        let events = try await ServiceRequest.events(client, if: watch)
        let presenter = MessagePresenter(format: format)
        try await MessagePages.each(client, query, limit: limit) { presenter.show($0) }
        guard let events else { return }
        try await ServiceRequest.follow(events) { heard in
            guard heard.event.name.hasPrefix("message."),
                let event = try? WireFormat.decode(MessageEvent.self, from: heard.event.bytes), let id = event.message
            else { return }
            let record = try await ServiceRequest.perform { () async throws(ControlError) in
                try await client.message(id.name)
            }
            presenter.show(record)
        }
    }
}

/// `gsmbridge sms threads`: what was written with each number.
struct SmsThreadsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "threads",
        abstract: "List the numbers that messages were written with, the newest first.",
        discussion: """
            Each with its name, how many messages there are, how many of them failed, and the latest.

            EXAMPLES
              gsmbridge sms threads
              gsmbridge sms threads --limit 5 --format json
            """
    )

    @Option(help: ArgumentHelp("The most threads to show, 1 to \(MessageQuery.longestPage).", valueName: "number"))
    var limit = 50

    @Option(help: "How to report: text or json (one object a thread).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard (1...MessageQuery.longestPage).contains(limit) else {
            throw ValidationError("--limit: give a number from 1 to \(MessageQuery.longestPage)")
        }
    }

    func run() async throws {
        let client = service.client(configuration)
        let limit = limit
        let threads = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.messageThreads(limit: limit)
        }
        let presenter = MessagePresenter(format: format)
        for thread in threads { presenter.show(thread) }
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
