/// The head of a WAV file of 8 kHz, mono, 16 bits.
package enum WaveHeader {
    /// Bytes of the head.
    package static let count = 44

    /// Makes the head of a file with so many bytes of sound, at most 4 GiB; one that is being written has 0 and is mended
    /// at its end.
    package static func bytes(soundBytes: Int) -> [UInt8] {
        let sound = UInt32(clamping: soundBytes)
        let rest = UInt32(clamping: soundBytes + 36)
        var head: [UInt8] = Array("RIFF".utf8) + four(rest) + Array("WAVEfmt ".utf8) + four(16)
        head += two(1) + two(1) + four(UInt32(AudioFrame.rate)) + four(UInt32(AudioFrame.rate * 2)) + two(2) + two(16)
        return head + Array("data".utf8) + four(sound)
    }

    private static func four(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
    }

    private static func two(_ number: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
    }
}
