import CLinux
import Glibc
import Synchronization
import TestSupport
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

    /// Writes, and waits for the loop to take it where the tty is full.
    func write(_ bytes: [UInt8]) async {
        var from = 0
        while from < bytes.count, !Task.isCancelled {
            let count = bytes.withUnsafeBytes {
                Glibc.write(master, $0.baseAddress.map { $0 + from }, bytes.count - from)
            }
            if count > 0 {
                from += count
                continue
            }
            guard errno == EAGAIN || errno == EINTR else { return }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Says frames, the last one again and again, one every 20 ms, and collects what is heard meanwhile, until the task is cancelled.
    func say(_ frames: [AudioFrame]) -> Task<[UInt8], Never> {
        let said = frames.map(bytes)
        return Task.detached { [self] in
            var heard = [UInt8]()
            var index = 0
            while !Task.isCancelled {
                await write(said[min(index, said.count - 1)])
                index += 1
                try? await Task.sleep(for: .milliseconds(20))
                heard += read()
            }
            return heard
        }
    }

    func read() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = Glibc.read(master, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }

    /// Waits for the first sound that the loop plays: from then on what is written is heard.
    func waitUntilServed() async {
        var wanted = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        while poll(&wanted, 1, 0) == 0 { try? await Task.sleep(for: .milliseconds(5)) }
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

    func first(_ wanted: AudioEvent) async -> Bool { await all([wanted]) }

    /// Waits until each was told, in whatever order.
    func all(_ wanted: [AudioEvent]) async -> Bool {
        var wanted = wanted
        for await event in stream {
            wanted.removeAll { $0 == event }
            if wanted.isEmpty { return true }
        }
        return false
    }
}

/// The sound of a frame as a modem sends it.
private func bytes(_ frame: AudioFrame) -> [UInt8] {
    (0..<160).flatMap { [UInt8(truncatingIfNeeded: frame[$0]), UInt8(truncatingIfNeeded: frame[$0] >> 8)] }
}

@Suite("Audio loop", .timeLimit(.minutes(10))) struct AudioLoopTests {
    @Test("two ttys hear each other, each by the other's clock")
    func bridge() async throws {
        let news = News()
        let loop = try AudioLoop { news.take($0) }
        defer { loop.stop() }
        let (one, two) = (try FarTTY(), try FarTTY())
        #expect(loop.join(1, TTYPort(id: 1, tty: one.slave), TTYPort(id: 2, tty: two.slave), detectsDigits: true))
        await one.waitUntilServed()
        await two.waitUntilServed()
        var digits = DTMFGenerator()
        // Said again and again: a busy machine may tear one.
        for _ in 0..<10 { for digit in "159#" { _ = digits.append(digit) } }
        var said = [AudioFrame]()
        while let frame = digits.next() { said.append(frame) }
        let talks = (one.say(said + [AudioFrame { _ in 1234 }]), two.say([AudioFrame { _ in 77 }]))
        #expect(await news.all("159#".map { AudioEvent(port: 1, kind: .digit($0)) }))
        // Until both have been given a second of sound.
        #expect(await waits { await loop.quality(of: 1).allSatisfy { $0.counts.frames > 50 } })
        talks.0.cancel()
        talks.1.cancel()
        let (heardByOne, heardByTwo) = await (talks.0.value, talks.1.value)
        let quality = await loop.part(1)
        #expect(quality.count == 2)
        // 77 is 0x004D, 1234 is 0x04D2: silence comes first, then the other side's sound.
        #expect(heardByOne.contains(0x4D) && heardByTwo.contains(0xD2))
    }

    /// Whether the system sets no limit to what is kept in memory.
    private static var keepsAll: Bool {
        var limit = rlimit()
        return getrlimit(Int32(__RLIMIT_MEMLOCK.rawValue), &limit) == 0 && limit.rlim_cur == .max
    }

    @Test("what is mapped once the loop runs stays in memory as well", .enabled(if: keepsAll, "LimitMEMLOCK bounds it"))
    func memory() async throws {
        let loop = try AudioLoop { _ in }
        defer { loop.stop() }
        // Its answer comes from the thread that has asked for it before.
        _ = await loop.quality(of: 0)
        #expect(loop.isKeptInMemory)
        let size = 1 << 16
        let room = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(room, size) }
        memset(room, 1, size)
        let address = UInt(bitPattern: room)
        let file = try #require(fopen("/proc/self/smaps", "r"))
        defer { fclose(file) }
        var (isOurs, flags) = (false, "")
        var line = [CChar](repeating: 0, count: 4096)
        while flags.isEmpty, fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let ends = text.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
            if ends.count == 2 { isOurs = (ends[0]..<ends[1]).contains(address) }
            if isOurs, text.hasPrefix("VmFlags:") { flags = text }
        }
        #expect(flags.split(whereSeparator: \.isWhitespace).contains("lo"), "\(flags)")
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
        await other.write(bytes(AudioFrame()))
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
        await far.waitUntilServed()
        var tone = ToneGenerator(CallProgressTone(.dial, region: "DE"))
        let prompt = far.say((0..<500).map { _ in tone.next() })
        #expect(
            await news.all([AudioEvent(port: 8, kind: .announced), AudioEvent(port: 8, kind: .prompt)])
        )
        prompt.cancel()
        let heard = await prompt.value
        #expect(heard.count { $0 == 0x07 } > 320)
        #expect(loop.announce(nil, to: 8))
        // Until a piece comes without it; the suite's limit ends a loop that never stops announcing.
        var isSilent = false
        while !isSilent, !Task.isCancelled {
            await far.write(bytes(AudioFrame()))
            try await Task.sleep(for: .milliseconds(20))
            let piece = far.read()
            isSilent = !piece.isEmpty && !piece.contains(0x07)
        }
        #expect(isSilent)
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
        await far.waitUntilServed()
        let talk = far.say([AudioFrame { _ in 0x0505 }])
        #expect(await news.all([AudioEvent(port: 5, kind: .started), AudioEvent(port: 6, kind: .played)]))
        talk.cancel()
        let heard = await talk.value
        _ = await loop.part(3)
        await recorder.complete()
        // 300 is 0x012C.
        #expect(zip(heard, heard.dropFirst()).contains { $0 == 0x2C && $1 == 0x01 })
        let file = open(path, O_RDONLY)
        // However long the silence was before this test had its turn to speak.
        var written = [UInt8](repeating: 0, count: max(0, lseek(file, 0, SEEK_END)))
        let count = pread(file, &written, written.count, 0)
        close(file)
        var recording = try WaveReader(Array(written[..<max(0, count)]))
        var loudest: Int16 = 0
        while let frame = recording.next() { loudest = max(loudest, frame[80]) }
        #expect(abs(Int(loudest) - 0x0505) < 16)
    }
}
