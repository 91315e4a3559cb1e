internal import CLinux
internal import Glibc
internal import Synchronization

/// Threads that are never joined.
enum Thread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread with all signals blocked; false where the system has no more.
    static func detach(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let context = Unmanaged.passRetained(Body(body))
        let status = clinux_detached_thread(
            name,
            { pointer in
                guard let pointer else { return }
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
            },
            context.toOpaque()
        )
        if status < 0 { context.release() }
        return status >= 0
    }

    /// Closes a descriptor on a thread of its own, because the last close of a tty waits for its driver.
    static func close(_ descriptor: Int32) {
        if !detach(named: "audio-close", { _ = Glibc.close(descriptor) }) { _ = Glibc.close(descriptor) }
    }

    /// Does on a thread of its own what the kernel may make wait, for so long at most.
    ///
    /// - Parameters:
    ///   - late: takes what comes when nobody waits any more.
    /// - Returns: nil where the time is up, or there is no thread.
    static func run<Value: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable () -> Value,
        late: @escaping @Sendable (Value) -> Void
    ) async -> Value? {
        let box = Waiting<Value>()
        return await withCheckedContinuation { continuation in
            box.set(continuation)
            let isBegun = detach(named: "audio-open") {
                let value = body()
                if let waiter = box.take() { waiter.resume(returning: value) } else { late(value) }
            }
            if !isBegun { box.take()?.resume(returning: nil) }
            Task {
                // Not cancelled by anybody.
                try? await Task.sleep(for: limit)
                box.take()?.resume(returning: nil)
            }
        }
    }

    private final class Waiting<Value: Sendable>: Sendable {
        private let waiter = Mutex<CheckedContinuation<Value?, Never>?>(nil)

        func set(_ continuation: CheckedContinuation<Value?, Never>) { waiter.withLock { $0 = continuation } }

        func take() -> CheckedContinuation<Value?, Never>? {
            waiter.withLock { waiter in
                defer { waiter = nil }
                return waiter
            }
        }
    }
}
