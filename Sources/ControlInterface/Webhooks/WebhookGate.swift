internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import Synchronization

/// Counts what each address sends, and turns it away for a while when that is too much.
final class WebhookGate: Sendable {
    private struct Count {
        var requests = 0
        var refusals = 0
        var until: ContinuousClock.Instant
    }

    /// Addresses beyond this many are not told apart.
    private static let mostAddresses = 1024

    private let limits: WebhookLimits
    private let counts = Mutex<[String: Count]>([:])

    init(_ limits: WebhookLimits) { self.limits = limits }

    /// Takes note of a request; gives the seconds to wait when the address is turned away, nil when it is let in.
    func admit(_ source: WebhookSource, at now: ContinuousClock.Instant) -> Int? {
        change(source, at: now) { count in
            guard count.requests < limits.requests, count.refusals < limits.refusals else {
                return Int(max(.zero, count.until - now).components.seconds) + 1
            }
            count.requests += 1
            return nil
        }
    }

    /// Takes note that a request was refused.
    func refused(_ source: WebhookSource, at now: ContinuousClock.Instant) {
        // Behind a proxy that does not tell them apart, somebody's nonsense would lock the PBX out.
        guard !source.isShared else { return }
        change(source, at: now) { $0.refusals += 1 }
    }

    private func change<Value>(
        _ source: WebhookSource,
        at now: ContinuousClock.Instant,
        _ body: (inout Count) -> Value
    ) -> Value {
        counts.withLock { counts in
            if counts[source.address] == nil, counts.count >= Self.mostAddresses {
                counts = counts.filter { $0.value.until > now }
            }
            let isOwn = counts[source.address] != nil || counts.count < Self.mostAddresses
            let key = isOwn ? source.address : "others"
            var count = counts[key] ?? Count(until: now + limits.window)
            if count.until <= now { count = Count(until: now + limits.window) }
            defer { counts[key] = count }
            return body(&count)
        }
    }
}

/// Who sends a request, as far as that is counted.
struct WebhookSource: Sendable, Equatable {
    let address: String
    /// Whether it may be everybody: a reverse proxy that does not say for whom it asks.
    let isShared: Bool

    /// The address of a connection; for one from this machine that of whom its reverse proxy asks for, the last in
    /// `X-Forwarded-For`, as the ones before are only what the client wrote.
    init(_ address: SocketAddress?, _ headers: HTTPFields) {
        let isLocal = TokenGate.isLoopback(address)
        guard isLocal, let forwarded = headers[named: "X-Forwarded-For"] else {
            self.address = TokenGate.source(of: address)
            isShared = isLocal
            return
        }
        let last = forwarded.split(separator: ",").last?.trimmed ?? ""
        let client = try? SocketAddress(ipAddress: String(last), port: 0)
        self.address = client.map { TokenGate.source(of: $0) } ?? "unknown"
        isShared = client == nil
    }
}
