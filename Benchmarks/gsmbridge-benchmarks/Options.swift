import Glibc

/// What the command line asks for.
struct Options {
    /// The things that can be measured, in the order in which `all` measures them.
    enum Benchmark: String, CaseIterable {
        case parser
        case latency
        case answer
        case start
        case memory
        case idle
        case service
        case sound
        case callLog = "calls-log"
    }

    static let usage = """
        usage: gsmbridge-benchmarks [BENCHMARK|all] [--gsmbridge PATH]...
          parser   how fast a modem's bytes become typed messages, and whether that allocates
          latency  the time from a modem's final result to the next command, over a pseudo-terminal
          answer   the time from a caller's number to the answer, with eight modems attached
          start    from the start of gsmbridge to its first AT byte
          memory   the peak memory of gsmbridge during a whole call
          idle     the CPU time of gsmbridge while people talk
          service  the running service with eight modems: at rest, and how quick a command is (takes two minutes)
          sound    sixteen calls with sound, and two sticks joined: CPU, delay, holes (takes eleven minutes)
          calls-log   the call log with a million calls: lists, totals, inserts (takes a minute and 700 MB of disk)
        --gsmbridge may be given several times, to compare builds; without it the program beside this one is taken.
        """

    private(set) var benchmarks = Benchmark.allCases
    /// The builds of gsmbridge to be measured.
    private(set) var programs: [Program] = []
    private(set) var wantsHelp = false

    init(arguments: [String]) throws(UsageError) {
        var names: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": wantsHelp = true
            case "--gsmbridge":
                guard let path = rest.popFirst() else { throw UsageError("--gsmbridge: a path is missing") }
                programs.append(try Self.program(path))
            case _ where argument.hasPrefix("--gsmbridge="):
                programs.append(try Self.program(String(argument.dropFirst("--gsmbridge=".count))))
            case _ where argument.hasPrefix("-"): throw UsageError("\(argument): no such option")
            default: names.append(argument)
            }
        }
        guard names.count <= 1 else { throw UsageError("one benchmark at a time, or all") }
        if let name = names.first, name != "all" {
            guard let benchmark = Benchmark(rawValue: name) else { throw UsageError("\(name): no such benchmark") }
            benchmarks = [benchmark]
        }
        if programs.isEmpty, let beside = Program.besideThisOne { programs = [beside] }
    }

    private static func program(_ path: String) throws(UsageError) -> Program {
        guard let program = Program(path: path) else { throw UsageError("\(path): not a program that can be run") }
        return program
    }
}

/// A mistake on the command line.
struct UsageError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
