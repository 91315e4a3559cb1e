import Glibc
import Synchronization

/// Runs a body so many times at once, each on a thread of its own, and waits for all.
///
/// - Returns: what the bodies returned; less where the system had no threads left.
func sideBySide<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Value) -> [Value] {
    let values = Results<Value>()
    let threads = (0..<count)
        .compactMap { index -> pthread_t? in
            var thread = pthread_t()
            let job = Job {
                let value = body(index)
                values.all.withLock { $0.append(value) }
            }
            let context = Unmanaged.passRetained(job)
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
            guard status == 0 else {
                context.release()
                return nil
            }
            return thread
        }
    for thread in threads { pthread_join(thread, nil) }
    return values.all.withLock { $0 }
}

private final class Results<Value: Sendable>: Sendable {
    let all = Mutex<[Value]>([])
}

private final class Job: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
