internal import CallAudio
internal import Testing

/// A source and a sink whose clocks differ, and a jitter of the source, played through a buffer.
private struct Bench: ~Copyable {
    var buffer = ElasticBuffer()
    var phase = 0.0
    var gaps = [Int]()
    var worstJump = 0
    private var last: Int16 = 0
    private var lastButOne: Int16 = 0
    private var gap = 0
    private var heard = false
    var seed: UInt64

    init(seed: UInt64 = 1) { self.seed = seed }

    mutating func random() -> Double {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(seed >> 40) / Double(1 << 24)
    }

    mutating func tone() -> AudioFrame {
        let step = 440.0 / 8000
        let frame = AudioFrame { Int16(8000 * sine(2 * .pi * (phase + Double($0) * step))) }
        phase += step * 160
        phase -= phase.rounded(.down)
        return frame
    }

    mutating func play(at now: Double) {
        guard let frame = buffer.read(at: UInt64(now * 1_000_000)) else {
            if heard { gap += 1 }
            return
        }
        if !heard { (last, lastButOne) = (2 &* frame[0] &- frame[1], 3 &* frame[0] &- 2 &* frame[1]) }
        heard = true
        if gap > 0 { gaps.append(gap * 20) }
        gap = 0
        for index in 0..<160 {
            let sample = frame[index]
            worstJump = max(worstJump, abs(Int(sample) - 2 * Int(last) + Int(lastButOne)))
            lastButOne = last
            last = sample
        }
    }

    /// Plays for so many minutes, the source's clock being off by `ppm`.
    ///
    /// Frames come up to `jitter` ms late, and so many at a time.
    mutating func run(
        minutes: Double,
        ppm: Double,
        jitter: Double,
        pieces: Int = 1,
        stall: (from: Double, to: Double)? = nil
    ) {
        let period = 20.0 * Double(pieces) / (1 + ppm / 1_000_000)
        var due = 0.0
        var arrival = 0.0
        var late = [Double]()
        let end = minutes * 60_000
        var now = 0.0
        while now < end {
            while due <= now {
                arrival = max(arrival, due + random() * jitter)
                if let stall, arrival > stall.from, arrival < stall.to { arrival = stall.to }
                late.append(arrival)
                due += period
            }
            while let first = late.first, first <= now {
                late.removeFirst()
                for _ in 0..<pieces {
                    let frame = tone()
                    buffer.write(frame, at: UInt64(first * 1_000_000))
                }
            }
            play(at: now)
            now += 20
        }
    }
}

private func sine(_ x: Double) -> Double {
    // A polynomial suffices here and keeps the test free of a C library: Bhaskara's is off by 0.2 % at most.
    var angle = x.truncatingRemainder(dividingBy: 2 * .pi)
    let sign = angle >= .pi ? -1.0 : 1.0
    if angle >= .pi { angle -= .pi }
    return sign * 16 * angle * (.pi - angle) / (5 * .pi * .pi - 4 * angle * (.pi - angle))
}

@Suite("Elastic buffer", .ownThread) struct ElasticBufferTests {
    @Test(
        "ten minutes at any difference of clocks: no hole, no click, 60 ms at most",
        arguments: [0.0, 50, -50, 200, -200]
    )
    func drift(ppm: Double) {
        for (seed, jitter) in [(1, 4.0), (7, 8), (3, 12)] {
            var bench = Bench(seed: UInt64(seed))
            bench.run(minutes: 10, ppm: ppm, jitter: jitter)
            let counts = bench.buffer.counts
            let worst = bench.buffer.delays.percentile(0.99) ?? 0
            #expect(counts.underruns == 0)
            #expect(counts.overruns == 0)
            #expect(bench.gaps.isEmpty)
            #expect(abs(counts.drift - ppm) < 40)
            #expect(worst <= 60, "\(worst) ms")
            // A sine of 440 Hz and 8000 high bends by at most 950 from sample to sample: more is a click.
            #expect(bench.worstJump < 1400)
        }
    }

    @Test("keeps no delay that a stall has left behind: 5 s later it is at its target", arguments: [0.0, 200, -200])
    func stall(ppm: Double) {
        var bench = Bench()
        bench.run(minutes: 0.5, ppm: ppm, jitter: 4, stall: (23_000, 25_000))
        #expect(bench.buffer.depth <= ElasticBuffer.leastTarget + AudioFrame.count)
        #expect(bench.gaps.count == 1)
        #expect(bench.buffer.target == ElasticBuffer.leastTarget)
    }

    @Test("sound that comes in larger pieces is played without holes, once that is known", arguments: [2, 5])
    func pieces(count: Int) {
        var bench = Bench()
        bench.run(minutes: 10, ppm: 100, jitter: 4, pieces: count)
        #expect(bench.buffer.counts.underruns < 40, "\(bench.buffer.counts.underruns) holes of 30,000")
    }
}
