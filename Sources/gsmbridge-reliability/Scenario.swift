import Glibc
import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

/// How one run came out.
struct Outcome: Sendable {
    let name: String
    let seen: String
    let findings: [String]
    let duration: Duration?
}

/// The things that are done to a service.
struct Scenario {
    enum Kind: String, CaseIterable {
        case unplug
        case rename
        case deaf
        case late
        case storm
        case chatter
        case emptyList = "emptylist"
        case reboot
        case flood
        case ids
        case stop
        case kill
        case soak
    }

    let options: Options

    func run(_ kind: Kind) -> [Outcome] {
        switch kind {
        case .unplug: [attempt("unplug in each phase", profiles { .unplug($0) }, unplug)]
        case .rename: [attempt("replug under another name", families(3), rename)]
        case .deaf: [attempt("deaf from each phase on", profiles { .deafAfter($0) }, deaf)]
        case .late: [attempt("answers 0.5 s and 7 s late", lateProfiles, late)]
        case .storm: [attempt("100 unplugs and replugs in 10 s", families(4), storm)]
        case .chatter: [attempt("chatter while a call must end", families(5), ignoresOverlaps: true, chatter)]
        case .emptyList: [attempt("call lists empty in a call", families(7), emptyLists)]
        case .reboot: [attempt("restarts on a tty that stays", restarting, reboot)]
        case .flood: [attempt("prompts, nonsense, requests", families(4), ignoresOverlaps: true, flood)]
        case .ids: [attempt("ids used again", families(2), callsPerHour: Self.idLimit, ids)]
        case .stop: [attempt("SIGTERM under load", families(8), stop)]
        case .kill: [KillRun(options: options).run()]
        case .soak:
            [
                attempt(
                    "\(options.minutes) minutes of calls with faults",
                    SoakRun.profiles,
                    ignoresOverlaps: true
                ) { try SoakRun($0, minutes: options.minutes).run() }
            ]
        }
    }

    private func attempt(
        _ name: String,
        _ profiles: [ModemProfile],
        callsPerHour: Int = 3600,
        ignoresOverlaps: Bool = false,
        _ body: (Trial) throws -> String
    ) -> Outcome {
        let start = ContinuousClock.now
        do {
            let trial = try Trial(options, profiles, seed: options.seed, callsPerHour: callsPerHour)
            var seen = ""
            do {
                try trial.rig.start()
                seen = try body(trial)
            } catch {
                trial.find("\(error)")
            }
            return trial.finish(name, seen: seen, lenient: true, ignoresOverlaps: ignoresOverlaps, since: start)
        } catch {
            return Outcome(name: name, seen: "", findings: ["\(error)"], duration: .now - start)
        }
    }

    // MARK: Modems

    /// Healthy modems, of two families in turns.
    private func families(_ count: Int) -> [ModemProfile] {
        (0..<count).map { ModemProfile($0.isMultiple(of: 2) ? .quectel : .simcom, number: $0) }
    }

    /// A modem for each phase of a call, in which the fault strikes, and a healthy one behind them.
    private func profiles(_ fault: (SimulatedFault.Stage) -> SimulatedFault) -> [ModemProfile] {
        var profiles = families(SimulatedFault.Stage.allCases.count + 1)
        for (number, stage) in SimulatedFault.Stage.allCases.enumerated() { profiles[number].faults = [fault(stage)] }
        return profiles
    }

    /// Makes a call on the healthy modem behind the others, and counts what the service then has.
    func warmUp(_ trial: Trial) throws {
        try trial.rig.awaitReady()
        trial.dial(on: trial.rig.modems - 1)
        try trial.awaitQuiet()
        try trial.rig.awaitReady()
        trial.countResources()
    }

    private var lateProfiles: [ModemProfile] {
        let commands = ["AT", "AT+", "AT^", "AT&", "ATE", "ATV", "ATQ", "ATX", "ATS", "ATI", "ATZ", "ATD", "ATH"]
        return [Duration.milliseconds(500), .zero, .seconds(7)].enumerated()
            .map { number, delay in
                var profile = ModemProfile(.quectel, number: number)
                if delay > .zero {
                    profile.faults = commands.map { .lateReply(command: $0, delay: delay, .always) }
                }
                return profile
            }
    }

    // MARK: Runs

    private func unplug(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        let faulty = 0..<(trial.rig.modems - 1)
        try warmUp(trial)
        for modem in faulty { trial.dial(on: modem, talk: .seconds(20)) }
        let areGone = waited(.seconds(30)) {
            host.withWorld { world, _ in faulty.allSatisfy { !world.isPlugged($0) } }
        }
        if !areGone { trial.find("not every modem came to the phase in which it is pulled") }
        try trial.awaitQuiet()
        replugAll(host)
        try trial.rig.awaitReady()
        // Each fault strikes once: now all is well.
        try trial.callOnEach()
        return "\(faulty.count) phases, then a call on each; \(trial.compareResources())"
    }

