import CLinux
import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

/// All tests of the built program.
///
/// Within a suite one test follows the other, because each starts up to nine programs by itself. They mostly wait, so
/// the suites run side by side.
@Suite("The built program", .tags(.wholeProgram), .timeLimit(.minutes(20))) enum CommandLineTests {}

extension Tag {
    /// Runs the built program, and waits for it: no part of the inner loop (docs/development.md).
    @Tag static var wholeProgram: Self
}

/// Simulated modems on terminals, in this process, for programs in others.
final class Bench: Sendable {
    static let accessNumber = "+4922166966966"
    static let target = "03012345678"
    static let script = "03012345678#"

    let host: PseudoTerminalHost
    /// Where the links to the terminals are; nil where they go by their numbers.
    private let links: TemporaryDirectory?

    /// Puts modems on terminals, in a standard network.
    ///
    /// - Parameters:
    ///   - isLinked: whether the modems go by links: one that comes back does so under another terminal, and the number of its first
    ///     one may be another test's by then.
    ///   - talk: how long the target talks before it hangs up: long enough for a busy machine to see that it was answered. A test that
    ///     does something in a call lets it talk on.
    ///   - change: what is different in that network.
    init(
        _ profiles: [ModemProfile],
        isLinked: Bool = false,
        talk: Duration = .seconds(4),
        _ change: (inout SimulatedNetwork) -> Void = { _ in }
    ) throws {
        var network = SimulatedNetwork.standard
        network.subscribers["+493012345678"] = .hangUp(
            alerting: .milliseconds(500),
            answer: .milliseconds(1200),
            afterAnswered: talk
        )
        change(&network)
        var world = SimulatedWorld(network: network)
        for profile in profiles { _ = world.addModem(profile) }
        links = isLinked ? try TemporaryDirectory() : nil
        host = try PseudoTerminalHost(world: world, linkDirectory: links?.path)
        try host.start()
    }

    convenience init(_ families: [ModemFamily], talk: Duration = .seconds(4)) throws {
        try self.init(families.enumerated().map { ModemProfile($1, number: $0) }, talk: talk)
    }

    func stop() { host.stop() }

    /// The arguments of a callthrough on one of the modems.
    func dial(_ modem: Int, access: String = Bench.accessNumber, _ more: String...) -> [String] {
        ["dial", Self.target, "--access-number", access, "--modem", host.paths[modem]] + more
    }

    /// The calls of one of the modems, as the network saw them.
    func calls(of modem: Int) -> [SimulatedCall] {
        host.withWorld { world, _ in world.calls.filter { $0.modem == modem } }
    }

    /// The party at the other end of the modem's live call hangs up.
    func hangUpFarSide(of modem: Int) throws {
        let call = try #require(calls(of: modem).last { $0.isLive })
        host.withWorld { world, now in world.hangUpFarSide(call: call.id, at: now) }
    }

    /// The commands that one of the modems has executed.
    func commands(of modem: Int) -> [String] { host.withWorld { world, _ in world.commands(of: modem) } }

    /// What must hold after every call, however it went: nothing is left up, no command was written while another was in
    /// flight, and what was heard is a beginning of the script, each digit once.
    func expectClean(
        _ modem: Int,
        script: String = Bench.script,
        _ comment: Comment? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let (live, violations) = host.withWorld { world, _ in
            (world.liveCalls(of: modem), world.violations.filter { $0.modem == modem })
        }
        #expect(live == 0, comment, sourceLocation: location)
        #expect(violations == [], comment, sourceLocation: location)
        for call in calls(of: modem) {
            let heard = String(call.tones.map(\.digit))
            #expect(script.hasPrefix(heard), comment, sourceLocation: location)
        }
    }
}

extension ModemProfile {
    /// A profile with changes.
    init(_ family: ModemFamily, number: Int = 0, _ change: (inout ModemProfile) -> Void) {
        self.init(family, number: number)
        change(&self)
    }
}

/// Does the same for each element, all at once, and returns the results in order.
func concurrently<Element: Sendable, Result: Sendable>(
    _ elements: [Element],
    _ body: @escaping @Sendable (Int, Element) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        for (index, element) in elements.enumerated() {
            group.addTask { (index, try await body(index, element)) }
        }
        var results: [Int: Result] = [:]
        for try await (index, result) in group { results[index] = result }
        return elements.indices.compactMap { results[$0] }
    }
}

/// A terminal behind which nothing answers.
final class DeadTerminal {
    let path: String
    private let master: Int32

    init() throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        let status = clinux_open_pty(&master, &slave, &name, name.count)
        guard status == 0 else { throw Program.Failure(what: "openpty", code: -status) }
        _ = clinux_close(slave)
        self.master = master
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = clinux_close(master) }
}

/// Sees whether anybody opens a path.
final class OpenWatch {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
        guard descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0 else {
            throw Program.Failure(what: "inotify", code: errno)
        }
    }

    deinit { _ = clinux_close(descriptor) }

    /// Whether the path was opened since the last look.
    func wasOpened() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        return read(descriptor, &buffer, buffer.count) > 0
    }
}
