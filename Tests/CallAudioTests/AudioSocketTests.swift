import Glibc
import Testing

@testable import CallAudio

/// An Asterisk as far as AudioSocket goes: bytes by hand, from the protocol's description (docs.asterisk.org, "AudioSocket").
private final class FarAsterisk: Sendable {
    let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                connect(descriptor, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    func say(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// So many bytes; fewer where the other end has closed before.
    func read(_ count: Int) -> [UInt8] {
        var bytes = [UInt8]()
        while bytes.count < count {
            var room = [UInt8](repeating: 0, count: count - bytes.count)
            let got = recv(descriptor, &room, room.count, 0)
            guard got > 0 else { break }
            bytes += room[..<got]
        }
        return bytes
    }

    /// Everything until the other end closes.
    func rest() -> [UInt8] {
        var bytes = [UInt8]()
        while case let more = read(4096), !more.isEmpty { bytes += more }
        return bytes
    }

    /// Whether the other end has closed as it should, and not reset the connection; to be asked behind ``rest()``.
    func sawOrderlyEnd() -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) == 0
    }

    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { close(descriptor) }
}

private let uuid: [UInt8] = [
    0x40, 0x32, 0x5E, 0xC2, 0x5E, 0xFD, 0x4B, 0xD3, 0x80, 0x5F, 0x53, 0x57, 0x6E, 0x58, 0x1D, 0x13,
]
private let hello: [UInt8] = [0x01, 0x00, 0x10] + uuid

