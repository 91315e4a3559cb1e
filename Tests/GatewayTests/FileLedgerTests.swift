import Foundation
import Lines
import Testing

@Suite struct FileLedgerTests {
    private static func path() -> String {
        NSTemporaryDirectory() + "gsmbridge-ledger-\(UUID().uuidString)/pin-attempts"
    }

    @Test("an attempt is remembered by a later run until the card accepts")
    func remembers() async throws {
        let path = Self.path()
        defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
        #expect(try await FileLedger(path: path).hasFailedAttempt(card: "8949020000001234567") == false)
        try await FileLedger(path: path).recordAttempt(card: "8949020000001234567")
        try await FileLedger(path: path).recordAttempt(card: "8949020000007654321")
        #expect(try await FileLedger(path: path).hasFailedAttempt(card: "8949020000001234567"))
        try await FileLedger(path: path).clearAttempt(card: "8949020000001234567")
        #expect(try await FileLedger(path: path).hasFailedAttempt(card: "8949020000001234567") == false)
        #expect(try await FileLedger(path: path).hasFailedAttempt(card: "8949020000007654321"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("a place that can't be written to is an error, not a silent yes")
    func unwritable() async {
        let ledger = FileLedger(path: "/proc/gsmbridge/pin-attempts")
        await #expect(throws: FileLedger.Failure.self) { try await ledger.recordAttempt(card: "8949") }
    }

    @Test("a record that can't be read is an error")
    func unreadable() async {
        await #expect(throws: FileLedger.Failure.self) {
            try await FileLedger(path: "/proc").hasFailedAttempt(card: "8949")
        }
    }
}
