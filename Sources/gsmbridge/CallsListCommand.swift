import ArgumentParser
import CallLog
import FoundationEssentials
import Gateway

/// `gsmbridge calls list`: the latest calls, newest first.
struct CallsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List calls, newest first.",
        discussion: """
            Page through the log with --after and the id of the last call shown.

            EXAMPLES
              gsmbridge calls list --limit 20
              gsmbridge calls list --outcome busy --since 24h
              gsmbridge calls list --format json --after 3f2a9c10-5f9d-4b8e-9a63-0c5d8f1f2b77
            """
    )

    @OptionGroup var filter: CallFilterOptions

    @Option(help: ArgumentHelp("The most calls to show, 1 to 10000.", valueName: "number"))
    var limit = 50

    @Option(help: ArgumentHelp("Begin behind this call.", valueName: "call"))
    var after: String?

    @Option(help: "How to report: text or json (one object a call).")
    var format: OutputFormat = .text

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit: give a number from 1 to 10000") }
    }

    func run() async throws {
        let configuration = try configuration.load()
        let filter = try filter.filter(configuration)
        let log = try CallLogAccess.openForReading(configuration)
        let start = try after.map { try CallLogAccess.call($0, in: log, option: "--after ") }
        guard let log else {
            if format == .text { Terminal.standardError("gsmbridge: no call has been logged yet") }
            return
        }
        let page = try CallLogAccess.reported { () throws(CallLogError) in
            let position: CallLog.Position? = if let start { try log.position(of: start) } else { nil }
            return try log.calls(filter, limit: limit, after: position)
        }
        switch format {
        case .json:
            for (index, call) in page.calls.enumerated() {
                JSONOutput.line(call.summary)
                if index % 500 == 499, !Terminal.drained() { return }
            }
        case .text:
            let making = try CallLogAccess.reported { () throws(CallLogError) in
                try log.openEntries().filter(\.process.isAlive).map(\.step.call)
            }
            CallsPresenter.table(page.calls, beingMade: Set(making))
            if page.next != nil, let last = page.calls.last {
                Terminal.standardError(
                    "gsmbridge: there are more: --after \(last.call.uuidString.lowercased().prefix(8))"
                )
            }
        }
        // A pager takes its time.
        _ = Terminal.drained()
    }
}

/// `gsmbridge calls show`: everything about one call.
struct CallsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one call: its times, its legs, its journal.",
        discussion: """
            EXAMPLES
              gsmbridge calls show 3f2a9c10
              gsmbridge calls show 3f2a9c10 --format json
            """
    )

    @Argument(help: "The call's id, or the beginning of it.")
    var call: String

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let log = try CallLogAccess.openForReading(try configuration.load())
        let id = try CallLogAccess.call(call, in: log, option: "")
        let found = try CallLogAccess.reported { () throws(CallLogError) in
            (try log?.call(id), try log?.entries(of: id) ?? [])
        }
        guard let record = found.0 else { throw ValidationError("\(call): there is no such call in the log") }
        switch format {
        case .json: JSONOutput.line(record)
        case .text: CallsPresenter.page(record, journal: found.1)
        }
    }
}

/// `gsmbridge calls totals`: how many calls, and how long.
struct CallsTotalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "totals",
        abstract: "Sum up the calls of a period by method, modem and payer.",
        discussion: """
            EXAMPLES
              gsmbridge calls totals
              gsmbridge calls totals --since 2026-11-01 --until 2026-12-01 --format json
            """
    )

    @Option(
        help: ArgumentHelp("From this time on; the last 30 days unless given.", valueName: "time"),
        transform: LogTime.parse
    )
    var since: Date?

    @Option(help: ArgumentHelp("Until this time.", valueName: "time"), transform: LogTime.parse)
    var until: Date?

    @Option(help: "How to report: text or json (one object a sum).")
    var format: OutputFormat = .text

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let now = Date()
        let end = until ?? now
        let start = since ?? end.addingTimeInterval(-30 * 86_400)
        guard start < end else { throw ValidationError("--since and --until: there is no time between them") }
        let log = try CallLogAccess.openForReading(try configuration.load())
        let report = try CallLogAccess.reported { () throws(CallLogError) in
            try log?.totals(from: start, to: end) ?? CallTotals.Report()
        }
        CallsPresenter.totals(report, as: format)
    }
}

/// `gsmbridge calls erase`: forgets a number.
struct CallsEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Remove a number from the log.",
        discussion: """
            The calls stay, without the number, so that totals stay right. Copies of the file (backups, exports, \
            damaged logs that were set aside) are not touched.

            EXAMPLES
              gsmbridge calls erase --number 030123456
            """
    )

    @Option(help: ArgumentHelp("The number.", valueName: "number"))
    var number: String

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let configuration = try configuration.load()
        let canonical = try CallLogAccess.canonical(number, configuration)
        let directory = configuration.gateway.stateDirectory
        let count = try CallLogAccess.reported { () throws(CallLogError) in
            // Nothing is to be made where nothing is.
            guard try CallLog.openForReading(directory: directory) != nil else { return 0 }
            return try CallLog.open(directory: directory).erase(number: canonical)
        }
        switch format {
        case .json: JSONOutput.line(["number": canonical, "calls": "\(count)"])
        case .text:
            Terminal.standardOutput("\(canonical) was removed from \(count) call\(count == 1 ? "" : "s")")
        }
    }
}
