import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

// What lines and modems do that no standard has in mind.
extension Scenario {
    /// How long an order to hang up may take while the line talks.
    private static let hangUpLimit = Duration.seconds(3)
    /// How long what the service does not follow may be up: it looks at an idle modem's list every 30 s.
    static let unseenLimit = Duration.seconds(40)

    // MARK: Chatter

    /// What lines say without end.
    private static let chatters: [(name: String, bytes: [UInt8], pause: Duration, faults: [SimulatedFault])] = [
        (
            "a line", Array("\r\n+CREG: 1\r\n".utf8), .milliseconds(60),
            [.lostReply(command: "AT+CLCC", .first(1))]
        ),
        ("a byte", [0xFF], .milliseconds(50), [.lostReply(command: "AT+CLCC", .first(1))]),
        ("an OK", Array("\r\nOK\r\n".utf8), .milliseconds(70), []),
        ("a prompt", Array("\r\n> ".utf8), .milliseconds(20), []),
    ]

    func chatter(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        try warmUp(trial)
        var slowest = Duration.zero
        for isAnswered in [false, true] {
            host.withWorld { world, _ in
                // The call is not answered while it shall ring.
                let behaviour = NumberBehaviour.alertThenAnswer(
                    alerting: .milliseconds(300),
                    answer: isAnswered ? .milliseconds(800) : .seconds(120)
                )
                world.network.accessNumbers[ServiceRig.accessNumber] = AccessNumber(behaviour: behaviour)
            }
            for modem in Self.chatters.indices { trial.dial(on: modem, talk: .seconds(600)) }
            let are = waited(.seconds(40)) {
                trial.up(Self.chatters.indices) { isAnswered ? $0.isJoined : $0.state == .alerting }
            }
            if !are { trial.find("not every call came to the point at which the line begins to chatter") }
            host.withWorld { world, now in
                for (modem, chatter) in Self.chatters.enumerated() {
                    world.setFaults(chatter.faults, of: modem)
                    world.chatter(chatter.bytes, every: chatter.pause, for: .seconds(20), on: modem, at: now)
                }
            }
            rest(.seconds(2))
            for (modem, time) in try hangUp(Self.chatters.indices, trial) {
                slowest = max(slowest, time)
                guard time > Self.hangUpLimit else { continue }
                let phase = isAnswered ? "answered" : "ringing"
                trial.find("\(Self.chatters[modem].name) on m\(modem): the \(phase) call ended after \(time.inTenths)")
            }
            rest(.seconds(20))
            host.withWorld { world, _ in for modem in Self.chatters.indices { world.setFaults([], of: modem) } }
            try trial.awaitQuiet()
            try trial.rig.awaitReady()
        }
        host.withWorld { world, _ in world.network.accessNumbers[ServiceRig.accessNumber] = AccessNumber() }
        try trial.callOnEach()
        return "8 calls hung up at most \(slowest.inTenths) after the order; \(trial.compareResources())"
    }

    /// Has the calls on some modems hung up, and measures until the network has them no more.
    func hangUp(_ modems: Range<Int>, _ trial: Trial) throws -> [(modem: Int, time: Duration)] {
        var orders: [Int: ContinuousClock.Instant] = [:]
        for call in try trial.rig.calls() {
            guard let modem = modems.first(where: { call.modem == "m\($0)" }) else { continue }
            orders[modem] = .now
            try trial.rig.hangUp(call.call)
        }
        var times: [Int: Duration] = [:]
        _ = waited(.seconds(30)) {
            for (modem, order) in orders where times[modem] == nil {
                if !trial.up(modem..<(modem + 1), { _ in true }) { times[modem] = .now - order }
            }
            return times.count == orders.count
        }
        return orders.map { ($0.key, times[$0.key] ?? .now - $0.value) }.sorted { $0.0 < $1.0 }
    }

    // MARK: Empty lists

