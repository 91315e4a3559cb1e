internal import CLinux

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
}
