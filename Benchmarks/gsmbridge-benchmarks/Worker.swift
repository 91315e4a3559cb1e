import Glibc
import Synchronization

/// A plain thread that computes one value: no executor, no queue, nothing between it and the kernel.
final class Worker<Value: Sendable>: Sendable {
    private let body: @Sendable () -> Value
    private let value = Mutex<Value?>(nil)
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread.
    init(_ body: @escaping @Sendable () -> Value) {
        self.body = body
        var thread = pthread_t()
        let context = Unmanaged.passRetained(
            Job { [self] in
                let result = self.body()
                value.withLock { $0 = result }
            }
        )
        let status = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Job>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        if status == 0 {
            self.thread.withLock { $0 = thread }
        } else {
            context.release()
        }
    }

    /// Waits for the thread's end and returns its value; nil when the system had no thread for it.
    func join() -> Value? {
        if let thread = thread.withLock({ $0.take() }) { pthread_join(thread, nil) }
        return value.withLock { $0 }
    }
}

private final class Job: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
