/// What happened to a modem.
package enum DiscoveryEvent: Sendable, Hashable {
    /// A stick is there and its ports are complete, or nothing more came of it for a while.
    case found(USBModem)
    /// A stick that was found has other ports, another condition or other properties now.
    case changed(USBModem)
    /// A stick is gone; as it was last reported.
    case lost(USBModem)
}

/// What the kernel or udev says about one node.
package enum DeviceChange: Sendable, Hashable {
    /// The node is there, new or not.
    case present(DeviceNode)
    /// The node with this sysfs path is gone.
    case gone(sysPath: String)
}

/// Turns what happens to single device nodes into what happens to modems, without any I/O.
///
/// A stick's interfaces and ttys arrive one by one, in any order, some twice, and now and then one is missed. So a stick
/// is reported when all is there that is known to come, or else after a quiet time; and the same holds for changes.
///
/// | state of a stick | node present or gone | timer | device gone |
/// |---|---|---|---|
/// | absent | collecting | – | – |
/// | collecting | complete: *found*; else collecting, timer anew | a modem: *found*; else other | absent |
/// | other (no modem) | collecting | – | absent |
/// | reported | same as reported: nothing; complete: *changed*; else timer anew | *changed*, or *lost* when no modem | *lost*, absent |
///
/// A device with another number on its bus than before is another one: the old one is gone first.
package struct DeviceTree: Sendable {
    /// How long nothing must have happened to a stick before it is reported as it is.
    package let quiet: Duration

    /// How much longer a stick that never comes to rest is waited for, in quiet times.
    private static let patience = 8

    private struct Stick {
        var parts: StickParts
        var reported: USBModem?
        /// When it is reported as it stands.
        var due: ContinuousClock.Instant?
        /// When waiting for rest ends.
        var latest: ContinuousClock.Instant?
    }

    private var sticks: [String: Stick] = [:]
    /// Which device a node belongs to, by the node's sysfs path.
    private var owners: [String: String] = [:]

    /// Creates an empty tree.
    ///
    /// - Parameter quiet: how long nothing must have happened to a stick before it is reported incomplete.
    package init(quiet: Duration = .milliseconds(400)) {
        self.quiet = quiet
    }

    /// When ``timerFired(at:)`` is wanted; nil when nothing is waited for.
    package var deadline: ContinuousClock.Instant? { sticks.values.compactMap(\.due).min() }

    /// The modems that are reported as present, by their paths.
    package var reported: [USBModem] { sticks.values.compactMap(\.reported).sorted { $0.path < $1.path } }

    /// Everything that is or could become a modem as it stands now, reported or not, by its path.
    package var present: [USBModem] { sticks.values.compactMap { $0.parts.modem }.sorted { $0.path < $1.path } }

    // MARK: Inputs

    /// Takes a change of one node.
    package mutating func handle(_ change: DeviceChange, at now: ContinuousClock.Instant) -> [DiscoveryEvent] {
        switch change {
        case .present(let node): present(node, at: now)
        case .gone(let sysPath): gone(sysPath, at: now)
        }
    }

    /// Takes the whole tree as it is, in place of changes that were missed.
    package mutating func reconcile(with nodes: [DeviceNode], at now: ContinuousClock.Instant) -> [DiscoveryEvent] {
        let present = Set(nodes.map(\.sysPath)).union(nodes.map(\.device.sysPath))
        let missing = owners.keys.filter { !present.contains($0) } + sticks.keys.filter { !present.contains($0) }
        var events: [DiscoveryEvent] = []
        for sysPath in missing.sorted() { events += handle(.gone(sysPath: sysPath), at: now) }
        for node in nodes { events += handle(.present(node), at: now) }
        return events
    }

    /// Reports what has come to rest.
    package mutating func timerFired(at now: ContinuousClock.Instant) -> [DiscoveryEvent] {
        let due = sticks.filter { _, stick in stick.due.map { $0 <= now } ?? false }
        return due.keys.sorted().flatMap { report($0) }
    }

    // MARK: Nodes

    private mutating func present(_ node: DeviceNode, at now: ContinuousClock.Instant) -> [DiscoveryEvent] {
        let key = node.device.sysPath
        var events: [DiscoveryEvent] = []
        if let old = sticks[key], Self.isAnother(node.device, than: old.parts.device) { events += drop(key) }
        var stick = sticks[key] ?? Stick(parts: StickParts(node.device))
        let before = stick.parts
        stick.parts.device = node.device
        if case .device = node.content {} else { stick.parts.nodes[node.sysPath] = node }
        let isNew = sticks[key] == nil
        sticks[key] = stick
        owners[node.sysPath] = key
        if isNew || stick.parts != before { events += changed(key, at: now) }
        return events
    }

    private mutating func gone(_ sysPath: String, at now: ContinuousClock.Instant) -> [DiscoveryEvent] {
        if sticks[sysPath] != nil { return drop(sysPath) }
        guard let key = owners.removeValue(forKey: sysPath),
            sticks[key]?.parts.nodes.removeValue(forKey: sysPath) != nil
        else { return [] }
        return changed(key, at: now)
    }

    private static func isAnother(_ new: DeviceNode.Device, than old: DeviceNode.Device) -> Bool {
        new.id != old.id || (new.number != nil && old.number != nil && new.number != old.number)
    }

    // MARK: Sticks

    private mutating func changed(_ key: String, at now: ContinuousClock.Instant) -> [DiscoveryEvent] {
        guard var stick = sticks[key] else { return [] }
        let modem = stick.parts.modem
        guard modem != stick.reported else {
            stick.due = nil
            stick.latest = nil
            sticks[key] = stick
            return []
        }
        if stick.parts.isComplete { return report(key) }
        let latest = stick.latest ?? now + quiet * Self.patience
        stick.latest = latest
        stick.due = min(now + quiet, latest)
        sticks[key] = stick
        return []
    }

    private mutating func report(_ key: String) -> [DiscoveryEvent] {
        guard var stick = sticks[key] else { return [] }
        let old = stick.reported
        let new = stick.parts.modem
        stick.reported = new
        stick.due = nil
        stick.latest = nil
        sticks[key] = stick
        switch (old, new) {
        case (nil, let new?): return [.found(new)]
        case (let old?, let new?): return old == new ? [] : [.changed(new)]
        case (let old?, nil): return [.lost(old)]
        case (nil, nil): return []
        }
    }

    private mutating func drop(_ key: String) -> [DiscoveryEvent] {
        guard let stick = sticks.removeValue(forKey: key) else { return [] }
        for sysPath in stick.parts.nodes.keys { owners.removeValue(forKey: sysPath) }
        owners.removeValue(forKey: key)
        return stick.reported.map { [.lost($0)] } ?? []
    }
}
