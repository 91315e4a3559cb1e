internal import Glibc
internal import Settings
internal import SmallFiles

/// A file whose lock says who serves a socket; the system lets go of it when that process ends, however it ends.
struct LockFile {
    private let descriptor: Int32
    private let path: String

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - socket: the socket that it stands for.
    init(path: String, socket: String) throws(ControlServerError) {
        // A process that ends removes the file, so that the one that was opened may already be another's leftover.
        for _ in 0..<16 {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
            guard descriptor >= 0 else { throw .system(path: path, step: "open", errno: errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let number = errno
                let holder = Self.holder(descriptor)
                close(descriptor)
                guard number == EWOULDBLOCK else { throw .system(path: path, step: "lock", errno: number) }
                throw .inUse(path: socket, process: holder)
            }
            var opened = stat()
            var there = stat()
            guard fstat(descriptor, &opened) == 0, lstat(path, &there) == 0, opened.st_ino == there.st_ino,
                opened.st_dev == there.st_dev
            else {
                close(descriptor)
                continue
            }
            let text = Array("\(getpid())\n".utf8)
            if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
            self.descriptor = descriptor
            self.path = path
            return
        }
        throw .system(path: path, step: "lock", errno: EAGAIN)
    }

    /// Removes the file and lets go of the lock.
    func release() {
        unlink(path)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let text = String(validating: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self),
            let pid = pid_t(text)
        else { return nil }
        return ProcessName.of(pid)
    }
}

/// What a process is called, for people.
enum ProcessName {
    /// The process at the other end of a connected Unix socket; nil when that can't be told.
    static func peer(of descriptor: Int32) -> String? {
        // The kernel's `struct ucred`: process, user and group (unix(7)); Glibc does not show it to Swift.
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(credentials.count * MemoryLayout<UInt32>.stride)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0, credentials[0] > 0 else {
            return nil
        }
        return of(pid_t(bitPattern: credentials[0]))
    }

    /// The process's name and number.
    static func of(_ pid: pid_t) -> String {
        let bytes = (try? SmallFile.read("/proc/\(pid)/comm", limit: 4096)) ?? []
        let name = String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
        return name.isEmpty ? "process \(pid)" : "\(name) (process \(pid))"
    }
}
