internal import CallLog
internal import Glibc
internal import Modem

/// A ``PINLedger`` in a small file: one card a line.
///
/// Synced to the disk before an attempt is made, and replaced as a whole, so that neither a crash nor a full disk can
/// lose an attempt that was made.
package actor FilePINLedger: PINLedger {
    /// Why the ledger can't be used: which file, which step, and the system's word for it.
    package struct Failure: Error, CustomStringConvertible {
        /// One clause for a person.
        package let description: String
    }

    private static let sizeLimit = 64 * 1024

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
        try cards().contains(card)
    }

    /// Puts the card on record, durably.
    package func recordAttempt(card: String) throws {
        var cards = try cards()
        if !cards.contains(card) { cards.append(card) }
        try replace(with: cards)
    }

    /// Takes the card off the record.
    package func clearAttempt(card: String) throws {
        try replace(with: try cards().filter { $0 != card })
    }

    private func cards() throws -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw failure("read")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: length), buffer.count - length)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read") }
            if count == 0 { break }
            length += count
        }
        return bytes[..<length].split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    private func replace(with cards: [String]) throws {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let directory = String(path[..<slash])
            guard mkdir(directory, 0o750) == 0 || errno == EEXIST else { throw failure("create the directory of") }
        }
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write") }
        DirectoryOwner.take(descriptor, at: temporary)
        let bytes = Array(cards.map { $0 + "\n" }.joined().utf8)
        var sent = 0
        var isWritten = true
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                isWritten = false
                break
            }
            sent += count
        }
        isWritten = isWritten && fsync(descriptor) == 0
        let error = errno
        close(descriptor)
        guard isWritten else {
            errno = error
            throw failure("write")
        }
        guard rename(temporary, path) == 0 else { throw failure("replace") }
        // The new name has to reach the disk as well.
        let directory = open(
            path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".",
            O_RDONLY | O_DIRECTORY | O_CLOEXEC
        )
        guard directory >= 0 else { throw failure("sync the directory of") }
        defer { close(directory) }
        guard fsync(directory) == 0 || errno == EINVAL else { throw failure("sync the directory of") }
    }

    private func failure(_ operation: String) -> Failure {
        Failure(description: "can't \(operation) \(path): \(String(cString: strerror(errno)))")
    }
}