@Suite("AudioSocket", .timeLimit(.minutes(10))) struct AudioSocketTests {
    private func joined(
        _ listener: AudioSocketListener,
        _ bytes: [UInt8] = hello
    ) async throws -> (Int32, FarAsterisk) {
        try #require(listener.claim(uuid))
        async let claimed = listener.connection(for: uuid, within: .seconds(60))
        let asterisk = try FarAsterisk(port: listener.port)
        asterisk.say(bytes)
        let descriptor = try #require(await claimed)
        return (descriptor, asterisk)
    }

    @Test("sound passes byte by byte, both ways, and digits are told")
    func exact() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        let (descriptor, asterisk) = try await joined(listener)
        let port = AudioSocketPort(id: 1, socket: descriptor)
        var told = [AudioEvent.Kind]()
        port.tell = { told.append($0) }
        port.start()
        let sound = (0..<640).map { UInt8(truncatingIfNeeded: $0 * 7) }
        // Cut where it hurts: a message of one frame and a half, one of half a frame, digits in between.
        asterisk.say([0x10, 0x01, 0xE0] + sound[..<480] + [0x03, 0x00, 0x01, 0x35])
        asterisk.say([0x10, 0x00, 0xA0] + sound[480...] + [0x03, 0x00, 0x01, 0x23])
        var heard = [UInt8]()
        while told.count < 2 || heard.count < 640 {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(Glibc.poll(&poll, 1, 60_000) == 1)
            let life = port.read { frame in
                for index in 0..<160 {
                    heard += [UInt8(truncatingIfNeeded: frame[index]), UInt8(truncatingIfNeeded: frame[index] >> 8)]
                }
            }
            guard case .alive = life else { break }
        }
        #expect(heard == sound)
        #expect(told == [.digit("5"), .digit("#")])
        let isPlayed = port.play(AudioFrame { Int16($0 * 200 - 16_000) })
        #expect(isPlayed)
        let message = asterisk.read(323)
        #expect(Array(message.prefix(3)) == [0x10, 0x01, 0x40] && message.count == 323)
        for index in 0..<160 {
            let sample = Int16(truncatingIfNeeded: Int(message[3 + 2 * index]) | Int(message[4 + 2 * index]) << 8)
            #expect(sample == Int16(index * 200 - 16_000))
        }
        port.stop()
        // Our hang-up, and nothing else.
        #expect(asterisk.rest() == [0x00, 0x00, 0x00])
    }

    @Test("a message of odd length shifts nothing behind it")
    func odd() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        let (descriptor, asterisk) = try await joined(listener)
        let port = AudioSocketPort(id: 1, socket: descriptor)
        defer { port.stop() }
        let frame = (0..<320).map { UInt8($0 % 2 == 0 ? 0x10 : 0x20) }
        var message: [UInt8] = [0x10, 0x01, 0x41]
        message.append(contentsOf: frame)
        message.append(0x77)
        asterisk.say(message)
        message = [0x10, 0x01, 0x40]
        message.append(contentsOf: frame)
        for _ in 0..<2 { asterisk.say(message) }
        var heard = [Int16]()
        while heard.count < 480 {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(Glibc.poll(&poll, 1, 60_000) == 1)
            _ = port.read { frame in for index in 0..<160 { heard.append(frame[index]) } }
        }
        #expect(heard.count == 480 && heard.allSatisfy { $0 == 0x2010 })
    }

    @Test(
        "the end comes as a hang-up, an error, a closed connection, garbage",
        arguments: [[0x00, 0x00, 0x00], [0xFF, 0x00, 0x01, 0x02], [], [0x47, 0x45, 0x54, 0x20]] as [[UInt8]]
    )
    func ends(words: [UInt8]) async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        let (descriptor, asterisk) = try await joined(listener)
        let port = AudioSocketPort(id: 1, socket: descriptor)
        defer { port.stop() }
        if words.isEmpty { asterisk.hangUp() } else { asterisk.say(words) }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try #require(Glibc.poll(&poll, 1, 60_000) == 1)
        var frames = 0
        let life = port.read { _ in frames += 1 }
        guard case .gone = life else {
            Issue.record("it goes on")
            return
        }
        #expect(frames == 0)
    }

    @Test("a claim is good once, and nobody else's word opens anything")
    func claims() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        var other = hello
        other[18] ^= 1
        for words in [other, [0x10, 0x01, 0x40], Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x01, 0x00, 0x11]] {
            let stranger = try FarAsterisk(port: listener.port)
            stranger.say(words)
            #expect(stranger.rest() == [0x00, 0x00, 0x00])
        }
        let (descriptor, asterisk) = try await joined(listener)
        defer { close(descriptor) }
        #expect(listener.claim(uuid) && !listener.claim(uuid))
        listener.withdraw(uuid)
        let second = try FarAsterisk(port: listener.port)
        second.say(hello)
        #expect(second.rest() == [0x00, 0x00, 0x00])
        withExtendedLifetime(asterisk) {}
    }

    @Test("a slow peer may say it byte by byte, and what it says behind it is the call's")
    func slow() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        try #require(listener.claim(uuid))
        async let claimed = listener.connection(for: uuid, within: .seconds(60))
        // Those that say nothing wait beside it.
        let dead = try (0..<3).map { _ in try FarAsterisk(port: listener.port) }
        let asterisk = try FarAsterisk(port: listener.port)
        for byte in hello { asterisk.say([byte]) }
        asterisk.say([0x03, 0x00, 0x01, 0x39])
        let descriptor = try #require(await claimed)
        let port = AudioSocketPort(id: 1, socket: descriptor)
        defer { port.stop() }
        var told = [AudioEvent.Kind]()
        port.tell = { told.append($0) }
        while told.isEmpty {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(Glibc.poll(&poll, 1, 60_000) == 1)
            _ = port.read { _ in }
        }
        #expect(told == [.digit("9")])
        // Those that never say who they are are shown out.
        for peer in dead { #expect(peer.rest() == [0x00, 0x00, 0x00]) }
    }

    @Test("many that connect and say nothing keep nobody out who comes for a call")
    func crowd() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        let crowd = try (0..<2 * AudioSocketListener.waitingLimit).map { _ in try FarAsterisk(port: listener.port) }
        let (descriptor, asterisk) = try await joined(listener)
        defer { close(descriptor) }
        // The first ones were shown out for those behind them.
        for peer in crowd.prefix(AudioSocketListener.waitingLimit) { #expect(peer.rest() == [0x00, 0x00, 0x00]) }
        withExtendedLifetime(asterisk) {}
    }

    @Test("a peer that never reads is given no more than it takes, and whole frames")
    func neverReads() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        let (descriptor, asterisk) = try await joined(listener)
        let port = AudioSocketPort(id: 1, socket: descriptor)
        var (taken, refused) = (0, 0)
        // Far more than any socket holds; the last round begins once nothing is taken any more.
        while refused < 100, taken < 1_000_000 {
            if port.play(AudioFrame { _ in 0x2211 }) { taken += 1 } else { refused += 1 }
        }
        #expect(refused == 100)
        // What it was given before is whole, up to where it ends.
        let first = asterisk.read(323 * min(taken, 50))
        for start in stride(from: 0, to: first.count - 322, by: 323) {
            #expect(Array(first[start..<start + 5]) == [0x10, 0x01, 0x40, 0x11, 0x22])
        }
        port.stop()
    }

    @Test("the hang-up arrives behind whole frames, also where much was said that nobody has read")
    func lastWords() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        defer { listener.stop() }
        let (descriptor, asterisk) = try await joined(listener)
        let port = AudioSocketPort(id: 1, socket: descriptor)
        for _ in 0..<50 { asterisk.say([0x10, 0x01, 0x40] + [UInt8](repeating: 1, count: 320)) }
        // Until the socket is full, and a frame is cut off in the middle.
        var refused = 0
        while refused < 100 { if !port.play(AudioFrame { _ in 0x2211 }) { refused += 1 } }
        port.stop()
        var messages: [[UInt8]] = []
        while case let head = asterisk.read(3), head.count == 3 {
            let body = asterisk.read(Int(head[1]) << 8 | Int(head[2]))
            messages.append(head)
            guard body.count == Int(head[1]) << 8 | Int(head[2]) else { break }
        }
        #expect(messages.last == [0x00, 0x00, 0x00])
        #expect(messages.dropLast().allSatisfy { $0 == [0x10, 0x01, 0x40] })
        #expect(asterisk.sawOrderlyEnd())
    }

    @Test(
        "of a party nothing has come for 30 s, nor has it taken anything: it is taken for gone; one half alone is enough to stay"
    )
    func silentParty() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let port = AudioSocketPort(id: 1, socket: ends[0])
        defer { port.stop() }
        let other = ConversationEnd(SilentPort(id: 2), detectsDigits: false, now: 0)
        let second: UInt64 = 1_000_000_000
        let limit = ConversationEnd.deathLimit
        #expect(limit == 30 * second)
        let end = ConversationEnd(port, detectsDigits: false, now: 0)
        #expect(!end.isDead(at: limit) && end.isDead(at: limit + 1))
        end.hear(AudioFrame(), for: other, at: 10 * second)
        #expect(!end.isDead(at: limit + 10 * second) && end.isDead(at: limit + 10 * second + 1))
        // It takes what is played, and says nothing.
        end.play(from: other, at: 20 * second)
        #expect(!end.isDead(at: limit + 20 * second) && end.isDead(at: limit + 20 * second + 1))
        // Once it takes nothing more, what is played to it counts no longer.
        while port.play(AudioFrame()) {}
        end.play(from: other, at: 25 * second)
        #expect(end.isDead(at: limit + 20 * second + 1))
        // A file or a card may be silent for as long as it likes.
        #expect(!other.isDead(at: 3600 * second))
    }

    @Test("nobody comes: the wait ends, and so does one when the listener stops")
    func nobody() async throws {
        let listener = try AudioSocketListener(host: "127.0.0.1", port: 0)
        #expect(await listener.connection(for: uuid, within: .seconds(60)) == nil)
        #expect(listener.claim(uuid))
        #expect(await listener.connection(for: uuid, within: .milliseconds(1)) == nil)
        #expect(listener.claim(uuid))
        async let second = listener.connection(for: uuid, within: .seconds(60))
        listener.stop()
        #expect(await second == nil)
        #expect(throws: AudioSocketError.self) { _ = try AudioSocketListener(host: "192.0.2.1", port: 9092) }
    }
}
