import Glibc
import ModemSimulator
import SimulatedTerminals

/// A call that gsmbridge makes on a simulated modem, watched from outside.
struct CallUnderTest {
    let program: Program
    let child: ChildProcess
    /// The modem's index in the simulated world.
    let modem: Int
    private(set) var isInProgress = false
    private(set) var hasEnded = false
    /// The most memory it has had resident, in kB.
    private(set) var peak = 0
    /// The part of its present memory that is its own, in kB.
    private(set) var anonymous = 0

    private var text: [UInt8] = []
    private static let inProgress = Array("\"call.in_progress\"".utf8)

    static func arguments(target: String, tty: String) -> [String] {
        ["dial", target, "--access-number", "+4922166966966", "--modem", tty, "--format", "json"]
    }

    /// Starts one call per program, each on a modem of its own; nil when the simulator can't be started.
    ///
    /// - Returns: the simulator, which is to be stopped when all calls are over, and the calls.
    static func start(_ programs: [Program], target: String) -> (PseudoTerminalHost, [CallUnderTest])? {
        var world = SimulatedWorld()
        let modems = programs.indices.map { world.addModem(ModemProfile(.quectel, number: $0)) }
        guard let host = try? PseudoTerminalHost(world: world), (try? host.start()) != nil else { return nil }
        let paths = host.paths
        let calls = zip(programs, modems)
            .compactMap { program, modem -> CallUnderTest? in
                let arguments = arguments(target: target, tty: paths[modem])
                return ChildProcess(program.path, arguments, capturesOutput: true)
                    .map {
                        CallUnderTest(program: program, child: $0, modem: modem)
                    }
            }
        return (host, calls)
    }

    private init(program: Program, child: ChildProcess, modem: Int) {
        self.program = program
        self.child = child
        self.modem = modem
    }

    /// Looks how the call and its process are.
    mutating func look() {
        guard !hasEnded else { return }
        peak = max(peak, child.status("VmHWM") ?? 0)
        anonymous = max(anonymous, child.status("RssAnon") ?? 0)
        text += child.newOutput()
        if text.contains(Self.inProgress) { isInProgress = true }
        if child.hasEnded() {
            hasEnded = true
            child.release()
        }
    }

    /// Ends the call as a user would, and the process without mercy when it does not end within ten seconds.
    mutating func end() {
        guard !hasEnded else { return }
        child.interrupt()
        let limit = Machine.now + 10
        while !hasEnded, Machine.now < limit {
            usleep(20_000)
            look()
        }
        if !hasEnded {
            child.destroy()
            hasEnded = true
        }
    }
}

extension [CallUnderTest] {
    /// Looks at the calls until all are as wished, at most for `seconds`.
    mutating func watch(seconds: Double, until isDone: (CallUnderTest) -> Bool) {
        let limit = Machine.now + seconds
        repeat {
            for index in indices { self[index].look() }
            if allSatisfy(isDone) { return }
            usleep(10_000)
        } while Machine.now < limit
    }
}
