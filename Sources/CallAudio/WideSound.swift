/// 20 ms at 16 kHz.
typealias WideSamples = InlineArray<320, Int16>

/// Parts sound of 16 kHz into that of 8 kHz, by which every call is led, and the treble that is left.
///
/// The parts are those of a pyramid (Burt and Adelson 1983), in one dimension: what is taken away by halving and doubling the sound is
/// kept beside it, so that both together are the sound again, sample for sample, 0.8 ms later.
struct BandSplitter: Sendable {
    /// Samples by which a sound that was halved and doubled is late: 6 by the one filter, 7 by the other.
    private static let lag = 13

    private var down = HalfBand()
    private var up = HalfBand()
    private var past = InlineArray<13, Int16>(repeating: 0)

    /// Gives the frame of 20 ms, with its treble.
    mutating func split(_ wide: borrowing WideSamples) -> AudioFrame {
        var frame = down.halve(wide)
        let smooth = up.widen(frame)
        var treble = WideSamples(repeating: 0)
        for index in 0..<wide.count {
            let sample = index < Self.lag ? past[index] : wide[index - Self.lag]
            treble[index] = Int16(clamping: Int(sample) - Int(smooth[index]))
        }
        for index in 0..<Self.lag { past[index] = wide[wide.count - Self.lag + index] }
        frame.treble = treble
        return frame
    }
}

/// Makes sound of 16 kHz of frames, with their treble where they have one.
struct BandJoiner: Sendable {
    private var up = HalfBand()

    /// Gives 20 ms.
    mutating func join(_ frame: borrowing AudioFrame) -> WideSamples {
        var wide = up.widen(frame)
        guard let treble = frame.treble else { return wide }
        for index in 0..<wide.count { wide[index] = Int16(clamping: Int(wide[index]) + Int(treble[index])) }
        return wide
    }
}
