import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

/// Constant calls on eight modems, in both directions, with faults that come and go by chance.
final class SoakRun {
    static let profiles =
        ([.quectel, .simcom, .huawei, .generic, .telit, .ublox, .cinterion, .sim800] as [ModemFamily])
        .enumerated().map { ModemProfile($0.element, number: $0.offset) }

    /// What is being done to a modem.
    private enum Disturbance: String, CaseIterable {
        case unplug
        case restart
        case emptyLists
        case lostReplies
        case lateReplies
        case garbage
        case strayResults
        case chatter
        case flood
        case deaf
        case noService
    }

    private struct Modem {
        /// When its next call is due, once it is ready.
        var nextCall: ContinuousClock.Instant
        /// When its next disturbance begins, or the present one ends.
        var nextChange: ContinuousClock.Instant
        var disturbance: Disturbance?
        /// The incoming call, and when its caller hangs up.
        var caller: (call: Int, until: ContinuousClock.Instant)?
    }

    /// What the service had at a time.
    private struct Sample {
        let second: Int
        let orders: Int
        let anonymous: Int
        let descriptors: Int
        let threads: Int
    }

    private let trial: Trial
    private let length: Duration
    private var modems: [Modem] = []
    private var samples: [Sample] = []
    private var watch = CallWatch(limit: Scenario.unseenLimit)
    private var disturbances: [Disturbance: Int] = [:]
    private var orders = 0
    private var rings = 0
    private var hangUps = 0

    init(_ trial: Trial, minutes: Int) {
        self.trial = trial
        length = .seconds(60 * minutes)
    }

    func run() throws -> String {
        trial.mayNotHear = true
        try trial.rig.awaitReady()
        try trial.callOnEach()
        trial.countResources()
        let start = ContinuousClock.now
        modems = (0..<trial.rig.modems)
            .map { _ in Modem(nextCall: start + draw(0...5000), nextChange: start + draw(5000...40_000)) }
        var nextSample = start
        while ContinuousClock.now - start < length {
            let now = ContinuousClock.now
            let calls = try trial.rig.calls()
            let states = try trial.rig.modemStates()
            for modem in modems.indices {
                change(modem, now)
                let isBusy = calls.contains { $0.modem == "m\(modem)" }
                if !isBusy, states[modem] == "ready" { call(modem, now) }
            }
            // Some are ended from this side, at any moment of their lives.
            if trial.draw(0...150) == 0, let call = calls.randomElement() {
                try trial.rig.hangUp(call.call)
                hangUps += 1
            }
            for finding in try watch.look(trial.rig) { trial.find(finding) }
            if now >= nextSample {
                take(sample: now - start)
                nextSample += .seconds(10)
            }
            rest(.milliseconds(200))
        }
        for modem in modems.indices {
            heal(modem)
            dismissCaller(modem)
        }
        try trial.awaitQuiet(within: .seconds(180))
        try trial.rig.awaitReady(within: .seconds(180))
        let up = trial.rig.host.withWorld { world, _ in world.calls.count { $0.isLive && $0.modem != nil } }
        if up > 0 { trial.find("\(up) calls were left up") }
        judgeMemory()
        try trial.callOnEach()
        return summary + "; " + trial.compareResources()
    }

    private func draw(_ range: ClosedRange<Int>) -> Duration { .milliseconds(trial.draw(range)) }

    // MARK: Calls

    private func call(_ modem: Int, _ now: ContinuousClock.Instant) {
        guard modems[modem].caller == nil, now >= modems[modem].nextCall else { return }
        modems[modem].nextCall = now + draw(2000...8000)
        if trial.draw(0...4) > 0 {
            orders += 1
            trial.dial(on: modem, talk: draw(500...8000))
            return
        }
        rings += 1
        let call = trial.rig.host.withWorld { world, now in
            world.ring(modem: modem, from: ServiceRig.holdingNumber, at: now, givesUpAfter: .seconds(20))
        }
        if let call { modems[modem].caller = (call, now + draw(3000...15_000)) }
    }

    /// The caller hangs up.
    private func dismissCaller(_ modem: Int) {
        guard let caller = modems[modem].caller else { return }
        modems[modem].caller = nil
        trial.rig.host.withWorld { world, now in world.hangUpFarSide(call: caller.call, at: now) }
    }

    // MARK: Faults

