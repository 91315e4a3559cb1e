internal import Synchronization

/// Numbers every event, keeps the latest ones, and gives them to listeners.
///
/// A listener that falls behind is cut off, never waited for; it can come back with the position of the last event that
/// it saw.
package final class EventHub: Sendable {
    /// One event and its number.
    package struct Entry: Sendable {
        /// Counts up from 1 without gaps for as long as the service runs.
        package let id: UInt64
        /// What happened.
        package let event: any GatewayEvent
        private let text = Text()

        fileprivate init(id: UInt64, event: any GatewayEvent) {
            self.id = id
            self.event = event
        }

        /// The event as one JSON object, without a line feed; made by the first reader that asks, for all of them.
        package func json() throws -> [UInt8] {
            try text.bytes.withLock { bytes in
                if let bytes { return bytes }
                let made = try event.json()
                bytes = made
                return made
            }
        }
    }

    private final class Text: Sendable {
        let bytes = Mutex<[UInt8]?>(nil)
    }

    /// What a listener gets: what it missed, as far as it is still known, then everything that follows.
    package struct Subscription: Sendable {
        /// The events; ends when the listener fell behind, or when the hub closes.
        package var entries: AsyncStream<Entry>
        /// Whether events between the asked-for number and the first one given are lost.
        package var hasGap: Bool
        /// Takes no more events; those that are there already still come.
        package var finish: @Sendable () -> Void
    }

    /// A listener that was let in.
    package struct Admission: Sendable, Hashable {
        /// What ``EventHub/dismiss(_:)`` takes.
        package var listener: UInt64
        /// Whether events between the asked-for position and the first one given are lost.
        package var hasGap: Bool
    }

    /// What is called with the events.
    private struct Listener {
        let deliver: @Sendable (Entry) -> Bool
        let end: @Sendable () -> Void
    }

    private struct State {
        var next: UInt64 = 1
        var kept: [Entry] = []
        var listeners: [UInt64: Listener] = [:]
        var nextListener: UInt64 = 0
        var isClosed = false
    }

    /// How many may follow a call each, beside those that read the whole stream: readers must not keep a call from
    /// being made.
    package static let mostFollowers = 256

    /// Which run of the service this is; a number that another run of it does not have.
    package let run: UInt32

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
    ///   - run: tells this run of the service from others.
    package init(
        capacity: Int = 1024,
        backlog: Int = 512,
        maxListeners: Int = 64,
        run: UInt32 = .random(in: 1 ... .max)
    ) {
        self.capacity = max(0, capacity)
        self.backlog = max(1, backlog)
        self.maxListeners = maxListeners
        self.run = run
    }

    /// How many events were published.
    package var published: UInt64 { state.withLock { $0.next - 1 } }

    /// Whether nothing can be heard any more.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// How many listen now.
    package var listeners: Int { state.withLock { $0.listeners.count } }

    /// The most events that are kept at any moment.
    package var mostKept: Int { capacity + capacity / 4 }

    /// How far a listener may fall behind before it is cut off, what it missed before it came not counted.
    package var mostBehind: Int { backlog }

    /// Publishes an event: gives it the next number, keeps it, hands it to the listeners.
    ///
    /// Never blocks.
    @discardableResult
    package func publish(_ event: some GatewayEvent) -> UInt64 {
        let (id, cutOff) = state.withLock { state in
            let entry = Entry(id: state.next, event: event)
            state.next += 1
            state.kept.append(entry)
            // Trimmed in blocks, so that publishing stays cheap.
            if state.kept.count > capacity + capacity / 4 { state.kept.removeFirst(state.kept.count - capacity) }
            var cutOff: [Listener] = []
            for (id, listener) in state.listeners where !listener.deliver(entry) {
                state.listeners[id] = nil
                cutOff.append(listener)
            }
            return (entry.id, cutOff)
        }
        // Outside the lock: a listener may well ask the hub for something.
        for listener in cutOff { listener.end() }
        return id
    }

    /// Listens from now on, or from behind an event.
    ///
    /// - Parameter id: the last event that the listener has seen; nil for new ones only, 0 for everything that is kept.
    /// - Returns: nil when too many listen already, or when the hub is closed.
    package func subscribe(after id: UInt64? = nil) -> Subscription? {
        subscribe(from: id.map { Position(id: $0) })
    }

    /// Listens from now on, or from behind a position.
    ///
    /// - Parameters:
    ///   - position: where the listener stopped; nil for new events only.
    ///   - beyond: how many more may listen, for those who must not be turned away by readers.
    /// - Returns: nil when too many listen already, or when the hub is closed.
    package func subscribe(from position: Position?, beyond: Int = 0) -> Subscription? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Entry.self,
            // Room for everything that may be kept comes on top: a listener is not behind before it has begun.
            bufferingPolicy: .bufferingOldest(backlog + (position == nil ? 0 : mostKept))
        )
        let admission = listen(from: position, beyond: beyond) { entry in
            if case .enqueued = continuation.yield(entry) { true } else { false }
        } ended: {
            continuation.finish()
        }
        guard let admission else { return nil }
        continuation.onTermination = { [weak self] _ in self?.dismiss(admission.listener) }
        return Subscription(entries: stream, hasGap: admission.hasGap) { [weak self] in
            self?.dismiss(admission.listener)
            continuation.finish()
        }
    }

    /// Calls closures with every event from now on, or from behind a position.
    ///
    /// - Parameters:
    ///   - position: where the listener stopped; nil for new events only.
    ///   - deliver: takes one event; called in order, one at a time, and before this returns for what was missed. It
    /// must
    ///     return at once, must not call the hub, and returns false when it can't take any more: then it is cut off.
    ///   - beyond: how many more may listen, for those who must not be turned away by readers: calls.
    ///   - ended: called once, after the last event, when the listener was cut off or the hub closes.
    /// - Returns: nil when too many listen already, or when the hub is closed.
    package func listen(
        from position: Position?,
        beyond: Int = 0,
        deliver: @escaping @Sendable (Entry) -> Bool,
        ended: @escaping @Sendable () -> Void
    ) -> Admission? {
        let (admission, isCutOff) = state.withLock { state -> (Admission?, Bool) in
            guard !state.isClosed, state.listeners.count < maxListeners + beyond else { return (nil, false) }
            let listener = state.nextListener
            state.nextListener += 1
            let (first, hasGap) = resumption(from: position, in: state)
            for entry in state.kept[first...] {
                guard deliver(entry) else { return (Admission(listener: listener, hasGap: hasGap), true) }
            }
            state.listeners[listener] = Listener(deliver: deliver, end: ended)
            return (Admission(listener: listener, hasGap: hasGap), false)
        }
        if isCutOff { ended() }
        return admission
    }

    /// Lets a listener go; its `ended` is not called.
    package func dismiss(_ listener: UInt64) {
        state.withLock { $0.listeners[listener] = nil }
    }

    /// Ends every subscription; nothing can be heard from here on.
    package func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.end() }
    }

    /// The index of the first kept event behind a position, and whether some between are lost.
    private func resumption(from position: Position?, in state: State) -> (first: Int, hasGap: Bool) {
        guard let position else { return (state.kept.endIndex, false) }
        // A number that was not given yet is one of an earlier run of the service, even if it does not say so.
        guard position.run ?? run == run, position.id < state.next else { return (state.kept.startIndex, true) }
        let oldest = state.kept.first?.id ?? state.next
        guard position.id >= oldest else { return (state.kept.startIndex, position.id + 1 < oldest) }
        return (state.kept.startIndex + Int(position.id - oldest) + 1, false)
    }
}
