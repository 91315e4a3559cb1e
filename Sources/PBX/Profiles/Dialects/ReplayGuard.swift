internal import Crypto
package import WebRequests

/// Remembers webhooks, so that each counts once; bounded, without I/O and without a clock.
///
/// The sender of a repetition gets the answer of the first time again: PBXs repeat what they think was lost. Over a restart
/// only the fingerprint of a webhook is kept, which says nothing of its caller, and no answer.
package struct ReplayGuard: Sendable {
    /// What it says to a webhook.
    package enum Verdict: Sendable, Equatable {
        /// It did not come before.
        case new
        /// It came before, and got this answer, if it got one.
        case repetition(WebhookAnswer?)
    }

    /// One that is remembered, as it may be kept over a restart.
    package struct Memory: Sendable, Hashable {
        /// The first 16 bytes of the SHA-256 of what it is recognised by.
        package var fingerprint: [UInt8]
        /// How long it is remembered.
        package var until: UnixTime

        package init(fingerprint: [UInt8], until: UnixTime) {
            self.fingerprint = fingerprint
            self.until = until
        }
    }

    private struct Entry: Sendable {
        var until: UnixTime
        var answer: WebhookAnswer?
    }

    /// How many are remembered; then the oldest is forgotten for each new one.
    package let capacity: Int
    /// How long each is remembered.
    package let lifetime: Duration
    private var entries: [[UInt8]: Entry] = [:]
    private var order: [[UInt8]] = []
    private var head = 0
    private var news: [Memory] = []

    /// Makes one that remembers nothing yet.
    ///
    /// - Parameters:
    ///   - capacity: how many webhooks are remembered.
    ///   - lifetime: how long; for PBXs whose signatures have no time, as long as one of their calls may last.
    package init(capacity: Int = 4096, lifetime: Duration = .seconds(86_400)) {
        self.capacity = max(1, capacity)
        self.lifetime = lifetime
    }

    /// How many are remembered.
    package var count: Int { entries.count }

    /// Takes note of a webhook.
    package mutating func admit(_ identity: String, now: UnixTime) -> Verdict {
        let key = Self.fingerprint(identity)
        if let entry = entries[key], entry.until > now { return .repetition(entry.answer) }
        remember(Memory(fingerprint: key, until: now + lifetime), now: now)
        news.append(Memory(fingerprint: key, until: now + lifetime))
        if news.count > capacity { news.removeFirst() }
        return .new
    }

    /// Takes what is to be kept over a restart since this was asked last.
    package mutating func takeNews() -> [Memory] {
        defer { news = [] }
        return news
    }

    /// Remembers what an earlier run of the program kept, oldest first.
    package mutating func restore(_ memories: [Memory], now: UnixTime) {
        // A clock that was set back must not make them stay for ever.
        for memory in memories where memory.until > now {
            guard entries[memory.fingerprint] == nil else { continue }
            remember(Memory(fingerprint: memory.fingerprint, until: min(memory.until, now + lifetime)), now: now)
        }
    }

    private mutating func remember(_ memory: Memory, now: UnixTime) {
        let isUnknown = entries[memory.fingerprint] == nil
        entries[memory.fingerprint] = Entry(until: memory.until)
        guard isUnknown else { return }
        order.append(memory.fingerprint)
        forget(now: now)
    }

    private static func fingerprint(_ identity: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(identity.utf8)).prefix(16))
    }

    /// Whether it came before; takes no note.
    package func knows(_ identity: String, now: UnixTime) -> Bool {
        entries[Self.fingerprint(identity)].map { $0.until > now } ?? false
    }

    /// Notes what a webhook was answered.
    package mutating func answered(_ identity: String, _ answer: WebhookAnswer) {
        entries[Self.fingerprint(identity)]?.answer = answer
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
