package import NIOCore

/// Where a modem session lives: one serial executor, one clock, one set of timers.
///
/// In the program it is the event loop of the modem's tty, so that a line from the modem reaches the session without a
/// thread hop; in tests it is a loop with a clock of its own, on which two minutes pass in a millisecond.
package protocol ModemLoop: Sendable {
    /// The executor on which everything of the session runs.
    var serialExecutor: any SerialExecutor { get }
    /// The same place for tasks: a task that was suspended comes back here directly, not by way of another thread.
    var taskExecutor: any TaskExecutor { get }
    /// The present, on the loop's own clock.
    var now: ContinuousClock.Instant { get }
    /// Runs `body` on the executor's thread at a time, unless cancelled before.
    func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> any ModemTimer
}

extension ModemLoop {
    /// Starts a task that never leaves the loop.
    package func start(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: taskExecutor, operation: body)
    }
}

/// A scheduled piece of work.
package protocol ModemTimer: Sendable {
    /// Makes sure that the work is not begun any more; nothing happens when it has been.
    func cancel()
}

/// The bytes' way to a modem.
package protocol ModemLink: Sendable {
    /// Writes, in order; never blocks. Errors show as the end of the link.
    func write(_ bytes: [UInt8])
    /// Drops DTR and RTS, on which many modems end their call; best effort.
    func dropLines()
}

/// A modem loop on a NIO event loop and the continuous clock.
package struct EventLoopModemLoop: ModemLoop {
    private struct Timer: ModemTimer {
        let scheduled: Scheduled<Void>
        func cancel() { scheduled.cancel() }
    }

    /// NIO's executors are serial ones only.
    private final class TaskQueue: TaskExecutor {
        let eventLoop: any EventLoop

        init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    private let eventLoop: any EventLoop
    /// The event loop as a place for tasks.
    package let taskExecutor: any TaskExecutor
    package let serialExecutor: any SerialExecutor

    /// Creates a modem loop on an event loop, which must be the one of the modem's channel.
    package init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        serialExecutor = eventLoop.executor
        taskExecutor = TaskQueue(eventLoop)
    }

    /// The present.
    package var now: ContinuousClock.Instant { ContinuousClock.now }

    /// Runs `body` on the event loop at a time.
    package func schedule(
        at instant: ContinuousClock.Instant,
        _ body: @escaping @Sendable () -> Void
    ) -> any ModemTimer {
        let delay = max(.zero, instant - .now).components
        let nanoseconds = delay.seconds * 1_000_000_000 + delay.attoseconds / 1_000_000_000
        return Timer(scheduled: eventLoop.scheduleTask(in: .nanoseconds(nanoseconds), body))
    }
}
