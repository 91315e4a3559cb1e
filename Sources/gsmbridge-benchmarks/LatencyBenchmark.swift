import ATProtocol
import CAllocationCount
import Logging
import Modem

/// Our own time between a modem's final result and our next command, over a pseudo-terminal.
///
/// A bare thread does the same in turns with the session, so that what the machine and its load contribute is known.
struct LatencyBenchmark {
    private static let blocks = 6
    private static let roundTrips = 2500

    /// What one client did.
    private struct Run {
        var waits: [Samples] = []
        var cpuSeconds = 0.0
        var allocations = 0
        var roundTrips = 0

        /// The median over the blocks: one that was disturbed does not count.
        func quantile(_ fraction: Double) -> Double { Samples(waits.map { $0.quantile(fraction) }).median }
        var max: Double { waits.map(\.max).max() ?? .nan }
        var cpuMicroseconds: Double { cpuSeconds * 1e6 / Double(roundTrips) }
        var allocationsEach: Double { Double(allocations) / Double(roundTrips) }
    }

    func run() async -> [Figure] {
        var bare = Run()
        var session = Run()
        for _ in 0..<Self.blocks {
            await measure(&bare) { path in
                Worker { BareClient.run(path: path, roundTrips: Self.roundTrips) }.join() ?? 0
            }
            await measure(&session) { await Self.session(path: $0) }
        }
        guard bare.roundTrips > 0, session.roundTrips > 0 else {
            return [Figure("not measured", "no pseudo-terminal")]
        }
        return figures(bare, session)
    }

    private func measure(_ run: inout Run, _ client: (String) async -> Int) async {
        guard let peer = AnsweringPeer(expecting: Self.roundTrips) else { return }
        let cpu = Machine.processTime
        let allocations = allocation_count()
        run.roundTrips += await client(peer.path)
        run.allocations += allocation_count() - allocations
        run.waits.append(peer.finish())
        run.cpuSeconds += Machine.processTime - cpu
    }

    /// Makes round trips with a modem session as the program has it, from a task on the session's own loop.
    private static func session(path: String) async -> Int {
        var log = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .warning
        do {
            let port = try await ModemPort.open(path, log: log)
            let command = ATCommand.callList
            let done = await withCheckedContinuation { (finished: CheckedContinuation<Int, Never>) in
                port.loop.start {
                    var done = 0
                    while done < roundTrips, (try? await port.session.execute(command))?.isOK == true { done += 1 }
                    finished.resume(returning: done)
                }
            }
            await port.close()
            return done
        } catch {
            return 0
        }
    }

    private func figures(_ bare: Run, _ session: Run) -> [Figure] {
        var figures: [Figure] = []
        for (name, fraction) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let value = session.quantile(fraction)
            let floor = bare.quantile(fraction)
            figures.append(
                Figure(
                    "result to next command, \(name)",
                    "\(value.shown()) us",
                    aim: name == "p99" ? .below(500, "us", is: value) : nil,
                    floor: "\(floor.shown()) us, x \((value / floor).shown())"
                )
            )
        }
        figures.append(
            Figure("result to next command, max", "\(session.max.shown()) us", floor: "\(bare.max.shown()) us")
        )
        figures.append(
            Figure(
                "CPU a round trip, the peer's included",
                "\(session.cpuMicroseconds.shown()) us",
                floor:
                    "\(bare.cpuMicroseconds.shown()) us, x \((session.cpuMicroseconds / bare.cpuMicroseconds).shown())"
            )
        )
        figures.append(
            Figure(
                "heap allocations a round trip",
                session.allocationsEach.shown(),
                floor: "\(bare.allocationsEach.shown()); \(session.roundTrips) round trips"
            )
        )
        return figures
    }
}
