internal import Glibc

/// Makes sound louder or softer, and keeps what grows too loud from clipping.
///
/// The limiter takes its gain back at once where a frame would pass −1 dBFS and gives it again by 1 dB a frame, so that a
/// shout is turned down instead of cut off. A gain of 0 dB changes no sample.
package struct Gain: Sendable {
    /// The gain that is wished for, −40 to 40 dB.
    package let decibels: Double

    private let factor: Double
    private var current: Double

    private static let ceiling = 32_767 * 0.891
    private static let release = 1.122

    /// Creates a gain; values outside −40 to 40 dB are cut to that.
    package init(decibels: Double = 0) {
        self.decibels = min(40, max(-40, decibels))
        factor = pow(10, self.decibels / 20)
        current = factor
    }

    /// Applies the gain to `frame`.
    package mutating func apply(to frame: inout AudioFrame) {
        guard factor != 1 else { return }
        var peak = 0
        for index in 0..<AudioFrame.count {
            peak = max(peak, abs(Int(frame.samples[index])))
        }
        let wished = min(factor, current * Self.release)
        let allowed = peak == 0 ? wished : min(wished, Self.ceiling / Double(peak))
        let from = min(current, allowed)
        // From frame to frame the gain moves along a line: a step would click.
        let step = (allowed - from) / Double(AudioFrame.count)
        var gain = from
        for index in 0..<AudioFrame.count {
            let value = (Double(frame.samples[index]) * gain).rounded()
            frame.samples[index] = Int16(max(-32_768, min(32_767, value)))
            gain += step
        }
        applyToTreble(of: &frame, from: from, step: step / 2)
        current = allowed
    }

    private func applyToTreble(of frame: inout AudioFrame, from: Double, step: Double) {
        guard var treble = frame.treble else { return }
        var gain = from
        for index in 0..<treble.count {
            treble[index] = Int16(max(-32_768, min(32_767, (Double(treble[index]) * gain).rounded())))
            gain += step
        }
        frame.treble = treble
    }
}
