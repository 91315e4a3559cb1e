import ArgumentParser
import CallFlows
import CallModel
internal import Console
import FoundationEssentials
internal import GatewayAPI
import HTTP
internal import Presenters

/// `gsmbridge status`: the running service at a glance.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the running service: modems, live calls, PBXs.",
        discussion: """
            EXAMPLES
              gsmbridge status
              gsmbridge status --watch
              gsmbridge status --format json

            EXIT STATUS
              0 the service runs; 1 it does not, or can't be asked
            """
    )

    @Flag(help: "Show the status, then every event as it happens, until interrupted.")
    var watch = false

    @Option(help: "How to report: text or json (the status as one object, each event as another).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let events = try await ServiceRequest.events(client, if: watch)
        let status = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.status()
        }
        let presenter = StatusPresenter(format: format)
        presenter.show(status)
        guard let events else { return }
        try await ServiceRequest.follow(events) { presenter.show($0) }
        Terminal.standardError("gsmbridge: the service has stopped")
    }
}

/// Prints the service's status and events.
struct StatusPresenter {
    let format: OutputFormat

    func show(_ status: GatewayStatus) {
        switch format {
        case .json: JSONOutput.line(status)
        case .text: showText(status)
        }
    }

    func show(_ event: HeardEvent) {
        switch format {
        case .json: Terminal.standardOutput(event.event.bytes)
        case .text:
            let time = Date()
                .formatted(Date.ISO8601FormatStyle(timeZone: .current).time(includingFractionalSeconds: false))
            Terminal.standardOutput("\(time)  \(event.event.name)  \(Self.details(of: event.event.bytes))")
        }
    }

    private func showText(_ status: GatewayStatus) {
        let state = status.isStopping ? "stopping" : status.isReady ? "ready" : "no modem ready"
        Terminal.standardOutput("\(status.name): \(state), gsmbridge \(status.version), process \(status.pid)")
        Terminal.standardOutput("")
        if status.modems.isEmpty {
            Terminal.standardOutput("No modem.")
        } else {
            var presenter = ModemsPresenter(format: .text)
            presenter.show(status.modems)
        }
        Terminal.standardOutput("")
        if status.calls.isEmpty {
            Terminal.standardOutput("No live call.")
        } else {
            var table = Table(
                heads: ["CALL", "METHOD", "STATE", "NUMBER", "MODEM", "FOR"],
                dispensable: ["METHOD", "MODEM"]
            )
            table.show(
                status.calls.map { call in
                    [
                        String(call.call.uuidString.lowercased().prefix(LiveCallName.shown)), call.method.rawValue,
                        call.state.rawValue, Self.caller(of: call), call.modem ?? "-",
                        LogTime.length(max(0, -(call.connectedAt ?? call.requestedAt).timeIntervalSinceNow)),
                    ]
                }
            )
        }
        for call in status.calls {
            guard let audio = call.audio else { continue }
            let name = call.call.uuidString.lowercased().prefix(LiveCallName.shown)
            Terminal.standardOutput(
                "Sound of \(name): \(audio.endpoint), from the modem \(Int(audio.levelIn)) dBFS, to it \(Int(audio.levelOut)) dBFS"
            )
        }
        for pbx in status.pbx { Terminal.standardOutput("PBX \(pbx.name) (\(pbx.profile)): \(Self.words(for: pbx))") }
        for account in status.accounts { Terminal.standardOutput("account \(account.name): \(account.words)") }
        for warning in status.warnings { Terminal.standardOutput("! \(warning)") }
    }

    /// How a PBX is reached: one that is never asked is no trouble.
    static func words(for pbx: GatewayStatus.PBXStatus) -> String {
        let reason = pbx.reason.map { ": \($0)" } ?? ""
        let why = pbx.eventsReason.map { " (\($0))" } ?? ""
        let events = pbx.events.map { ", events \($0)\(why)" } ?? ""
        return switch pbx.reachable {
        case "yes": "reachable\(events)"
        case "no": "not reachable\(reason)\(events)"
        default: (pbx.events == "open" ? "reachable" : "not asked yet\(reason)") + events
        }
    }

    /// The number to reach, or that of the caller, with the name of a contact who rings.
    private static func caller(of call: CallStatus) -> String {
        guard let number = call.target else { return "withheld" }
        return call.name.map { "\(number) (\($0))" } ?? number
    }

    /// The event's fields beside its name and time, as far as they are plain values.
    private static func details(of json: [UInt8]) -> String {
        guard let fields = try? JSONDecoder().decode([String: PlainValue].self, from: Data(json)) else { return "" }
        return fields.filter { $0.key != "event" && $0.key != "at" }
            .sorted { $0.key < $1.key }
            .compactMap { field in field.value.text.map { "\(field.key)=\($0)" } }
            .joined(separator: " ")
    }

    private struct PlainValue: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Double.self) {
                text = number == number.rounded() ? "\(Int64(number))" : "\(number)"
            } else {
                text = try? value.decode(String.self)
            }
        }
    }
}
