import Glibc
import ModemSimulator
import SimulatedTerminals
import Testing

/// Voice ttys on real pseudo-terminals, next to those for commands.
@Suite(.serialized) struct VoiceHostTests {
    private static func directory() -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        return "\(base)/modem-voice-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    private static func host(_ faults: VoiceFault...) throws -> PseudoTerminalHost {
        var profile = ModemProfile(.huawei)
        profile.faults = faults.map { .voice($0) }
        var world = SimulatedWorld()
        _ = world.addModem(profile)
        return try PseudoTerminalHost(world: world, linkDirectory: directory())
    }

    /// A call that is answered, with its sound on; the voice tty is open.
    private static func talk(_ host: PseudoTerminalHost) throws -> (commands: Terminal, voice: Terminal) {
        let commands = try #require(Terminal(host.paths[0]))
        #expect(commands.write("ATE0\r"))
        _ = try #require(commands.read(until: "OK\r\n"))
        #expect(commands.write("ATD+493023125005;\r"))
        _ = try #require(commands.read(until: "^CONN:1,0\r\n"))
        let path = try #require(host.voicePaths[0])
        let voice = try #require(Terminal(path))
        #expect(commands.write("AT^DDSETEX=2\r"))
        _ = try #require(commands.read(until: "OK\r\n"))
        return (commands, voice)
    }

    @Test("the voice tty has a link of its own, and carries sound both ways")
    func bothWays() async throws {
        let host = try Self.host()
        let events = host.farSideEvents()
        try host.start()
        defer { host.stop() }
        #expect(host.voicePaths[0] == host.paths[0] + "-voice")
        let (commands, voice) = try Self.talk(host)
        let heard = try #require(voice.read(bytes: 16_000))
        #expect(heard.contains { $0 != 0 })
        #expect(voice.writeWhenFree(String(repeating: " ", count: 3200)))
        for await event in events {
            guard case .sound(_, let number, _) = event else { continue }
            #expect(number == "+493023125005")
            break
        }
        #expect(commands.write("AT+CHUP\r"))
        _ = try #require(commands.read(until: "^CEND"))
    }

    @Test("the voice tty alone hangs up and comes back, and the call goes on")
    func unplugged() async throws {
        let host = try Self.host(.unplug(.milliseconds(100)), .replug(.milliseconds(100)))
        try host.start()
        defer { host.stop() }
        let (commands, voice) = try Self.talk(host)
        #expect(voice.hangsUp())
        #expect(commands.write("AT+CLCC\r"))
        let list = try #require(commands.read(until: "OK\r\n"))
        #expect(list.contains("+CLCC: 1,0,0"))
        // Another tty behind the same link, which takes a moment.
        let path = try #require(host.voicePaths[0])
        var again = Terminal(path)
        let end = ContinuousClock.now + .seconds(60)
        while again == nil, ContinuousClock.now < end {
            await Task.yield()
            again = Terminal(path)
        }
        #expect(again?.read(bytes: 320) != nil)
        #expect(commands.write("AT+CHUP\r"))
    }
}

extension Terminal {
    /// Reads so many bytes; nil when the line hung up or a minute has passed.
    func read(bytes count: Int) -> [UInt8]? {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while received.count < count {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 60_000) > 0 else { return nil }
            let size = Glibc.read(descriptor, &buffer, buffer.count)
            guard size > 0 else { return nil }
            received += buffer[..<size]
        }
        return received
    }

    /// Whether the line hangs up within a minute; what comes before is passed over.
    func hangsUp() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 60_000) > 0 else { return false }
            guard Glibc.read(descriptor, &buffer, buffer.count) > 0 else { return true }
        }
    }
}
