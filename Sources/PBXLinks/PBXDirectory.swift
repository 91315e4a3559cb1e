package import DialPlan
package import GatewayAPI
package import Logging
package import PBX
package import Settings
internal import Synchronization
internal import TextCoding
internal import WebRequests

/// The way to one PBX of the configuration, shared by all calls.
///
/// What was opened for it is closed when the last call lets go of it.
package final class PBXLink: Sendable {
    /// Call control there.
    package let control: any CallControl
    /// Who we are there, and what its webhooks are checked with; nil for one that has none.
    package let account: PBXAccount?
    /// What keeps a connection for events, given who is told; nil for a PBX that has none.
    package let feed: (@Sendable (@escaping @Sendable (PBXEvent) -> Void) throws(PBXError) -> StasisFeed?)?

    private let state: @Sendable () -> PBXConnection.Reachability?
    private let end: @Sendable () async -> Void

    /// Creates a link.
    ///
    /// - Parameters:
    ///   - control: call control at the PBX.
    ///   - account: who we are there.
    ///   - reachability: how its reachability stands; nil where it is not counted.
    ///   - feed: makes what keeps a connection for events, given who is told.
    ///   - close: closes what was opened for it.
    package init(
        control: any CallControl,
        account: PBXAccount? = nil,
        reachability: @escaping @Sendable () -> PBXConnection.Reachability? = { nil },
        feed: (@Sendable (@escaping @Sendable (PBXEvent) -> Void) throws(PBXError) -> StasisFeed?)? = nil,
        close: @escaping @Sendable () async -> Void = {}
    ) {
        self.control = control
        self.account = account
        state = reachability
        self.feed = feed
        end = close
    }

    /// Creates a link over a connection, which it closes at its end.
    package convenience init(_ connection: PBXConnection) {
        self.init(
            control: connection,
            account: connection.account,
            reachability: { connection.reachability },
            feed: { take throws(PBXError) in try StasisFeed(connection, take: take) },
            // What can't be closed any more is closed.
            close: { try? await connection.close() }
        )
    }

    deinit {
        Task { [end] in await end() }
    }

    /// What the PBX can do.
    package var capabilities: PBXCapabilities { control.capabilities }

    /// How its reachability stands; nil where it is not counted.
    package var reachability: PBXConnection.Reachability? { state() }
}

