internal import PBX
internal import Synchronization

/// The events that wait to be dealt with: each PBX's in order, and none held up by another PBX's.
final class WebhookLanes: Sendable {
    struct Lane: Sendable {
        let name: String
        let events: AsyncStream<PBXEvent>
    }

    private struct State {
        var feeds: [String: AsyncStream<PBXEvent>.Continuation] = [:]
        var waiting: [String: Int] = [:]
        var isFinished = false
    }

    /// Every lane, when it gets its first event.
    let lanes: AsyncStream<Lane>
    private let open: AsyncStream<Lane>.Continuation
    private let state = Mutex(State())
    private let most: Int
    /// How many requests may be judged at once, each of which found the lane not full yet; none has more than two events.
    private let judged: Int

    /// - Parameters:
    ///   - most: how many events of a PBX may wait before it is asked to send again.
    ///   - judged: how many requests may be judged at once.
    init(most: Int, judged: Int) {
        self.most = most
        self.judged = judged
        // One for each PBX of the configuration.
        (lanes, open) = AsyncStream.makeStream()
    }

    /// Whether so much waits for a PBX that it had better send again later.
    func isFull(_ name: String) -> Bool { state.withLock { $0.waiting[name, default: 0] >= most } }

    /// Queues events of a PBX; never blocks.
    func hand(_ events: [PBXEvent], of name: String) {
        guard !events.isEmpty else { return }
        state.withLock { state in
            guard !state.isFinished else { return }
            let feed: AsyncStream<PBXEvent>.Continuation
            if let known = state.feeds[name] {
                feed = known
            } else {
                let (stream, continuation) = AsyncStream.makeStream(
                    of: PBXEvent.self,
                    bufferingPolicy: .bufferingOldest(most + 2 * judged)
                )
                feed = continuation
                state.feeds[name] = feed
                open.yield(Lane(name: name, events: stream))
            }
            for event in events {
                if case .enqueued = feed.yield(event) { state.waiting[name, default: 0] += 1 }
            }
        }
    }

    /// An event has been dealt with.
    func done(_ name: String) { state.withLock { $0.waiting[name, default: 0] -= 1 } }

    /// Takes no more; what waits is still given out.
    func finish() {
        let feeds = state.withLock { state in
            state.isFinished = true
            return Array(state.feeds.values)
        }
        for feed in feeds { feed.finish() }
        open.finish()
    }
}
