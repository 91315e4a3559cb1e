package import WebRequests

/// The webhooks that go out: which is due when, and when one is given up; without I/O, without a clock, bounded.
///
/// Every URL has a queue of its own, so that one that is down holds up no other. Within a queue the order is kept: the next
/// goes out when the one before was taken or given up.
package struct OutgoingWebhooks: Sendable {
    /// How patient it is.
    package struct Settings: Sendable, Equatable {
        /// The pauses before each further attempt; after the last, the webhook is given up.
        ///
        /// The standard ones come from Standard Webhooks: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
        package var pauses: [Duration]
        /// How long a webhook is kept at most.
        package var longest: Duration
        /// How many wait for one URL; then the oldest is given up for each new one.
        package var capacity: Int

        /// Makes settings.
        package init(
            pauses: [Duration] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) },
            longest: Duration = .seconds(3 * 86_400),
            capacity: Int = 1000
        ) {
            self.pauses = pauses
            self.longest = longest
            self.capacity = max(1, capacity)
        }
    }

    /// One webhook to one URL.
    package struct Delivery: Sendable, Equatable {
        /// Its identity (`webhook-id`): the same at every attempt.
        package let id: String
        /// Which of the configured URLs it goes to.
        package let destination: String
        package let body: [UInt8]
        /// When it was made.
        package let made: UnixTime
        /// How often it was tried.
        package fileprivate(set) var attempts: Int
        /// When it is to be tried next.
        package fileprivate(set) var due: UnixTime

        /// Makes one that was kept; new ones come from ``OutgoingWebhooks/add(id:to:body:now:)``.
        package init(id: String, destination: String, body: [UInt8], made: UnixTime, attempts: Int, due: UnixTime) {
            self.id = id
            self.destination = destination
            self.body = body
            self.made = made
            self.attempts = max(0, attempts)
            self.due = due
        }
    }

    /// Why a webhook is given up.
    package enum Loss: String, Sendable, CaseIterable {
        /// Every attempt failed.
        case attempts
        /// It is too old.
        case age
        /// Too many wait.
        case capacity
        /// The receiver says that it is gone (410).
        case gone
        /// It does not take this one, and never will: what waits behind it goes out.
        case refused
    }

    /// What came of an attempt.
    package enum Outcome: Sendable, Equatable {
        /// A status from 200 to 299.
        case taken
        /// 410: the receiver wants nothing of the kind any more.
        case gone
        /// It can't be brought, or its content is refused; another attempt brings the same.
        case refused
        /// Anything else; with the pause that the receiver asked for, if it did.
        case failed(retryAfter: Duration?)
    }

    private let settings: Settings
    private var queues: [String: [Delivery]] = [:]
    private var isUnderWay: Set<String> = []

    /// Makes empty queues.
    package init(_ settings: Settings = Settings()) { self.settings = settings }

    /// How many webhooks wait, in all.
    package var count: Int { queues.values.reduce(0) { $0 + $1.count } }

    /// Adds a webhook; returns what was given up for it.
    package mutating func add(id: String, to destination: String, body: [UInt8], now: UnixTime) -> [(Delivery, Loss)] {
        var queue = queues[destination] ?? []
        var lost: [(Delivery, Loss)] = []
        // The first may be under way, and is not taken from under its attempt.
        while queue.count >= settings.capacity {
            let index = isUnderWay.contains(destination) && queue.count > 1 ? 1 : 0
            lost.append((queue.remove(at: index), .capacity))
            if index == 0 { isUnderWay.remove(destination) }
        }
        queue.append(Delivery(id: id, destination: destination, body: body, made: now, attempts: 0, due: now))
        queues[destination] = queue
        return lost
    }

    /// Puts back what was kept while the program did not run, in its order and before anything is added.
    ///
    /// A clock that was set back since then holds nothing up for longer than the longest pause.
    ///
    /// - Returns: what was too much and is given up.
    package mutating func restore(_ kept: [Delivery], now: UnixTime) -> [Delivery] {
        var lost: [Delivery] = []
        let latest = now + (settings.pauses.max() ?? .zero)
        for var delivery in kept {
            delivery.due = min(delivery.due, latest)
            queues[delivery.destination, default: []].append(delivery)
        }
        for (destination, queue) in queues where queue.count > settings.capacity {
            lost += queue.prefix(queue.count - settings.capacity)
            queues[destination] = Array(queue.suffix(settings.capacity))
        }
        return lost
    }

    /// Forgets a URL that nothing goes to any more; returns what waited for it.
    package mutating func remove(_ destination: String) -> [Delivery] {
        isUnderWay.remove(destination)
        return queues.removeValue(forKey: destination) ?? []
    }

    /// How many webhooks wait for a URL.
    package func count(to destination: String) -> Int { queues[destination]?.count ?? 0 }

    /// The next webhook to a URL; nil when none waits.
    package func first(to destination: String) -> Delivery? { queues[destination]?.first }

    /// The webhooks to send now, at most one for each URL; each is to be followed by ``finished(_:_:now:jitter:)``.
    package mutating func due(now: UnixTime) -> [Delivery] {
        var list: [Delivery] = []
        for destination in queues.keys.sorted() where !isUnderWay.contains(destination) {
            guard let first = queues[destination]?.first, first.due <= now else { continue }
            isUnderWay.insert(destination)
            list.append(first)
        }
        return list
    }

    /// When to ask again; nil when nothing waits but what is under way.
    package var next: UnixTime? {
        queues.filter { !isUnderWay.contains($0.key) }.compactMap { $0.value.first?.due }.min()
    }

    /// Notes what came of an attempt; returns why the webhook is given up, if it is.
    ///
    /// - Parameters:
    ///   - delivery: what was sent.
    ///   - outcome: what came of it.
    ///   - now: the time of day.
    ///   - jitter: chance, from 0 up to 1; lengthens the pause by up to a tenth.
    package mutating func finished(_ delivery: Delivery, _ outcome: Outcome, now: UnixTime, jitter: Double) -> Loss? {
        let destination = delivery.destination
        guard var queue = queues[destination], var first = queue.first, first.id == delivery.id else { return nil }
        isUnderWay.remove(destination)
        first.attempts += 1
        var loss: Loss?
        switch outcome {
        case .taken: break
        case .gone: loss = .gone
        case .refused: loss = .refused
        case .failed(let asked):
            if first.attempts > settings.pauses.count {
                loss = .attempts
            } else if first.made.duration(to: now) >= settings.longest {
                loss = .age
            } else {
                let chance = jitter.isFinite ? min(max(jitter, 0), 1) : 0
                let pause = settings.pauses[first.attempts - 1] * (100 + Int(10 * chance)) / 100
                first.due = now + max(pause, min(asked ?? .zero, .seconds(86_400)))
                queue[0] = first
                queues[destination] = queue
                return nil
            }
        }
        queue.removeFirst()
        queues[destination] = queue.isEmpty ? nil : queue
        return loss
    }
}
