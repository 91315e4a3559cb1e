internal import Modem
internal import SmallFiles

/// Lines in a small file, and a ``PINLedger`` with a card a line.
///
/// Synced to the disk and replaced as a whole, so that neither a crash nor a full disk can lose what was written before.
package actor FileLedger: PINLedger {
    /// Why the ledger can't be used: which file, which step, and why.
    package struct Failure: Error, CustomStringConvertible {
        /// One clause for a person.
        package let description: String
    }

    private static let sizeLimit = 1024 * 1024

    private let path: String

    /// What a person has to do to allow another attempt.
    package nonisolated let remedy: String

    /// Creates a ledger on a file, which need not exist yet; its directory must, or be creatable.
    package init(path: String) {
        self.path = path
        remedy = "check the PIN, then delete the card's line in \(path)"
    }

    /// Whether the card is on record.
    package func hasFailedAttempt(card: String) throws -> Bool {
        try lines().contains(card)
    }

    /// Puts the card on record, durably.
    package func recordAttempt(card: String) throws {
        var cards = try lines()
        if !cards.contains(card) { cards.append(card) }
        try replace(with: cards)
    }

    /// Takes the card off the record.
    package func clearAttempt(card: String) throws {
        try replace(with: try lines().filter { $0 != card })
    }

    /// All lines; none where there is no file yet.
    package func lines() throws -> [String] {
        do throws(FileError) {
            return try SmallFile.read(path, limit: Self.sizeLimit).split(separator: 0x0A)
                .map { String(decoding: $0, as: UTF8.self) }
        } catch {
            if error == .absent { return [] }
            throw Failure(description: "can't read \(path): \(error.words)")
        }
    }

    /// Writes other lines, durably.
    package func replace(with lines: [String]) throws {
        do throws(FileError) {
            try SmallFile.replace(path, with: Array(lines.map { $0 + "\n" }.joined().utf8))
        } catch {
            throw Failure(description: "can't write \(path): \(error.words)")
        }
    }
}