/// The PBXs of the configuration: one connection and one account each, for all calls and webhooks.
package final class PBXDirectory: Sendable {
    /// Makes the way to a PBX.
    package typealias Connect =
        @Sendable (Configuration.PBX, Region, ConfigurationEnvironment) throws(SecretError) -> PBXLink

    fileprivate struct Entry: Sendable {
        var pbx: Configuration.PBX
        var settings: [Configuration.Setting]
        var password: Secret?
        var link: PBXLink?
        var problem: String?
        /// What keeps the connection for events.
        var feed: Task<Void, Never>?
    }

    /// Deals with an event of the PBX of a name.
    package typealias Take = @Sendable (PBXEvent, String) -> Void

    private let connect: Connect
    private let environment: ConfigurationEnvironment
    private let entries = Mutex<[Entry]>([])
    private let take = Mutex<Take?>(nil)

    /// Creates an empty directory; ``rebuild(_:log:)`` fills it.
    package init(environment: ConfigurationEnvironment, connect: @escaping Connect = PBXDirectory.network) {
        self.environment = environment
        self.connect = connect
    }

    /// Connects over the network.
    package static let network: Connect = { pbx, region, environment throws(SecretError) in
        PBXLink(try PBXConnection(pbx, region: region, environment: environment))
    }

    /// Takes the PBXs of a configuration; one that is set as before keeps its connection, with what is known of its
    /// reachability.
    package func rebuild(_ configuration: Configuration, log: Logger) {
        let old = entries.withLock { $0 }
        let new = configuration.pbx.map { pbx -> Entry in
            let settings = configuration.settings.filter {
                $0.key.hasPrefix("pbx.\(pbx.name).") || $0.key == "gateway.region"
            }
            var entry = Entry(pbx: pbx, settings: settings)
            do throws(SecretError) {
                entry.password = try pbx.password?.read(in: environment)
                let before = old.first { $0.pbx.name == pbx.name }
                if let before, let link = before.link, before.means(entry) {
                    entry.link = link
                    entry.feed = before.feed
                } else {
                    entry.link = try connect(pbx, configuration.gateway.region, environment)
                }
            } catch {
                entry.problem = "\(error)"
                log.error("PBX \(pbx.name): \(error)")
            }
            return entry
        }
        entries.withLock { $0 = new }
        for entry in old where entry.feed != nil && !new.contains(where: { $0.feed == entry.feed }) {
            // Its place is taken by another one at once: two at a time would throw each other out.
            entry.feed?.cancel()
        }
        feed(log)
    }

    /// Keeps connections for the events of the PBXs that have them from now on, until ``stop()``.
    ///
    /// - Parameters:
    ///   - take: deals with an event; called for each PBX's events in order.
    ///   - log: is told of PBXs whose settings lack something.
    package func start(_ take: @escaping Take, log: Logger) {
        self.take.withLock { $0 = take }
        feed(log)
    }

    private func feed(_ log: Logger) {
        guard let take = take.withLock({ $0 }) else { return }
        entries.withLock { entries in
            for place in entries.indices where entries[place].feed == nil {
                let name = entries[place].pbx.name
                do throws(PBXError) {
                    guard let feed = try entries[place].link?.feed?({ take($0, name) }) else { continue }
                    entries[place].feed = Task { await feed.run() }
                } catch {
                    log.error("PBX \(name): \(error)")
                }
            }
        }
    }

    /// Ends the connections for events; returns when what they had to do is done.
    package func stop() async {
        take.withLock { $0 = nil }
        let feeds = entries.withLock { entries in
            defer { for place in entries.indices { entries[place].feed = nil } }
            return entries.compactMap(\.feed)
        }
        for feed in feeds { feed.cancel() }
        for feed in feeds { await feed.value }
    }

    /// Lets go of every PBX.
    package func close() { entries.withLock { $0 = [] } }

    /// The way to a PBX; nil when there is none of the name, or its secrets can't be read.
    package func link(_ name: String) -> PBXLink? {
        entries.withLock { entries in entries.first { $0.pbx.name == name }?.link }
    }

    /// The PBX as it is configured.
    package func pbx(_ name: String) -> Configuration.PBX? {
        entries.withLock { entries in entries.first { $0.pbx.name == name }?.pbx }
    }

    /// How each PBX is reached, for `status`.
    package var statuses: [GatewayStatus.PBXStatus] {
        entries.withLock { $0 }
            .map { entry in
                var status = GatewayStatus.PBXStatus(
                    name: entry.pbx.name,
                    profile: entry.pbx.profile.name,
                    reachable: "unknown"
                )
                if let problem = entry.problem {
                    status.reachable = "no"
                    status.reason = problem
                } else if let reachability = entry.link?.reachability {
                    status.take(reachability)
                    status.take(reachability.events)
                }
                return status
            }
    }

    /// The PBXs that can't be asked just now, with the reason.
    package var unreachable: [String: String] {
        var list: [String: String] = [:]
        for entry in entries.withLock({ $0 }) {
            // One that is left alone no more is worth a try, also when its last request failed.
            if let problem = entry.problem { list[entry.pbx.name] = problem }
            if entry.link?.reachability?.position == .open {
                list[entry.pbx.name] = "it failed several times in a row and is left alone for now"
            }
        }
        return list
    }

    /// Whether any PBX can be asked for a callback.
    package var canCallBack: Bool {
        entries.withLock { entries in
            entries.contains { $0.pbx.callback != nil && $0.link?.capabilities.callsBack == true }
        }
    }
}

extension PBXDirectory.Entry {
    /// Whether a connection of this entry serves the other one as well.
    fileprivate func means(_ other: PBXDirectory.Entry) -> Bool {
        settings.map(\.key) == other.settings.map(\.key) && settings.map(\.value) == other.settings.map(\.value)
            && password?.reveal() == other.password?.reveal()
    }
}

extension GatewayStatus.PBXStatus {
    /// Takes how the connection for events stands.
    fileprivate mutating func take(_ connection: EventConnection?) {
        switch connection {
        case .open:
            events = "open"
            // They come from there.
            if reachable == "unknown" { reachable = "yes" }
        case .connecting: events = "connecting"
        case .down(let reason):
            events = "down"
            eventsReason = reason
        case nil: break
        }
    }

    /// Takes what the requests so far have shown.
    fileprivate mutating func take(_ reachability: PBXConnection.Reachability) {
        switch reachability.position {
        case .open, .halfOpen:
            reachable = "no"
            let seconds = (reachability.resting ?? .zero).components.seconds
            reason =
                "it failed several times in a row" + (seconds > 0 ? " and is left alone for \(seconds) s more" : "")
        case .closed where reachability.failures > 0:
            reachable = "no"
            reason = "the last request failed"
        case .closed: if reachability.counts.successes > 0 { reachable = "yes" }
        }
    }
}