    private func replugAll(_ host: PseudoTerminalHost) {
        host.withWorld { world, now in for modem in world.profiles.indices { world.replug(modem, at: now) } }
    }

    private func rename(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        try trial.rig.awaitReady()
        try trial.callOnEach()
        trial.countResources()
        var names = 0
        for isInCall in [false, true] {
            if isInCall {
                for modem in 0..<trial.rig.modems { trial.dial(on: modem, talk: .seconds(20)) }
                _ = waited(.seconds(30)) {
                    host.withWorld { world, _ in world.calls.count { $0.isLive && $0.isJoined && $0.modem != nil } }
                        == trial.rig.modems
                }
            }
            let before = (0..<trial.rig.modems).map { device($0, host) }
            host.withWorld { world, now in for modem in world.profiles.indices { world.unplug(modem, at: now) } }
            try trial.awaitQuiet()
            // The first modem gets the old number: others now have it.
            let squatters = (0..<trial.rig.modems).compactMap { _ in try? SpareTerminal() }
            replugAll(host)
            try trial.rig.awaitReady()
            names += (0..<trial.rig.modems).count { device($0, host) != before[$0] }
            withExtendedLifetime(squatters) {}
            try trial.callOnEach()
        }
        if names == 0 { trial.find("no modem came back under another name") }
        return "\(names) of \(2 * trial.rig.modems) names new, idle and in calls; \(trial.compareResources())"
    }

    /// The device behind a modem's link.
    private func device(_ modem: Int, _ host: PseudoTerminalHost) -> String {
        guard let path = realpath(host.paths[modem], nil) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    private func deaf(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        let faulty = 0..<(trial.rig.modems - 1)
        try warmUp(trial)
        for modem in faulty { trial.dial(on: modem, talk: .seconds(600)) }
        // What the modem can't be told to end, only its power cord ends. The call itself must have been given up.
        try trial.awaitQuiet()
        let up = host.withWorld { world, _ in world.calls.count { $0.isLive && $0.modem != nil } }
        host.withWorld { world, now in for modem in faulty { world.unplug(modem, at: now) } }
        rest(.seconds(2))
        replugAll(host)
        try trial.rig.awaitReady()
        try trial.callOnEach()
        return "\(up) calls unreachable until the plug was pulled; \(trial.compareResources())"
    }

    private func late(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        let start = ContinuousClock.now
        try trial.rig.awaitReady(2, within: .seconds(120))
        let ready = ContinuousClock.now - start
        trial.dial(on: 1)
        try trial.awaitQuiet()
        trial.countResources()
        for modem in 0..<trial.rig.modems { trial.dial(on: modem) }
        // The last modem is none that a call can be made with: its call has to say so.
        try trial.awaitQuiet(within: .seconds(180))
        let joined = host.withWorld { world, _ in world.calls.filter(\.isJoined).compactMap(\.modem) }
        for modem in 0..<2 where !joined.contains(modem) {
            trial.find("the call on m\(modem) did not reach its target")
        }
        return "ready after \(ready.inTenths), calls on the slow and a quick one made; \(trial.compareResources())"
    }

    private func storm(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        try trial.rig.awaitReady()
        try trial.callOnEach()
        trial.countResources()
        for modem in 0..<2 { trial.dial(on: modem, talk: .seconds(30)) }
        let start = ContinuousClock.now
        for turn in 0..<100 {
            host.withWorld { world, now in world.unplug(turn % world.profiles.count, at: now) }
            rest(start + .milliseconds(100 * turn + 50) - .now)
            host.withWorld { world, now in world.replug(turn % world.profiles.count, at: now) }
            rest(start + .milliseconds(100 * turn + 100) - .now)
        }
        let over = ContinuousClock.now
        try trial.rig.awaitReady()
        let back = ContinuousClock.now - over
        try trial.awaitQuiet()
        try trial.callOnEach()
        return "all ready \(back.inTenths) after it; \(trial.compareResources())"
    }

    private func stop(_ trial: Trial) throws -> String {
        try trial.rig.awaitReady()
        try trial.callOnEach()
        for modem in 0..<trial.rig.modems {
            trial.dial(on: modem, talk: .seconds(600))
            rest(.milliseconds(trial.draw(100...700)))
        }
        trial.dial(talk: .seconds(600))
        let up = trial.rig.host.withWorld { world, _ in world.calls.count { $0.isLive && $0.modem != nil } }
        let start = ContinuousClock.now
        trial.rig.service?.send(SIGTERM)
        rest(.milliseconds(500))
        // The second one says that live calls have no time.
        let status = trial.rig.stop()
        if status != 0 { trial.find("it ended with \(status.map { "\($0)" } ?? "SIGKILL")") }
        return "\(up) calls up and one waiting, over \((.now - start).inTenths) after the first signal"
    }
}

extension Duration {
    /// The duration in seconds with one digit behind the point.
    var inTenths: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
