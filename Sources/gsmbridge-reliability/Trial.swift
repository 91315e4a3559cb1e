import CallLog
import FoundationEssentials
import Glibc
import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

/// A rig, the calls that were ordered of it, and what was found wrong.
final class Trial {
    let rig: ServiceRig
    private(set) var findings: [String] = []
    private(set) var orders = 0
    /// Whether dial commands may have gone to a modem that did not hear them.
    var mayNotHear = false
    private var random: SplitMix
    private var before: ProcessFigures?
    private var targets: [String] = []

    /// The most findings that are kept; of a broken service there is no end of them.
    private static let mostFindings = 50

    init(_ options: Options, _ profiles: [ModemProfile], seed: UInt64, callsPerHour: Int = 3600) throws {
        rig = try ServiceRig(
            program: options.program,
            profiles: profiles,
            seed: seed,
            callsPerHour: callsPerHour
        )
        random = SplitMix(seed: seed)
    }

    func find(_ finding: String) {
        if findings.count < Self.mostFindings { findings.append(finding) }
    }

    /// A number in a range, by the seed.
    func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    // MARK: Calls

    /// Orders a call to a number of its own, that rings, answers and hangs up again.
    ///
    /// - Parameter talk: how long the target talks.
    func dial(on modem: Int? = nil, talk: Duration = .seconds(1)) {
        orders += 1
        let target = "030\(20_000_000 + orders)"
        subscribe(target, talk: talk)
        do throws(RigFailure) {
            if try !rig.dial(target, on: modem) { find("an order for \(target) was refused") }
        } catch {
            find("an order for \(target): \(error)")
        }
    }

    /// Has a number ring, answer and hang up again.
    func subscribe(_ target: String, talk: Duration) {
        rig.host.withWorld { world, _ in
            world.network.subscribers["+49\(target.dropFirst())"] = .hangUp(
                alerting: .milliseconds(300),
                answer: .milliseconds(800),
                afterAnswered: talk
            )
        }
    }

    /// Waits until the service has no call, and none is up.
    func awaitQuiet(within limit: Duration = .seconds(90)) throws {
        let isQuiet = try waited(limit, every: .milliseconds(50)) { try rig.liveCalls() == 0 }
        if !isQuiet { throw RigFailure("after \(limit) calls still live in the service") }
    }

    /// Makes a call on each modem, which also warms up everything that a service keeps.
    func callOnEach() throws {
        let before = joined
        for modem in 0..<rig.modems { dial(on: modem) }
        try awaitQuiet()
        try rig.awaitReady()
        let made = joined - before
        if made != rig.modems { find("of \(rig.modems) undisturbed calls \(made) reached their target") }
    }

    /// How many calls have reached their target.
    var joined: Int { rig.host.withWorld { world, _ in world.calls.count { $0.modem != nil && $0.isJoined } } }

    /// How many calls the modems have made.
    var dialled: Int {
        rig.host.withWorld { world, _ in world.calls.count { $0.modem != nil && $0.direction == .outgoing } }
    }

    /// How much the services of this trial have said, in bytes.
    var logSize: Int {
        var status = stat()
        return stat(rig.log, &status) == 0 ? Int(status.st_size) : 0
    }

    // MARK: Leaks

    /// Remembers how many descriptors and threads a service that has worked has.
    func countResources() {
        // Threads of pools come and go: the most that is seen at rest is what it may have.
        var most: (descriptors: Int, threads: Int) = (0, 0)
        for _ in 0..<20 {
            if let figures { most = (max(most.descriptors, figures.descriptors), max(most.threads, figures.threads)) }
            rest(.milliseconds(50))
        }
        targets = rig.service.map { ProcessFigures.targets(of: $0.id) } ?? []
        before = figures.map { _ in ProcessFigures(descriptors: most.descriptors, threads: most.threads) }
    }

    /// The log's files apart: a pool of connections, which grows to its limit when it is needed.
    private var figures: ProcessFigures? {
        guard let service = rig.service, let figures = ProcessFigures(of: service.id) else { return nil }
        let pool = ProcessFigures.targets(of: service.id).count { $0.hasPrefix("\(rig.state)/") }
        if pool > Self.logDescriptors { find("\(pool) descriptors of the call log") }
        return ProcessFigures(descriptors: figures.descriptors - pool, threads: figures.threads)
    }

    /// A writer, three readers and a checkpoint have the database and its write-ahead log open, all the index of that.
    private static let logDescriptors = 12

    /// Says how many there are now; more than before is a finding.
    func compareResources() -> String {
        guard let before else { return "" }
        var now = figures
        let isBack = waited(.seconds(15), every: .milliseconds(100)) {
            now = figures
            guard let now else { return false }
            return now.descriptors <= before.descriptors && now.threads <= before.threads
        }
        guard let now else {
            find("the service is gone")
            return ""
        }
        let text = "fd \(before.descriptors) -> \(now.descriptors), threads \(before.threads) -> \(now.threads)"
        if !isBack {
            var new = rig.service.map { ProcessFigures.targets(of: $0.id) } ?? []
            for target in targets { if let place = new.firstIndex(of: target) { new.remove(at: place) } }
            find("more than before: \(text); new: \(new.joined(separator: ", "))")
        }
        return text
    }

    // MARK: The end

    /// Compares the log with what the network saw.
    func audit(lenient: Bool = false, ignoresOverlaps: Bool = false) {
        do {
            let audit = Audit(rig: rig, isLenient: lenient, ignoresOverlaps: ignoresOverlaps, mayNotHear: mayNotHear)
            for finding in try audit.findings() { find(finding) }
        } catch {
            find("\(error)")
        }
    }

    /// Stops the service, audits, and keeps the service's words where something was found.
    func finish(
        _ name: String,
        seen: String,
        lenient: Bool = false,
        ignoresOverlaps: Bool = false,
        since start: ContinuousClock.Instant
    ) -> Outcome {
        if rig.service != nil {
            let status = rig.stop()
            if status != 0 { find("the service ended with \(status.map { "\($0)" } ?? "SIGKILL, after a minute")") }
        }
        audit(lenient: lenient, ignoresOverlaps: ignoresOverlaps)
        if !findings.isEmpty, let kept = keepLog(name) { find("the service's log: \(kept)") }
        return Outcome(name: name, seen: seen, findings: findings, duration: .now - start)
    }

    private func keepLog(_ name: String) -> String? {
        let path = "/tmp/gsmbridge-reliability-\(name.replacing(" ", with: "-"))-\(getpid()).log"
        return rename(rig.log, path) == 0 ? path : nil
    }
}

/// Numbers that look random, the same for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
