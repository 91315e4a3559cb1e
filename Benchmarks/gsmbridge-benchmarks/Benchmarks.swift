import Glibc

/// Measures what the project promises about its speed and size, and prints one table.
///
/// A slow machine is no failure: the status is 0 with any figures, and 64 for wrong use.
@main
struct Benchmarks {
    static func main() async {
        // A child that ends early must not take this program with it.
        signal(SIGPIPE, SIG_IGN)
        let options: Options
        do throws(UsageError) {
            options = try Options(arguments: Array(CommandLine.arguments.dropFirst()))
        } catch {
            tell("gsmbridge-benchmarks: \(error.message)\n\(Options.usage)")
            exit(64)
        }
        if options.wantsHelp {
            print(Options.usage)
            return
        }
        var table = FigureTable()
        for benchmark in options.benchmarks {
            tell("measuring: \(benchmark.rawValue)")
            table.add(await figures(of: benchmark, programs: options.programs), of: benchmark.rawValue)
        }
        print(table.text(heading: Machine.heading))
    }

    /// Writes a line for people to standard error.
    private static func tell(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // The reader may be gone, which changes nothing.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    private static func figures(of benchmark: Options.Benchmark, programs: [Program]) async -> [Figure] {
        switch benchmark {
        case .parser: return ParserBenchmark().run()
        case .latency: return await LatencyBenchmark().run()
        case .answer: return await AnswerBenchmark().run()
        case .callLog: return CallLogBenchmark().run()
        case .sound: return await SoundBenchmark().run()
        case .start where !programs.isEmpty: return StartBenchmark(programs: programs).run()
        case .memory where !programs.isEmpty: return MemoryBenchmark(programs: programs).run()
        case .idle where !programs.isEmpty: return IdleBenchmark(programs: programs).run()
        case .service where !programs.isEmpty: return ServiceBenchmark(programs: programs).run()
        case .start, .memory, .idle, .service:
            return [Figure("not measured", "no gsmbridge beside this program; name one by --gsmbridge PATH")]
        }
    }
}
