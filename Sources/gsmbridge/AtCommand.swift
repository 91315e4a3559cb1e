import ArgumentParser
import CallFlows
import CallModel
internal import Console
import FoundationEssentials
internal import GatewayAPI
import HTTP
internal import Lines
import Modem
import SerialPort

/// `gsmbridge at`: one AT command after the other, each with its answer and its timing.
struct AtCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "at",
        abstract: "Send AT commands to a modem and show the answers.",
        discussion: """
            For looking, not for calling: commands that dial are refused here, because they would pass by the dial \
            policy and leave a call up that nobody ends.

            EXAMPLES
              gsmbridge at /dev/ttyUSB2 AT+CSQ
              gsmbridge at /dev/ttyUSB2 ATI AT+CREG? AT+CLCC
              gsmbridge at o2 AT+COPS?
              gsmbridge at o2 'AT+CUSD=1,"*100#",15' --wait 15s
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The modem: the path of its command tty, or with a running service its name or IMEI.",
            valueName: "modem"
        ),
        completion: Completion.modems
    )
    var modem: String

    @Argument(help: "The commands, in order; the first that fails ends it.")
    var command: [String]

    @Option(
        help: ArgumentHelp("How long each answer may take. (default: 5s)", valueName: "duration"),
        transform: DurationArgument.parse
    )
    var timeout: Duration = ModemSession.answersWithin

    @Option(
        help: ArgumentHelp(
            "How long to listen, behind the last command, to what the modem says unasked; at most 60s.",
            valueName: "duration"
        ),
        transform: DurationArgument.parse
    )
    var wait: Duration?

    @Option(help: "How to report: text or json (one object a command).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("name at least one command, for example AT+CSQ") }
        guard timeout <= CommandAnswer.longestAnswer else { throw ValidationError("--timeout: give at most 180s") }
        if let wait, wait > CommandAnswer.longestWait { throw ValidationError("--wait: give at most 60s") }
        for text in command {
            if let problem = RawCommand.problem(with: text) {
                throw ValidationError("\(RawCommand.shown(text)): \(problem)")
            }
        }
    }

    func run() async throws {
        if let status = try await askService() { throw ExitCode(status) }
        let port: ModemPort
        do {
            port = try await ModemPort.open(modem, log: Logging.logger(verbose: common.verbose))
        } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.noModem)
        }
        var status: Int32 = 0
        for text in command.dropLast() where status == 0 { status = await send(text, within: timeout, to: port) }
        if let last = command.last, status == 0 {
            let listener = wait == nil ? nil : await port.session.beginListening()
            status = await send(last, within: timeout, to: port)
            if let listener, let wait {
                show(later: await port.session.endListening(listener, after: status == 0 ? wait : .zero))
            }
        }
        await port.close()
        throw ExitCode(status)
    }

    /// Sends the commands through the service, which has its modems open.
    ///
    /// - Returns: the exit status; nil when no service runs, or the modem is none of its own.
    private func askService() async throws -> Int32? {
        let client = service.client(configuration)
        for (index, text) in command.enumerated() {
            let shown = RawCommand.shown(text)
            let started = ContinuousClock.now
            do throws(ControlError) {
                let wait = index == command.count - 1 ? wait ?? .zero : .zero
                let answer = try await client.command(text, modem: modem, within: timeout, wait: wait)
                defer { show(later: answer.later ?? []) }
                show(shown, lines: answer.lines, result: answer.result, took: .milliseconds(answer.milliseconds))
                guard answer.result == "OK" else { return CallExit.internalFailure }
            } catch {
                switch error {
                case .notRunning: return nil
                case .notFound where modem.contains("/"): return nil
                case .failed(let reason):
                    show(shown, lines: [], result: reason, took: .now - started)
                    return CallExit.modemFailed
                default: throw ServiceRequest.failure(error)
                }
            }
        }
        return 0
    }

    private func send(_ text: String, within limit: Duration, to port: ModemPort) async -> Int32 {
        let shown = RawCommand.shown(text)
        let started = port.loop.now
        do throws(NoAnswer) {
            let answer = try await port.session.typed(text, within: limit)
            let took = port.loop.now - started
            show(shown, lines: answer.lines, result: answer.result, took: took)
            return answer.isOK ? 0 : CallExit.internalFailure
        } catch {
            let took = port.loop.now - started
            show(shown, lines: [], result: error.description, took: took)
            return CallExit.modemFailed
        }
    }

    private func show(_ command: String, lines: [String], result: String, took: Duration) {
        switch format {
        case .text:
            for line in lines { Terminal.standardOutput(line) }
            Terminal.standardOutput("\(ModemAnswer.words(for: result))  (\(took.inMilliseconds) ms)")
        case .json:
            let document = Answer(command: command, lines: lines, result: result, milliseconds: took.inMilliseconds)
            JSONOutput.line(document)
        }
    }

    /// Shows what the modem said unasked.
    private func show(later lines: [String]) {
        for line in lines {
            switch format {
            case .text: Terminal.standardOutput(line)
            case .json: JSONOutput.line(["unasked": line])
            }
        }
    }

    private struct Answer: Encodable {
        let command: String
        let lines: [String]
        let result: String
        let milliseconds: Int

        private enum CodingKeys: String, CodingKey {
            case command
            case lines
            case result
            case milliseconds = "ms"
        }
    }
}
