/// Halves and doubles the rate of sound: between 16 kHz, which some modems and files have, and 8 kHz.
///
/// One filter for both ways, 15 taps, that takes away what lies above 3.6 kHz.
struct HalfBand: Sendable {
    private static let taps: [15 of Double] = [
        -0.0023, 0, 0.0135, 0, -0.0533, 0, 0.2944, 0.4954, 0.2944, 0, -0.0533, 0, 0.0135, 0, -0.0023,
    ]

    private var past = InlineArray<14, Double>(repeating: 0)

    /// Creates a filter that has heard nothing.
    init() {}

    /// Makes 20 ms at 8 kHz of the two halves of 20 ms at 16 kHz.
    mutating func halve(_ first: borrowing AudioFrame, _ second: borrowing AudioFrame) -> AudioFrame {
        var frame = AudioFrame()
        for index in 0..<2 * AudioFrame.count {
            let sample = index < AudioFrame.count ? first.samples[index] : second.samples[index - AudioFrame.count]
            take(sample, index, into: &frame)
        }
        return frame
    }

    /// Makes 20 ms at 8 kHz of 20 ms at 16 kHz.
    mutating func halve(_ wide: borrowing WideSamples) -> AudioFrame {
        var frame = AudioFrame()
        for index in 0..<2 * AudioFrame.count { take(wide[index], index, into: &frame) }
        return frame
    }

    private mutating func take(_ sample: Int16, _ index: Int, into frame: inout AudioFrame) {
        let sum = push(Double(sample))
        if index % 2 == 1 { frame.samples[index / 2] = Self.cut(sum) }
    }

    /// Makes 20 ms at 16 kHz of 20 ms at 8 kHz.
    mutating func widen(_ frame: borrowing AudioFrame) -> WideSamples {
        var wide = WideSamples(repeating: 0)
        for index in 0..<2 * AudioFrame.count {
            wide[index] = Self.cut(2 * push(index % 2 == 0 ? Double(frame.samples[index / 2]) : 0))
        }
        return wide
    }

    /// Makes the two halves of 20 ms at 16 kHz.
    mutating func double(_ frame: borrowing AudioFrame) -> (AudioFrame, AudioFrame) {
        var halves = (AudioFrame(), AudioFrame())
        for index in 0..<2 * AudioFrame.count {
            let sum = 2 * push(index % 2 == 0 ? Double(frame.samples[index / 2]) : 0)
            if index < AudioFrame.count {
                halves.0.samples[index] = Self.cut(sum)
            } else {
                halves.1.samples[index - AudioFrame.count] = Self.cut(sum)
            }
        }
        return halves
    }

    private mutating func push(_ sample: Double) -> Double {
        var sum = Self.taps[0] * sample
        for tap in 1..<15 { sum += Self.taps[tap] * past[tap - 1] }
        for place in (1..<14).reversed() { past[place] = past[place - 1] }
        past[0] = sample
        return sum
    }

    private static func cut(_ value: Double) -> Int16 { Int16(max(-32_768, min(32_767, value.rounded()))) }
}
