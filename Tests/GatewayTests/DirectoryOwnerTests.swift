import CallLog
import CallModel
import ContactBook
import Contacts
import Glibc
import Lines
import TestSupport
import Testing

@testable import Calls
@testable import Gateway

/// Only root can make a file that is not its own.
@Suite("Files that root makes in another user's state directory", .enabled(if: geteuid() == 0))
struct DirectoryOwnerTests {
    private static let owner: uid_t = 12_345

    /// A state directory of another user.
    private static func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try #require(chown(directory.path, owner, owner) == 0)
        return directory
    }

    private static func owners(in directory: TemporaryDirectory, _ names: [String]) -> [uid_t?] {
        names.map { name in
            var status = stat()
            return stat(directory.path + "/" + name, &status) == 0 ? status.st_uid : nil
        }
    }

    @Test("the call log, the contacts and the ledger of PINs are the directory's owner's")
    func made() async throws {
        let directory = try Self.directory()
        let log = try CallLog.open(directory: directory.path)
        _ = try ContactStore(directory: directory.path).take([Contact(name: "Anna", numbers: [.init("030123456")])])
        try await FileLedger(path: directory.path + "/pin-attempts").recordAttempt(card: "8949020000001234567")
        let names = ["calls.sqlite", "calls.sqlite-wal", "calls.lock", "contacts.jsonl", "pin-attempts"]
        #expect(Self.owners(in: directory, names) == names.map { _ in Self.owner })
        try log.close()
    }

    @Test("a file of root's that is there already is handed over, one with a second name elsewhere is not")
    func mended() throws {
        let directory = try Self.directory()
        for name in ["calls.lock", "elsewhere"] { _ = try directory.write(name, "".utf8) }
        try #require(link(directory.path + "/elsewhere", directory.path + "/calls.sqlite") == 0)
        try CallLog.open(directory: directory.path).close()
        #expect(Self.owners(in: directory, ["calls.lock", "calls.sqlite"]) == [Self.owner, 0])
    }
}