    private func change(_ modem: Int, _ now: ContinuousClock.Instant) {
        if let caller = modems[modem].caller, now >= caller.until { dismissCaller(modem) }
        guard now >= modems[modem].nextChange else { return }
        if modems[modem].disturbance != nil {
            heal(modem)
            modems[modem].nextChange = now + draw(15_000...60_000)
            return
        }
        let disturbance = Disturbance.allCases[trial.draw(0...(Disturbance.allCases.count - 1))]
        modems[modem].disturbance = disturbance
        disturbances[disturbance, default: 0] += 1
        modems[modem].nextChange = now + draw(1000...8000)
        let nonsense = (0..<64).map { _ in UInt8(trial.draw(0...255)) }
        let (command, count) = (
            ["AT+CLCC", "AT+VTS", "AT+CHUP", "AT+CREG?", "ATA"][trial.draw(0...4)], trial.draw(1...4)
        )
        trial.rig.host.withWorld { world, now in
            switch disturbance {
            case .unplug: world.unplug(modem, at: now)
            case .restart: world.restart(modem, at: now)
            case .emptyLists: world.setFaults([.emptyList(.first(count))], of: modem)
            case .lostReplies: world.setFaults([.lostReply(command: command, .first(1))], of: modem)
            case .lateReplies:
                world.setFaults([.lateReply(command: command, delay: .seconds(count), .first(2))], of: modem)
            case .garbage: world.setFaults([.garbage, .splitWrites], of: modem)
            case .strayResults:
                let line = Array("\r\nOK\r\n".utf8)
                world.chatter(line, every: .milliseconds(700), for: .seconds(5), on: modem, at: now)
            case .chatter:
                let line = Array("\r\n+CREG: 1\r\n".utf8)
                world.chatter(line, every: .milliseconds(60), for: .seconds(8), on: modem, at: now)
            case .flood: world.chatter(nonsense, every: .milliseconds(5), for: .seconds(3), on: modem, at: now)
            case .deaf: world.setFaults([.deafAfter(.answered)], of: modem)
            case .noService: world.setRegistration(.searching, of: modem, at: now)
            }
        }
    }

    private func heal(_ modem: Int) {
        let disturbance = modems[modem].disturbance
        modems[modem].disturbance = nil
        trial.rig.host.withWorld { world, now in
            world.setFaults([], of: modem)
            switch disturbance {
            case .unplug: world.replug(modem, at: now)
            // Only its power cord wakes a modem that has gone deaf.
            case .deaf:
                world.unplug(modem, at: now)
                world.replug(modem, at: now)
            case .noService: world.setRegistration(.home, of: modem, at: now)
            case .restart, .emptyLists, .lostReplies, .lateReplies, .garbage, .strayResults, .chatter, .flood, nil:
                break
            }
        }
    }

    // MARK: Figures

    private func take(sample time: Duration) {
        guard let service = trial.rig.service?.id, let memory = ProcessFigures.memory(of: service),
            let figures = ProcessFigures(of: service)
        else {
            trial.find("the service is gone")
            return
        }
        let sample = Sample(
            second: Int(time.components.seconds),
            orders: orders + rings,
            anonymous: memory.anonymous,
            descriptors: figures.descriptors,
            threads: figures.threads
        )
        samples.append(sample)
        guard samples.count % 12 == 1 else { return }
        Reliability.tell(
            "\(sample.second) s: \(sample.orders) calls, \(sample.anonymous) kB, \(sample.descriptors) descriptors, "
                + "\(sample.threads) threads, unseen at most \(watch.longest.inTenths)"
        )
    }

    /// After a sixth of the time everything that is kept is full; from there on memory must not grow.
    private func judgeMemory() {
        guard let first = least(from: length / 6, to: length / 3), let last = least(from: length * 5 / 6, to: length)
        else { return }
        let calls = max(1, last.orders - first.orders)
        let growth = last.anonymous - first.anonymous
        // Less than a tenth of what is kept of a call, and less than an allocator's page or two.
        if growth > max(1024, calls / 8) { trial.find("memory grew by \(growth) kB in \(calls) calls") }
    }

    /// The sample with the least memory in a part of the time: what calls in flight take does not count.
    private func least(from start: Duration, to end: Duration) -> Sample? {
        samples.filter { (start...end).contains(.seconds($0.second)) }.min { $0.anonymous < $1.anonymous }
    }

    private var summary: String {
        let faults = Disturbance.allCases.map { "\($0.rawValue) \(disturbances[$0] ?? 0)" }.joined(separator: ", ")
        let memory = (0..<6)
            .compactMap { part in least(from: length * part / 6, to: length * (part + 1) / 6) }
            .map { "\($0.anonymous)" }.joined(separator: ", ")
        let descriptors = samples.map(\.descriptors).max() ?? 0
        let threads = samples.map(\.threads).max() ?? 0
        return """
            \(orders) calls ordered, \(rings) came in, \(hangUps) hung up from here; \(faults); memory in sixths of the \
            time (kB): \(memory); at most \(descriptors) descriptors and \(threads) threads; a call unseen for at most \
            \(watch.longest.inTenths)
            """
    }
}
