import CALSA
import Glibc
import TestSupport
import Testing

@testable import CallAudio

/// Cards that are files: what is played is written to one, what is heard is read from another.
///
/// They go by no clock.
enum FileCards {
    static let directory = try? TemporaryDirectory()

    /// A card that fails, where it can be compiled.
    static let faulty = directory.flatMap { FaultyCard(in: $0) }

    static var path: String { directory?.path ?? "/nowhere" }

    /// Names the configuration to the library, once, before it reads one.
    static let isSet: Bool = {
        let heard = (0..<8000).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let quick = (0..<48_000)
            .flatMap { (index: Int) -> [UInt8] in
                let sample = UInt16(bitPattern: Int16(10_000 * sin(2 * .pi * 440 * Double(index) / 48_000)))
                return [UInt8(truncatingIfNeeded: sample), UInt8(sample >> 8)]
            }
        let text = """
            pcm.null { type null }
            pcm.played { type file slave.pcm "null" file "\(path)/played.raw" format "raw" }
            pcm.heard { type file slave.pcm "null" file "/dev/null" infile "\(path)/heard.raw" format "raw" }
            pcm.card { type asym playback.pcm "played" capture.pcm "heard" }
            pcm.quick { type file slave.pcm "null" file "\(path)/quick.raw" infile "\(path)/quick-heard.raw" format "raw" }
            pcm.microphone { type asym capture.pcm "heard" playback.pcm "nobody" }
            """
        guard let directory, (try? directory.write("heard.raw", heard)) != nil,
            (try? directory.write("quick-heard.raw", quick)) != nil,
            let file = try? directory.write("asound.conf", (text + "\n" + (faulty?.configuration ?? "")).utf8)
        else { return false }
        return setenv("ALSA_CONFIG_PATH", file, 1) == 0
    }()

    static func samples(of name: String) -> [Int16] {
        guard let file = fopen("\(path)/\(name)", "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return stride(from: 0, to: count - 1, by: 2)
            .map { Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8) }
    }
}

extension AlsaPort {
    /// Whether nothing of it is being begun on a thread.
    fileprivate var hasBegun: Bool { [capture, playback].allSatisfy { $0?.isBeginning != true } }
}

