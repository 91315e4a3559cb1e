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

    @Option(help: "How to report: text or json (one object a phone).")
    var format: OutputFormat = .text

    @Flag(help: "List the phones, then each one again whenever it comes or goes, until interrupted.")
    var watch = false

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let events =
            watch
            ? try await ServiceRequest.perform { () async throws(ControlError) in try await client.events() }
            : nil
        var known = try await phones(client)
        var table = Table(
            heads: ["NAME", "REGISTERED", "EXPIRES", "CALLS", "CONTACT", "PHONE"],
            dispensable: ["PHONE", "EXPIRES", "CALLS"]
        )
        show(known, in: &table, hasHead: true)
        guard let events else { return }
        do {
            for try await heard in events where heard.event.name.hasPrefix("phone.") {
                let now = try await phones(client)
                let changed = now.filter { phone in
                    !known.contains { $0.name == phone.name && $0.contact == phone.contact }
                }
                known = now
                show(changed, in: &table, hasHead: false)
            }
        } catch let error as ControlError {
            throw ServiceRequest.failure(error)
        }
    }

    private func phones(_ client: ControlClient) async throws -> [PhoneStatus] {
        try await ServiceRequest.perform { () async throws(ControlError) in try await client.phones() }
    }

    private func show(_ phones: [PhoneStatus], in table: inout Table, hasHead: Bool) {
        switch format {
        case .json: for phone in phones { JSONOutput.line(phone) }
        case .text:
            guard !phones.isEmpty || !hasHead else {
                Terminal.standardOutput("No phone is configured.")
                return
            }
            table.show(
                phones.map { phone in
                    [
                        phone.name, phone.registered ? "yes" : "no", phone.expires.map { "\($0) s" } ?? "-",
                        "\(phone.calls)", phone.contact ?? "-", phone.userAgent ?? "",
                    ]
                },
                hasHead: hasHead
            )
        }
    }
}
