internal import CLinux
internal import Glibc
internal import Synchronization

/// Ctrl-C and its relatives: the first asks politely, a second leaves at once.
///
/// Each writes a byte into a pipe, whichever thread it strikes, and one thread reads them: none is lost. A closed
/// terminal (SIGHUP) counts as a first one only: it often comes twice, and a program that just died would leave its
/// call up. For the same reason two signals in one breath (as timeout(1) and a supervisor send them) count as one: nobody
/// presses twice within 50 ms.
package final class StopSignals: Sendable {
    private struct State: Sendable {
        var handler: (@Sendable () -> Void)?
        var firstAt: ContinuousClock.Instant?
        /// Says what has to be said before the program leaves at once.
        var farewell: (@Sendable () -> Void)?
        /// Takes every signal itself, as a service does.
        var each: (@Sendable (Int32) -> Void)?
    }

    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private static let state = Mutex(State())

    /// Takes the signals over for the whole program.
    ///
    /// Without a listener they end the program, as they would by themselves.
    package static func takeOver() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let reader = UnsafeMutableRawPointer(bitPattern: Int(ends[0]) + 1)
        // Without the thread they would not be heard: then their default effect is the better one.
        guard clinux_detached_thread("signals", { StopSignals.wait(on: $0) }, reader) >= 0 else { return }
        _ = clinux_signals_to(ends[1], numbers, Int32(numbers.count))
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - first: called on the first signal, on a thread of its own, or at once where that came to an earlier
    ///     listener; a second one ends the process with status 130.
    ///   - farewell: called before that, on the same thread; it must not wait for longer than a person does.
    package init(first: @escaping @Sendable () -> Void, farewell: @escaping @Sendable () -> Void = {}) {
        let isLate = Self.state.withLock { state in
            state.handler = first
            state.farewell = farewell
            return state.firstAt != nil
        }
        // It came to the listener before, and was meant for all that the program does.
        if isLate { first() }
    }

    /// Begins to listen, with every signal left to the listener, SIGHUP too.
    ///
    /// - Parameter each: called with each signal's number, on a thread of its own.
    package init(each: @escaping @Sendable (Int32) -> Void) {
        Self.state.withLock { $0.each = each }
    }

    /// Reads signals from the pipe, whose descriptor plus one is the pointer's value.
    private static func wait(on reader: UnsafeMutableRawPointer?) {
        let descriptor = Int32(Int(bitPattern: reader) - 1)
        var number: UInt8 = 0
        while true {
            let count = read(descriptor, &number, 1)
            if count == 1 { received(Int32(number)) }
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }

    private static func received(_ number: Int32) {
        if let each = state.withLock({ $0.each }) { return each(number) }
        let now = ContinuousClock.now
        let (handler, earlier) = state.withLock { state in
            let earlier = state.firstAt
            if state.handler != nil { state.firstAt = state.firstAt ?? now }
            return (state.handler, earlier)
        }
        guard let handler else { _exit(128 + number) }
        guard let earlier else { return handler() }
        guard number != SIGHUP, now - earlier >= .milliseconds(50) else { return }
        state.withLock { $0.farewell }?()
        // A reader that is asleep is not waited for.
        Terminal.drain(within: 0.1)
        _exit(130)
    }
}
