internal import Synchronization

/// Numbers every event, keeps the latest ones, and gives them to whoever listens.
///
/// A listener that falls behind is cut off, never waited for; it can come back with the number of the last event that it
/// saw.
public final class EventHub: Sendable {
    /// One event as it goes out: its number, its name, and its JSON object without a line feed.
    public struct Entry: Sendable, Hashable {
        /// Counts up from 1 without gaps for as long as the service runs.
        public var id: UInt64
        /// The event's name, such as `call.ended`.
        public var name: String
        /// The call that it is about, in lower case; nil for the modems' events.
        public var call: String?
        /// The event as one JSON object.
        public var json: [UInt8]
    }

    /// What a listener gets: what it missed, as far as it is still known, then everything that follows.
    public struct Subscription: Sendable {
        /// The events; ends when the listener fell behind, or when the hub closes.
        public var entries: AsyncStream<Entry>
        /// Whether events between the asked-for number and the first one given are lost.
        public var hasGap: Bool
    }

    private struct State {
        var next: UInt64 = 1
        var kept: [Entry] = []
        var listeners: [UInt64: AsyncStream<Entry>.Continuation] = [:]
        var nextListener: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let backlog: Int
    private let maxListeners: Int

    /// Creates a hub without events.
    ///
    /// - Parameters:
    ///   - capacity: how many events are kept for those who come back.
    ///   - backlog: how far a listener may fall behind before it is cut off.
    ///   - maxListeners: how many may listen at once.
    public init(capacity: Int = 1024, backlog: Int = 512, maxListeners: Int = 64) {
        self.capacity = capacity
        self.backlog = backlog
        self.maxListeners = maxListeners
    }

    /// Publishes an event: gives it the next number, keeps it, hands it to the listeners.
    ///
    /// Never blocks.
    @discardableResult
    public func publish(name: String, call: String?, json: [UInt8]) -> UInt64 {
        state.withLock { state in
            let entry = Entry(id: state.next, name: name, call: call, json: json)
            state.next += 1
            state.kept.append(entry)
            // Trimmed in blocks, so that publishing stays cheap.
            if state.kept.count >= capacity + capacity / 4 { state.kept.removeFirst(state.kept.count - capacity) }
            for (id, listener) in state.listeners {
                guard case .enqueued = listener.yield(entry) else {
                    listener.finish()
                    state.listeners[id] = nil
                    continue
                }
            }
            return entry.id
        }
    }

    /// Listens from now on, or from behind an event.
    ///
    /// - Parameter id: the last event that the listener has seen; nil for new ones only, 0 for everything that is kept.
    /// - Returns: nil when too many listen already, or when the hub is closed.
    public func subscribe(after id: UInt64? = nil) -> Subscription? {
        state.withLock { state in
            guard !state.isClosed, state.listeners.count < maxListeners else { return nil }
            let listener = state.nextListener
            state.nextListener += 1
            let missed = id.map { id in state.kept.filter { $0.id > id } } ?? []
            let (stream, continuation) = AsyncStream.makeStream(
                of: Entry.self,
                bufferingPolicy: .bufferingOldest(backlog + missed.count)
            )
            for entry in missed { continuation.yield(entry) }
            continuation.onTermination = { [weak self] _ in
                // Never on this thread: a listener is cut off while the lock is held.
                Task { self?.remove(listener) }
            }
            state.listeners[listener] = continuation
            let oldest = state.kept.first?.id ?? state.next
            // A number from the future is one of an earlier run of the service.
            let hasGap = id.map { $0 + 1 < oldest || $0 >= state.next } ?? false
            return Subscription(entries: stream, hasGap: hasGap)
        }
    }

    /// Ends every subscription; nothing can be heard from here on.
    public func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    private func remove(_ listener: UInt64) {
        state.withLock { $0.listeners[listener] = nil }
    }
}
