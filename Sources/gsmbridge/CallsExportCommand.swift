import ArgumentParser
import CallLog

/// `gsmbridge calls export`: the log for other programs.
struct CallsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write calls as CSV or JSON lines, newest first.",
        discussion: """
            CSV is by RFC 4180, with the contract's fields as columns and times in UTC; values that a spreadsheet \
            would compute get an apostrophe. JSON lines have everything, legs included.

            EXAMPLES
              gsmbridge calls export --csv --since 2026-11-01 > november.csv
              gsmbridge calls export --json > calls.jsonl
            """
    )

    @Flag(help: "As comma-separated values.")
    var csv = false

    @Flag(help: "As JSON, one object a line.")
    var json = false

    @OptionGroup var filter: CallFilterOptions

    @Option(help: ArgumentHelp("The most calls to write.", valueName: "number"))
    var limit: Int?

    @Option(help: ArgumentHelp("Begin behind this call.", valueName: "call"))
    var after: String?

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard csv != json else { throw ValidationError("give one of --csv and --json") }
        if let limit, limit < 1 { throw ValidationError("--limit: give a number above 0") }
    }

    func run() async throws {
        let configuration = try configuration.load()
        let filter = try filter.filter(configuration)
        let log = try CallLogAccess.openForReading(configuration)
        let start = try after.map { try CallLogAccess.call($0, in: log, option: "--after ") }
        let fields = CallRecord.Field.contract
        if csv { Terminal.standardOutput(CSV.line(fields.map(\.rawValue)).dropLineFeed) }
        guard let log else { return }
        var position = try CallLogAccess.reported { () throws(CallLogError) -> CallLog.Position? in
            if let start { try log.position(of: start) } else { nil }
        }
        var left = limit ?? .max
        while left > 0 {
            let page = try CallLogAccess.reported { () throws(CallLogError) in
                try log.calls(filter, limit: min(left, 500), after: position, withLegs: json)
            }
            for call in page.calls {
                if json {
                    JSONOutput.line(call)
                } else {
                    Terminal.standardOutput(CSV.line(fields.map(call.text(of:))).dropLineFeed)
                }
            }
            left -= page.calls.count
            position = page.next
            // The writer takes only so much before it drops; and whoever has gone away wants nothing more.
            guard Terminal.drained(), position != nil else { break }
        }
    }
}

extension String {
    /// The line without its line feed, which the terminal adds.
    fileprivate var dropLineFeed: [UInt8] { utf8.dropLast() }
}
