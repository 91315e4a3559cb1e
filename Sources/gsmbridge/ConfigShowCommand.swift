import ArgumentParser
internal import ConfigurationText
internal import Console
import Settings

/// `gsmbridge config show`: the effective values, and who decided each.
struct ConfigShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the effective values and where each comes from.",
        discussion: """
            Secrets are never shown, only where they would be read from.

            EXAMPLES
              gsmbridge config show
              gsmbridge config show --config gsmbridge.yaml --format json

            EXIT STATUS
              0 shown; 78 the configuration is wrong
            """
    )

    @OptionGroup var options: ConfigOptions

    @Option(help: "How to report: text or json (one object a value).")
    var format: OutputFormat = .text

    func run() async throws {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: options.config)
        } catch {
            for problem in error.problems { Terminal.standardError("\(problem)") }
            throw ExitCode(ConfigurationError.exitStatus)
        }
        switch format {
        case .text: Self.showText(configuration.settings)
        case .json: for setting in configuration.settings { JSONOutput.line(Document(setting)) }
        }
    }

    private static func showText(_ settings: [Configuration.Setting]) {
        let keyWidth = settings.map(\.key.count).max() ?? 0
        // One long value must not push all origins off the screen.
        let valueWidth = min(48, settings.map { "\($0.value)".count }.max() ?? 0)
        for setting in settings {
            let columns = [padded(setting.key, keyWidth), padded("\(setting.value)", valueWidth), "\(setting.origin)"]
            Terminal.standardOutput(columns.joined(separator: "  "))
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private struct Document: Encodable {
        let setting: Configuration.Setting

        init(_ setting: Configuration.Setting) { self.setting = setting }

        private enum CodingKeys: String, CodingKey {
            case key
            case value
            case hidden
            case source
            case origin
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(setting.key, forKey: .key)
            try container.encode(setting.origin.description, forKey: .origin)
            switch setting.value {
            case .text(let text): try container.encode(text, forKey: .value)
            case .number(let number): try container.encode(number, forKey: .value)
            case .flag(let flag): try container.encode(flag, forKey: .value)
            case .list(let values): try container.encode(values, forKey: .value)
            case .hidden(let source):
                try container.encode(setting.value.description, forKey: .value)
                try container.encode(true, forKey: .hidden)
                try container.encode(source, forKey: .source)
            }
        }
    }
}
