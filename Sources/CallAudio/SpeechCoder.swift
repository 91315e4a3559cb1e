internal import COpus
internal import CSpanDSP
internal import CallModel
internal import RTPMedia

/// Codes sound as telephones do, at 8 kHz or, where the codec has it, at 16; used on the thread of the loop alone.
final class SpeechCoder {
    private enum Codec {
        case law(G711)
        case g722(encoder: OpaquePointer, decoder: OpaquePointer)
        case opus(encoder: OpaquePointer, decoder: OpaquePointer, room: UnsafeMutablePointer<Int16>)
    }

    /// The most samples of a packet of Opus: 120 ms (RFC 6716 §2.1.4) at 16 kHz.
    private static let longest = 1920
    /// What Opus may take: tones stay whole by it, and speech needs no more (RFC 7587 §3.1.1: 8 to 12 kbit/s for 4 kHz, 16 to 20 for 8).
    private static let bitrate: Int32 = 24_000
    /// How hard Opus tries: 99 µs a frame of 8 kHz.
    ///
    /// 10 takes twice the time, which telephone speech does not show.
    private static let complexity: Int32 = 5
    /// How many packets of a hundred Opus takes for lost, so that each bears what was said before as well.
    private static let loss: Int32 = 5

    private let codec: Codec
    /// Whether its samples are of 16 kHz.
    let isWide: Bool
    /// Samples of 20 ms.
    private var count: Int { isWide ? 2 * AudioFrame.count : AudioFrame.count }

    /// Whether a codec has 16 kHz.
    static func canBeWide(_ codec: RTPCodec) -> Bool {
        switch codec {
        case .aLaw, .muLaw: false
        case .g722, .opus: true
        }
    }

    /// Nil where the library has no memory.
    init?(_ codec: RTPCodec, isWide: Bool = false) {
        let isWide = isWide && Self.canBeWide(codec)
        self.isWide = isWide
        switch codec {
        case .aLaw: self.codec = .law(.aLaw)
        case .muLaw: self.codec = .law(.muLaw)
        case .g722:
            // Towards a modem of its 7 kHz the lower half: its network carries no more.
            let options = isWide ? 0 : Int32(G722_SAMPLE_RATE_8000)
            guard let encoder = g722_encode_init(nil, 64_000, options) else { return nil }
            guard let decoder = g722_decode_init(nil, 64_000, options) else {
                g722_encode_free(encoder)
                return nil
            }
            self.codec = .g722(encoder: encoder, decoder: decoder)
        case .opus:
            guard let encoder = opus_encoder_create(isWide ? 16_000 : 8000, 1, OPUS_APPLICATION_VOIP, nil) else {
                return nil
            }
            guard let decoder = opus_decoder_create(isWide ? 16_000 : 8000, 1, nil) else {
                opus_encoder_destroy(encoder)
                return nil
            }
            // What it does not take stays as it is by itself.
            _ = copus_set_bitrate(encoder, Self.bitrate)
            _ = copus_set_complexity(encoder, Self.complexity)
            _ = copus_set_loss(encoder, Self.loss)
            self.codec = .opus(encoder: encoder, decoder: decoder, room: .allocate(capacity: Self.longest))
        }
    }

    deinit {
        switch codec {
        case .law: break
        case .g722(let encoder, let decoder):
            g722_encode_free(encoder)
            g722_decode_free(decoder)
        case .opus(let encoder, let decoder, let room):
            opus_encoder_destroy(encoder)
            opus_decoder_destroy(decoder)
            room.deallocate()
        }
    }

    /// Gives the samples that the bytes of a packet stand for.
    ///
    /// - Parameter missing: how many packets before it never came. Opus makes the last of them up from this one.
    func decode(_ bytes: UnsafeRawBufferPointer, missing: UInt64 = 0, _ take: (Int16) -> Void) {
        switch codec {
        case .law(let law): for byte in bytes { take(law.decode(byte)) }
        case .g722(_, let decoder): decode(bytes, g722: decoder, take)
        case .opus(_, let decoder, let room):
            let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            for isMadeUp in missing == 1 ? [true, false] : [false] {
                // One that is lost is as long as ours are, as far as is known.
                let most = isMadeUp ? count : isWide ? Self.longest : Self.longest / 2
                let made = opus_decode(
                    decoder,
                    data,
                    Int32(bytes.count),
                    room,
                    Int32(most),
                    isMadeUp ? 1 : 0
                )
                for index in 0..<max(0, min(Int(made), most)) { take(room[index]) }
            }
        }
    }

    private func decode(_ bytes: UnsafeRawBufferPointer, g722 decoder: OpaquePointer, _ take: (Int16) -> Void) {
        var room = InlineArray<160, Int16>(repeating: 0)
        for start in stride(from: 0, to: bytes.count, by: 80) {
            let count = min(80, bytes.count - start)
            let part = bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self)
            var span = room.mutableSpan
            let samples = span.withUnsafeMutableBufferPointer {
                g722_decode(decoder, $0.baseAddress, part, Int32(count))
            }
            for index in 0..<max(0, min(Int(samples), 160)) { take(room[index]) }
        }
    }

    /// Writes the samples of 20 ms, as many as its rate has, as 160 bytes at most.
    ///
    /// - Returns: how many it takes; 0 for none, where nothing is to be sent.
    func encode(_ samples: UnsafeBufferPointer<Int16>, to bytes: UnsafeMutableRawBufferPointer) -> Int {
        let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        switch codec {
        case .law(let law):
            for index in 0..<samples.count { bytes[index] = law.encode(samples[index]) }
            return samples.count
        case .g722(let encoder, _): return Int(g722_encode(encoder, data, samples.baseAddress, Int32(samples.count)))
        case .opus(let encoder, _, _):
            guard let data, let first = samples.baseAddress else { return 0 }
            let most = Int32(min(bytes.count, AudioFrame.count))
            return max(0, Int(opus_encode(encoder, first, Int32(samples.count), data, most)))
        }
    }
}
