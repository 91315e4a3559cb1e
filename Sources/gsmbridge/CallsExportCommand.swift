import ArgumentParser
internal import Console
internal import GatewayAPI
internal import TextCoding

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

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard csv != json else { throw ValidationError("give one of --csv and --json") }
        if let limit, limit < 1 { throw ValidationError("--limit: give a number above 0") }
    }

    func run() async throws {
        let access = CallLogAccess(service: service, configuration: configuration)
        let fields = CallRecord.Field.contract
        var query = filter.query
        query.after = after
        query.withLegs = json
        var left = limit ?? .max
        // Asked before the head is written: what can't be had leaves no half of a file.
        query.limit = min(left, CallLogQuery.longestPage)
        var page = try await access.calls(query)
        if csv { Terminal.standardOutput(csv: CSV.line(fields.map(\.rawValue))) }
        while true {
            for call in page.calls {
                if json {
                    JSONOutput.line(call)
                } else {
                    Terminal.standardOutput(csv: CSV.line(fields.map(call.text(of:))))
                }
            }
            left -= page.calls.count
            query.after = page.next
            query.limit = min(left, CallLogQuery.longestPage)
            // The writer takes only so much before it drops; and a reader that has gone away wants nothing more.
            guard Terminal.drained(), page.next != nil, left > 0 else { break }
            page = try await access.calls(query)
        }
    }
}
