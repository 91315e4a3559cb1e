import ArgumentParser
internal import ConfigurationText
internal import Console
import FoundationEssentials
internal import GatewayAPI
internal import HTTP
import Settings
internal import SmallFiles

/// `gsmbridge config check`: whether the configuration is right, and what to do where it is not.
struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration, and that its secrets can be read.",
        discussion: """
            Everything that is wrong is told at once, with file, line, key and remedy. Secrets are read and never shown. \
            Credentials of systemd are there only inside the service; elsewhere they are named as not checked.

            EXAMPLES
              gsmbridge config check
              gsmbridge config check --config gsmbridge.yaml --format json
              gsmbridge config check --process "$(systemctl show --value -p MainPID gsmbridge)"

            EXIT STATUS
              0 right; 78 wrong
            """
    )

    @OptionGroup var options: ConfigOptions

    @Option(
        help: ArgumentHelp(
            "Check the file that a running service reads: the one that its command line names, else as without.",
            valueName: "pid"
        )
    )
    var process: Int32?

    @Option(help: "How to report: text or json (one object).")
    var format: OutputFormat = .text

    func run() async throws {
        let environment = ConfigurationEnvironment.current
        let path = try process.map { try RunningProcess($0).configuration } ?? options.config
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: path, environment: environment)
        } catch {
            show(file: error.problems.first?.file, problems: error.problems, unchecked: [], summary: "")
            throw ExitCode(ConfigurationError.exitStatus)
        }
        var problems: [ConfigurationProblem] = []
        var unchecked: [ConfigurationProblem] = []
        for reference in configuration.secrets {
            do throws(SecretError) {
                _ = try reference.read(in: environment)
            } catch {
                if error.isOutsideService { unchecked.append(error.problem) } else { problems.append(error.problem) }
            }
        }
        problems += Self.identityProblems(configuration, environment)
        let read = configuration.secrets.count - unchecked.count
        show(
            file: configuration.file,
            problems: problems,
            unchecked: unchecked,
            summary: Self.summary(of: configuration, secretsRead: read)
        )
        if !problems.isEmpty { throw ExitCode(ConfigurationError.exitStatus) }
    }

    /// What is wrong with the certificates that listeners show, and their keys; a key that can't be read was told already.
    private static func identityProblems(
        _ configuration: Configuration,
        _ environment: ConfigurationEnvironment
    ) -> [ConfigurationProblem] {
        let identities = [
            ("web.tls", configuration.web.isOn ? configuration.web.tls : nil),
            ("webhooks.tls", configuration.webhooks.tls),
        ]
        return identities.compactMap { key, identity -> ConfigurationProblem? in
            guard let identity, let secret = try? identity.key.read(in: environment) else { return nil }
            do throws(WebhookListenerError) {
                _ = try TLSIdentity(certificate: identity.certificate, key: secret)
                return nil
            } catch {
                let place = error.key(below: key)
                return configuration.problem(error.message(below: key), at: place, remedy: "correct \(place)")
            }
        }
    }

    func validate() throws {
        if process != nil, options.config != nil {
            throw ValidationError("--process and --config each name a file: give one")
        }
    }

    private func show(
        file: String?,
        problems: [ConfigurationProblem],
        unchecked: [ConfigurationProblem],
        summary: String
    ) {
        switch format {
        case .text:
            for problem in problems { Terminal.standardError("\(problem)") }
            for problem in unchecked { Terminal.standardError("not checked: \(problem)") }
            if problems.isEmpty { Terminal.standardOutput("ok: \(summary)") }
        case .json:
            JSONOutput.line(
                Report(
                    ok: problems.isEmpty,
                    file: file,
                    problems: problems.map(Report.Entry.init),
                    unchecked: unchecked.map(Report.Entry.init)
                )
            )
        }
    }

    private static func summary(of configuration: Configuration, secretsRead: Int) -> String {
        guard let file = configuration.file else { return "no configuration file, everything has its default" }
        let parts = [
            count(configuration.modems.count, "modem", "modems"), count(configuration.pbx.count, "PBX", "PBXs"),
            count(secretsRead, "secret", "secrets") + " read",
        ]
        return "\(file): \(parts.joined(separator: ", "))"
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    private struct Report: Encodable {
        struct Entry: Encodable {
            let file: String?
            let line: Int?
            let key: String?
            let message: String
            let remedy: String

            init(_ problem: ConfigurationProblem) {
                file = problem.file
                line = problem.line
                key = problem.key
                message = problem.message
                remedy = problem.remedy
            }
        }
        let ok: Bool
        let file: String?
        let problems: [Entry]
        let unchecked: [Entry]
    }
}

/// A process of the service, as proc(5) shows it.
struct RunningProcess {
    /// The file that its command line names, from the root; nil where it names none.
    let configuration: String?

    init(_ process: Int32) throws {
        guard process > 0, let line = SmallFile.text("/proc/\(process)/cmdline"), !line.isEmpty else {
            Terminal.standardError("gsmbridge: there is no process \(process) whose command line can be read")
            throw ExitCode(CallExit.internalFailure)
        }
        let words = line.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        guard let path = Self.configuration(in: words) else {
            configuration = nil
            return
        }
        configuration = path.hasPrefix("/") ? path : "/proc/\(process)/cwd/\(path)"
    }

    /// The last `--config` of a command line; the parser takes that one too.
    static func configuration(in words: [String]) -> String? {
        var path: String?
        for (word, next) in zip(words, words.dropFirst() + [""]) {
            if word == "--config" { path = next }
            if word.hasPrefix("--config=") { path = String(word.dropFirst("--config=".count)) }
        }
        return path
    }
}
