internal import CallLog
internal import WebRequests

/// What has changed in the queue of webhooks and is not on the disk yet: at most one change for each webhook.
struct PendingWebhooks {
    enum Change {
        /// It waits; `isStored` says whether the disk may know it already.
        case put(KeptWebhook, isStored: Bool)
        /// It does not wait any more.
        case forget
    }

    /// Changes that were taken to be written.
    struct Batch {
        fileprivate let changes: [KeptWebhook.Key: Change]

        var isEmpty: Bool { changes.isEmpty }

        /// What is to be put, oldest first, and what is to be forgotten.
        var sorted: (put: [KeptWebhook], forget: [KeptWebhook.Key]) {
            var put: [KeptWebhook] = []
            var forget: [KeptWebhook.Key] = []
            for (key, change) in changes {
                switch change {
                case .put(let webhook, _): put.append(webhook)
                case .forget: forget.append(key)
                }
            }
            return (put.sorted { $0.position < $1.position }, forget)
        }
    }

    /// More changes than this are not remembered while the disk takes none: then some go out a second time some day.
    static let most = 20_000

    private var changes: [KeptWebhook.Key: Change] = [:]
    private var position: Int64 = 1

    /// Goes on behind what is kept already.
    mutating func begin(behind kept: [KeptWebhook]) {
        position = (kept.map(\.position).max() ?? UnixTime.now.milliseconds) + 1
    }

    mutating func add(id: String, to destination: String, body: [UInt8], now: UnixTime) {
        let key = KeptWebhook.Key(id: id, destination: destination)
        guard changes.count < Self.most || changes[key] != nil else { return }
        let webhook = KeptWebhook(
            key: key,
            position: position,
            body: body,
            madeAt: now.milliseconds,
            attempts: 0,
            dueAt: now.milliseconds
        )
        position += 1
        changes[key] = .put(webhook, isStored: false)
    }

    mutating func update(_ delivery: OutgoingWebhooks.Delivery) {
        var webhook = KeptWebhook(delivery)
        if case .put(let waiting, let isStored) = changes[webhook.key] {
            webhook.position = waiting.position
            changes[webhook.key] = .put(webhook, isStored: isStored)
        } else if changes.count < Self.most {
            changes[webhook.key] = .put(webhook, isStored: true)
        }
    }

    mutating func forget(_ delivery: OutgoingWebhooks.Delivery) {
        let key = KeptWebhook.Key(id: delivery.id, destination: delivery.destination)
        if case .put(_, isStored: false) = changes[key] {
            changes[key] = nil
        } else if changes.count < Self.most || changes[key] != nil {
            changes[key] = .forget
        }
    }

    mutating func take() -> Batch {
        defer { changes = [:] }
        return Batch(changes: changes)
    }

    /// Takes back what could not be written, or what may be written yet: the disk was only too slow to say.
    mutating func giveBack(_ batch: Batch) {
        for (key, change) in batch.changes {
            switch (change, changes[key]) {
            case (.put(let webhook, _), nil): changes[key] = .put(webhook, isStored: true)
            case (.put(let older, _), .put(var newer, _)):
                newer.position = older.position
                changes[key] = .put(newer, isStored: true)
            case (.forget, nil): changes[key] = .forget
            case (.put, .forget), (.forget, _): break
            }
        }
    }
}

extension KeptWebhook {
    init(_ delivery: OutgoingWebhooks.Delivery) {
        self.init(
            key: Key(id: delivery.id, destination: delivery.destination),
            position: 0,
            body: delivery.body,
            madeAt: delivery.made.milliseconds,
            attempts: delivery.attempts,
            dueAt: delivery.due.milliseconds
        )
    }
}

extension OutgoingWebhooks.Delivery {
    init(_ kept: KeptWebhook) {
        self.init(
            id: kept.key.id,
            destination: kept.key.destination,
            body: kept.body,
            made: UnixTime(milliseconds: kept.madeAt),
            attempts: kept.attempts,
            due: UnixTime(milliseconds: kept.dueAt)
        )
    }
}
