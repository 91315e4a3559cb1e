import ModemSimulator
import SimulatedTerminals

/// The peak memory during a whole standalone call, from the start of the process to its end.
struct MemoryBenchmark {
    let programs: [Program]

    func run() -> [Figure] {
        // Answers, and hangs up after five seconds.
        guard let (host, started) = CallUnderTest.start(programs, target: "+493012345678") else {
            return [Figure("not measured", "no simulator")]
        }
        defer { host.stop() }
        var calls = started
        calls.watch(seconds: 40) { $0.hasEnded }
        return calls.indices.map { index in
            let isWhole = calls[index].isInProgress && calls[index].hasEnded
            calls[index].end()
            let call = calls[index]
            let megabytes = Double(call.peak) * 1024 / 1e6
            return Figure(
                "peak in a call, \(call.program.label)",
                isWhole ? "\(megabytes.shown()) MB" : "no whole call",
                aim: isWhole ? .below(30, "MB", is: megabytes) : nil,
                floor: "its own pages: \((Double(call.anonymous) * 1024 / 1e6).shown()) MB"
            )
        }
    }
}
