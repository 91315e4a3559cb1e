package import PBX
internal import Synchronization
package import WebRequests

/// The receivers of every PBX that sends webhooks, by the PBX's name; they can be changed while the listener runs.
package final class WebhookReceivers: Sendable {
    /// Keeps what is new of the PBX of a name over a restart; must not block.
    package typealias Keep = @Sendable (WebhookReceiver.Memories, String) -> Void

    private let receivers = Mutex<[String: WebhookReceiver]>([:])
    /// What the box is called, beside the names in the PBXs' `public_url`.
    private let box: Mutex<[String]>
    private let keep: Keep

    /// Creates the receivers of those accounts that have settings for webhooks.
    ///
    /// - Parameters:
    ///   - accounts: the same values that calls to the PBXs are made with, so that both know what is expected.
    ///   - names: what the box is called; machine names, and IP addresses, need not be among them.
    ///   - keep: keeps what must not be played again after a restart.
    package init(_ accounts: [PBXAccount], names: [String] = [], keep: @escaping Keep = { _, _ in }) {
        self.keep = keep
        box = Mutex(names)
        replace(accounts, names: names)
    }

    /// Takes what an earlier run kept, by the names of the PBXs; oldest first.
    package func restore(_ memories: [String: WebhookReceiver.Memories], now: UnixTime) {
        receivers.withLock { receivers in
            for (name, kept) in memories { receivers[name]?.restore(kept, now: now) }
        }
    }

    /// Takes the accounts of a new configuration; what came before stays known, so that it can't be played again.
    package func replace(_ accounts: [PBXAccount], names: [String] = []) {
        box.withLock { $0 = names }
        receivers.withLock { receivers in
            var new: [String: WebhookReceiver] = [:]
            for account in accounts {
                new[account.name] =
                    receivers[account.name].map { $0.renewed(account: account) }
                    ?? WebhookReceiver(account: account)
            }
            receivers = new
        }
    }

    /// The names of the PBXs that have a receiver.
    package var names: [String] { receivers.withLock { $0.keys.sorted() } }

    /// The names under which PBXs reach this box.
    var hosts: [String] {
        receivers.withLock { $0.values.compactMap(\.publicHost) } + box.withLock { $0 } + HostNames.own
    }

    /// The PBX that a target of a request belongs to; nil when there is none.
    func name(for target: String) -> String? {
        receivers.withLock { receivers in
            // Paths are `/pbx/NAME`, with more behind them at some PBXs.
            let parts = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count >= 3, let receiver = receivers[String(parts[2])], receiver.serves(target) else {
                return nil
            }
            return receiver.name
        }
    }

    /// Has a PBX's receiver judge a request; nil when it is gone by now.
    func receive(_ request: WebhookRequest, for name: String, now: UnixTime) -> WebhookVerdict? {
        let (verdict, news) = receivers.withLock { receivers in
            (receivers[name]?.receive(request, now: now), receivers[name]?.takeNews())
        }
        if let news, !news.isEmpty { keep(news, name) }
        return verdict
    }
}
