import Glibc
import ModemSimulator
import NetworkSimulator
import ServiceRig
import SimulatedTerminals

/// The running service with eight modems: how soon it is of use, what it costs at rest, how quick a command is.
struct ServiceBenchmark {
    let programs: [Program]

    private static let modems = 8
    private static let idleSeconds = 30
    private static let commands = 60
    private static let target = "030123456"

    func run() -> [Figure] {
        programs.flatMap { program -> [Figure] in
            do { return try measure(program) } catch {
                return [Figure("not measured, \(program.label)", "\(error)")]
            }
        }
    }

    private func measure(_ program: Program) throws -> [Figure] {
        let profiles = (0..<Self.modems).map { ModemProfile($0.isMultiple(of: 2) ? .quectel : .simcom, number: $0) }
        let rig = try ServiceRig(program: program.path, profiles: profiles)
        try rig.start()
        try rig.awaitReady()
        guard let service = rig.service else { return [] }
        let ready = Self.milliseconds(ContinuousClock.now - service.startedAt) / 1000
        var figures = [
            Figure(
                "\(Self.modems) modems ready after start, \(program.label)",
                "\(ready.shown()) s",
                aim: .below(5, "s", is: ready)
            )
        ]
        figures += idle(service, program.label)
        figures += try commands(rig, program)
        figures += try atOnce(rig, program.label)
        let end = rig.stop()
        if end != 0 { figures.append(Figure("end, \(program.label)", "status \(end.map { "\($0)" } ?? "SIGKILL")")) }
        return figures
    }

    // MARK: At rest

    private func idle(_ service: BoundProcess, _ label: String) -> [Figure] {
        rest(.seconds(5))
        guard let before = Machine.cpuTime(of: service.id) else { return [] }
        rest(.seconds(Self.idleSeconds))
        guard let after = Machine.cpuTime(of: service.id), let memory = ProcessFigures.memory(of: service.id),
            let counts = ProcessFigures(of: service.id)
        else { return [] }
        let percent = 100 * (after - before) / Double(Self.idleSeconds)
        let resident = Double(memory.resident) * 1024 / 1e6
        let anonymous = Double(memory.anonymous) * 1024 / 1e6
        return [
            Figure("CPU at rest, \(label)", "\(percent.shown()) % of a core", aim: .below(0.5, "%", is: percent)),
            Figure("memory at rest, \(label)", "\(resident.shown()) MB", aim: .below(50, "MB", is: resident)),
            Figure(
                "… of which its own pages, \(label)",
                "\(anonymous.shown()) MB",
                aim: .below(12, "MB", is: anonymous)
            ),
            Figure("descriptors and threads at rest, \(label)", "\(counts.descriptors), \(counts.threads)"),
        ]
    }

    // MARK: Commands

    private func commands(_ rig: ServiceRig, _ program: Program) throws -> [Figure] {
        var requests: [Double] = []
        var programs: [Double] = []
        // Each in its turn, so that the load of the machine hits both alike, and each time on the next modem: a modem rests for
        // three seconds after a call, which is not what is measured.
        var turns = Turns(modems: Self.modems)
        for _ in 0..<Self.commands {
            let modem = turns.next()
            requests.append(try firstDial(rig, modem) { _ = try rig.dial(Self.target, on: modem) })
            let other = turns.next()
            var child: BoundProcess?
            programs.append(
                try firstDial(rig, other) {
                    let words = ["dial", Self.target, "--modem", "m\(other)", "--config", rig.configuration]
                    child = try BoundProcess(program.path, words)
                }
            )
            _ = child?.end(within: .seconds(10))
        }
        return [("HTTP request", requests), ("exec of gsmbridge dial", programs)]
            .flatMap { name, times -> [Figure] in
                let samples = Samples(times)
                let p95 = samples.quantile(0.95)
                return [
                    Figure("\(name) -> first ATD byte, p50, \(program.label)", "\(samples.median.shown()) ms"),
                    Figure(
                        "\(name) -> first ATD byte, p95, \(program.label)",
                        "\(p95.shown()) ms",
                        aim: .below(15, "ms", is: p95)
                    ),
                ]
            }
    }

    /// Milliseconds from just before an order until the modem has its dial command; ends the call then.
    private func firstDial(_ rig: ServiceRig, _ modem: Int, _ order: () throws -> Void) throws -> Double {
        // The others may still look whether their last call, which was not answered, comes up after all.
        let isReady = try waited(.seconds(30)) { try rig.modemStates()[modem] == "ready" }
        guard isReady else { throw RigFailure("modem \(modem) was not ready within 30 s") }
        let before = rig.host.withWorld { world, _ in world.calls.count }
        let start = ContinuousClock.now
        try order()
        var dialledAt: ContinuousClock.Instant?
        let isDialled = waited(.seconds(5), every: .milliseconds(1)) {
            dialledAt = rig.host.withWorld { world, _ in
                world.calls.count > before ? world.calls.last { $0.modem == modem }?.dialledAt : nil
            }
            return dialledAt != nil
        }
        guard isDialled, let dialledAt else { throw RigFailure("no dial command within 5 s") }
        rig.host.withWorld { world, now in
            for call in world.calls where call.isLive { world.hangUpFarSide(call: call.id, at: now) }
        }
        _ = try waited(.seconds(10)) { try rig.liveCalls() == 0 }
        return Self.milliseconds(dialledAt - start)
    }

    /// Modems one after the other, each when it has rested.
    private struct Turns {
        private var modem = -1
        private var lastUse: [ContinuousClock.Instant?]

        init(modems: Int) { lastUse = Array(repeating: nil, count: modems) }

        mutating func next() -> Int {
            modem = (modem + 1) % lastUse.count
            // The call itself is over a moment after its beginning.
            if let last = lastUse[modem] { rest(last + .seconds(5) - .now) }
            lastUse[modem] = .now
            return modem
        }
    }

    // MARK: Eight at once

    private func atOnce(_ rig: ServiceRig, _ label: String) throws -> [Figure] {
        let before = joined(rig)
        try rig.awaitReady()
        let start = ContinuousClock.now
        for modem in 0..<Self.modems { _ = try rig.dial(Self.target, on: modem) }
        let areJoined = waited(.seconds(60)) { joined(rig) == before + Self.modems }
        let seconds = Self.milliseconds(.now - start) / 1000
        rig.host.withWorld { world, now in
            for call in world.calls where call.isLive { world.hangUpFarSide(call: call.id, at: now) }
        }
        let name = "\(Self.modems) callthroughs at once, all at their targets, \(label)"
        guard areJoined else { return [Figure(name, "only \(joined(rig) - before)")] }
        return [Figure(name, "\(seconds.shown()) s", floor: "a call alone: 1.2 s to the answer, 10 tones")]
    }

    private func joined(_ rig: ServiceRig) -> Int {
        rig.host.withWorld { world, _ in world.calls.count { $0.modem != nil && $0.isJoined } }
    }

    private static func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
}
