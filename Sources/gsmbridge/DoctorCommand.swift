import ArgumentParser
internal import Console
import Doctor
internal import GatewayAPI
import HTTP
import Logging
import Settings

/// `gsmbridge doctor`: what is wrong with this box, and how to mend it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out what is wrong with this box, and how to mend it.",
        discussion: """
            Looks at configuration and secrets, clock and disk, the service, udev rules and ModemManager, every stick, \
            its ttys, card, network and voice, and asks every PBX how it is. One line a finding: how bad it is, what it is about, what was found, and \
            what to do, as a command to type where there is one. Nothing is changed, no PIN is tried, nobody is called.

            --audio looks at the sound of one modem instead: where it lies, whether that opens, which halves move without a call, and \
            whether the modem knows the commands that switch it on. A service that has the modem has to be stopped for it. Which half of a call's \
            sound moves, a call tells: gsmbridge dial NUMBER --audio wav:,heard.wav, and its call.quality.

            With --with OTHER it calls the other modem of the box as well, under the policy: each says digits, and it is measured at the other \
            one which come, how loud and how late.

            --report prints model, firmware, ports and what the stick answers to some questions that change nothing, for the form \
            “A stick that works, or does not” of the project.

            EXAMPLES
              gsmbridge doctor
              gsmbridge doctor --modem /dev/ttyUSB2
              gsmbridge doctor --pbx office
              gsmbridge doctor --audio o2
              gsmbridge doctor --audio o2 --with telekom
              gsmbridge doctor --report --modem o2
              gsmbridge doctor --format json

            EXIT STATUS
              0 no error was found, warnings perhaps; 1 an error was found
            """
    )

    @Option(help: ArgumentHelp("Look at this PBX only.", valueName: "name"))
    var pbx: String?

    @Option(help: ArgumentHelp("Look at this modem only: its name, IMEI, USB path or tty.", valueName: "modem"))
    var modem: String?

    @Option(
        help: ArgumentHelp("Look at the sound of this modem only: its name, IMEI, USB path or tty.", valueName: "modem")
    )
    var audio: String?

    @Option(
        help: ArgumentHelp(
            "With --audio: call this other modem of the box, and measure both ways what is heard; the call costs what it costs.",
            valueName: "modem"
        )
    )
    var with: String?

    @Flag(help: "Print what others need to know of the sticks, to paste into a report: no cards, numbers, whole IMEIs.")
    var report = false

    @Option(help: "How to report: text or json (one object a finding).")
    var format: OutputFormat = .text

    @OptionGroup var options: ConfigOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if report, audio != nil || pbx != nil || format == .json {
            throw ValidationError("--report is a text about sticks: leave --audio, --pbx and --format out")
        }
        if with != nil, audio == nil { throw ValidationError("--with is the other modem for --audio MODEM") }
        if audio != nil, modem != nil || pbx != nil {
            throw ValidationError("--audio looks at one modem's sound and nothing else: leave --modem and --pbx out")
        }
    }

    func run() async throws {
        if report { return try await showReport() }
        if let audio { return try show(await soundFindings(of: audio)) }
        let gathering = DoctorGathering(
            environment: .current,
            configurationPath: options.config,
            modem: modem,
            pbx: pbx,
            log: Logging.logger(verbose: common.verbose)
        )
        let findings: [DoctorFinding]
        do {
            findings = try await gathering.findings()
        } catch {
            switch error {
            case .unknownPBX(let name): throw ConfigOptions.failure("\(name)")
            case .unknownModem(let name):
                Terminal.standardError(
                    "gsmbridge: there is no modem \(name) here; gsmbridge modems shows those that there are"
                )
                throw ExitCode(CallExit.noModem)
            }
        }
        try show(findings)
    }

    private func showReport() async throws {
        let client = ControlClient(socket: Configuration.socketPlace(option: nil, file: options.config).path)
        let served = try await ServiceRequest.perform { () async throws(ControlError) in
            try await StickReport.served(client, modem: modem)
        }
        var report = served
        if report == nil {
            let known = (try? options.load())
                .flatMap { configuration in modem.flatMap { configuration.modem($0)?.tty } }
            let alone = await StickReport.alone(
                tty: known ?? modem.flatMap { $0.contains("/") ? $0 : nil },
                log: Logging.logger(verbose: common.verbose)
            )
            report = StickReport(
                sticks: alone.sticks.filter { stick in
                    modem.map { stick.status.isCalled($0) || stick.status.tty == known } ?? true
                }
            )
        }
        guard let report, !report.sticks.isEmpty else {
            Terminal.standardError("gsmbridge: no modem to report; name its tty with --modem")
            throw ExitCode(CallExit.noModem)
        }
        for line in report.lines { Terminal.standardOutput(line) }
    }

    private func soundFindings(of modem: String) async throws -> [DoctorFinding] {
        let environment = ConfigurationEnvironment.current
        let configuration = try options.load()
        let log = Logging.logger(verbose: common.verbose)
        let findings =
            await DoctorAudio(modem: modem, configuration: configuration, environment: environment, log: log)
            .findings()
        guard let with, !findings.contains(where: { $0.severity == .error }) else { return findings }
        let loop = DoctorLoop(
            from: modem,
            to: with,
            configuration: configuration,
            environment: environment,
            log: log
        )
        return findings + (await loop.findings())
    }

    /// Shows what was found; an error makes the exit status 1.
    private func show(_ findings: [DoctorFinding]) throws {
        for finding in findings {
            switch format {
            case .text: Terminal.standardOutput("\(finding)")
            case .json: JSONOutput.line(finding)
            }
        }
        let errors = findings.count { $0.severity == .error }
        if format == .text {
            let warnings = findings.count { $0.severity == .warning }
            Terminal.standardError("gsmbridge: \(Self.count(errors, "error")), \(Self.count(warnings, "warning"))")
        }
        if errors > 0 { throw ExitCode(1) }
    }

    private static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
}
