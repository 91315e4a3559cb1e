// What a modem says unasked, for a person who looks at it.
extension ModemSession {
    /// The most lines that are kept for one listener, and the most listeners.
    private static let mostLines = 1000
    private static let mostListeners = 8

    /// Begins to keep what the modem says unasked; to be ended by ``endListening(_:)``.
    ///
    /// - Returns: the listener's number; nil when too many listen already.
    package func beginListening() -> Int? {
        guard listeners.count < Self.mostListeners else { return nil }
        defer { nextListener += 1 }
        listeners[nextListener] = []
        return nextListener
    }

    /// Waits, and returns what the modem has said since the beginning, at most 1000 lines; at once where the port has closed.
    package func endListening(_ listener: Int, after wait: Duration) async -> [String] {
        let end = loop.now + wait
        while loop.now < end, !isClosed, !Task.isCancelled {
            let step = min(end, loop.now + .milliseconds(250))
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                _ = loop.schedule(at: step) { continuation.resume() }
            }
        }
        return listeners.removeValue(forKey: listener) ?? []
    }

    func note(_ line: String) {
        for listener in listeners.keys where listeners[listener]?.count ?? 0 < Self.mostLines {
            listeners[listener]?.append(line)
        }
    }
}
