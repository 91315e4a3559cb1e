@preconcurrency import Dispatch
import Glibc

/// Ctrl-C and its relatives: the first asks politely, the second leaves at once.
///
/// A closed terminal (SIGHUP) counts as well: a program that just died would leave its call up.
final class StopSignals: Sendable {
    private let sources: [any DispatchSourceSignal]

    /// Begins to listen.
    ///
    /// - Parameter first: called on the first signal, on a thread of its own; a second signal ends the process with
    ///   status 130.
    init(first: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "stop-signals")
        let count = SignalCount()
        sources = [SIGINT, SIGTERM, SIGHUP]
            .map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler {
                    if count.raise() == 1 {
                        first()
                    } else {
                        _exit(130)
                    }
                }
                source.resume()
                return source
            }
    }
}
