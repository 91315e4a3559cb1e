/// A command as the argument parser describes it with `--experimental-dump-help`, as far as a manual page shows it.
struct CommandDescription: Decodable, Sendable {
    /// What the parser prints: a command, and the version of its form.
    struct Dump: Decodable, Sendable {
        let serializationVersion: Int
        let command: CommandDescription
    }

    /// An option, a flag or a positional argument.
    struct Argument: Decodable, Sendable {
        enum Kind: String, Decodable, Sendable {
            case positional
            case option
            case flag
        }

        struct Name: Decodable, Sendable {
            let kind: String
            let name: String

            var typed: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: Kind
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?
        let discussion: String?
    }

    let superCommands: [String]?
    let commandName: String
    let shouldDisplay: Bool
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandDescription]?
    let arguments: [Argument]?

    /// The words to type, such as `gsmbridge config check`.
    var words: [String] { (superCommands ?? []) + [commandName] }

    /// The commands below that are shown; `help` has no page of its own.
    var shown: [CommandDescription] { (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" } }
}
