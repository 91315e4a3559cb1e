import ArgumentParser
internal import ConfigurationText
internal import Console
import Settings

/// `gsmbridge config`: a starting file, a check, and the effective values.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Begin, check and show the configuration.",
        discussion: """
            The file is the one named by --config, else by $GSMBRIDGE_CONFIG, else /etc/gsmbridge/gsmbridge.yaml if it \
            exists; without any, everything has its default.

            EXAMPLES
              gsmbridge config init --output gsmbridge.yaml
              gsmbridge config check --config gsmbridge.yaml
              gsmbridge config show --format json
            """,
        subcommands: [ConfigInitCommand.self, ConfigCheckCommand.self, ConfigShowCommand.self]
    )
}

/// The option of every command that reads the configuration.
struct ConfigOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var config: String?

    /// Reads the configuration; what is wrong with it goes to standard error, a line a problem, and the status is 78.
    func load() throws -> Configuration {
        do { return try Configuration.load(path: config) } catch {
            for problem in error.problems { Terminal.standardError("gsmbridge: \(problem)") }
            throw ExitCode(ConfigurationError.exitStatus)
        }
    }

    /// The configuration, or that of a box without one where the file is broken: for what the service does all the same.
    func loadOrDefaults() throws -> Configuration {
        do { return try Configuration.load(path: config) } catch { return try Configuration.defaults() }
    }

    /// Says what is wrong with the configuration.
    ///
    /// - Returns: the exit to throw.
    static func failure(_ message: String) -> ExitCode {
        Terminal.standardError("gsmbridge: \(message)")
        return ExitCode(ConfigurationError.exitStatus)
    }
}
