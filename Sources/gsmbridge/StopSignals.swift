@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and its relatives: the first asks politely, a second leaves at once.
///
/// A closed terminal (SIGHUP) counts as a first one only: it often comes twice, and a program that just died would leave
/// its call up. For the same reason two signals in one breath (as timeout(1) sends them) count as one.
final class StopSignals: Sendable {
    private let sources: [any DispatchSourceSignal]

    /// Begins to listen.
    ///
    /// - Parameter first: called on the first signal, on a thread of its own; a second one ends
    ///   the process with status 130.
    init(first: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "stop-signals")
        let firstAt = Mutex<ContinuousClock.Instant?>(nil)
        let received: @Sendable (Int32) -> Void = { number in
            let now = ContinuousClock.now
            let earlier = firstAt.withLock { at in
                let earlier = at
                at = at ?? now
                return earlier
            }
            guard let earlier else { return first() }
            if number != SIGHUP, now - earlier >= .microseconds(500) { _exit(130) }
        }
        // Until a source is in place a signal has its default effect; ignored, it would be lost for good.
        let registered = DispatchGroup()
        sources = [SIGINT, SIGTERM, SIGHUP]
            .map { number in
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { received(number) }
                registered.enter()
                source.setRegistrationHandler { registered.leave() }
                source.resume()
                return source
            }
        registered.wait()
    }
}
