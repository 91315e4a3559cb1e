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

    @OptionGroup var options: WatchOptions

    func run() async throws {
        try await options.list(
            events: "account.",
            Table(heads: ["NAME", "STATE", "EXPIRES", "PBX", "REASON"], dispensable: ["PBX", "EXPIRES"]),
            nothing: "No account is configured."
        ) { client async throws(ControlError) in
            try await client.accounts()
        } isSame: {
            $0.name == $1.name && $0.state == $1.state && $0.reason == $1.reason
        } cells: { account in
            [
                account.name, account.state.rawValue, account.expires.map { "\($0) s" } ?? "-", account.pbx ?? "-",
                account.reason ?? "",
            ]
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
