import Glibc
import ModemSimulator
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

    /// Reads until the text has come; nil when the line hung up or ten seconds have passed.
    func read(until text: String) -> String? {
        var received: [UInt8] = []
        let end = ContinuousClock.now + .seconds(10)
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

    /// Waits until the other side has hung up, ten seconds at most.
    func waitForHangUp() -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 200) > 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 512)
            if Glibc.read(descriptor, &buffer, buffer.count) <= 0 { return true }
        }
        return false
    }
}

@Suite("Simulated modems on pseudo-terminals", .timeLimit(.minutes(1)))
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
}
