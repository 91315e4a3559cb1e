internal import NIOCore
internal import Synchronization

/// The connections of one listener.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isFinishing = false
        var waiting: CheckedContinuation<Void, Never>?
        var isWaitOver = false
    }

    private let state = Mutex(State())
    private let most: Int

    init(most: Int) { self.most = most }

    var count: Int { state.withLock { $0.channels.count } }

    /// Takes a connection in; false when there are too many, or when it is time to stop.
    func admit(_ channel: any Channel) -> Bool {
        let isAdmitted = state.withLock { state in
            guard !state.isFinishing, state.channels.count < most else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in self.remove(channel) }
        return true
    }

    /// Closes what is idle now, and the others behind their answers.
    func finish() {
        let channels = state.withLock { state in
            state.isFinishing = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// Waits until no connection is left, but not forever.
    func empty(by end: ContinuousClock.Instant) async {
        await withTaskGroup { group in
            group.addTask { await self.emptied() }
            group.addTask { try? await Task.sleep(until: end, clock: .continuous) }
            await group.next()
            state.withLock { $0.isWaitOver = true }
            resume()
            group.cancelAll()
        }
    }

    /// Cuts every connection.
    func cut() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    private func emptied() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.channels.isEmpty || state.isWaitOver { return true }
                state.waiting = continuation
                return false
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func resume() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    private func remove(_ channel: any Channel) {
        let isEmpty = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            return state.channels.isEmpty
        }
        if isEmpty { resume() }
    }
}
