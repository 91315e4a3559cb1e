internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import Synchronization
internal import WebAccess

/// Counts what is refused, and says which of it was worth a log line.
final class WebhookGate: Sendable {
    private struct State {
        var refusals: RefusalTable
        /// When a refusal of a kind was last told; bounded by the PBXs and the kinds.
        var told: [String: ContinuousClock.Instant] = [:]
    }

    private let window: Duration
    private let state: Mutex<State>

    init(_ limits: WebhookLimits) {
        window = limits.window
        state = Mutex(State(refusals: RefusalTable(most: limits.refusals, window: limits.window)))
    }

    /// Takes note that a request was refused; returns the seconds to wait when there were too many already.
    func refused(_ source: WebhookSource, at now: ContinuousClock.Instant) -> Int? {
        // Behind a proxy that does not tell them apart, an answer of 429 would be to everybody.
        guard !source.isShared else { return nil }
        return state.withLock { $0.refusals.refused(source.source, at: now) }
    }

    /// Whether a refusal of a PBX's webhooks is to be told: each kind once within the window.
    func isNews(_ pbx: String, _ reason: String, at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            let key = "\(pbx) \(reason)"
            if let last = state.told[key], now - last < window { return false }
            state.told[key] = now
            return true
        }
    }
}

/// Who sends a request, as far as that is counted.
struct WebhookSource: Sendable, Equatable {
    let source: RequestSource
    /// Whether it may be everybody: a reverse proxy that does not say for whom it asks.
    let isShared: Bool

    /// The address of a connection; for one from this machine that of the client of its reverse proxy, the last in
    /// `X-Forwarded-For`, as the ones before are only what the client wrote.
    init(_ address: SocketAddress?, _ headers: HTTPFields) {
        let isLocal = RequestSource.isLoopback(address)
        guard isLocal, let forwarded = headers[named: "X-Forwarded-For"] else {
            source = RequestSource(address)
            isShared = isLocal
            return
        }
        let last = forwarded.split(separator: ",").last?.trimmed ?? ""
        let client = try? SocketAddress(ipAddress: String(last), port: 0)
        source = client.map { RequestSource($0) } ?? RequestSource(address: "unknown")
        isShared = client == nil
    }
}
