import Logging
import Modem

/// Our own time between the caller's number and the answer, over pseudo-terminals, with many modems attached.
///
/// Each modem rings once a second on a thread of its own, as after a time in which nothing happened; a bare thread takes the
/// turns between, so that what the machine and its load contribute is known.
struct AnswerBenchmark {
    private static let modems = 8
    private static let turns = 4
    private static let ringsPerTurn = 12
    /// Microseconds.
    private static let aim = 1000.0
    private static let caller = "+4922166966960"

    func run() async -> [Figure] {
        var bare: [Samples] = []
        var session: [Samples] = []
        for _ in 0..<Self.turns {
            bare += await Self.turn { peers in
                let clients = peers.map { peer in Worker { BareAnswerer.run(path: peer.path) } }
                return { for client in clients { _ = client.join() } }
            }
            session += await Self.turn { peers in
                var ports: [ModemPort] = []
                for peer in peers { if let port = await Self.attach(peer.path) { ports.append(port) } }
                return { [ports] in for port in ports { await port.close() } }
            }
        }
        guard let least = Self.sum(bare), let ours = Self.sum(session) else {
            return [Figure("not measured", "no pseudo-terminals")]
        }
        let disturbance = least.quantile(0.995)
        var figures: [Figure] = []
        for (name, fraction) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let value = ours.quantile(fraction)
            let floor = least.quantile(fraction)
            figures.append(
                Figure(
                    "caller's number to ATA, \(Self.modems) modems, \(name)",
                    "\(value.shown()) us",
                    aim: name == "p99" ? .below(Self.aim, "us", is: value, where: disturbance) : nil,
                    floor: "\(floor.shown()) us, x \((value / floor).shown())"
                )
            )
        }
        figures.append(
            Figure(
                "caller's number to ATA, max",
                "\(ours.max.shown()) us",
                floor: "\(least.max.shown()) us; \(ours.count) calls"
            )
        )
        return figures
    }

    /// Opens the terminals, has clients attached, lets them be rung, and has the clients detached.
    private static func turn(
        _ attach: ([RingingPeer]) async -> (() async -> Void)
    ) async -> [Samples] {
        let peers = (0..<modems).compactMap { RingingPeer(number: $0, rings: ringsPerTurn, caller: caller) }
        let detach = await attach(peers)
        let samples = peers.map { $0.finish() }
        await detach()
        for peer in peers { peer.close() }
        return samples
    }

    private static func attach(_ path: String) async -> ModemPort? {
        var log = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .warning
        guard let port = try? await ModemPort.open(path, log: log) else { return nil }
        await port.session.watchIncoming { call in
            call.number == caller ? .answer : .later
        } updates: { _ in
        }
        return port
    }

    private static func sum(_ samples: [Samples]) -> Samples? {
        let values = samples.flatMap(\.values)
        return values.isEmpty ? nil : Samples(values)
    }
}
