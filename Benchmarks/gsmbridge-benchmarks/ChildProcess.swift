import Glibc

/// A program under measurement.
struct ChildProcess {
    /// Its process id.
    let id: pid_t
    /// Where to read what it prints, without ever waiting; -1 when that was not asked for.
    private let output: Int32
    /// When it was started, on the clock of ``Machine/now``.
    let started: Double

    /// Starts a program without input and with its diagnostics discarded; nil when that fails.
    init?(_ path: String, _ arguments: [String], capturesOutput: Bool = false) {
        var ends: [Int32] = [-1, -1]
        if capturesOutput {
            guard pipe(&ends) == 0 else { return nil }
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        if capturesOutput {
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id = pid_t()
        started = Machine.now
        let status = posix_spawn(&id, path, &actions, nil, &words, environ)
        if capturesOutput { close(ends[1]) }
        guard status == 0 else {
            if capturesOutput { close(ends[0]) }
            return nil
        }
        self.id = id
        output = ends[0]
    }

    /// What it has printed since the last time.
    func newOutput() -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while output >= 0 {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { break }
            all += buffer[..<count]
        }
        return all
    }

    /// Whether it has ended; ask only until it has, and call ``release()`` then.
    func hasEnded() -> Bool {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) != 0
    }

    /// Asks it to hang up and end.
    func interrupt() { kill(id, SIGINT) }

    /// Ends it without asking and waits for that.
    func destroy() {
        kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
        release()
    }

    /// Gives back what this side holds.
    func release() {
        if output >= 0 { close(output) }
    }

    /// A figure of `/proc/<pid>/status` in its own unit; nil when the process is gone or has no such line.
    func status(_ name: String) -> Int? { Self.value(name, in: "/proc/\(id)/status") }

    /// How often its present threads gave up the processor or lost it.
    func contextSwitches() -> Int {
        guard let directory = opendir("/proc/\(id)/task") else { return 0 }
        defer { closedir(directory) }
        var sum = 0
        while let entry = readdir(directory) {
            let thread = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard Int(thread) != nil else { continue }
            let path = "/proc/\(id)/task/\(thread)/status"
            sum += (Self.value("voluntary_ctxt_switches", in: path) ?? 0)
            sum += (Self.value("nonvoluntary_ctxt_switches", in: path) ?? 0)
        }
        return sum
    }

    private static func value(_ name: String, in path: String) -> Int? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let prefix = Array("\(name):".utf8)
        for line in buffer[..<count].split(separator: 0x0A) where line.starts(with: prefix) {
            let digits = line.dropFirst(prefix.count).filter { (0x30...0x39).contains($0) }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }
}
