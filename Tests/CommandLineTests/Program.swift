import CLinux
import Dispatch
import Glibc
import Synchronization
import TestSupport

/// A built program, `gsmbridge` unless another is named, as a child process.
///
/// A thread of its own reads what the program writes, line by line, and ends a program that outlives its limit. So
/// every wait here has an end: that of the program. The program ends with this object at the latest, and with the tests
/// however these end: otherwise it would be left behind on terminals whose names others get.
final class Program {
    /// What is left of a program that has ended.
    struct Result: Sendable, CustomStringConvertible {
        /// The exit status; 128 and the signal's number for a program that a signal ended.
        var status: Int32
        /// Whether the program did not end by itself.
        var isOverdue: Bool
        var output: [String]
        var errors: [String]

        var description: String {
            "status \(status)\(isOverdue ? ", OVERDUE" : ""), output \(output), errors \(errors)"
        }
    }

    private enum Line: Sendable {
        case output(String)
        case error(String)
        case ended(Result)
    }

    /// Why a program can't be started.
    struct Failure: Error {
        let what: String
        let code: Int32
    }

    var processID: pid_t { child.id }
    private let child: Child
    private var lines: AsyncStream<Line>.Iterator
    private var result: Result?

    /// The program beside the bundle that these tests are in.
    static let path: String = {
        guard let own = realpath("/proc/self/exe", nil) else { return "gsmbridge" }
        defer { free(own) }
        let bundle = String(cString: own)
        return bundle.prefix(through: bundle.lastIndex(of: "/") ?? bundle.startIndex) + "gsmbridge"
    }()

