import ArgumentParser
internal import Console
import GatewayAPI
import HTTP

/// `gsmbridge phones`: the telephones of the house, and where they are.
struct PhonesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phones",
        abstract: "List the telephones of the house: registered or not, from where, for how long.",
        discussion: """
            Asks the running service. A telephone registers with its name as the user, at any of the box's names or \
            addresses that sip.listen opens.

            EXAMPLES
              gsmbridge phones
              gsmbridge phones --watch
              gsmbridge phones --format json
            """
    )

    @OptionGroup var options: WatchOptions

    func run() async throws {
        try await options.list(
            events: "phone.",
            Table(
                heads: ["NAME", "REGISTERED", "EXPIRES", "CALLS", "CONTACT", "PHONE"],
                dispensable: ["PHONE", "EXPIRES", "CALLS"]
            ),
            nothing: "No phone is configured."
        ) { client async throws(ControlError) in
            try await client.phones()
        } isSame: {
            $0.name == $1.name && $0.contact == $1.contact && $0.contacts == $1.contacts
        } cells: { phone in
            [
                phone.name, phone.registered ? "yes" : "no", phone.expires.map { "\($0) s" } ?? "-",
                "\(phone.calls)", phone.contacts?.joined(separator: ", ") ?? phone.contact ?? "-",
                phone.userAgent ?? "",
            ]
        }
    }
}
