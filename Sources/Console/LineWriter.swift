@preconcurrency import Dispatch
internal import Glibc
internal import Synchronization

/// Writes to a descriptor from a thread of its own, in order.
///
/// Bounded: what does not fit while the reader is asleep is dropped, oldest kept, and the last lines of a run are
/// short enough to always find room.
package final class LineWriter: Sendable {
    /// The most bytes that wait; a call has a few kilobytes of events.
    private static let limit = 4 * 1024 * 1024

    private let descriptor: Int32
    private let queue: DispatchQueue
    private let waiting = Atomic<Int>(0)
    private let hasReader = Atomic<Bool>(true)

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        queue = DispatchQueue(label: "writer-\(descriptor)")
    }

    /// Takes bytes to write.
    ///
    /// - Returns: whether the reader was still there when something was last written.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        guard waiting.add(bytes.count, ordering: .relaxed).newValue <= Self.limit else {
            waiting.subtract(bytes.count, ordering: .relaxed)
            return hasReader.load(ordering: .relaxed)
        }
        queue.async {
            self.writeNow(bytes)
            self.waiting.subtract(bytes.count, ordering: .relaxed)
        }
        return hasReader.load(ordering: .relaxed)
    }

    /// Waits until everything is written, `limit` seconds at the most.
    package func drain(within limit: Double) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + limit)
    }

    /// Waits until everything is written; for as long as the reader takes.
    ///
    /// - Returns: whether the reader was still there.
    package func drained() -> Bool {
        queue.sync {}
        return hasReader.load(ordering: .relaxed)
    }

    private func writeNow(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&descriptors, 1, 1000) >= 0 || errno == EINTR else { return }
            } else if errno != EINTR {
                // What happens to the call does not depend on who reads about it.
                hasReader.store(false, ordering: .relaxed)
                return
            }
        }
    }
}
