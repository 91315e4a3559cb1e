import ArgumentParser
internal import CallModel
internal import Calls
internal import Console
internal import ContactBook
import Contacts
import DialPlan
import FoundationEssentials
import Gateway
internal import GatewayAPI
internal import Lines
import Modem
import SerialPort
import Settings

/// `gsmbridge contacts`: who can be called by name.
struct ContactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contacts",
        abstract: "Contacts: import vCards or a SIM's phone book, list, search, remove.",
        discussion: """
            EXAMPLES
              gsmbridge contacts import contacts.vcf
              gsmbridge contacts import --from-modem /dev/ttyUSB2
              gsmbridge contacts list
              gsmbridge contacts search anna
              gsmbridge dial "Anna Beispiel" --access-number +4922166966966 --modem /dev/ttyUSB2
            """,
        subcommands: [
            ContactsImportCommand.self, ContactsListCommand.self, ContactsSearchCommand.self,
            ContactsRemoveCommand.self,
        ]
    )

    static func show(_ contacts: [Contact], as format: OutputFormat) throws {
        for contact in contacts {
            switch format {
            case .text:
                let organization = contact.organization.map { $0 == contact.name ? "" : " (\($0))" } ?? ""
                let numbers = contact.numbers.map { $0.number + ($0.label.map { " \($0)" } ?? "") }
                Terminal.standardOutput("\(contact.name)\(organization): \(numbers.joined(separator: ", "))")
            case .json: JSONOutput.line(contact)
            }
            // A long list waits for its reader rather than losing lines.
            guard Terminal.drained() else { return }
        }
    }
}

/// `gsmbridge contacts import`: takes contacts in.
struct ContactsImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in contacts from a vCard file (3.0 or 4.0), or from a SIM.",
        discussion: """
            Contacts that are there already are brought up to date. What can't be read or called is left out and named \
            with its line. A file in which nobody can be called changes nothing and ends with 64.

            EXAMPLES
              gsmbridge contacts import contacts.vcf
              gsmbridge contacts import --from-modem /dev/ttyUSB2
            """
    )

    @Argument(help: ArgumentHelp("The vCard file.", valueName: "file"))
    var file: String?

    @Option(
        help: ArgumentHelp("Read the SIM's phone book in this modem: a configured name, or a tty.", valueName: "modem")
    )
    var fromModem: String?

    @Flag(help: "Remove every contact that was there.")
    var replace = false

    @Option(help: "How to report: text or json (one object).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (file == nil) != (fromModem == nil) else {
            throw ValidationError("name a vCard file, or a modem with --from-modem")
        }
    }

    func run() async throws {
        let client = service.client(self.configuration)
        let configuration = try self.configuration.loadOrDefaults()
        var contacts: [Contact] = []
        var skipped = 0
        if let file {
            let bytes: [UInt8]
            do { bytes = Array(try Data(contentsOf: URL(filePath: file))) } catch {
                throw ValidationError("\(file): the file can't be read")
            }
            let reader = VCardReader(bytes)
            for problem in reader.problems { Terminal.standardError("gsmbridge: \(file): \(problem)") }
            let untold = reader.problemCount - reader.problems.count
            if untold > 0 { Terminal.standardError("gsmbridge: \(file): and \(untold) more") }
            (contacts, skipped) = (reader.contacts, reader.problemCount)
            // What was there stays, also with --replace: this is hardly the file that was meant.
            guard !contacts.isEmpty else { throw ValidationError("\(file): there is nobody to call in it") }
        } else if let fromModem {
            contacts = try await phonebook(fromModem, configuration)
        }
        let changes = try await ContactAccess(configuration, client).take(contacts, replacing: replace)
        switch format {
        case .text:
            Terminal.standardOutput(
                "\(changes.added) added, \(changes.changed) changed, \(changes.unchanged) as they were"
                    + (skipped > 0 ? ", \(skipped) problems" : "")
            )
        case .json:
            Terminal.standardOutput(
                "{\"added\":\(changes.added),\"changed\":\(changes.changed),\"problems\":\(skipped),"
                    + "\"unchanged\":\(changes.unchanged)}"
            )
        }
    }

    private func phonebook(_ modem: String, _ configuration: Configuration) async throws -> [Contact] {
        let entry = configuration.modem(modem)
        guard let tty = entry?.tty ?? (modem.contains("/") ? modem : nil) else {
            throw ValidationError(
                "--from-modem \(modem): its tty is not known; give the path of its command port, such as /dev/ttyUSB2"
            )
        }
        let port: ModemPort
        do {
            let settings = entry?.serialSettings ?? SerialSettings()
            port = try await ModemPort.open(tty, settings: settings, log: Logging.logger(verbose: common.verbose))
        } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.noModem)
        }
        let result: Result<[Contact], PhonebookFailure>
        do throws(PhonebookFailure) { result = .success(try await SIMPhonebook.contacts(port.session)) } catch {
            result = .failure(error)
        }
        await port.close()
        do { return try result.get() } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(error.isOfCard ? CallExit.sim : CallExit.modemFailed)
        }
    }
}

/// `gsmbridge contacts list`: shows all of them.
struct ContactsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show every contact, by name.",
        discussion: """
            EXAMPLES
              gsmbridge contacts list
              gsmbridge contacts list --format json
            """
    )

    @Option(help: "How to report: text or json (one object a contact).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let book = try await ContactAccess(service, configuration).book()
        try ContactsCommand.show(book.contacts, as: format)
    }
}

/// `gsmbridge contacts search`: finds some of them.
struct ContactsSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find contacts by the beginnings of words, or by digits of a number.",
        discussion: """
            Case and accents don't matter. Ends with 1 where nobody is found.

            EXAMPLES
              gsmbridge contacts search anna
            """
    )

    @Argument(help: "The beginnings of words of name and organization, or digits.")
    var query: [String]

    @Option(help: "How to report: text or json (one object a contact).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let book = try await ContactAccess(service, configuration).book()
        let found = book.search(query.joined(separator: " "))
        try ContactsCommand.show(found, as: format)
        if found.isEmpty { throw ExitCode(CallExit.internalFailure) }
    }
}

/// `gsmbridge contacts remove`: takes some of them out.
struct ContactsRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove the contacts that are called exactly so (case and accents don't matter), or all.",
        discussion: """
            EXAMPLES
              gsmbridge contacts remove Anna Beispiel
              gsmbridge contacts remove --all
            """
    )

    @Argument(help: "The whole name.")
    var name: [String] = []

    @Flag(help: "Remove every contact.")
    var all = false

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard name.isEmpty == all else { throw ValidationError("name a contact, or say --all") }
    }

    func run() async throws {
        let name = all ? nil : name.joined(separator: " ")
        let removed = try await ContactAccess(service, configuration).remove(called: name)
        Terminal.standardOutput("\(removed) removed")
        if removed == 0, !all { throw ExitCode(CallExit.internalFailure) }
    }
}
