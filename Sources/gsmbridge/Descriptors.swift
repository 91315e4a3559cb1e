import Glibc
import NIOCore

/// The descriptors that this program needs, looked at before anything opens one: the event loops trap where they get none.
enum Descriptors {
    /// What each event loop opens: epoll, an eventfd and a timerfd.
    private static let eachLoop = 3
    /// Everything else of a command: the standard ones, the log with its files, a tty with its lock and keeper, sockets,
    /// names from DNS.
    private static let others = 40
    /// The same for a command that ends soon; a call for help is not to wait for a wider limit.
    private static let fewOthers = 20
    /// What is asked of the system where it gives more: a service with 64 modems and all its connections.
    private static let wished: rlim_t = 4096

    /// How many the service needs, or another command.
    private static func needed(forService isService: Bool) -> Int {
        System.coreCount * eachLoop + (isService ? others : fewOthers)
    }

    /// How many came open from the program that started this one; under a limit above `most` they don't matter.
    private static func inherited(below limit: rlim_t, most: rlim_t = 1024) -> Int {
        guard limit < most else { return 0 }
        return (STDERR_FILENO + 1..<Int32(limit)).count { fcntl($0, F_GETFD) >= 0 }
    }

    /// Says what is wrong and leaves, without a thread or a queue: each of them takes descriptors and traps without.
    static func leave(saying problem: String, status: Int32) -> Never {
        let line = Array("gsmbridge: \(problem)\n".utf8)
        // Where even this can't be written there is nowhere left to say it.
        _ = write(STDERR_FILENO, line, line.count)
        _exit(status)
    }

    /// Raises the limit as far as this process may; says what is wrong when that is not enough.
    static func problem(forService isService: Bool) -> String? {
        let needed = needed(forService: isService)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        if limit.rlim_cur < wished, limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = min(wished, limit.rlim_max)
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        let all = needed + inherited(below: limit.rlim_cur)
        guard limit.rlim_cur < rlim_t(all) else { return nil }
        return "only \(limit.rlim_cur) files may be open at once, and \(all) are needed; raise the limit:"
            + " 'ulimit -n 1024', or 'LimitNOFILE=1024' in the unit"
    }
}
