import CLinux
import Glibc
import Synchronization
import Testing

@testable import CallAudio

/// A pseudo-terminal whose far end the test plays.
private final class FarTTY: Sendable {
    let master: Int32
    let slave: Int32

    init() throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var path = [CChar](repeating: 0, count: 64)
        try #require(clinux_open_pty(&master, &slave, &path, 64) >= 0)
        try #require(clinux_tty_raw(slave, 115_200, 0) >= 0)
        _ = fcntl(slave, F_SETFL, O_NONBLOCK)
        self.master = master
        self.slave = slave
    }

    func write(_ bytes: [UInt8]) {
        var from = 0
        while from < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(master, $0.baseAddress.map { $0 + from }, bytes.count - from)
            }
            guard count > 0 else { return }
            from += count
        }
    }

    func read() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = Glibc.read(master, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }

    /// Waits for the first sound that the loop plays: from then on what is written is heard.
    func waitUntilServed() async {
        await Task.detached { [master] in
            var wanted = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            _ = poll(&wanted, 1, 60_000)
        }
        .value
    }

    func unplug() {
        _ = isOpen.exchange(false, ordering: .relaxed) ? close(master) : 0
    }

    private let isOpen = Atomic(true)

    deinit { unplug() }
}

/// What the loop told, to be waited for.
private final class News: Sendable {
    private let events = Mutex<[AudioEvent]>([])
    private let stream: AsyncStream<AudioEvent>
    private let continuation: AsyncStream<AudioEvent>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func take(_ event: AudioEvent) { continuation.yield(event) }

    func first(_ wanted: AudioEvent) async -> Bool {
        for await event in stream where event == wanted { return true }
        return false
    }
}

/// The sound of a frame as a modem sends it.
private func bytes(_ frame: AudioFrame) -> [UInt8] {
    (0..<160).flatMap { [UInt8(truncatingIfNeeded: frame[$0]), UInt8(truncatingIfNeeded: frame[$0] >> 8)] }
}

@Suite("Audio loop", .timeLimit(.minutes(2))) struct AudioLoopTests {
    @Test("two ttys hear each other, each by the other's clock")
    func bridge() async throws {
        let news = News()
        let loop = try AudioLoop { news.take($0) }
        defer { loop.stop() }
        let (one, two) = (try FarTTY(), try FarTTY())
        #expect(loop.join(1, TTYPort(id: 1, tty: one.slave), TTYPort(id: 2, tty: two.slave), detectsDigits: true))
        let (heardByOne, heardByTwo) =
            await Task.detached {
                var digits = DTMFGenerator()
                for digit in "159#" { _ = digits.append(digit) }
                var (one1, two1) = ([UInt8](), [UInt8]())
                var constant = AudioFrame { _ in 1234 }
                for _ in 0..<75 {
                    constant = digits.next() ?? constant
                    one.write(bytes(constant))
                    two.write(bytes(AudioFrame { _ in 77 }))
                    usleep(20_000)
                    one1 += one.read()
                    two1 += two.read()
                }
                return (one1, two1)
            }
            .value
        #expect(await news.first(AudioEvent(port: 1, kind: .digit("1"))))
        #expect(await news.first(AudioEvent(port: 1, kind: .digit("#"))))
        let quality = await loop.part(1)
        #expect(quality.count == 2 && quality.allSatisfy { $0.counts.frames > 50 })
        // 77 is 0x004D: what side one heard is silence first, then side two's sound.
        #expect(heardByOne.count > 50 * 320 && heardByOne.contains(0x4D))
        #expect(heardByTwo.count > 50 * 320)
    }

    @Test("a tty that is gone leaves the loop, and the other side goes on")
    func gone() async throws {
        let news = News()
        let loop = try AudioLoop { news.take($0) }
        defer { loop.stop() }
        let other = try FarTTY()
        let lost = try FarTTY()
        #expect(loop.join(2, TTYPort(id: 3, tty: lost.slave), TTYPort(id: 4, tty: other.slave)))
        await other.waitUntilServed()
        other.write(bytes(AudioFrame()))
        #expect(await news.first(AudioEvent(port: 4, kind: .started)))
        lost.unplug()
        #expect(await news.first(AudioEvent(port: 3, kind: .ended)))
        #expect(await loop.part(2).count == 2)
    }

    @Test("an announcement is played until it is told to stop, and the PBX's prompt is heard once")
    func announcement() async throws {
        let news = News()
        let loop = try AudioLoop { news.take($0) }
        defer { loop.stop() }
        let far = try FarTTY()
        #expect(loop.join(7, TTYPort(id: 8, tty: far.slave), SilentPort(id: 9)))
        #expect(loop.announce(AnnouncementPlayer(Array(repeating: 0x0707, count: 320), repeats: true), to: 8))
        #expect(loop.awaitPrompt(of: 8))
        let heard =
            await Task.detached {
                var tone = ToneGenerator(CallProgressTone(.dial, region: "DE"))
                var heard = [UInt8]()
                for _ in 0..<50 {
                    far.write(bytes(tone.next()))
                    usleep(20_000)
                    heard += far.read()
                }
                return heard
            }
            .value
        #expect(heard.count { $0 == 0x07 } > 20 * 320)
        #expect(await news.first(AudioEvent(port: 8, kind: .announced)))
        #expect(await news.first(AudioEvent(port: 8, kind: .prompt)))
        #expect(loop.announce(nil, to: 8))
        let after =
            await Task.detached {
                var after = [UInt8]()
                for _ in 0..<50 {
                    far.write(bytes(AudioFrame()))
                    usleep(20_000)
                    after = far.read()
                }
                return after
            }
            .value
        #expect(!after.contains(0x07))
        _ = await loop.part(7)
    }

    @Test("a file is played into the call once, and what the far side says is written to another")
    func files() async throws {
        let path = "/tmp/gsmbridge-audio-\(getpid())-\(UInt32.random(in: 0 ... .max)).wav"
        defer { unlink(path) }
        let news = News()
        let loop = try AudioLoop { news.take($0) }
        defer { loop.stop() }
        let far = try FarTTY()
        let sound = Array(repeating: AudioFrame { _ in 300 }, count: 20).flatMap(bytes)
        let reader = try WaveReader(WaveHeader.bytes(soundBytes: sound.count) + sound)
        let recorder = try WaveRecorder(path: path)
        #expect(loop.join(3, TTYPort(id: 5, tty: far.slave), WavePort(id: 6, playing: reader, recording: recorder)))
        let heard =
            await Task.detached {
                var heard = [UInt8]()
                for _ in 0..<50 {
                    // More than is played, so that the buffer is full also where this thread gets no time.
                    for _ in 0..<4 { far.write(bytes(AudioFrame { _ in 0x0505 })) }
                    usleep(20_000)
                    heard += far.read()
                }
                return heard
            }
            .value
        #expect(await news.first(AudioEvent(port: 6, kind: .played)))
        _ = await loop.part(3)
        await recorder.complete()
        // 300 is 0x012C.
        #expect(zip(heard, heard.dropFirst()).contains { $0 == 0x2C && $1 == 0x01 })
        let file = open(path, O_RDONLY)
        var written = [UInt8](repeating: 0, count: 64_000)
        let count = read(file, &written, written.count)
        close(file)
        var recording = try WaveReader(Array(written[..<max(0, count)]))
        var loudest: Int16 = 0
        while let frame = recording.next() { loudest = max(loudest, frame[80]) }
        #expect(abs(Int(loudest) - 0x0505) < 16)
    }
}
