import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

/// Kills services at random points of calls; several services side by side, on modems of their own.
struct KillRun {
    let options: Options

    private static let modems = 3
    /// The ages, in milliseconds, at which calls are cut off.
    ///
    /// From the order to the answer, and from there to the end; the first part is short and has the more phases.
    private static let ages = [0...1200, 1200...8000]

    /// What one service has gone through.
    private struct Report: Sendable {
        var kills = 0
        var killsWhileMending = 0
        /// How many calls were cut off, by how far they had come.
        var phases: [Phase: Int] = [:]
        var slowestStart = Duration.zero
        var dialled = 0
        var overlaps = 0
        var findings: [String] = []
    }

    private enum Phase: String, CaseIterable, Sendable {
        case ordered
        case dialling
        case ringing
        case answered
        case handover
        case talking
        case over
    }

    func run() -> Outcome {
        let start = ContinuousClock.now
        let rigs = min(options.rigs, options.kills)
        let reports = sideBySide(rigs) { [self] rig in
            kill(options.kills / rigs + (rig < options.kills % rigs ? 1 : 0), rig)
        }
        var findings = reports.flatMap(\.findings)
        if reports.count < rigs { findings.append("no threads left") }
        let phases = Phase.allCases
            .map { phase in "\(phase.rawValue) \(reports.map { $0.phases[phase] ?? 0 }.reduce(0, +))" }
            .joined(separator: ", ")
        let kills = reports.map(\.kills).reduce(0, +)
        let again = reports.map(\.killsWhileMending).reduce(0, +)
        let slowest = reports.map(\.slowestStart).max() ?? .zero
        let dialled = reports.map(\.dialled).reduce(0, +)
        let overlaps = reports.map(\.overlaps).reduce(0, +)
        let seen = """
            \(kills) kills and \(again) more while the next start was mending; calls cut off when \(phases); \
            \(dialled) dialled; all modems ready at most \(slowest.inTenths) after a start; \
            \(overlaps) commands written while what a killed service had asked was not answered
            """
        return Outcome(
            name: "kill -9 at \(options.kills) points",
            seen: seen,
            findings: findings,
            duration: .now - start
        )
    }

    private func kill(_ count: Int, _ rig: Int) -> Report {
        var report = Report()
        do {
            let profiles = (0..<Self.modems)
                .map { ModemProfile([.quectel, .simcom, .huawei][$0 % 3], number: rig * Self.modems + $0) }
            let trial = try Trial(options, profiles, seed: options.seed &+ UInt64(rig) &* 1_000_003)
            do {
                try trial.rig.start()
                for _ in 0..<count { try round(trial, &report) }
                try ready(trial, &report)
                // It still is a service.
                try trial.callOnEach()
            } catch {
                trial.find("\(error)")
            }
            let dialled = trial.rig.host.withWorld { world, _ in world.calls.count { $0.modem != nil } }
            report.dialled = dialled
            report.overlaps = trial.rig.host.withWorld { world, _ in world.violations.count }
            report.findings = trial.finish("kill \(rig)", seen: "", ignoresOverlaps: true, since: .now).findings
        } catch {
            report.findings = ["\(error)"]
        }
        return report
    }

    /// Waits for the modems, sees what the start has mended, has calls made, and kills.
    private func round(_ trial: Trial, _ report: inout Report) throws {
        try ready(trial, &report)
        if report.kills > 0 { auditMended(trial) }
        // Every call is cut off at an age of its own.
        let ages = (0..<Self.modems).map { _ in trial.draw(Self.ages[trial.draw(0...1)]) }
        let oldest = ages.max() ?? 0
        let start = ContinuousClock.now
        let order = ages.enumerated().sorted { $0.element > $1.element }
        for (modem, age) in order {
            rest(start + .milliseconds(oldest - age) - .now)
            trial.dial(on: modem)
        }
        rest(start + .milliseconds(oldest) - .now)
        trial.rig.crash()
        report.kills += 1
        for phase in phases(trial, since: start) { report.phases[phase, default: 0] += 1 }
        try trial.rig.start()
        // What mends may be struck as well.
        if trial.draw(1...5) == 1 {
            rest(.milliseconds(trial.draw(0...1500)))
            trial.rig.crash()
            report.killsWhileMending += 1
            try trial.rig.start()
        }
    }

    private func ready(_ trial: Trial, _ report: inout Report) throws {
        let start = trial.rig.service?.startedAt ?? .now
        try trial.rig.awaitReady()
        report.slowestStart = max(report.slowestStart, .now - start)
    }

    /// The log is mended beside the modems: it gets a moment for it.
    private func auditMended(_ trial: Trial) {
        var findings: [String] = []
        _ = waited(.seconds(10), every: .milliseconds(200)) {
            do { findings = try Audit(rig: trial.rig, isLenient: false, ignoresOverlaps: true).findings() } catch {
                findings = ["\(error)"]
            }
            return findings.isEmpty
        }
        for finding in findings { trial.find(finding) }
    }

    /// How far the calls of this round were when the service died.
    private func phases(_ trial: Trial, since start: ContinuousClock.Instant) -> [Phase] {
        let calls = trial.rig.host.withWorld { world, _ in world.calls }
        return (0..<Self.modems)
            .map { modem in
                guard let call = calls.last(where: { $0.modem == modem && $0.dialledAt >= start }) else {
                    return .ordered
                }
                if !call.isLive { return .over }
                if call.isJoined { return .talking }
                if !call.tones.isEmpty { return .handover }
                if call.answeredAt != nil { return .answered }
                return call.alertingAt != nil ? .ringing : .dialling
            }
    }
}
