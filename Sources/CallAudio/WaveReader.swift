/// Why a file is no sound that can be played.
package enum WaveError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It is no RIFF/WAVE file, or ends within its head.
    case notWave
    /// It is another kind of WAVE than 16-bit PCM with one channel at 8 or 16 kHz.
    case format(String)

    /// What is wrong and what to do, in one line.
    package var description: String {
        switch self {
        case .notWave: "is no WAV file; make one with: sox IN -r 8000 -c 1 -b 16 OUT.wav"
        case .format(let found):
            "is \(found), not 8 or 16 kHz mono with 16 bits; convert it with: sox IN -r 8000 -c 1 -b 16 OUT.wav"
        }
    }
}

/// Sound from a WAV file: 16-bit PCM, one channel, 8 or 16 kHz (RIFF/WAVE, Microsoft and IBM 1991).
package struct WaveReader: Sendable {
    /// The longest file that is read: an hour at 16 kHz.
    package static let byteLimit = 3600 * 32_000 + 4096

    private let samples: [Int16]
    private var position = 0

    /// Reads the bytes of a file.
    ///
    /// A length that is wrong because a recording broke off is taken as the file's end.
    package init(_ bytes: [UInt8]) throws(WaveError) {
        guard bytes.count >= 12, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8)
        else {
            throw .notWave
        }
        var rate = 0
        var place = 12
        while place + 8 <= bytes.count {
            let name = bytes[place..<place + 4]
            let length = Int(Self.number(bytes, place + 4, 4))
            let end = min(bytes.count, place + 8 + length)
            if name.elementsEqual("fmt ".utf8), end - place >= 24 {
                let kind = Self.number(bytes, place + 8, 2)
                let channels = Self.number(bytes, place + 10, 2)
                rate = Int(Self.number(bytes, place + 12, 4))
                let bits = Self.number(bytes, place + 22, 2)
                // 0xFFFE is the extensible form, whose samples are PCM here as well if they have 16 bits.
                guard kind == 1 || kind == 0xFFFE, channels == 1, bits == 16, rate == 8000 || rate == 16_000 else {
                    throw .format("\(rate) Hz, \(channels) channels, \(bits) bits, format \(kind)")
                }
            } else if name.elementsEqual("data".utf8) {
                guard rate != 0 else { throw .notWave }
                let all = stride(from: place + 8, to: end - 1, by: 2)
                    .map {
                        Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)
                    }
                samples = rate == 8000 ? all : Self.halved(all)
                return
            }
            place = place + 8 + length + length % 2
        }
        throw .notWave
    }

    /// How long it lasts.
    package var duration: Duration { .milliseconds(samples.count / 8) }

    /// The next 20 ms, filled up with silence at the end; nil behind it.
    package mutating func next() -> AudioFrame? {
        guard position < samples.count else { return nil }
        let from = position
        position += AudioFrame.count
        return AudioFrame { from + $0 < samples.count ? samples[from + $0] : 0 }
    }

    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt32 {
        (0..<count).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
    }

    private static func halved(_ samples: [Int16]) -> [Int16] {
        var filter = HalfBand()
        var halved: [Int16] = []
        halved.reserveCapacity(samples.count / 2 + 2 * AudioFrame.count)
        let frame = { (from: Int) in AudioFrame { from + $0 < samples.count ? samples[from + $0] : 0 } }
        var start = 0
        // The filter's own delay is 6 samples of its input, so 3 of its output.
        while halved.count < samples.count / 2 + 3 {
            let half = filter.halve(frame(start), frame(start + AudioFrame.count))
            for index in 0..<AudioFrame.count { halved.append(half[index]) }
            start += 2 * AudioFrame.count
        }
        halved = Array(halved[3..<samples.count / 2 + 3])
        return halved
    }
}
