import Glibc

/// Hears DTMF digits in sound, as the far side of a call does: Goertzel's filters over blocks of 20 ms.
///
/// A digit counts when two blocks in a row have it, and again only after two blocks without it.
package struct DigitEar: Sendable {
    private static let block = 160

    private var samples: [Int16] = []
    private var candidate: Character?
    private var blocks = 0
    private var current: Character?
    private var quiet = 0

    package init() {}

    /// Takes samples and returns the digits that were heard in them.
    package mutating func hear(_ more: [Int16]) -> [Character] {
        samples += more
        var digits: [Character] = []
        while samples.count >= Self.block {
            if let digit = take(Self.digit(in: samples[..<Self.block])) { digits.append(digit) }
            samples.removeFirst(Self.block)
        }
        return digits
    }

    private mutating func take(_ digit: Character?) -> Character? {
        if let current {
            quiet = digit == current ? 0 : quiet + 1
            if quiet < 2 { return nil }
            self.current = nil
        }
        blocks = digit != nil && digit == candidate ? blocks + 1 : 1
        candidate = digit
        guard let digit, blocks == 2 else { return nil }
        current = digit
        quiet = 0
        return digit
    }

    private static func digit(in block: ArraySlice<Int16>) -> Character? {
        let total = block.reduce(0.0) { $0 + Double($1) * Double($1) }
        // Below −46 dBFS there is nothing to hear.
        guard total / Double(block.count) > 165.0 * 165.0 else { return nil }
        let lows = TonePair.lows.map { power(of: $0, in: block) }
        let highs = TonePair.highs.map { power(of: $0, in: block) }
        guard let row = strongest(lows), let column = strongest(highs) else { return nil }
        let (low, high) = (lows[row], highs[column])
        // Both carry nearly all of it, and neither is far stronger than the other: 9 dB.
        guard low + high > 0.7 * total, low < 8 * high, high < 8 * low else { return nil }
        return TonePair.digit(row: row, column: column)
    }

    private static func strongest(_ powers: [Double]) -> Int? {
        powers.indices.max { powers[$0] < powers[$1] }
    }

    /// The share of a frequency in a block, in the measure of the sum of squares.
    private static func power(of hertz: Double, in block: ArraySlice<Int16>) -> Double {
        let turn = 2 * Double.pi * hertz / Double(FarVoice.rate)
        let factor = 2 * cos(turn)
        var (last, before) = (0.0, 0.0)
        for sample in block { (last, before) = (Double(sample) + factor * last - before, last) }
        let power = last * last + before * before - factor * last * before
        return 2 * power / Double(block.count)
    }
}
