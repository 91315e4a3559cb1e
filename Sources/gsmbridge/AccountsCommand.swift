import ArgumentParser
internal import Console
import GatewayAPI
import HTTP

/// `gsmbridge accounts`: the accounts at PBXs, and whether calls reach us over them.
struct AccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "List the SIP accounts: registered or not, why, for how long.",
        discussion: """
            Asks the running service. An account that its PBX has refused is not tried again until the configuration is \
            read again (systemctl reload gsmbridge): PBXs lock those who go on with a wrong password.

            EXAMPLES
              gsmbridge accounts
              gsmbridge accounts --watch
              gsmbridge accounts --format json
            """
    )

    @Option(help: "How to report: text or json (one object an account).")
    var format: OutputFormat = .text

    @Flag(help: "List the accounts, then each one again whenever it changes, until interrupted.")
    var watch = false

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let events =
            watch
            ? try await ServiceRequest.perform { () async throws(ControlError) in try await client.events() }
            : nil
        var known = try await accounts(client)
        var table = Table(heads: ["NAME", "STATE", "EXPIRES", "PBX", "REASON"], dispensable: ["PBX", "EXPIRES"])
        show(known, in: &table, hasHead: true)
        guard let events else { return }
        do {
            for try await heard in events where heard.event.name.hasPrefix("account.") {
                let now = try await accounts(client)
                let changed = now.filter { account in
                    !known.contains {
                        $0.name == account.name && $0.state == account.state && $0.reason == account.reason
                    }
                }
                known = now
                show(changed, in: &table, hasHead: false)
            }
        } catch let error as ControlError {
            throw ServiceRequest.failure(error)
        }
    }

    private func accounts(_ client: ControlClient) async throws -> [AccountStatus] {
        try await ServiceRequest.perform { () async throws(ControlError) in try await client.accounts() }
    }

    private func show(_ accounts: [AccountStatus], in table: inout Table, hasHead: Bool) {
        switch format {
        case .json: for account in accounts { JSONOutput.line(account) }
        case .text:
            guard !accounts.isEmpty || !hasHead else {
                Terminal.standardOutput("No account is configured.")
                return
            }
            table.show(
                accounts.map { account in
                    [
                        account.name, account.state.rawValue, account.expires.map { "\($0) s" } ?? "-",
                        account.pbx ?? "-", account.reason ?? "",
                    ]
                },
                hasHead: hasHead
            )
        }
    }
}

extension AccountStatus {
    /// How it stands, in words.
    var words: String {
        let why = reason.map { ": \($0)" } ?? ""
        return switch state {
        case .registered: "registered"
        case .trying: "trying\(why)"
        case .refused: "refused\(why)"
        case .off: "off"
        }
    }
}
