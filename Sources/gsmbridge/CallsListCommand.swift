import ArgumentParser
import CallLog
internal import CallRecords
internal import Calls
internal import Console
import FoundationEssentials
internal import Gateway
internal import GatewayAPI
import HTTP
internal import Presenters

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

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit: give a number from 1 to 10000") }
    }

    func run() async throws {
        let access = CallLogAccess(service: service, configuration: configuration)
        var query = filter.query
        query.after = after
        var shown = 0
        var presenter = CallsPresenter.Table()
        while true {
            query.limit = min(limit - shown, CallLogQuery.longestPage)
            let page = try await access.calls(query)
            if page.calls.isEmpty, shown == 0, format == .text {
                let what = filter.isOpen && after == nil ? "no call" : "no such call"
                Terminal.standardError("gsmbridge: \(what) has been logged yet")
                return
            }
            switch format {
            case .json: for call in page.calls { JSONOutput.line(call.summary) }
            case .text: presenter.show(page.calls, beingMade: Set(page.live))
            }
            shown += page.calls.count
            query.after = page.next
            // A pager takes its time, and one that has been left wants nothing more.
            guard Terminal.drained(), page.next != nil, shown < limit else { break }
        }
        if format == .text, let next = query.after {
            Terminal.standardError("gsmbridge: there are more: --after \(next.prefix(8))")
        }
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

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let reference = call
        let found = try await CallLogAccess(service: service, configuration: configuration)
            .ask { client async throws(ControlError) in
                try await client.loggedCall(reference)
            } alone: { archive throws(ControlError) in
                try archive.call(reference)
            }
        switch format {
        case .json: JSONOutput.line(found.call)
        case .text: CallsPresenter.page(found.call, journal: found.journal)
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

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let now = Date()
        let end = until ?? now
        let start = since ?? end.addingTimeInterval(-30 * 86_400)
        guard start < end else { throw ValidationError("--since and --until: there is no time between them") }
        let report = try await CallLogAccess(service: service, configuration: configuration)
            .ask { client async throws(ControlError) in
                try await client.callTotals(from: start, to: end)
            } alone: { archive throws(ControlError) in
                try archive.totals(from: start, to: end)
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

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let number = number
        let erased = try await CallLogAccess(service: service, configuration: configuration)
            .ask { client async throws(ControlError) in
                try await client.eraseCalls(number: number)
            } alone: { archive throws(ControlError) in
                try archive.erase(number: number)
            }
        switch format {
        case .json: JSONOutput.line(erased)
        case .text:
            Terminal.standardOutput(
                "\(erased.number) was removed from \(erased.calls) call\(erased.calls == 1 ? "" : "s")"
            )
        }
    }
}
