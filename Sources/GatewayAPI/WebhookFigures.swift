package import FoundationEssentials
internal import Synchronization

/// What came in by webhooks and what went out: for metrics, and for the warnings in the status.
///
/// No number, no secret and no whole URL is in it.
package final class WebhookFigures: Sendable {
    /// A kind of webhook that came in.
    package struct Incoming: Sendable, Hashable {
        /// The PBX's name in the configuration; empty where none has the path.
        package var pbx: String
        /// What became of it: `taken`, `repetition`, `turned_away`, `busy`, or why it was refused.
        package var result: String

        package init(pbx: String, result: String) {
            self.pbx = pbx
            self.result = result
        }
    }

    /// How the deliveries to one URL stand.
    package struct Outgoing: Sendable, Hashable {
        /// How many events wait.
        package var waiting = 0
        /// How many were taken since the start.
        package var delivered = 0
        /// How many attempts failed since the start.
        package var failures = 0
        /// How many events were given up since the start, by the reason.
        package var lost: [String: Int] = [:]
        /// What became of the last attempt, if it failed.
        package var trouble: String?

        /// Creates the state of a URL that nothing was sent to.
        package init() {}
    }

    /// Everything at one moment.
    package struct Snapshot: Sendable {
        /// What came in.
        package var incoming: [Incoming: Int] = [:]
        /// The last that came in, by the PBX's name.
        package var last: [String: GatewayStatus.PBXStatus.LastWebhook] = [:]
        /// What went out, by the name of the receiver.
        package var outgoing: [String: Outgoing] = [:]
        /// Why what waits can't be kept over a restart; nil when it can.
        package var keeping: String?
        /// What is wrong with the configuration of webhooks as a whole.
        package var notes: [String] = []
    }

    private let state = Mutex(Snapshot())

    /// Creates figures of a service that has just started.
    package init() {}

    /// A copy of what was counted.
    package var snapshot: Snapshot { state.withLock { $0 } }

    /// What needs a look, one line each.
    package var warnings: [String] {
        let now = snapshot
        var lines = now.notes
        if let keeping = now.keeping { lines.append("webhooks that wait would be lost by a restart: \(keeping)") }
        for (name, outgoing) in now.outgoing.sorted(by: { $0.key < $1.key }) {
            if let trouble = outgoing.trouble {
                lines.append("\(name): \(outgoing.waiting) events wait, the last attempt failed: \(trouble)")
            }
            let lost = outgoing.lost.values.reduce(0, +)
            if lost > 0 { lines.append("\(name): \(lost) events were given up since the start") }
        }
        return lines
    }

    /// Counts a webhook that came in.
    package func received(pbx: String, result: String, at now: Date = Date()) {
        state.withLock { state in
            state.incoming[Incoming(pbx: pbx, result: result), default: 0] += 1
            state.last[pbx] = GatewayStatus.PBXStatus.LastWebhook(at: now, result: result)
        }
    }

    /// Adds what there is to tell of webhooks to how the service stands.
    package func complete(_ status: inout GatewayStatus) {
        let last = snapshot.last
        for index in status.pbx.indices { status.pbx[index].lastWebhook = last[status.pbx[index].name] }
        status.warnings += warnings
    }

    /// Takes what needs a look as long as this configuration holds.
    package func note(_ notes: [String]) { state.withLock { $0.notes = notes } }

    /// Changes the figures of one receiver.
    package func change(_ name: String, _ body: (inout Outgoing) -> Void) {
        state.withLock { body(&$0.outgoing[name, default: Outgoing()]) }
    }

    /// Leaves only these receivers.
    package func retain(_ names: Set<String>) {
        state.withLock { state in state.outgoing = state.outgoing.filter { names.contains($0.key) } }
    }

    /// Takes why what waits can't be kept over a restart; nil when it can.
    package func keeping(_ trouble: String?) { state.withLock { $0.keeping = trouble } }
}
