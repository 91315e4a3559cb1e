import ArgumentParser
import FoundationEssentials
import Glibc

/// Writes the manual pages from what the argument parser says of the commands.
///
/// `gsmbridge --experimental-dump-help | gsmbridge-manual --directory man --source 'gsmbridge 1.2.3' --date 2026-01-31`
@main
struct Program: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gsmbridge-manual",
        abstract: "Write manual pages from what 'gsmbridge --experimental-dump-help' prints, read from standard input."
    )

    @Option(help: "Where the pages go; the directory must exist.")
    var directory: String

    @Option(help: "The program and its version.")
    var source: String

    @Option(help: "The day in the footer, as 2026-01-31.")
    var date: String

    func run() throws {
        var input = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0 { throw ValidationError("standard input can't be read (errno \(errno))") }
            if count == 0 { break }
            input.append(contentsOf: buffer.prefix(count))
        }
        let dump = try JSONDecoder().decode(CommandDescription.Dump.self, from: input)
        guard dump.serializationVersion == 0 else {
            throw ValidationError("this form of the description, \(dump.serializationVersion), is not known")
        }
        for page in ManualPage.pages(of: dump.command, source: source, date: date) {
            try Data(page.text.utf8).write(to: URL(filePath: directory + "/" + page.fileName))
        }
    }
}
