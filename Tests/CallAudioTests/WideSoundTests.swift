import Glibc
import Testing

@testable import CallAudio

@Suite("Sound of 16 kHz", .ownThread) struct WideSoundTests {
    /// A tone with its treble, frame by frame.
    struct Tone {
        let hertz: Double
        private var splitter = BandSplitter()
        private var time = 0

        init(hertz: Double) { self.hertz = hertz }

        mutating func next() -> AudioFrame {
            var wide = WideSamples(repeating: 0)
            for index in 0..<wide.count {
                wide[index] = Int16(8000 * sin(2 * .pi * hertz * Double(time + index) / 16_000))
            }
            time += wide.count
            return splitter.split(wide)
        }
    }

    /// How loud a tone is in samples (Goertzel): its amplitude.
    static func amplitude(of hertz: Double, in samples: [Int16], rate: Double) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            let angle = 2 * Double.pi * hertz * Double(index) / rate
            real += Double(sample) * cos(angle)
            imaginary += Double(sample) * sin(angle)
        }
        return 2 * (real * real + imaginary * imaginary).squareRoot() / Double(max(1, samples.count))
    }

    private static func samples(of wide: WideSamples) -> [Int16] { wide.indices.map { wide[$0] } }

    @Test("what is parted and joined again is the same, sample for sample, 13 samples later")
    func exact() {
        var random = SystemRandomNumberGenerator()
        var (splitter, joiner) = (BandSplitter(), BandJoiner())
        var (said, heard) = ([Int16](), [Int16]())
        for _ in 0..<20 {
            var wide = WideSamples(repeating: 0)
            for index in 0..<wide.count { wide[index] = .random(in: -12_000...12_000, using: &random) }
            said += Self.samples(of: wide)
            heard += Self.samples(of: joiner.join(splitter.split(wide)))
        }
        #expect(Array(heard.dropFirst(13)) == Array(said.dropLast(13)))
    }

    @Test("without its treble a frame is that of 8 kHz, in which nothing of 6 kHz is left")
    func narrow() {
        var tone = Tone(hertz: 6000)
        let low = (0..<10).flatMap { _ in tone.next().withSamples { Array($0) } }
        #expect(Self.amplitude(of: 2000, in: Array(low.dropFirst(160)), rate: 8000) < 400)
        #expect(AudioFrame().treble == nil)
    }

    @Test("the treble goes with the sound where clocks are evened out", arguments: [-2000.0, 2000])
    func slips(ppm: Double) {
        var buffer = ElasticBuffer()
        buffer.isWide = true
        var (low, high) = (Tone(hertz: 400), Tone(hertz: 6000))
        var joiner = BandJoiner()
        var heard = [[Int16]]()
        var written = 0
        for read in 0..<2000 {
            let now = 1_000_000_000 + UInt64(read) * 20_000_000
            while Double(written) * 20_000_000 / (1 + ppm / 1_000_000) <= Double(read) * 20_000_000 {
                var frame = low.next()
                let other = high.next()
                for index in 0..<AudioFrame.count { frame[index] += other[index] }
                frame.treble = other.treble
                buffer.write(frame, at: now)
                written += 1
            }
            if let frame = buffer.read(at: now) { heard.append(Self.samples(of: joiner.join(frame))) }
        }
        #expect(buffer.counts.slips > 10)
        #expect(buffer.counts.underruns == 0)
        let amplitudes = heard.dropFirst(2).map { Self.amplitude(of: 6000, in: $0, rate: 16_000) }.sorted()
        // In the frame of a seam the tone's phase jumps.
        #expect(amplitudes[amplitudes.count / 20] > 7000, "\(amplitudes.prefix(5))")
    }

    @Test("a gain is one for all of the sound")
    func gain() {
        var (tone, joiner) = (Tone(hertz: 6000), BandJoiner())
        var gain = Gain(decibels: -12)
        var heard = [Int16]()
        for _ in 0..<10 {
            var frame = tone.next()
            gain.apply(to: &frame)
            heard += Self.samples(of: joiner.join(frame))
        }
        let amplitude = Self.amplitude(of: 6000, in: Array(heard.dropFirst(640)), rate: 16_000)
        #expect((1800...2200).contains(amplitude), "\(amplitude)")
    }
}
