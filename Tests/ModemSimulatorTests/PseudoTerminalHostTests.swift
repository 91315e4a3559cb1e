import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import Testing

/// A program that has a terminal open.
final class Terminal {
    private(set) var descriptor: Int32

    init?(_ path: String) {
        descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        if descriptor < 0 { return nil }
    }

    deinit { close() }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    func write(_ text: String) -> Bool { Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count }

    /// Writes all of a text, as soon as the terminal has room for it; false when it had none for a minute.
    func writeWhenFree(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, 60_000) > 0 else { return false }
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads until the text has come; nil when the line hung up or a minute has passed.
    func read(until text: String) -> String? {
        var received: [UInt8] = []
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if String(decoding: received, as: UTF8.self).contains(text) {
                return String(decoding: received, as: UTF8.self)
            }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 200) > 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count <= 0 { return nil }
            received += buffer[..<count]
        }
        return nil
    }

    /// Waits until the other side has hung up, a minute at most.
    func waitForHangUp() -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 200) > 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 512)
            if Glibc.read(descriptor, &buffer, buffer.count) <= 0 { return true }
        }
        return false
    }
}

@Suite("Simulated modems on pseudo-terminals", .timeLimit(.minutes(10)))
struct PseudoTerminalHostTests {
    private static func temporaryDirectory() -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        return "\(base)/modem-simulator-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    private static func world(_ profiles: ModemProfile...) -> SimulatedWorld {
        var world = SimulatedWorld()
        for profile in profiles { _ = world.addModem(profile) }
        return world
    }

    @Test("a program talks to a modem through its terminal")
    func roundTrip() throws {
        let host = try PseudoTerminalHost(world: Self.world(ModemProfile(.generic)))
        try host.start()
        defer { host.stop() }
        let terminal = try #require(Terminal(host.paths[0]))
        #expect(terminal.write("AT+CGSN\r"))
        let answer = try #require(terminal.read(until: "OK\r\n"))
        #expect(answer.contains(ModemProfile(.generic).imei))
    }

    @Test("a whole callthrough runs over a terminal")
    func callthrough() async throws {
        var world = Self.world(ModemProfile(.ublox))
        // It takes no digit before its prompt, however late this one comes.
        world.network.accessNumbers["+4922166966968"]?.promptDelay = .seconds(600)
        let host = try PseudoTerminalHost(world: world)
        let events = host.farSideEvents()
        try host.start()
        let terminal = try #require(Terminal(host.paths[0]))
        #expect(terminal.write("ATE0\r"))
        #expect(terminal.read(until: "OK\r\n") != nil)
        #expect(terminal.write("AT+UCALLSTAT=1\r"))
        #expect(terminal.read(until: "OK\r\n") != nil)
        #expect(terminal.write("ATD+4922166966968;\r"))
        #expect(terminal.read(until: "+UCALLSTAT: 1,0\r\n") != nil)
        var heard = ""
        for await event in events {
            switch event {
            case .answered: #expect(terminal.write("AT+VTS=5\r"))
            case .ignoredDigit(_, _, let digit):
                heard.append(digit)
                #expect(terminal.write("AT+CHUP\r"))
            case .ended(_, let number, let party, _):
                #expect(number == "+4922166966968")
                #expect(party == .modem)
                host.stop()
            case .arrived, .digit, .joined, .serviceCode, .message, .pbx, .sound: break
            }
        }
        #expect(heard == "5")
        #expect(host.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
        #expect(host.withWorld { world, _ in world.violations } == [])
    }

    @Test("a call stays up when the program closes the terminal, and what was said meanwhile is lost")
    func closing() throws {
        let host = try PseudoTerminalHost(world: Self.world(ModemProfile(.generic)))
        try host.start()
        defer { host.stop() }
        let first = try #require(Terminal(host.paths[0]))
        #expect(first.write("ATE0\r"))
        #expect(first.read(until: "OK\r\n") != nil)
        #expect(first.write("ATD+4930123456;\r"))
        #expect(first.read(until: "OK\r\n") != nil)
        first.close()
        let second = try #require(Terminal(host.paths[0]))
        #expect(second.write("AT+CLCC\r"))
        let list = try #require(second.read(until: "OK\r\n"))
        #expect(list.contains("+CLCC: 1,0,"))
        #expect(host.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
    }

    @Test("an unplugged modem hangs its line up and comes back behind the same link")
    func unplugging() throws {
        let directory = Self.temporaryDirectory()
        defer { rmdir(directory) }
        let host = try PseudoTerminalHost(
            world: Self.world(ModemProfile(.huawei), ModemProfile(.zte, number: 1)),
            linkDirectory: directory
        )
        try host.start()
        defer { host.stop() }
        #expect(host.paths == ["\(directory)/huawei", "\(directory)/zte"])
        let terminal = try #require(Terminal(host.paths[0]))
        #expect(terminal.write("AT\r"))
        #expect(terminal.read(until: "OK\r\n") != nil)
        host.withWorld { world, now in world.unplug(0, at: now) }
        #expect(terminal.waitForHangUp())
        #expect(Terminal(host.paths[0]) == nil)
        #expect(Terminal(host.paths[1]) != nil)
        terminal.close()

        host.withWorld { world, now in world.replug(0, at: now) }
        let again = try #require(Self.open(host.paths[0]))
        #expect(again.write("AT\r"))
        #expect(again.read(until: "OK\r\n") != nil)
        #expect(host.failure == nil)
    }

    /// Opens a terminal that may take a moment to come, ten seconds at most.
    private static func open(_ path: String) -> Terminal? {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if let terminal = Terminal(path) { return terminal }
            poll(nil, 0, 5)
        }
        return nil
    }

    @Test("links are numbered when families repeat, and go away with the host")
    func links() throws {
        let directory = Self.temporaryDirectory()
        defer { rmdir(directory) }
        let host = try PseudoTerminalHost(
            world: Self.world(ModemProfile(.huawei), ModemProfile(.huawei, number: 1)),
            linkDirectory: directory
        )
        #expect(host.paths == ["\(directory)/modem0", "\(directory)/modem1"])
        #expect(Terminal(host.paths[1]) != nil)
        host.stop()
        #expect(Terminal(host.paths[1]) == nil)
        #expect(rmdir(directory) == 0)
    }

    @Test("a directory that can't be made is an error that names it")
    func wrongDirectory() {
        let failure = #expect(throws: PseudoTerminalFailure.self) {
            try PseudoTerminalHost(world: Self.world(ModemProfile(.generic)), linkDirectory: "/dev/null/links")
        }
        #expect(failure?.code == ENOTDIR)
        #expect(failure?.description.contains("/dev/null/links") == true)
    }

    @Test("a file in the place of a link is left alone")
    func occupiedLink() throws {
        let directory = Self.temporaryDirectory()
        #expect(mkdir(directory, 0o755) == 0)
        let file = "\(directory)/modem0"
        let descriptor = creat(file, 0o644)
        #expect(descriptor >= 0)
        Glibc.close(descriptor)
        defer {
            unlink(file)
            rmdir(directory)
        }
        let failure = #expect(throws: PseudoTerminalFailure.self) {
            try PseudoTerminalHost(world: Self.world(ModemProfile(.generic)), linkDirectory: directory)
        }
        #expect(failure?.code == EEXIST)
        #expect(access(file, F_OK) == 0)
    }

    @Test("a program that reads nothing does not stop the world")
    func noReader() throws {
        let host = try PseudoTerminalHost(world: Self.world(ModemProfile(.generic)))
        try host.start()
        defer { host.stop() }
        let terminal = try #require(Terminal(host.paths[0]))
        var sent = 0
        for _ in 0..<2000 where terminal.write("AT+COPS?\r") { sent += 1 }
        #expect(sent > 0)
        #expect(terminal.read(until: "AT+COPS?") != nil)
        #expect(host.withWorld { world, _ in world.commands(of: 0).isEmpty } == false)
    }

    @Test("starting and stopping twice is harmless, and a stopped host stays stopped")
    func lifecycle() async throws {
        let host = try PseudoTerminalHost(world: Self.world(ModemProfile(.generic)))
        try host.start()
        try host.start()
        // While it is open its number is no other terminal's.
        let kept = Terminal(host.paths[0])
        host.stop()
        host.stop()
        try host.start()
        #expect(kept != nil && Terminal(host.paths[0]) == nil)
        var count = 0
        for await _ in host.farSideEvents() { count += 1 }
        #expect(count == 0)
    }
}
