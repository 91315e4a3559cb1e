/// The two frequencies of a DTMF digit (ITU-T Q.23), and how they are made.
package enum DTMFTone {
    /// The 16 digits.
    package static let digits: [Character] = Array("0123456789*#ABCD")

    private static let low = [697.0, 770, 852, 941]
    private static let high = [1209.0, 1336, 1477, 1633]
    private static let rows: [[Character]] = [Array("123A"), Array("456B"), Array("789C"), Array("*0#D")]

    /// The low and the high frequency of `digit` in Hz; nil where it is none of the 16.
    package static func frequencies(of digit: Character) -> (low: Double, high: Double)? {
        for (row, digits) in rows.enumerated() {
            if let column = digits.firstIndex(of: digit) {
                return (low[row], high[column])
            }
        }
        return nil
    }
}

/// Makes the sound of DTMF digits.
///
/// 100 ms of tone and 100 ms of gap, the high group 2 dB above the low one, which the speech codecs of mobile networks
/// weaken more: after a GSM full-rate codec, digits of 80 ms and longer are still found without loss.
package struct DTMFGenerator: Sendable {
    /// Samples of tone.
    package let toneLength: Int
    /// Samples of silence behind a tone.
    package let gapLength: Int
    /// Digits that may wait; more are refused.
    package static let limit = 64

    private var queue: [Character] = []
    private var position = 0
    private var lowTone: Oscillator?
    private var highTone: Oscillator?
    private let level: Double
    private let twist: Double

    /// Creates a generator.
    ///
    /// - Parameters:
    ///   - tone: How long a digit sounds; at least 40 ms (ITU-T Q.24).
    ///   - gap: How long it is quiet behind it; at least 40 ms.
    ///   - level: The level of the low tone in dBFS, −30 to −6.
    ///   - twist: How much louder the high tone is, 0 to 6 dB.
    package init(
        tone: Duration = .milliseconds(100),
        gap: Duration = .milliseconds(100),
        level: Double = -13,
        twist: Double = 2
    ) {
        toneLength = max(320, Self.samples(in: tone))
        gapLength = max(320, Self.samples(in: gap))
        self.level = min(-6, max(-30, level))
        self.twist = min(6, max(0, twist))
        queue.reserveCapacity(Self.limit)
    }

    /// Whether nothing is left to sound.
    package var isIdle: Bool { queue.isEmpty }

    /// Puts a digit behind those that wait; false where it is no DTMF digit or too many wait.
    package mutating func append(_ digit: Character) -> Bool {
        guard queue.count < Self.limit, DTMFTone.frequencies(of: digit) != nil else { return false }
        queue.append(digit)
        return true
    }

    /// Makes the next 20 ms; nil where nothing is to sound.
    package mutating func next() -> AudioFrame? {
        guard !queue.isEmpty else { return nil }
        var frame = AudioFrame()
        for index in 0..<AudioFrame.count {
            guard let digit = queue.first else { break }
            if position == 0, let pair = DTMFTone.frequencies(of: digit) {
                lowTone = Oscillator(frequency: pair.low, level: level)
                highTone = Oscillator(frequency: pair.high, level: level + twist)
            }
            if position < toneLength {
                // 5 ms of slope at both ends: without it the edges click, and the click is in the speech band.
                let edge = min(1, Double(min(position + 1, toneLength - position)) / 40)
                let value = ((lowTone?.next() ?? 0) + (highTone?.next() ?? 0)) * edge
                frame.samples[index] = Int16(max(-32_768, min(32_767, value.rounded())))
            }
            position += 1
            if position == toneLength + gapLength {
                position = 0
                queue.removeFirst()
            }
        }
        return frame
    }

    private static func samples(in duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(seconds) * AudioFrame.rate + Int(attoseconds / 125_000_000_000_000)
    }
}
