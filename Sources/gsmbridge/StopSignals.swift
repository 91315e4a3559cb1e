import CLinux
import Glibc
import Synchronization

/// Ctrl-C and its relatives: the first asks politely, a second leaves at once.
///
/// The signals are blocked in every thread, and one thread waits for them: none can be lost or strike in between. A
/// closed terminal (SIGHUP) counts as a first one only: it often comes twice, and a program that just died would leave
/// its call up. For the same reason two signals in one breath (as timeout(1) sends them) count as one.
final class StopSignals: Sendable {
    private struct State: Sendable {
        var handler: (@Sendable () -> Void)?
        var firstAt: ContinuousClock.Instant?
    }

    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private static let state = Mutex(State())

    /// Takes the signals over for the whole program; to be called before any other thread exists.
    ///
    /// Until somebody listens they end the program, as they would by themselves.
    static func takeOver() {
        var set = signals
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let status = clinux_detached_thread("signals", { _ in StopSignals.wait() }, nil)
        // Without the thread nobody would hear them: then their default effect is the better one.
        if status < 0 { pthread_sigmask(SIG_UNBLOCK, &set, nil) }
    }

    /// Begins to listen.
    ///
    /// - Parameter first: called on the first signal, on a thread of its own; a second one ends
    ///   the process with status 130.
    init(first: @escaping @Sendable () -> Void) {
        Self.state.withLock { $0.handler = first }
    }

    private static var signals: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    private static func wait() {
        var set = signals
        while true {
            var number: Int32 = 0
            if sigwait(&set, &number) == 0 { received(number) }
        }
    }

    private static func received(_ number: Int32) {
        let now = ContinuousClock.now
        let (handler, earlier) = state.withLock { state in
            let earlier = state.firstAt
            if state.handler != nil { state.firstAt = state.firstAt ?? now }
            return (state.handler, earlier)
        }
        guard let handler else { _exit(128 + number) }
        guard let earlier else { return handler() }
        if number != SIGHUP, now - earlier >= .microseconds(500) { _exit(130) }
    }
}
