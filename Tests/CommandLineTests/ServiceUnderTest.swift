import Glibc
import ModemSimulator
import SimulatedTerminals
import TestSupport
import Testing

/// A running `gsmbridge run` with simulated modems behind it, in a directory of its own.
final class ServiceUnderTest {
    let bench: Bench
    let directory: TemporaryDirectory
    let configuration: String
    let socket: String
    /// What it says when it can be reached.
    private let greetings: Set<String>
    private(set) var program: Program

    /// Starts a service for modems that are configured by their ttys, and waits until it says that it is open.
    ///
    /// - Parameters:
    ///   - modem: further lines of each modem, indented by four.
    ///   - more: further lines of the configuration file.
    ///   - gateway: further lines of its block `gateway`, indented by two.
    ///   - pbx: further PBXs in it, indented by two.
    ///   - access: the number of the one that is there.
    ///   - files: files that are written before it starts, by their names in its directory.
    ///   - environment: what its environment has beside ours.
    ///   - resolver: a file that it sees as `/etc/resolv.conf`, which takes root; nil for the machine's own.
    ///   - hosts: the same as `/etc/hosts`.
    ///   - limit: how long it may live.
    init(
        _ bench: Bench,
        more: String = "",
        gateway: String = "",
        pbx: String = "",
        access: String = Bench.accessNumber,
        modem: String = "",
        ttys: [String]? = nil,
        files: [String: String] = [:],
        environment: [String] = [],
        resolver: String? = nil,
        hosts: String? = nil,
        limit: Duration = .seconds(1200)
    ) async throws {
        self.bench = bench
        directory = try TemporaryDirectory()
        for (name, text) in files { try Self.write(text, to: directory.path + "/" + name) }
        configuration = directory.path + "/gsmbridge.yaml"
        socket = directory.path + "/control.sock"
        let listens = more.contains("webhooks:\n  listen:")
        greetings = listens ? ["control interface open", "listening for webhooks"] : ["control interface open"]
        let voices = bench.host.voicePaths
        let modems = (ttys ?? bench.host.paths).enumerated()
            .map { number, tty in
                let line = ttys == nil && modem.isEmpty ? voices[number].map { "    audio: { tty: \($0) }\n" } : nil
                let voice = line ?? ""
                return "  m\(number):\n    match: { tty: \(tty) }\n\(voice)\(modem)\n"
            }
            .joined()
        let text = """
            gateway:
              name: test
              state_dir: \(directory.path)/state
              socket: \(socket)
            \(gateway)
            modems:
            \(modems)
            pbx:
              office:
                profile: dtmf
                callthrough:
                  access_number: "\(access)"
                  script: "{target}#"
            \(pbx)
            policy:
              max_calls_per_hour: 3600
            \(more.replacing("DIRECTORY", with: directory.path))
            """
        try Self.write(text, to: configuration)
        let words = ["run", "--config", configuration]
        let mounts = [(resolver, "/etc/resolv.conf"), (hosts, "/etc/hosts")]
            .compactMap { file, place in file.map { "mount --bind '\($0)' \(place) && " } }
        if !mounts.isEmpty {
            program = try Program(
                ["-m", "sh", "-c", mounts.joined() + "exec \"$@\"", "sh", Program.path] + words,
                path: "/usr/bin/unshare",
                environment: environment,
                limit: limit
            )
        } else {
            program = try Program(words, environment: environment, limit: limit)
        }
        try await isOpen()
    }

    /// Waits until the control interface answers, and the listener for webhooks where there is one.
    private func isOpen() async throws {
        var missing = greetings
        let line = await program.error { line in
            missing = missing.filter { !line.contains($0) }
            return missing.isEmpty
        }
        try #require(line != nil, "the service never said \(missing)")
    }

    /// Kills the service as a crash would, and starts another.
    func crashAndRestart() async throws {
        program.send(SIGKILL)
        _ = await program.end()
        program = try Program(["run", "--config", configuration], limit: .seconds(1200))
        try await isOpen()
    }

    /// Ends the service in an orderly way, and starts another.
    func restart() async throws {
        _ = await stop()
        program = try Program(["run", "--config", configuration], limit: .seconds(1200))
        try await isOpen()
    }

    /// Ends the service and returns what was left of it.
    func stop() async -> Program.Result {
        program.send(SIGTERM)
        return await program.end()
    }

    /// Runs a command against the service to its end.
    func run(_ arguments: [String], limit: Duration = .seconds(600)) async throws -> Program.Result {
        try await Program.run(arguments + ["--config", configuration], limit: limit)
    }

    /// Starts a command against the service.
    func start(_ arguments: [String], limit: Duration = .seconds(600)) throws -> Program {
        try Program(arguments + ["--config", configuration], limit: limit)
    }

    /// What the call log says, as JSON, once so many calls have their outcome there: an end is told before it is on the disk.
    func log(ended count: Int) async throws -> Program.Result {
        let command = ["calls", "list", "--format", "json"]
        var log = try await run(command)
        _ = try await waits {
            log = try await run(command)
            return try log.output.count { try Document($0)["outcome"]?.text != nil } >= count
        }
        return log
    }

    /// Waits until the modems are in a state, by watching them.
    func modems(are state: String, count: Int) async throws {
        let watch = try start(["modems", "--watch", "--format", "json"])
        var states: [String: String] = [:]
        let line = await watch.output { line in
            guard let document = try? Document(line), let name = document["name"]?.text,
                let now = document["state"]?.text
            else { return false }
            states[name] = now
            return states.values.count { $0 == state } == count
        }
        watch.send(SIGKILL)
        _ = await watch.end()
        try #require(line != nil, "the modems never were \(state): \(states)")
    }

    static func write(_ text: String, to path: String) throws {
        let file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Program.Failure(what: "open \(path)", code: errno) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw Program.Failure(what: "write \(path)", code: errno)
        }
    }
}
