import ATProtocol
import CAllocationCount

/// How fast a modem's bytes become lines and typed messages, and whether that allocates.
struct ParserBenchmark {
    /// One way to go through the traffic.
    private struct Way {
        let name: String
        let aim: Double?
        /// Goes once through the bytes; returns something that depends on all of them, so that nothing is optimised away.
        let pass: (UnsafeBufferPointer<UInt8>) -> Int
    }

    private static let rounds = 11
    private static let roundBytes = 4_000_000

    func run() -> [Figure] {
        let traffic = Traffic.bytes
        var sink = 0
        var framer = LineFramer()
        var inPackets = LineFramer()
        var onlyFramer = LineFramer()
        var session = SessionPath()
        let ways = [
            Way(name: "search for line ends alone", aim: nil) { countLineEnds($0) },
            Way(name: "framing alone", aim: nil) { bytes in
                var sum = 0
                onlyFramer.receive(bytes) { sum &+= $0.count }
                return sum
            },
            Way(name: "framing and classification", aim: 100) { bytes in
                var sum = 0
                framer.receive(bytes) { sum &+= classify($0) }
                return sum
            },
            Way(name: "the same in reads of 64 bytes", aim: 100) { bytes in
                var sum = 0
                for chunk in chunks(of: bytes, size: 64) { inPackets.receive(chunk) { sum &+= classify($0) } }
                return sum
            },
            Way(name: "with lines as text and the exchange", aim: nil) { session.pass($0) },
        ]
        return traffic.withUnsafeBufferPointer { bytes in
            let speeds = measure(ways, bytes, &sink)
            let floor = speeds[0].median
            var figures = ways.indices.map { index in
                let speed = speeds[index].median
                return Figure(
                    ways[index].name,
                    "\(speed.shown()) MB/s",
                    aim: ways[index].aim.map { .atLeast($0, "MB/s", is: speed) },
                    floor: index == 0 ? "is the floor" : "1/\((floor / speed).shown()) of the floor"
                )
            }
            figures += allocations(ways[1...], bytes, &sink)
            // Never true, which the optimiser does not know.
            if sink == Int.min { figures.removeAll() }
            return figures
        }
    }

    /// CPU time, because it does not depend on who else uses the machine; the ways take turns, so that what it does depend
    /// on hits them alike.
    private func measure(_ ways: [Way], _ bytes: UnsafeBufferPointer<UInt8>, _ sink: inout Int) -> [Samples] {
        let passes = max(1, Self.roundBytes / bytes.count)
        var speeds = ways.map { _ in [Double]() }
        for _ in 0..<Self.rounds {
            for (index, way) in ways.enumerated() {
                let started = Machine.threadTime
                for _ in 0..<passes { sink &+= way.pass(bytes) }
                let took = Machine.threadTime - started
                speeds[index].append(Double(passes * bytes.count) / took / 1e6)
            }
        }
        return speeds.map(Samples.init)
    }

    private func allocations(
        _ ways: ArraySlice<Way>,
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ sink: inout Int
    ) -> [Figure] {
        let passes = 10
        let lines = countLines(bytes)
        return ways.map { way in
            let before = allocation_count()
            for _ in 0..<passes { sink &+= way.pass(bytes) }
            let perLine = Double(allocation_count() - before) / Double(passes * lines)
            return Figure(
                "heap allocations a line, \(way.name)",
                perLine.shown(),
                aim: way.aim.map { _ in .none(is: perLine) },
                floor: "\(passes * lines) lines"
            )
        }
    }
}

private func countLines(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var framer = LineFramer()
    var lines = 0
    framer.receive(bytes) { _ in lines += 1 }
    return lines
}

private func countLineEnds(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var count = 0
    for byte in bytes where byte == 0x0D || byte == 0x0A { count &+= 1 }
    return count
}

private func chunks(
    of bytes: UnsafeBufferPointer<UInt8>,
    size: Int
) -> some Sequence<UnsafeBufferPointer<UInt8>> {
    stride(from: 0, to: bytes.count, by: size).lazy
        .map { start in
            UnsafeBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
        }
}

/// Asks what is asked of every line: whether it is a result, and if not, whether it is a message.
private func classify(_ line: UnsafeBufferPointer<UInt8>) -> Int {
    if let result = FinalResult(bytes: line) {
        if case .ok = result { return 1 }
        return 2
    }
    if let indication = Indication(bytes: line) {
        if case .unknown = indication { return 3 }
        return 4
    }
    return line.count
}

/// What a modem session does with bytes, without the port and the logging.
private struct SessionPath {
    private var framer = LineFramer()
    private var exchange = CommandExchange()
    private let now = ContinuousClock.now

    mutating func pass(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var sum = 0
        var lines: [ATLine] = []
        framer.receive(bytes) { lines.append(ATLine(bytes: $0)) }
        for line in lines {
            for step in exchange.received(line, at: now) {
                if case .indication(let line) = step, Indication(line) != nil { sum &+= 1 }
            }
        }
        return sum
    }
}
