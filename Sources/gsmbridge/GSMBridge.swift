import ArgumentParser
internal import Console
import Glibc
import Modem
import NIOCore
import Settings
import Simulation
internal import TextCoding

/// The command line: argument parsing, printing, exit status, and nothing else.
@main
struct GSMBridge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gsmbridge",
        abstract: "Calls under your landline number, over a SIM in a USB stick.",
        discussion: """
            Couples GSM and LTE modems to a PBX: the modem dials the PBX's number, waits until it is answered, sends \
            the target as DTMF, and the PBX dials on.

            EXAMPLES
              gsmbridge demo
              gsmbridge dial 030123456 --access-number +4922166966966 --modem /dev/ttyUSB2
              gsmbridge simulate --modems 3
            """,
        version: "gsmbridge \(Version.current)",
        subcommands: [
            DialCommand.self, CallbackCommand.self, RunCommand.self, StatusCommand.self, ModemsCommand.self,
            ModemCommand.self, AccountsCommand.self, PhonesCommand.self, SipCommand.self,
            CallsCommand.self,
            SmsCommand.self, ArrivalsCommand.self, UssdCommand.self, BalanceCommand.self, VolteCommand.self,
            SelftestCommand.self,
            ContactsCommand.self, HangUpCommand.self, AnswerCommand.self, DTMFCommand.self, AtCommand.self,
            DoctorCommand.self, ConfigCommand.self, TokenCommand.self, WebCommand.self, SimulateCommand.self,
            DemoCommand.self,
        ]
    )

    /// Parses and runs; a mistake in the arguments is one line and status 64.
    static func main() async {
        // Before anything that opens some.
        if let problem = Descriptors.problem(forService: false) {
            Descriptors.leave(saying: problem, status: CallExit.internalFailure)
        }
        // A reader of our output that goes away must not take a live call's supervision with it.
        signal(SIGPIPE, SIG_IGN)
        // The other half of the cores is for modems.
        NIOSingletons.groupLoopCountSuggestion = ModemLoops.count
        Logging.takeLibraries()
        StopSignals.takeOver()
        Terminal.openMissingDescriptors()
        defer { Terminal.drain() }
        do {
            var command = try await asyncParseAsRoot(nil)
            if command is RunCommand, let problem = Descriptors.problem(forService: true) {
                Descriptors.leave(saying: problem, status: CallExit.internalFailure)
            }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    /// Says that a command does not exist, and which one was likely meant; nil where the commands are right.
    ///
    /// The parser's own message is about the argument that it did not expect, which does not help after a mistyped
    /// command.
    static func unknownCommand(_ arguments: [String]) -> String? {
        var command: any ParsableCommand.Type = GSMBridge.self
        var path = "gsmbridge"
        for word in arguments {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !word.hasPrefix("-") else { return nil }
            if let next = known.first(where: { $0._commandName == word }) {
                command = next
                path += " \(word)"
                continue
            }
            guard word != "help" else { return nil }
            let names = known.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
            let near = Spelling.nearest(to: word, among: names).map { "; did you mean \($0)?" } ?? ""
            return "there is no command \(path) \(Spelling.quoted(word))\(near) See \(path) --help"
        }
        return nil
    }

    private static func leave(with error: any Error) -> Never {
        let status = exitCode(for: error)
        if let exit = error as? ExitCode {
            Terminal.drain()
            Glibc.exit(exit.rawValue)
        }
        // Help and version are no errors; the parser prints them in its own way.
        if status.isSuccess { exit(withError: error) }
        let message = message(for: error)
        let mistake = status == .validationFailure ? unknownCommand(Array(CommandLine.arguments.dropFirst())) : nil
        let words = mistake ?? (message.isEmpty ? "\(error)" : message)
        Terminal.standardError("gsmbridge: \(words.replacing("\n", with: " "))")
        Terminal.drain()
        Glibc.exit(status.rawValue)
    }
}
