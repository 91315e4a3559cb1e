/// Faint noise in place of silence, so that people don't think that the line is dead, and that opens ways through NAT.
///
/// White noise of −62 dBFS by a xorshift generator; the same seed gives the same noise.
package struct ComfortNoise: Sendable {
    private var state: UInt32

    /// Creates a generator; a seed of 0 is taken as 1, because xorshift stays at 0.
    package init(seed: UInt32 = 1) {
        state = seed == 0 ? 1 : seed
    }

    /// Makes the next 20 ms.
    package mutating func next() -> AudioFrame {
        var frame = AudioFrame()
        for index in 0..<AudioFrame.count {
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            frame.samples[index] = Int16(Int32(state % 91) - 45)
        }
        return frame
    }
}
