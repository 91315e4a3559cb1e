internal import Synchronization

/// What came in by webhooks and what went out: for metrics, and for the warnings in the status.
///
/// No number, no secret and no whole URL is in it.
public final class WebhookFigures: Sendable {
    /// A kind of webhook that came in.
    public struct Incoming: Sendable, Hashable {
        /// The PBX's name in the configuration; empty where none has the path.
        public var pbx: String
        /// What became of it: `taken`, `repetition`, `turned_away`, `busy`, or why it was refused.
        public var result: String

        /// Creates a kind.
        public init(pbx: String, result: String) {
            self.pbx = pbx
            self.result = result
        }
    }

    /// How the deliveries to one URL stand.
    public struct Outgoing: Sendable, Hashable {
        /// How many events wait.
        public var waiting = 0
        /// How many were taken since the start.
        public var delivered = 0
        /// How many attempts failed since the start.
        public var failures = 0
        /// How many events were given up since the start, by the reason.
        public var lost: [String: Int] = [:]
        /// What became of the last attempt, if it failed.
        public var trouble: String?

        /// Creates the state of a URL that nothing was sent to.
        public init() {}
    }

    /// Everything at one moment.
    public struct Snapshot: Sendable {
        /// What came in.
        public var incoming: [Incoming: Int] = [:]
        /// What went out, by the name of the receiver.
        public var outgoing: [String: Outgoing] = [:]
        /// Why what waits can't be kept over a restart; nil when it can.
        public var keeping: String?
        /// What is wrong with the configuration of webhooks as a whole.
        public var notes: [String] = []
    }

    private let state = Mutex(Snapshot())

    /// Creates figures of a service that has just started.
    public init() {}

    /// A copy of what was counted.
    public var snapshot: Snapshot { state.withLock { $0 } }

    /// What somebody should look at, one line each.
    public var warnings: [String] {
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
    public func received(pbx: String, result: String) {
        state.withLock { $0.incoming[Incoming(pbx: pbx, result: result), default: 0] += 1 }
    }

    /// Takes what somebody should look at as long as this configuration holds.
    public func note(_ notes: [String]) { state.withLock { $0.notes = notes } }

    func change(_ name: String, _ body: (inout Outgoing) -> Void) {
        state.withLock { body(&$0.outgoing[name, default: Outgoing()]) }
    }

    /// Leaves only these receivers.
    func retain(_ names: Set<String>) {
        state.withLock { state in state.outgoing = state.outgoing.filter { names.contains($0.key) } }
    }

    func keeping(_ trouble: String?) { state.withLock { $0.keeping = trouble } }
}
