import ATProtocol
import Logging
import Modem

/// Our own time between a modem's final result and our next command, over a pseudo-terminal.
///
/// A bare thread does the same in turns with the session, so that what the machine and its load contribute is known.
struct LatencyBenchmark {
    /// Many short turns: load that comes and goes spoils some of them, and the medians over all leave those out.
    private static let turns = 24
    private static let roundTrips = 600
    /// Microseconds.
    private static let aim = 500.0

    /// What one client did.
    private struct Run {
        var waits: [Samples] = []
        var trips = RoundTrips()

        /// The median over the turns.
        func quantile(_ fraction: Double) -> Double { Samples(waits.map { $0.quantile(fraction) }).median }
        /// The longest wait of all turns.
        var max: Double { Samples(waits.map(\.max)).max }
    }

    func run() async -> [Figure] {
        var bare = Run()
        var session = Run()
        for _ in 0..<Self.turns {
            await measure(&bare) { path in
                Worker { BareClient.run(path: path, wanted: Self.roundTrips) }.join() ?? RoundTrips()
            }
            await measure(&session) { await Self.session(path: $0) }
        }
        guard bare.trips.count > 0, session.trips.count > 0 else {
            return [Figure("not measured", "no pseudo-terminal")]
        }
        return figures(bare, session)
    }

    private func measure(_ run: inout Run, _ client: (String) async -> RoundTrips) async {
        guard let peer = AnsweringPeer(expecting: Self.roundTrips) else { return }
        run.trips.add(await client(peer.path))
        run.waits.append(peer.finish())
    }

    /// Makes round trips with a modem session as the program has it, from a task on the session's own loop.
    private static func session(path: String) async -> RoundTrips {
        var log = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .warning
        do {
            let port = try await ModemPort.open(path, log: log)
            let trips = await withCheckedContinuation { (finished: CheckedContinuation<RoundTrips, Never>) in
                port.loop.start {
                    var done = 0
                    var trips = RoundTrips()
                    while done < roundTrips, (try? await port.session.execute(.callList))?.isOK == true { done += 1 }
                    trips.finish(done)
                    finished.resume(returning: trips)
                }
            }
            await port.close()
            return trips
        } catch {
            return RoundTrips()
        }
    }

    private func figures(_ bare: Run, _ session: Run) -> [Figure] {
        var figures: [Figure] = []
        // A session runs nearly twice as long as a bare thread, so it is interrupted that much more often.
        let disturbance = bare.quantile(0.995)
        for (name, fraction) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let value = session.quantile(fraction)
            let floor = bare.quantile(fraction)
            figures.append(
                Figure(
                    "result to next command, \(name)",
                    "\(value.shown()) us",
                    aim: name == "p99" ? .below(Self.aim, "us", is: value, where: disturbance) : nil,
                    floor: "\(floor.shown()) us, x \((value / floor).shown())"
                )
            )
        }
        let cpu = session.trips.cpuMicrosecondsEach
        let leastCPU = bare.trips.cpuMicrosecondsEach
        figures += [
            Figure("result to next command, max", "\(session.max.shown()) us", floor: "\(bare.max.shown()) us"),
            Figure(
                "CPU a round trip, the peer's included",
                "\(cpu.shown()) us",
                floor: "\(leastCPU.shown()) us, x \((cpu / leastCPU).shown())"
            ),
            Figure(
                "heap allocations a round trip",
                session.trips.allocationsEach.shown(),
                floor: "\(bare.trips.allocationsEach.shown()); \(session.trips.count) round trips"
            ),
        ]
        return figures
    }
}
