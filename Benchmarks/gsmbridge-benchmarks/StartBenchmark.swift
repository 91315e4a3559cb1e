import CLinux
import Glibc

/// From the start of the process to the first byte that a modem would see.
struct StartBenchmark {
    let programs: [Program]
    private static let runs = 30

    func run() -> [Figure] {
        var floor: [Double] = []
        var times = programs.map { _ in [Double]() }
        for _ in 0..<Self.runs {
            floor.append(Self.emptyProcess() ?? .nan)
            for index in programs.indices {
                if let time = Self.firstByte(of: programs[index]) { times[index].append(time) }
            }
        }
        let least = Samples(floor.filter(\.isFinite))
        return zip(programs, times)
            .flatMap { program, times -> [Figure] in
                let samples = Samples(times)
                guard samples.count > 0 else { return [Figure("first AT byte, \(program.label)", "never came")] }
                return [
                    Figure(
                        "first AT byte, \(program.label), median of \(samples.count)",
                        "\(samples.median.shown()) ms",
                        aim: .below(50, "ms", is: samples.median),
                        floor: "\(least.median.shown()) ms (true), x \((samples.median / least.median).shown())"
                    ),
                    Figure(
                        "first AT byte, \(program.label), max",
                        "\(samples.max.shown()) ms",
                        floor: "\(least.max.shown()) ms"
                    ),
                ]
            }
    }

    /// Milliseconds until a program that does nothing has ended.
    private static func emptyProcess() -> Double? {
        guard let child = ChildProcess("/bin/true", []) else { return nil }
        var status: Int32 = 0
        waitpid(child.id, &status, 0)
        return (Machine.now - child.started) * 1000
    }

    /// Milliseconds until the first byte; nil when none comes within five seconds.
    private static func firstByte(of program: Program) -> Double? {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        guard clinux_open_pty(&master, &slave, &name, name.count) == 0 else { return nil }
        // Ours stays open: without a slave the master would report a hang-up instead of waiting.
        defer {
            close(slave)
            close(master)
        }
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let child = ChildProcess(program.path, CallUnderTest.arguments(target: "030123456", tty: path)) else {
            return nil
        }
        defer { child.destroy() }
        var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 5000) > 0, entry.revents & Int16(POLLIN) != 0 else { return nil }
        return (Machine.now - child.started) * 1000
    }
}