    func emptyLists(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        try warmUp(trial)
        let counts: [SimulatedFault.Count] = [.first(1), .first(2), .first(3), .first(6), .first(2), .first(3)]
        host.withWorld { world, now in
            for (modem, count) in counts.enumerated() { world.setFaults([.emptyList(count)], of: modem) }
            for modem in 4..<6 {
                world.ring(modem: modem, from: ServiceRig.holdingNumber, at: now, givesUpAfter: .seconds(600))
            }
        }
        for modem in 0..<4 { trial.dial(on: modem, talk: .seconds(600)) }
        var watch = CallWatch(limit: Self.unseenLimit)
        var answered: Set<Int> = []
        for _ in 0..<550 {
            answered.formUnion(counts.indices.filter { trial.up($0..<($0 + 1)) { $0.answeredAt != nil } })
            for finding in try watch.look(trial.rig) { trial.find(finding) }
            rest(.milliseconds(100))
        }
        for modem in counts.indices where !answered.contains(modem) {
            trial.find("the call on m\(modem) was never answered")
        }
        let live = try trial.rig.calls()
        for call in live { try trial.rig.hangUp(call.call) }
        try trial.awaitQuiet()
        let isDown = waited(Self.unseenLimit) { !trial.up(counts.indices, { _ in true }, any: true) }
        if !isDown { trial.find("calls are up after all of them were hung up") }
        host.withWorld { world, _ in for modem in counts.indices { world.setFaults([], of: modem) } }
        try trial.rig.awaitReady()
        try trial.callOnEach()
        return "\(live.count) of 6 calls lived through it, a call was unseen for at most \(watch.longest.inTenths); "
            + trial.compareResources()
    }

    // MARK: Restarts

    /// Two that say nothing when they start, and two that do.
    var restarting: [ModemProfile] {
        ([.generic, .quectel, .generic, .simcom, .quectel] as [ModemFamily]).enumerated()
            .map { ModemProfile($0.element, number: $0.offset) }
    }

    func reboot(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        let faulty = 0..<(trial.rig.modems - 1)
        try trial.rig.awaitReady()
        try trial.callOnEach()
        trial.countResources()
        let settings = host.withWorld { world, _ in faulty.map { world.settings(of: $0) } }
        var slowest = Duration.zero
        for isInCall in [false, true] {
            if isInCall {
                for modem in faulty { trial.dial(on: modem, talk: .seconds(600)) }
                if !waited(.seconds(40), { trial.up(faulty) { $0.isJoined } }) {
                    trial.find("not every call was joined")
                }
            }
            let start = ContinuousClock.now
            host.withWorld { world, now in for modem in faulty { world.restart(modem, at: now) } }
            // What a service may take to notice: an idle modem is looked at every 30 s, a call has its own pace.
            let isBack = waited(.seconds(90), every: .milliseconds(50)) {
                host.withWorld { world, _ in faulty.allSatisfy { world.settings(of: $0) == settings[$0] } }
            }
            slowest = max(slowest, .now - start)
            if !isBack {
                let now = host.withWorld { world, _ in faulty.map { world.settings(of: $0) } }
                for modem in faulty where now[modem] != settings[modem] {
                    trial.find("m\(modem) was not set up anew: \(settings[modem]) became \(now[modem])")
                }
            }
            try trial.awaitQuiet()
            try trial.rig.awaitReady()
            try answerOnEach(faulty, trial)
            try trial.callOnEach()
        }
        return "4 modems, idle and in calls, set up anew at most \(slowest.inTenths) after the restart; "
            + trial.compareResources()
    }

    /// Rings each modem as the PBX does for a held caller: it answers only who it knows by the reported number.
    private func answerOnEach(_ modems: Range<Int>, _ trial: Trial) throws {
        let host = trial.rig.host
        host.withWorld { world, now in
            for modem in modems {
                world.ring(modem: modem, from: ServiceRig.holdingNumber, at: now, givesUpAfter: .seconds(25))
            }
        }
        let ids = host.withWorld { world, _ in
            modems.compactMap { modem in world.calls.last { $0.modem == modem && $0.direction == .incoming }?.id }
        }
        let areAnswered = waited(.seconds(25)) {
            host.withWorld { world, _ in
                ids.allSatisfy { id in world.calls.contains { $0.id == id && $0.answeredAt != nil } }
            }
        }
        if !areAnswered { trial.find("a modem that had restarted did not answer the PBX") }
        // A far side that hangs up in the moment of the answer would have NO CARRIER come before the OK to ATA.
        let areTalking = waited(.seconds(10)) {
            ((try? trial.rig.calls()) ?? []).count { $0.state == "in_progress" } >= ids.count
        }
        if areAnswered, !areTalking { trial.find("an answered ring does not count as in progress") }
        host.withWorld { world, now in for id in ids { world.hangUpFarSide(call: id, at: now) } }
        try trial.awaitQuiet()
        try trial.rig.awaitReady()
    }
}

extension Trial {
    /// Whether the last call of each of these modems is up and holds so; with `any`, whether one does.
    func up(_ modems: Range<Int>, _ holds: (SimulatedCall) -> Bool, any: Bool = false) -> Bool {
        let calls = rig.host.withWorld { world, _ in
            modems.map { modem in world.calls.last { $0.modem == modem && $0.isLive } }
        }
        let hold = calls.map { $0.map(holds) ?? false }
        return any ? hold.contains(true) : hold.allSatisfy { $0 }
    }
}
