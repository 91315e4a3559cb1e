internal import Dispatch
internal import Glibc
package import WebRequests

/// Hands mail to a program such as msmtp or sendmail, which knows how it goes on.
package final class MailTransport: HTTPTransport {
    /// The longest mail: what a pipe takes at once, so that nothing waits for the program to read.
    private static let longest = 60_000
    /// Below which descriptors are closed in the program.
    private static let mostDescriptors: Int32 = 256
    /// `EX_TEMPFAIL` of sysexits: later.
    private static let temporary: Int32 = 75

    private let program: String
    private let recipient: String

    /// Creates a transport; the program is run for each mail.
    package init(program: String, recipient: String) {
        self.program = program
        self.recipient = recipient
    }

    /// Runs the program with the mail; its end in peace counts as taken.
    package func send(_ request: WebRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply {
        let (program, recipient, mail) = (program, recipient, request.body)
        guard mail.count <= Self.longest else { throw TransportFailure(.tooLong, mayHaveArrived: false) }
        let end: Int32? = await withCheckedContinuation { continuation in
            DispatchQueue.global()
                .async {
                    continuation.resume(returning: Self.run(program, recipient, mail, within: limit))
                }
        }
        switch end {
        case 0: return HTTPReply(status: 202)
        case .some(Self.temporary): return HTTPReply(status: 503)
        case .some(127), nil: throw TransportFailure(.obstacle(.connection), mayHaveArrived: false)
        case .some(-1): throw TransportFailure(.late, mayHaveArrived: true)
        case .some: return HTTPReply(status: 500)
        }
    }

    /// Runs it; nil where it can't be started, -1 where it did not end in time.
    private static func run(_ program: String, _ recipient: String, _ mail: [UInt8], within limit: Duration) -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { if ends[0] >= 0 { close(ends[0]) } }
        // A pipe holds 64 KiB (pipe(7)): this does not block.
        let written = mail.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        guard written == mail.count else { return nil }
        var actions = posix_spawn_file_actions_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        // Ours have their flag for this; those of libraries may not.
        for descriptor in 3..<Self.mostDescriptors { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        guard posix_spawnattr_init(&attributes) == 0 else { return nil }
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: what the program starts is ended with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let arguments: [String] = [program, "-i", "--", recipient]
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var process = pid_t()
        guard posix_spawn(&process, program, &actions, &attributes, &words, environ) == 0 else { return nil }
        let deadline = ContinuousClock.now + limit
        var status: Int32 = 0
        while true {
            let found = waitpid(process, &status, WNOHANG)
            if found == process { break }
            if found < 0, errno != EINTR { return nil }
            if ContinuousClock.now >= deadline {
                kill(-process, SIGKILL)
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                return -1
            }
            usleep(20_000)
        }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 1
    }
}
