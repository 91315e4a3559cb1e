internal import Dispatch

/// Runs tests that calculate, or wait for programs, on a thread of their own.
///
/// The tasks of all other tests share as many threads as there are cores; two such tests would have everything else stand
/// still, services with their limits included.
package final class ThreadOfItsOwn: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    package init() {}

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
