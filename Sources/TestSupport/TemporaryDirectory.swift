internal import FoundationEssentials
package import Glibc

/// A directory that goes away with its last user, and all that is in it.
package final class TemporaryDirectory: Sendable {
    /// Why a directory or a file in it can't be made.
    package struct Failure: Error {
        /// What was to be done.
        package let what: String
        /// The system's number.
        package let code: Int32
    }

    /// Where it is: below ``base``, since the path of a socket is short.
    package let path: String

    /// Where those directories are: in memory where that is large enough, and programs may be run there; else `/tmp`.
    ///
    /// Every call is written to the disk before it is dialled, and a disk that others keep busy stands still for seconds.
    package static let base: String = {
        // ST_NOEXEC of statvfs(3).
        let (memory, noExecution) = ("/dev/shm", UInt(8))
        var room = statvfs()
        guard statvfs(memory, &room) == 0, room.f_flag & noExecution == 0, access(memory, W_OK | X_OK) == 0,
            UInt64(room.f_bavail) * UInt64(room.f_frsize) > 4 << 30
        else { return "/tmp" }
        return memory
    }()

    /// Makes an empty directory that no other user can enter.
    package init() throws(Failure) {
        var template = Array("\(Self.base)/gsmbridge-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(what: "mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // What can't be removed does no harm.
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a new file and returns its path.
    package func write(_ name: String, _ bytes: some Sequence<UInt8>, mode: mode_t = 0o600) throws(Failure) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(what: "open \(file)", code: errno) }
        defer { close(descriptor) }
        let all = Array(bytes)
        guard Glibc.write(descriptor, all, all.count) == all.count, fchmod(descriptor, mode) == 0 else {
            throw Failure(what: "write \(file)", code: errno)
        }
        return file
    }

    /// Makes an empty file and returns its path.
    package func file(_ name: String) throws(Failure) -> String { try write(name, []) }

    /// What is in a directory, in alphabetical order.
    package static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