    /// Another program that was built beside this one.
    static func path(of name: String) -> String {
        path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) + name
    }

    /// Starts the program; its standard input is empty.
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - state: the state directory; one that all programs of this test run share unless given.
    ///   - environment: what its environment has beside ours.
    ///   - limit: how long it may live.
    ///   - terminal: what it is to have for input, output and errors; what it shows there counts as output.
    init(
        _ arguments: [String],
        path: String = Program.path,
        state: String? = nil,
        environment more: [String] = [],
        limit: Duration = .seconds(600),
        terminal: TypedTerminal? = nil
    ) throws {
        let output = try terminal?.ends() ?? Self.makePipe()
        let errors = try terminal == nil ? Self.makePipe() : nil
        let (stream, continuation) = AsyncStream.makeStream(of: Line.self)
        lines = stream.makeAsyncIterator()
        let child = Child()
        self.child = child
        let words = [path] + arguments
        let environment = more + Self.environment + ["STATE_DIRECTORY=\(state ?? Self.sharedState)"]
        let started = DispatchSemaphore(value: 0)
        // The program is bound to the thread that starts it: it has to be the one that waits for its end.
        let status = Thread.run {
            child.start(words, output: output.write, errors: errors?.write, environment: environment)
            _ = clinux_close(output.write)
            if let errors { _ = clinux_close(errors.write) }
            started.signal()
            let descriptors = [output.read] + (errors.map { [$0.read] } ?? [])
            Reader(child: child, descriptors: descriptors, deadline: .now + limit, lines: continuation).read()
        }
        guard status == 0 else { throw Failure(what: "a thread", code: status) }
        started.wait()
        if child.failure != 0 { throw Failure(what: "can't run \(path)", code: child.failure) }
    }

    deinit { child.send(SIGKILL) }

    /// Runs the program to its end.
    static func run(
        _ arguments: [String],
        state: String? = nil,
        limit: Duration = .seconds(600)
    ) async throws -> Result {
        try await Program(arguments, state: state, limit: limit).end()
    }

    /// Waits for a line on standard output that matches; nil when the program ended without one.
    func output(where matches: (String) -> Bool) async -> String? {
        await line { if case .output(let text) = $0, matches(text) { text } else { nil } }
    }

    /// Waits for a line on standard error that matches; nil when the program ended without one.
    func error(where matches: (String) -> Bool) async -> String? {
        await line { if case .error(let text) = $0, matches(text) { text } else { nil } }
    }

    /// Waits for the program to end.
    func end() async -> Result {
        _ = await line { _ in nil }
        return result ?? Result(status: -1, isOverdue: true, output: [], errors: [])
    }

    /// Sends a signal; nothing happens to a program that has ended.
    func send(_ signal: Int32) {
        child.send(signal)
    }

    private func line(_ pick: (Line) -> String?) async -> String? {
        while result == nil, let line = await lines.next(isolation: #isolation) {
            if case .ended(let result) = line { self.result = result }
            if let text = pick(line) { return text }
        }
        return nil
    }

    /// The environment without what would lead the program to somebody's configuration or state.
    private static let environment: [String] = {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let name = text.prefix { $0 != "=" }
            if !name.hasPrefix("GSMBRIDGE_"), !name.hasPrefix("XDG_"), name != "STATE_DIRECTORY" {
                entries.append(text)
            }
            next += 1
        }
        return entries
    }()

    /// Where the programs keep their call log; gone with this process.
    private static let sharedState: String = {
        var template = Array("\(TemporaryDirectory.base)/gsmbridge-state-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return "/tmp/gsmbridge-state" }
        atexit {
            for name in TemporaryDirectory.names(in: Program.sharedState) { unlink("\(Program.sharedState)/\(name)") }
            rmdir(Program.sharedState)
        }
        return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        // Marked as they are made: a program that starts meanwhile must not keep a pipe open.
        let status = clinux_pipe(&ends)
        guard status == 0 else { throw Failure(what: "pipe", code: -status) }
        return (ends[0], ends[1])
    }

    /// A process, to which signals go for as long as it is there: its number may be another's afterwards.
    private final class Child: Sendable {
        private struct State {
            var id: pid_t = 0
            var isThere = false
            var failure: Int32 = 0
        }

        private let state = Mutex(State())

        var id: pid_t { state.withLock { $0.id } }
        var failure: Int32 { state.withLock { $0.failure } }

        /// Starts it; without a descriptor for errors the one for output is a terminal.
        func start(_ words: [String], output: Int32, errors: Int32?, environment: [String]) {
            var arguments = words.map { strdup($0) } + [nil]
            defer { for argument in arguments { free(argument) } }
            var entries = environment.map { strdup($0) } + [nil]
            defer { for entry in entries { free(entry) } }
            var id: pid_t = 0
            let status =
                if let errors {
                    clinux_spawn_bound(words[0], &arguments, &entries, output, errors, &id)
                } else {
                    clinux_spawn_bound_on_terminal(words[0], &arguments, &entries, output, &id)
                }
            state.withLock { $0 = State(id: id, isThere: status == 0, failure: -status) }
        }

        func send(_ signal: Int32) {
            state.withLock { state in
                if state.isThere { kill(state.id, signal) }
            }
        }

        /// Waits for the end and returns its status word.
        func end() -> Int32 {
            guard state.withLock({ $0.isThere }) else { return 0 }
            var info = siginfo_t()
            while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            return state.withLock { state in
                var status: Int32 = 0
                while waitpid(state.id, &status, 0) < 0, errno == EINTR {}
                state.isThere = false
                return status
            }
        }
    }

    /// Reads what a process writes until it has ended.
    private final class Reader: Sendable {
        let child: Child
        let descriptors: [Int32]
        let deadline: ContinuousClock.Instant
        let lines: AsyncStream<Line>.Continuation

        init(
            child: Child,
            descriptors: [Int32],
            deadline: ContinuousClock.Instant,
            lines: AsyncStream<Line>.Continuation
        ) {
            self.child = child
            self.descriptors = descriptors
            self.deadline = deadline
            self.lines = lines
        }

        func read() {
            var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            var pending: [[UInt8]] = descriptors.map { _ in [] }
            var whole: [[String]] = descriptors.map { _ in [] }
            var isOverdue = false
            var buffer = [UInt8](repeating: 0, count: 4096)
            while entries.contains(where: { $0.fd >= 0 }) {
                let left = ContinuousClock.now.duration(to: deadline)
                if left <= .zero, !isOverdue {
                    isOverdue = true
                    child.send(SIGKILL)
                }
                let wait = isOverdue ? 1000 : Int32(clamping: left.components.seconds * 1000 + 1000)
                guard poll(&entries, nfds_t(entries.count), wait) > 0 else { continue }
                for index in entries.indices where entries[index].revents != 0 {
                    let count = Glibc.read(descriptors[index], &buffer, buffer.count)
                    if count <= 0 {
                        _ = clinux_close(descriptors[index])
                        entries[index].fd = -1
                        continue
                    }
                    pending[index] += buffer[..<count]
                    while let end = pending[index].firstIndex(of: UInt8(ascii: "\n")) {
                        let text = String(decoding: pending[index][..<end], as: UTF8.self)
                        pending[index].removeSubrange(...end)
                        whole[index].append(text)
                        lines.yield(index == 0 ? .output(text) : .error(text))
                    }
                }
            }
            let status = child.end()
            let signal = status & 0x7F
            // A line that nothing ends is told from one that is whole by what it ends with here.
            for index in pending.indices where !pending[index].isEmpty {
                whole[index].append(String(decoding: pending[index], as: UTF8.self) + "<no line feed>")
            }
            let result = Result(
                status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
                isOverdue: isOverdue,
                output: whole[0],
                errors: whole.count > 1 ? whole[1] : []
            )
            lines.yield(.ended(result))
            lines.finish()
        }
    }
}

/// A thread that nobody waits for, so that blocking calls take none from the tests' own.
enum Thread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func run(_ body: @escaping @Sendable () -> Void) -> Int32 {
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        let status = clinux_detached_thread(
            "child",
            { context in
                guard let context else { return }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
            },
            context
        )
        if status != 0 { Unmanaged<Body>.fromOpaque(context).release() }
        return status
    }
}