@Suite("A sound card", .serialized, .timeLimit(.minutes(10))) struct AlsaTests {
    init() throws { try #require(FileCards.isSet) }

    @Test("what a card hears comes as it is, and what is played arrives behind 60 ms of silence")
    func both() async throws {
        let port = try AlsaPort(id: 1, device: "card", isAcoustic: false)
        port.start()
        #expect(await waits { port.hasBegun })
        for number in 0..<50 {
            let next = port.next()
            let frame = try #require(next)
            #expect(frame[0] == Int16(number * 160) && frame[159] == Int16(number * 160 + 159))
            let isPlayed = port.play(AudioFrame { Int16(number * 100 + $0 % 7) })
            #expect(isPlayed)
            // It has no clock, so nothing is corrected.
            #expect(port.surplus() == nil)
        }
        port.stop()
        #expect(await waits { FileCards.samples(of: "played.raw").count >= 53 * 160 })
        let played = FileCards.samples(of: "played.raw")
        #expect(played.count == 53 * 160 && played[..<480].allSatisfy { $0 == 0 })
        for number in 0..<50 {
            #expect(
                played[480 + number * 160] == Int16(number * 100)
                    && played[480 + number * 160 + 6] == Int16(number * 100 + 6)
            )
        }
        #expect(port.ruptures == (0, 0))
    }

    @Test(
        "a side that runs over or dry begins anew by itself, and the other one notices nothing",
        arguments: [true, false]
    )
    func ruptures(isHeard: Bool) async throws {
        let port = try AlsaPort(id: 1, device: "card", isAcoustic: false)
        defer { port.stop() }
        port.start()
        #expect(await waits { port.hasBegun })
        func moves() -> (heard: Bool, played: Bool) {
            let next = port.next()
            return (next != nil, port.play(AudioFrame()))
        }
        #expect(moves() == (true, true))
        // As the kernel leaves it: stopped, until it is prepared anew.
        let stream = try #require(isHeard ? port.capture : port.playback)
        #expect(snd_pcm_drop(stream.handle) == 0)
        // Frames may be lost there, and on the other side none.
        let isBack = await waits {
            let next = moves()
            #expect(isHeard ? next.played : next.heard)
            return next == (true, true)
        }
        #expect(isBack)
        #expect(port.ruptures == (isHeard ? (1, 0) : (0, 1)))
    }

    @Test("a card of 48 kHz is heard and played at 8")
    func rates() async throws {
        var capture: AlsaStream? = try AlsaStream("quick", .capture, rates: [48_000])
        #expect(capture?.rate == 48_000)
        capture?.start()
        #expect(await waits { capture?.isBeginning == false })
        var peaks = [Int]()
        for _ in 0..<20 {
            var frame = AudioFrame()
            guard case .moved? = capture?.read(into: &frame) else {
                Issue.record("nothing heard")
                break
            }
            peaks.append((0..<160).map { abs(Int(frame[$0])) }.max() ?? 0)
        }
        #expect(peaks.dropFirst(2).allSatisfy { (9500...10_500).contains($0) })
        capture = nil
        var playback: AlsaStream? = try AlsaStream("quick", .playback, rates: [48_000])
        playback?.start()
        #expect(await waits { playback?.isBeginning == false })
        var tone = Oscillator(frequency: 440, level: -10)
        for _ in 0..<20 { _ = playback?.write(AudioFrame { _ in Int16(tone.next()) }) }
        playback = nil
        let played = FileCards.samples(of: "quick.raw")
        #expect(played.count == 23 * 960)
        let crossings = zip(played[4800...], played[4801...]).count { $0 < 0 && $1 >= 0 }
        #expect(abs(crossings - 440 * (played.count - 4800) / 48_000) <= 2)
    }

    @Test("a microphone without a loudspeaker is taken, except where both are needed")
    func half() async throws {
        let port = try AlsaPort(id: 1, device: "microphone", isAcoustic: true)
        port.start()
        #expect(await waits { port.hasBegun })
        let frame = port.next()
        let isPlayed = port.play(AudioFrame())
        #expect(frame != nil && isPlayed)
        #expect(throws: AlsaError.self) { _ = try AlsaPort(id: 2, device: "microphone", rate: 8000, isAcoustic: false) }
    }

    @Test("a card that is not there is named, with what to do")
    func missing() {
        #expect {
            _ = try AlsaPort(id: 1, device: "hw:77", isAcoustic: true)
        } throws: { error in
            let words = (error as? AlsaError)?.description ?? ""
            return words.hasPrefix("the sound card hw:77 can't be opened: ") && words.contains("aplay -L")
        }
    }

    @Test("the echo of a loudspeaker is taken out by 15 dB at least")
    func echo() throws {
        let canceller = try #require(EchoCanceller())
        var noise = ComfortNoise(seed: 7)
        var past = [Int16](repeating: 0, count: 8000)
        var (before, after) = (LevelMeter(), LevelMeter())
        for number in 0..<500 {
            let quiet = noise.next()
            // Noise that comes and goes, as speech does.
            let loudness = Int16(number % 25 < 15 ? 120 : 6)
            let far = AudioFrame { quiet[$0] &* loudness }
            canceller.note(far)
            past.removeFirst(160)
            for index in 0..<160 { past.append(far[index]) }
            // 70 ms later and 14 dB softer.
            let echo = AudioFrame { past[past.count - 160 - 560 + $0] / 5 }
            let clean = canceller.clean(echo)
            guard number >= 250 else { continue }
            before.measure(echo)
            after.measure(clean)
        }
        #expect(before.mean.decibels - after.mean.decibels > 15)
    }
}
