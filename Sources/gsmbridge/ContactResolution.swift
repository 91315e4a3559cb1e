import ArgumentParser
import CallFlows
import CallModel
internal import Console
import Contacts
import Glibc

/// Turns the name of a contact into a number, and asks where it may mean several.
struct ContactResolution {
    private let contacts: ContactAccess
    private let mayAsk: Bool

    /// Creates a resolution.
    ///
    /// - Parameters:
    ///   - contacts: where they are.
    ///   - format: nothing is asked in JSON mode.
    init(_ contacts: ContactAccess, format: OutputFormat) {
        self.contacts = contacts
        mayAsk = format == .text && isatty(STDIN_FILENO) == 1 && Terminal.isWatched
    }

    /// The number that a text means; the text itself where it begins like a number.
    func number(for text: String) async throws -> String {
        guard ContactBook.isName(text) else { return text }
        let book = try await contacts.book()
        let matches = book.resolve(text)
        guard let first = matches.first else { throw ValidationError(Self.words(forNobody: text, book)) }
        guard matches.count > 1 else {
            Terminal.standardError("\(first.contact.name): \(first.number.number)")
            return first.number.number
        }
        guard mayAsk else {
            throw ValidationError(ContactBook.words(forSeveral: matches, called: text))
        }
        return try ask(matches).number.number
    }

    /// Why a name means no number.
    private static func words(forNobody text: String, _ book: ContactBook) -> String {
        if let contact = book.search(text).first, !contact.numbers.contains(where: { !$0.isFax }) {
            return "\(contact.name) has no number but that of a fax, which is taken only where its label is named"
        }
        return "no contact called \(text); see gsmbridge contacts list"
    }

    private func ask(_ matches: [ContactBook.Match]) throws -> ContactBook.Match {
        for (index, match) in matches.prefix(20).enumerated() {
            Terminal.standardError("\(index + 1)  \(match.description)")
        }
        Terminal.standardError("Which one? Its number, or nothing to leave:")
        let answer = readLine()?.filter { $0 != " " } ?? ""
        guard !["", "q", "Q"].contains(answer) else {
            Terminal.standardError("gsmbridge: nobody was chosen")
            throw ExitCode(CallOutcome.interrupted.exitStatus)
        }
        guard let number = Int(answer), (1...min(20, matches.count)).contains(number) else {
            throw ValidationError("there is no choice \(answer), so nobody was chosen")
        }
        return matches[number - 1]
    }
}
