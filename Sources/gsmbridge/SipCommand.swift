import ArgumentParser
internal import Console
import GatewayAPI
import HTTP
internal import Presenters
internal import TextCoding

/// `gsmbridge sip`: what goes over the wire.
struct SipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sip",
        abstract: "Look at what the service says and hears over SIP.",
        discussion: """
            EXAMPLES
              gsmbridge sip trace
            """,
        subcommands: [SipTraceCommand.self]
    )
}

/// `gsmbridge sip trace`: the messages as they come and go.
struct SipTraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show the messages of SIP as they come and go, until interrupted.",
        discussion: """
            Asks the running service, which keeps the last 256 messages while this command runs, and none else. Proofs of \
            passwords, keys of sound, tokens and the keys that people press are never shown.

            EXAMPLES
              gsmbridge sip trace
              gsmbridge sip trace --numbers --format json
            """
    )

    @Flag(help: "Show phone numbers in full; else the last digits are masked.")
    var numbers = false

    @Option(help: "How to report: text or json (one object a message).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        var seen: UInt64?
        while !Task.isCancelled {
            let behind = seen
            let view = try await ServiceRequest.perform { () async throws(ControlError) in
                try await client.sipTrace(behind: behind, showsNumbers: numbers)
            }
            if let behind, let first = view.messages.first, first.number > behind + 1, format == .text {
                Terminal.standardError(
                    "gsmbridge: \(first.number - behind - 1) messages came faster than they were read"
                )
            }
            if seen == nil { Terminal.standardError("listening; Ctrl-C ends it") }
            for message in view.messages { show(message) }
            guard Terminal.drained() else { return }
            // A service that began anew counts from the beginning.
            seen = view.last
            try? await Task.sleep(for: .milliseconds(300))
        }
    }

    private func show(_ message: SIPTraceView.Message) {
        guard format == .text else { return JSONOutput.line(message) }
        let arrow = message.direction == .sent ? "->" : "<-"
        Terminal.standardOutput("\(LogTime.local(message.at)) \(arrow) \(message.peer)")
        for line in message.text.split(separator: "\n", omittingEmptySubsequences: false) {
            Terminal.standardOutput("  " + TerminalText.safe(String(line)) { _ in "?" })
        }
        Terminal.standardOutput("")
    }
}
