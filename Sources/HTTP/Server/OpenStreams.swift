internal import GatewayAPI
internal import Synchronization

/// The open event streams: what goes to all of them, and their end.
final class OpenStreams: Sendable {
    /// What an event stream is told.
    enum Piece: Sendable {
        case event(EventHub.Entry)
        /// Nothing happened; so that the other side knows that the connection lives.
        case sign
    }

    typealias Feed = AsyncStream<Piece>.Continuation

    private struct State {
        var feeds: [UInt64: Feed] = [:]
        var next: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Adds a stream; nil when the service is stopping.
    func add(_ feed: Feed) -> UInt64? {
        state.withLock { state in
            guard !state.isFinished else { return nil }
            state.next += 1
            state.feeds[state.next] = feed
            return state.next
        }
    }

    /// Ends one stream.
    func remove(_ stream: UInt64) {
        state.withLock { $0.feeds.removeValue(forKey: stream) }?.finish()
    }

    /// Gives every stream a sign of life.
    func sign() {
        for feed in state.withLock({ Array($0.feeds.values) }) { feed.yield(.sign) }
    }

    /// Ends every stream, and lets none be added.
    func finish() {
        let feeds = state.withLock { state in
            state.isFinished = true
            defer { state.feeds = [:] }
            return Array(state.feeds.values)
        }
        for feed in feeds { feed.finish() }
    }
}
