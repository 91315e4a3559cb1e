package import Modem
internal import Synchronization

/// A modem loop with a clock of its own.
///
/// Jobs run on the thread that drives it, in order, and time passes only when nothing is left to do. Two minutes of a
/// call take a millisecond, and every run is the same.
package final class ManualLoop: ModemLoop, SerialExecutor, TaskExecutor {
    private struct Entry: Sendable {
        let at: ContinuousClock.Instant
        let order: Int
        let body: @Sendable () -> Void
    }

    private struct State: Sendable {
        var jobs: [UnownedJob] = []
        var timers: [Int: Entry] = [:]
        var nextOrder = 0
        var now = ContinuousClock.now
    }

    private struct Timer: ModemTimer {
        let loop: ManualLoop
        let order: Int
        func cancel() { loop.state.withLock { _ = $0.timers.removeValue(forKey: order) } }
    }

    private let state = Mutex(State())

    /// Creates a loop that has nothing to do.
    package init() {}

    package var serialExecutor: any SerialExecutor { self }
    package var taskExecutor: any TaskExecutor { self }
    package var now: ContinuousClock.Instant { state.withLock { $0.now } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Callbacks of timers and of the simulated port run on the driving thread, which is the loop.
    package func checkIsolated() {}

    package func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> any ModemTimer
    {
        state.withLock { state in
            let order = state.nextOrder
            state.nextOrder += 1
            state.timers[order] = Entry(at: instant, order: order, body: body)
            return Timer(loop: self, order: order)
        }
    }

    /// When the next timer is due.
    package var nextDeadline: ContinuousClock.Instant? { state.withLock { $0.timers.values.map(\.at).min() } }

    /// Runs everything that is ready now.
    package func runJobs() {
        while true {
            let jobs = state.withLock { state in
                defer { state.jobs = [] }
                return state.jobs
            }
            if jobs.isEmpty { return }
            for job in jobs {
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
        }
    }

    /// Moves the clock and runs the timers that are due, in order.
    package func advance(to instant: ContinuousClock.Instant) {
        state.withLock { $0.now = max($0.now, instant) }
        while true {
            let due = state.withLock { state -> Entry? in
                let ready = state.timers.values.filter { $0.at <= state.now }
                guard let first = ready.min(by: { ($0.at, $0.order) < ($1.at, $1.order) }) else { return nil }
                state.timers.removeValue(forKey: first.order)
                return first
            }
            guard let due else { return }
            due.body()
            runJobs()
        }
    }
}
