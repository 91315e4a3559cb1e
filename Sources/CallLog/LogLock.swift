internal import Glibc
internal import SmallFiles
internal import Synchronization

/// A lock file beside the database: shared by all processes that have it open, held alone by the one that sets it
/// aside.
///
/// Without it a damaged file could be moved away under a program that still writes to it.
final class LogLock: Sendable {
    private let descriptor: Int32
    private let isHeld = Atomic<Bool>(true)

    /// Takes the shared lock; waits while another process holds it alone.
    init(_ path: String, until deadline: ContinuousClock.Instant) throws(CallLogError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw CallLogError(number: errno, path: path) }
        DirectoryOwner.take(descriptor, at: path)
        while flock(descriptor, LOCK_SH | LOCK_NB) != 0 {
            guard errno == EINTR || errno == EWOULDBLOCK else { throw CallLogError(number: errno, path: path) }
            guard ContinuousClock.now < deadline else { throw .inUse(path) }
            usleep(5000)
        }
    }

    deinit { release() }

    /// Gives the lock up.
    func release() {
        guard isHeld.exchange(false, ordering: .relaxed) else { return }
        // Said outright: a program that this process is just starting has a copy of the descriptor until it has begun.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Makes the lock exclusive, if no other process shares it.
    func tryExclusive() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Shares the lock again.
    func share() { _ = flock(descriptor, LOCK_SH) }
}
