/// Remembers webhooks, so that each counts once; bounded, without I/O and without a clock.
///
/// The sender of a repetition gets the answer of the first time again: PBXs repeat what they think was lost.
public struct ReplayGuard: Sendable {
    /// What it says to a webhook.
    public enum Verdict: Sendable, Equatable {
        /// It did not come before.
        case new
        /// It came before, and got this answer, if it got one.
        case repetition(WebhookAnswer?)
    }

    private struct Entry: Sendable {
        var until: UnixTime
        var answer: WebhookAnswer?
    }

    /// How many are remembered; then the oldest is forgotten for each new one.
    public let capacity: Int
    /// How long each is remembered.
    public let lifetime: Duration
    private var entries: [String: Entry] = [:]
    private var order: [String] = []
    private var head = 0

    /// Makes one that remembers nothing yet.
    ///
    /// - Parameters:
    ///   - capacity: how many webhooks are remembered.
    ///   - lifetime: how long; for PBXs whose signatures have no time, as long as one of their calls may last.
    public init(capacity: Int = 4096, lifetime: Duration = .seconds(86_400)) {
        self.capacity = max(1, capacity)
        self.lifetime = lifetime
    }

    /// How many are remembered.
    public var count: Int { entries.count }

    /// Takes note of a webhook.
    public mutating func admit(_ identity: String, now: UnixTime) -> Verdict {
        if let entry = entries[identity], entry.until > now { return .repetition(entry.answer) }
        let isUnknown = entries[identity] == nil
        entries[identity] = Entry(until: now + lifetime)
        if isUnknown {
            order.append(identity)
            forget(now: now)
        }
        return .new
    }

    /// Whether it came before; takes no note.
    public func knows(_ identity: String, now: UnixTime) -> Bool {
        entries[identity].map { $0.until > now } ?? false
    }

    /// Notes what a webhook was answered.
    public mutating func answered(_ identity: String, _ answer: WebhookAnswer) {
        entries[identity]?.answer = answer
    }

    /// Drops the oldest while there are too many, and those whose time is over.
    private mutating func forget(now: UnixTime) {
        while head < order.count {
            let oldest = order[head]
            let isOver = entries[oldest].map { $0.until <= now } ?? true
            guard isOver || order.count - head > capacity else { break }
            entries[oldest] = nil
            head += 1
        }
        if head > capacity {
            order.removeFirst(head)
            head = 0
        }
    }
}
