import Glibc

/// What the command line asks for.
struct Options {
    static let usage = """
        usage: gsmbridge-reliability [RUN…] [--kills N] [--rigs N] [--minutes N] [--seed N] [--gsmbridge PATH]
          unplug   pulls modems out in every phase of a call and plugs them in again
          rename   plugs modems in under other names, between calls and in them
          deaf     modems that hear and say nothing any more, from every phase of a call on
          late     modems that answer everything late, and too late
          storm    modems that go and come 100 times in 10 s
          chatter  lines that never fall silent while their call must be hung up
          emptylist  call lists that are empty while a call is up
          reboot   modems that restart and keep their tty, idle and in calls
          flood    prompts, nonsense and requests without end
          ids      ids of calls used again, across refusals and restarts
          stop     SIGTERM while eight calls are being made
          kill     kill -9 of the service at random points of calls, and what the next start finds
          soak     constant calls on eight modems with random faults; not in all
          all      every run but soak, as without a name
        --kills    how often the service is killed (default 200)
        --rigs     how many services are killed side by side (default 4)
        --minutes  how long the soak lasts (default 60)
        --seed     chooses the points (default 1)
        --gsmbridge  the program; without it the one beside this one is taken
        The status is 0 when all held, 1 when something did not, 64 for wrong use.
        """

    private(set) var scenarios: [Scenario.Kind] = []
    private(set) var kills = 200
    private(set) var rigs = 4
    private(set) var minutes = 60
    private(set) var seed: UInt64 = 1
    private(set) var program = ""
    private(set) var wantsHelp = false

    init(arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": wantsHelp = true
            case "--kills": kills = Int(try Self.number(argument, &rest, 1...100_000))
            case "--rigs": rigs = Int(try Self.number(argument, &rest, 1...16))
            case "--minutes": minutes = Int(try Self.number(argument, &rest, 1...1440))
            case "--seed": seed = try Self.number(argument, &rest, 0...UInt64.max)
            case "--gsmbridge": program = try Self.value(argument, &rest)
            case "all": scenarios += Self.usual
            default:
                guard let kind = Scenario.Kind(rawValue: argument) else {
                    throw UsageError("\(argument): no such run or option")
                }
                scenarios.append(kind)
            }
        }
        if scenarios.isEmpty { scenarios = Self.usual }
        if program.isEmpty { program = Self.beside }
        guard wantsHelp || access(program, X_OK) == 0 else {
            throw UsageError("\(program): not a program that can be run; build it, or name one by --gsmbridge")
        }
    }

    private static let usual = Scenario.Kind.allCases.filter { $0 != .soak }

    private static func value(_ option: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
        guard let text = rest.popFirst() else { throw UsageError("\(option): the value is missing") }
        return text
    }

    private static func number(
        _ option: String,
        _ rest: inout ArraySlice<String>,
        _ range: ClosedRange<UInt64>
    ) throws(UsageError) -> UInt64 {
        let text = try value(option, &rest)
        guard let number = UInt64(text), range.contains(number) else {
            throw UsageError("\(option) \(text): give a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The gsmbridge that was built together with this program.
    private static var beside: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
        let own = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex) + "gsmbridge"
    }
}

/// A mistake on the command line.
struct UsageError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
