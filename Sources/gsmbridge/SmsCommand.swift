import ArgumentParser
internal import Console
import FoundationEssentials
internal import GatewayAPI
import HTTP
internal import Presenters

/// `gsmbridge sms`: short messages, sent and received.
struct SmsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sms",
        abstract: "Short messages: send, list, threads, show, export, erase.",
        discussion: """
            The running service sends and takes them. A message is given to a modem once: where its answer is lost it is \
            'unknown' (exit status 14), and never sent again by itself. Texts are kept for messages.keep (30 days).

            EXAMPLES
              gsmbridge sms send 01713920012 "On my way" --report
              gsmbridge sms list --number 01713920012
              gsmbridge sms list --watch --format json
              gsmbridge sms threads
              gsmbridge sms show 3f2a
              gsmbridge sms export --since 30d > messages.jsonl
              gsmbridge sms erase --number 01713920012
            """,
        subcommands: [
            SmsSendCommand.self, SmsListCommand.self, SmsThreadsCommand.self, SmsShowCommand.self,
            SmsExportCommand.self, SmsEraseCommand.self,
        ],
        defaultSubcommand: SmsListCommand.self
    )
}

/// `gsmbridge sms send`: sends a message, and waits until the network has it.
struct SmsSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message, and wait until the network has it.",
        discussion: """
            Exit status: 0 the network has it, 12 refused by the network, 14 unknown whether it was sent, 20 to 23 as for \
            calls (20 also where no service runs, which has the modems), 30 refused by the policy or a limit.

            EXAMPLES
              gsmbridge sms send 01713920012 "On my way"
              gsmbridge sms send +491711234567 "Guten Tag" --modem o2 --report --format json
            """
    )

    @Argument(help: "The number.")
    var number: String

    @Argument(help: "The text.")
    var text: String

    @Option(help: "The modem: its name, IMEI or tty.", completion: Completion.modems)
    var modem: String?

    @Flag(help: "Have the network report what becomes of it; see 'sms show'.")
    var report = false

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    /// Longer than a modem takes for the longest text.
    private static let patience: Duration = .seconds(3600)

    func validate() throws {
        guard !text.isEmpty else { throw ValidationError("a message needs a text") }
    }

    func run() async throws {
        let client = service.client(configuration)
        let id = UUID()
        let request = MessageRequest(number: number, text: text, modem: modem, report: report ? true : nil)
        var record: MessageRecord
        do throws(ControlError) { record = try await client.sendMessage(request, id: id, origin: .local) } catch {
            switch error {
            // The service may have it all the same.
            case .lost, .callMayGoOn: throw Self.unknown(id, error)
            default:
                let exit = ServiceRequest.failure(error)
                // As for a call: the service has the modems.
                if case .notRunning = error { throw ExitCode(CallExit.noModem) }
                throw exit
            }
        }
        let end = ContinuousClock.now + Self.patience
        while record.exit == nil, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(200))
            do throws(ControlError) { record = try await client.message(id.name) } catch {
                throw Self.unknown(id, error)
            }
        }
        MessagePresenter(format: format).show(record)
        if let reason = record.reason { Terminal.standardError("gsmbridge: \(reason)") }
        let status = record.exit ?? Self.unknown
        if status != 0 { throw ExitCode(status) }
    }

    /// See the contract, section 7.
    private static let unknown: Int32 = 14

    /// Says how to learn what became of a message: it may be on its way, and is not sent again.
    private static func unknown(_ id: UUID, _ error: ControlError) -> ExitCode {
        let reason =
            switch error {
            case .lost(let reason), .callMayGoOn(_, let reason): "the connection to the service was lost: \(reason)"
            default: "\(error)"
            }
        Terminal.standardError("gsmbridge: \(reason); whether the message was sent: gsmbridge sms show \(id.name)")
        return ExitCode(unknown)
    }
}

/// `gsmbridge sms show`: everything about one message.
struct SmsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one message.",
        discussion: """
            EXAMPLES
              gsmbridge sms show 3f2a9c10
            """
    )

    @Argument(help: "The message: its id, or the beginning of it.")
    var message: String

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let reference = message
        let record = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.message(reference)
        }
        MessagePresenter(format: format).showWhole(record)
    }
}

/// `gsmbridge sms erase`: forgets what was written with a number.
struct SmsEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Forget the texts of a number.",
        discussion: """
            That there were messages stays, so that limits stay right; number and text are removed from the files.

            EXAMPLES
              gsmbridge sms erase --number 01713920012
            """
    )

    @Option(help: ArgumentHelp("The number, or the name of a service.", valueName: "number"))
    var number: String

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let number = number
        let erased = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.eraseMessages(number: number)
        }
        switch format {
        case .json: JSONOutput.line(erased)
        case .text: Terminal.standardOutput("\(erased.number) erased from \(erased.messages) messages")
        }
    }
}
