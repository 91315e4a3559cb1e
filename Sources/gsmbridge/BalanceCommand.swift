import ArgumentParser
internal import Console
import FoundationEssentials
internal import GatewayAPI
import HTTP
internal import Presenters

/// `gsmbridge balance`: what SIMs have, and had.
struct BalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Show what the SIMs have and had, or ask now.",
        discussion: """
            Shows what the service was told when it asked as `modems.NAME.balance` says. --ask asks now: by a code the answer \
            is there at once, by a message it may take an hour.

            EXAMPLES
              gsmbridge balance
              gsmbridge balance o2 --ask
              gsmbridge balance o2 --limit 100 --format json
            """
    )

    @Argument(help: "The modem, by its name. (default: all)", completion: Completion.modems)
    var modem: String?

    @Flag(help: "Ask the network now.")
    var ask = false

    @Option(help: "How many entries to show, newest first, 1 to 1000.")
    var limit = 20

    @Option(help: "How to report: text or json (one object an entry).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        if ask, modem == nil { throw ValidationError("--ask: name the modem") }
        guard (1...1000).contains(limit) else { throw ValidationError("--limit: give 1 to 1000") }
    }

    func run() async throws {
        let client = service.client(configuration)
        let (modem, limit) = (modem, limit)
        if ask, let modem {
            try await ServiceRequest.perform { () async throws(ControlError) in try await client.askBalance(modem) }
        }
        let balances = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.balances(of: modem, limit: limit)
        }
        for balance in balances {
            switch format {
            case .json: JSONOutput.line(balance)
            case .text: Terminal.standardOutput("\(balance.modem)  \(balance.words)")
            }
        }
    }
}
