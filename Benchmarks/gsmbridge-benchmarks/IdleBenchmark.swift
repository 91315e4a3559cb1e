import Glibc
import ModemSimulator
import SimulatedTerminals

/// The CPU time of gsmbridge while people talk: it asks for the call list now and then, and waits.
struct IdleBenchmark {
    let programs: [Program]
    private static let seconds = 20.0

    private struct Reading {
        let time = Machine.now
        let cpu: Double
        let switches: Int
        let commands: Int

        init?(_ call: CallUnderTest, _ host: PseudoTerminalHost) {
            guard let cpu = Machine.cpuTime(of: call.child.id) else { return nil }
            self.cpu = cpu
            switches = call.child.contextSwitches()
            commands = host.withWorld { world, _ in world.commands(of: call.modem).count }
        }
    }

    func run() -> [Figure] {
        // Answers, and talks until one side hangs up.
        guard let (host, started) = CallUnderTest.start(programs, target: "+4930123456") else {
            return [Figure("not measured", "no simulator")]
        }
        defer { host.stop() }
        var calls = started
        calls.watch(seconds: 30) { $0.isInProgress || $0.hasEnded }
        usleep(1_000_000)
        let before = calls.map { Reading($0, host) }
        usleep(useconds_t(Self.seconds * 1e6))
        let after = calls.map { Reading($0, host) }
        for index in calls.indices { calls[index].end() }
        return calls.indices.flatMap { index -> [Figure] in
            let label = calls[index].program.label
            guard calls[index].isInProgress, let before = before[index], let after = after[index] else {
                return [Figure("CPU in a call, \(label)", "no call in progress")]
            }
            return figures(label, from: before, to: after)
        }
    }

    private func figures(_ label: String, from before: Reading, to after: Reading) -> [Figure] {
        let time = after.time - before.time
        let cpu = after.cpu - before.cpu
        let percent = 100 * cpu / time
        let commands = after.commands - before.commands
        let each = commands > 0 ? "\((cpu * 1e6 / Double(commands)).shown()) us a command" : ""
        return [
            Figure(
                "CPU in a call, \(label)",
                "\(percent.shown()) % of a core",
                aim: .below(0.5, "%", is: percent),
                floor: "\(commands) commands in \(time.shown()) s, \(each)"
            ),
            Figure(
                "context switches a second in a call, \(label)",
                "\((Double(after.switches - before.switches) / time).shown())"
            ),
        ]
    }
}
