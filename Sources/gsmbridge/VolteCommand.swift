import ArgumentParser
internal import Console
import Gateway
internal import GatewayAPI
import HTTP
internal import LineStatuses
internal import Lines
import Logging
import Modem
import Settings
import TextCoding

/// `gsmbridge volte`: whether a modem can call where it is, and how its calls over LTE stand.
struct VolteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volte",
        abstract: "Show whether a modem can call here, and over LTE; switch that on.",
        discussion: """
            Where a network has no 2G and 3G any more, calls need IMS (VoLTE). What the modem does not tell is shown as \
            unknown. --enable walks the steps that are known for the modem's family, reads back what is set, and restarts the \
            modem where that has to be; nothing is done where it is on already.

            EXAMPLES
              gsmbridge volte o2
              gsmbridge volte /dev/ttyUSB2 --format json
              gsmbridge volte o2 --enable

            EXIT STATUS
              0 it was shown, or is switched on now; 1 --enable did not do it; 20 no such modem
            """
    )

    @Argument(help: "The modem: its name, IMEI or tty.", completion: Completion.modems)
    var modem: String

    @Flag(help: "Switch calls over LTE on.")
    var enable = false

    @Option(help: "How to report: text or json (one object).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let readiness = if let served = try await served() { served } else { try await alone() }
        switch format {
        case .json: JSONOutput.line(readiness)
        case .text: Self.show(readiness)
        }
        guard enable else { return }
        guard readiness.enabled == .yes else {
            if readiness.steps.isEmpty {
                Terminal.standardError("gsmbridge: no way is known to switch calls over LTE on for this modem")
            } else {
                Terminal.standardError("gsmbridge: the modem does not say that calls over LTE are on now")
            }
            throw ExitCode(CallExit.internalFailure)
        }
    }

    /// What the service says; nil where none runs, or it does not have the modem.
    private func served() async throws -> VoiceReadiness? {
        let client = service.client(configuration)
        do throws(ControlError) {
            return try await enable ? client.enableVoice(modem) : client.voiceReadiness(modem)
        } catch {
            switch error {
            case .notRunning: return nil
            case .notPermitted where modem.contains("/"), .notFound where modem.contains("/"): return nil
            case .notFound:
                Terminal.standardError("gsmbridge: \(error)")
                throw ExitCode(CallExit.noModem)
            default: throw ServiceRequest.failure(error)
            }
        }
    }

    /// Asks the modem without a service.
    private func alone() async throws -> VoiceReadiness {
        let log = Logging.logger(verbose: common.verbose)
        let tty = (try? configuration.load())?.modem(modem)?.tty ?? modem
        guard tty.contains("/") else {
            Terminal.standardError("gsmbridge: no service runs that would know the modem \(modem); name its tty")
            throw ExitCode(CallExit.noModem)
        }
        guard let inspection = await ModemInspection.inspect(ttys: [tty], log: log).first, inspection.survey != nil
        else {
            Terminal.standardError("gsmbridge: \(tty): no modem answers there")
            throw ExitCode(CallExit.noModem)
        }
        let line = LineStatus(inspection)
        let port: ModemPort
        do { port = try await ModemPort.open(tty, log: log) } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.noModem)
        }
        // Its family is asked for anew: the session is another one.
        guard await port.session.answers(), await port.session.recognise() else {
            await port.close()
            Terminal.standardError("gsmbridge: \(tty): the modem stopped answering")
            throw ExitCode(CallExit.modemFailed)
        }
        let readiness: VoiceReadiness
        if enable {
            readiness = await VoiceReadiness(enablingOn: port.session, line)
            if readiness.isRestarting { _ = await port.session.restart() }
        } else {
            readiness = await VoiceReadiness(line, port.session)
        }
        await port.close()
        return readiness
    }

    private static func show(_ readiness: VoiceReadiness) {
        let network = [readiness.registration, readiness.technology].compactMap(\.self).joined(separator: " ")
        let fields: [(String, String?)] = [
            ("modem", readiness.modem), ("model", readiness.model), ("firmware", readiness.revision),
            ("family", readiness.family), ("registered", network),
            ("calls", "\(readiness.calls.rawValue): \(readiness.reason)"),
            ("ims", Self.words(readiness.ims)), ("enabled", readiness.enabled.rawValue),
        ]
        for case (let name, let value?) in fields where !value.isEmpty { show(name, value) }
        for step in readiness.steps { show("step", "\(step.command)  \(step.result)") }
        if readiness.isRestarting { show("next", "the modem restarts; look again in a minute") }
        for caveat in readiness.caveats { show("caveat", caveat) }
        show("source", readiness.source)
    }

    private static func show(_ name: String, _ value: String) {
        Terminal.standardOutput(
            name + String(repeating: " ", count: max(1, 12 - name.count)) + TerminalText.safe(value) { _ in "?" }
        )
    }

    private static func words(_ registration: VoiceReadiness.Registration) -> String {
        switch registration {
        case .registered: "registered: calls go over LTE"
        case .notRegistered: "not registered"
        case .off: "switched off in the modem"
        case .lacking: "none: this family has no calls over LTE"
        case .unknown: "unknown: the modem does not tell"
        }
    }
}
