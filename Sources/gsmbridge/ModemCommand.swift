import ArgumentParser
internal import Console
internal import GatewayAPI
import HTTP

/// `gsmbridge modem`: does something with one modem of the service.
struct ModemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modem",
        abstract: "Restart a modem, take it out of service, or back.",
        discussion: """
            For a modem of the running service that has no call. What is switched off stays off until it is switched on \
            again or the service starts anew; its port is closed, and what rings there rings unanswered. A call for help \
            does not wake it.

            EXAMPLES
              gsmbridge modem o2 restart
              gsmbridge modem o2 off
              gsmbridge modem o2 on
            """
    )

    @Argument(help: "The modem: its name, IMEI or tty.", completion: Completion.modems)
    var modem: String

    @Argument(
        help: "What to do: restart, off or on.",
        completion: .list(ModemOrder.allCases.map(\.rawValue)),
        transform: Self.parse
    )
    var order: ModemOrder

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    @Sendable private static func parse(_ text: String) throws -> ModemOrder {
        guard let order = ModemOrder(rawValue: text) else {
            throw ValidationError("known are \(ModemOrder.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return order
    }

    func run() async throws {
        let client = service.client(configuration)
        let (order, modem) = (order, modem)
        let status = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.perform(order, modem: modem)
        }
        switch format {
        case .json: JSONOutput.line(status)
        case .text:
            let reason = status.reason.map { ": \($0)" } ?? ""
            Terminal.standardOutput("\(status.name ?? modem) \(status.state.rawValue)\(reason)")
        }
    }
}
