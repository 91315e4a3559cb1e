import ArgumentParser
internal import Console
import FoundationEssentials
internal import GatewayAPI
import Glibc
import HTTP
import Settings
import TextCoding

/// `gsmbridge ussd`: asks the network something by a code, such as the balance.
struct UssdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ussd",
        abstract: "Send a code such as *100# to the network, and show what it answers.",
        discussion: """
            Only codes that ussd.allow lists are sent; those that divert or bar calls never are. Where the network asks for \
            a choice, --reply gives it, or on a terminal you do. A session lasts as long as the command, and 60 s for each \
            answer; a call goes first and ends it.

            EXAMPLES
              gsmbridge ussd o2 '*100#'
              gsmbridge ussd o2 '*101#' --reply 2 --reply 1 --format json
            """
    )

    @Argument(help: "The modem: its name, IMEI or tty.", completion: Completion.modems)
    var modem: String

    @Argument(help: "The code.")
    var code: String

    @Option(help: ArgumentHelp("A reply to what the network asks; may be given several times.", valueName: "text"))
    var reply: [String] = []

    @Option(help: "How to report: text or json (one object an answer).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let (code, modem) = (code, modem)
        let session = UUID()
        // A session that nobody ends keeps the modem, and in some networks costs something, until its limit.
        let signals = StopSignals {
            Task {
                try? await client.endService(session)
                Terminal.drain(within: 0.1)
                _exit(130)
            }
        }
        defer { withExtendedLifetime(signals) {} }
        var answer: ServiceAnswer
        do throws(ControlError) {
            answer = try await client.beginService(code, modem: modem, session: session)
        } catch {
            let exit = ServiceRequest.failure(error)
            switch error {
            // Nothing else can be unknown yet, and the service has the modems.
            case .notFound, .notRunning: throw ExitCode(CallExit.noModem)
            default: throw exit
            }
        }
        var replies = reply[...]
        while true {
            show(answer)
            guard let session = answer.session else { break }
            guard let text = replies.popFirst() ?? typed() else {
                try await ServiceRequest.perform { () async throws(ControlError) in try await client.endService(session)
                }
                break
            }
            answer = try await ServiceRequest.perform { () async throws(ControlError) in
                try await client.continueService(text, session: session)
            }
        }
        if !replies.isEmpty {
            Terminal.standardError("gsmbridge: the network asked no more; not sent: \(replies.joined(separator: ", "))")
        }
    }

    /// What a person at a terminal replies; nil for nothing.
    private func typed() -> String? {
        guard format == .text, isatty(STDIN_FILENO) == 1 else { return nil }
        Terminal.drain()
        guard let line = readLine(), !line.isEmpty else { return nil }
        return line
    }

    private func show(_ answer: ServiceAnswer) {
        switch format {
        case .json: JSONOutput.line(Shown(text: answer.text, done: answer.done))
        case .text:
            for line in answer.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
                Terminal.standardOutput(TerminalText.safe(String(line)) { _ in "?" })
            }
        }
    }

    /// An answer as the contract has it.
    private struct Shown: Encodable {
        let text: String
        let done: Bool
    }
}
