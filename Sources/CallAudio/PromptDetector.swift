internal import Glibc

/// Hears the tone by which a PBX asks for digits: a dial tone, a beep.
///
/// A tone is one frequency or two between 300 and 1100 Hz that hold nine tenths of the sound's energy and stay where they are. It is a
/// prompt when it has lasted 300 ms, or has ended after 160 ms at least. Speech has a melody and more harmonics; of DTMF digits the
/// higher half lies above.
package struct PromptDetector: Sendable {
    /// Samples that are looked at: 64 ms, in which harmonics 50 Hz apart are told from each other.
    private static let window = 512
    /// Multiples of 15.625 Hz that are looked at: 297 to 1094 Hz.
    private static let bins = 19...70
    /// Frames of a steady tone that are a prompt while it goes on, and once it has ended.
    private static let (steady, ended) = (12, 6)
    private static let floor = AudioLevel(decibels: -45)

    private var samples: [Double]
    private let slope: [Double]
    private let cosines: [Double]
    private var powers: [Double]
    private var frames = 0
    private var last: (bin: Int, decibels: Double) = (0, 0)

    /// Creates a detector that has heard nothing.
    package init() {
        let window = Self.window
        samples = Array(repeating: 0, count: window)
        slope = (0..<window).map { 0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(window)) }
        cosines = Self.bins.map { 2 * cos(2 * .pi * Double($0) / Double(window)) }
        powers = Array(repeating: 0, count: Self.bins.count)
    }

    /// Listens to a frame, and says whether a prompt has been heard with it.
    package mutating func listen(to frame: borrowing AudioFrame) -> Bool {
        let kept = Self.window - AudioFrame.count
        for index in 0..<kept { samples[index] = samples[index + AudioFrame.count] }
        for index in 0..<AudioFrame.count { samples[kept + index] = Double(frame.samples[index]) }
        guard let tone = tone() else {
            defer { frames = 0 }
            return frames >= Self.ended
        }
        let isSame = frames > 0 && abs(tone.bin - last.bin) <= 1 && abs(tone.decibels - last.decibels) < 3
        let before = frames
        frames = isSame ? frames + 1 : 1
        last = tone
        return frames == Self.steady || !isSame && before >= Self.ended
    }

    /// The tone in the window: where its stronger half lies, and how loud it is.
    private mutating func tone() -> (bin: Int, decibels: Double)? {
        var energy = 0.0
        for index in 0..<Self.window {
            let value = samples[index] * slope[index]
            energy += value * value
        }
        // The slope takes away five eighths of the energy.
        let level = AudioLevel(meanSquare: energy / Double(Self.window) * 8 / 3)
        guard level > Self.floor else { return nil }
        for bin in powers.indices {
            var (one, two) = (0.0, 0.0)
            let cosine = cosines[bin]
            for index in 0..<Self.window {
                (one, two) = (samples[index] * slope[index] + cosine * one - two, one)
            }
            powers[bin] = one * one + two * two - cosine * one * two
        }
        let first = takePeak()
        let second = takePeak()
        // Half of the spectrum holds half of the energy, times the number of samples (Parseval).
        guard first.power + second.power > 0.9 * energy * Double(Self.window) / 2 else { return nil }
        return (first.bin, level.decibels)
    }

    /// The strongest of what is left, with the two bins on both sides into which a tone spreads.
    private mutating func takePeak() -> (bin: Int, power: Double) {
        var best = 0
        for bin in powers.indices where powers[bin] > powers[best] { best = bin }
        var power = 0.0
        for bin in max(0, best - 2)...min(powers.count - 1, best + 2) {
            power += powers[bin]
            powers[bin] = 0
        }
        return (best, power)
    }
}
