import Glibc

/// What the far side of a call says: 8000 samples in a second, each signed, of 16 bits.
package enum FarVoice: Sendable, Equatable {
    /// Nothing.
    case silent
    /// These frequencies at once, on and off by turns, from the answer on.
    case tone(hertz: [Double], on: Duration, off: Duration)
    /// This frequency once, so long after the answer.
    case beep(hertz: Double, after: Duration, lasting: Duration)
    /// These DTMF digits, once, from so long after the answer: 100 ms each, and 100 ms between them.
    case digits(String, after: Duration)
    /// What it hears, after this delay.
    case echo(after: Duration)
    /// A recording from the answer on, once or again and again.
    case recording([Int16], isRepeated: Bool)

    /// What an ordinary subscriber says: a tone of 440 Hz for 400 ms in each second.
    package static let ordinary = FarVoice.tone(
        hertz: [440],
        on: .milliseconds(400),
        off: .milliseconds(600)
    )

    /// Samples in a second.
    package static let rate = 8000

    /// The amplitude of one frequency: 12 dB below full scale, so that two still fit.
    private static let amplitude = 8192.0

    /// The sample at a place, counted from the answer; `heard` is what was heard so far, from the answer on.
    package func sample(_ place: Int, heard: [Int16]) -> Int16 {
        switch self {
        case .silent: return 0
        case .tone(let hertz, let on, let off):
            let period = Self.samples(on) + Self.samples(off)
            guard period > 0, place % period < Self.samples(on) else { return 0 }
            return Self.sum(hertz, place)
        case .beep(let hertz, let after, let lasting):
            let place = place - Self.samples(after)
            return (0..<Self.samples(lasting)).contains(place) ? Self.sum([hertz], place) : 0
        case .digits(let digits, let after):
            let place = place - Self.samples(after)
            let slot = 2 * Self.rate / 10
            guard place >= 0, place / slot < digits.count, place % slot < slot / 2 else { return 0 }
            let digit = digits[digits.index(digits.startIndex, offsetBy: place / slot)]
            return TonePair(digit).map { Self.sum([$0.low, $0.high], place) } ?? 0
        case .echo(let after):
            let place = place - Self.samples(after)
            return heard.indices.contains(place) ? heard[place] : 0
        case .recording(let samples, let isRepeated):
            guard !samples.isEmpty else { return 0 }
            if isRepeated { return samples[place % samples.count] }
            return place < samples.count ? samples[place] : 0
        }
    }

    package static func samples(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(seconds) * rate + Int(attoseconds / (1_000_000_000_000_000_000 / Int64(rate)))
    }

    private static func sum(_ hertz: [Double], _ place: Int) -> Int16 {
        let turns = 2 * Double.pi * Double(place) / Double(rate)
        return Int16(clamping: Int(hertz.reduce(0) { $0 + amplitude * sin(turns * $1) }))
    }
}

/// The two frequencies of a DTMF digit (ITU-T Q.23).
package struct TonePair: Equatable {
    package let low: Double
    package let high: Double

    package static let lows = [697.0, 770, 852, 941]
    package static let highs = [1209.0, 1336, 1477, 1633]
    private static let rows = ["123A", "456B", "789C", "*0#D"].map { Array($0) }

    package init?(_ digit: Character) {
        for (row, digits) in Self.rows.enumerated() {
            guard let column = digits.firstIndex(of: digit) else { continue }
            low = Self.lows[row]
            high = Self.highs[column]
            return
        }
        return nil
    }

    package static func digit(row: Int, column: Int) -> Character { rows[row][column] }
}
