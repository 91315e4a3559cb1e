internal import CLinux
internal import Glibc

/// A program that never outlives the thread that has started it, nor this object.
package final class BoundProcess {
    package let id: Int32
    /// When it was started.
    package let startedAt: ContinuousClock.Instant
    private var status: Int32?

    /// Starts a program; the calling thread has to live for as long as the program shall.
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: what follows its name.
    ///   - log: the file to which its output and its diagnostics are appended.
    /// - Throws: ``RigFailure`` when it can't be run.
    package init(_ path: String, _ arguments: [String], log: String = "/dev/null") throws(RigFailure) {
        let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw RigFailure("can't write \(log)", code: errno) }
        defer { close(file) }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment = Self.environment.map { strdup($0) } + [nil]
        defer { for entry in environment { free(entry) } }
        var id: pid_t = 0
        startedAt = .now
        let status = clinux_spawn_bound(path, &words, &environment, file, file, &id)
        guard status == 0 else { throw RigFailure("can't run \(path)", code: -status) }
        self.id = id
    }

    deinit { kill() }

    /// The exit status, 128 and the number of the signal that ended it; nil while it runs.
    package var exitStatus: Int32? {
        if let status { return status }
        var word: Int32 = 0
        guard waitpid(id, &word, WNOHANG) == id else { return nil }
        return note(word)
    }

    /// Sends a signal; nothing happens to a program that has ended.
    package func send(_ signal: Int32) {
        if exitStatus == nil { Glibc.kill(id, signal) }
    }

    /// Ends it without asking (`SIGKILL`), and waits for that.
    package func kill() {
        guard status == nil else { return }
        Glibc.kill(id, SIGKILL)
        var word: Int32 = 0
        while waitpid(id, &word, 0) < 0 {
            // Nothing else waits for it, so only a signal can come between.
            guard errno == EINTR else { return }
        }
        note(word)
    }

    /// Waits for its end.
    ///
    /// - Returns: the exit status; nil for a program that had to be killed after the limit.
    package func end(within limit: Duration) -> Int32? {
        if waited(limit, { exitStatus != nil }) { return exitStatus }
        kill()
        return nil
    }

    @discardableResult
    private func note(_ word: Int32) -> Int32 {
        let signal = word & 0x7F
        let status = signal == 0 ? (word >> 8) & 0xFF : 128 + signal
        self.status = status
        return status
    }

    /// The environment without what would lead the program to the user's own configuration or state.
    private static let environment: [String] = {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let name = text.prefix { $0 != "=" }
            if !name.hasPrefix("GSMBRIDGE_"), !name.hasPrefix("XDG_"), name != "STATE_DIRECTORY" {
                entries.append(text)
            }
            next += 1
        }
        return entries
    }()
}

/// Waits until something holds, looking every few milliseconds.
///
/// - Returns: whether it held within the limit.
package func waited(
    _ limit: Duration,
    every pause: Duration = .milliseconds(10),
    _ holds: () throws -> Bool
) rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while true {
        if try holds() { return true }
        guard ContinuousClock.now < end else { return false }
        rest(pause)
    }
}

/// Blocks the thread for so long.
package func rest(_ duration: Duration) {
    let (seconds, attoseconds) = max(.zero, duration).components
    var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    while true {
        let time = left
        guard withUnsafePointer(to: time, { nanosleep($0, &left) }) != 0, errno == EINTR else { return }
    }
}
