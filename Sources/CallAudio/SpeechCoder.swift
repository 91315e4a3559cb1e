internal import CSpanDSP
internal import CallModel
internal import RTPMedia

/// Codes frames as telephones do, a byte for each sample of 8 kHz; used on the thread of the loop alone.
final class SpeechCoder {
    private let law: G711?
    private var encoder: OpaquePointer?
    private var decoder: OpaquePointer?

    /// Nil where the library has no memory.
    init?(_ codec: RTPCodec) {
        switch codec {
        case .aLaw: law = .aLaw
        case .muLaw: law = .muLaw
        case .g722:
            law = nil
            // Of its 7 kHz the lower half: a network of modems carries no more.
            encoder = g722_encode_init(nil, 64_000, Int32(G722_SAMPLE_RATE_8000))
            decoder = g722_decode_init(nil, 64_000, Int32(G722_SAMPLE_RATE_8000))
            if encoder == nil || decoder == nil { return nil }
        }
    }

    deinit {
        if let encoder { g722_encode_free(encoder) }
        if let decoder { g722_decode_free(decoder) }
    }

    /// Gives the samples that bytes stand for.
    func decode(_ bytes: UnsafeRawBufferPointer, _ take: (Int16) -> Void) {
        if let law {
            for byte in bytes { take(law.decode(byte)) }
        } else if let decoder {
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
    }

    /// Writes a frame as 160 bytes.
    func encode(_ frame: borrowing AudioFrame, to bytes: UnsafeMutableRawBufferPointer) {
        if let law {
            for index in 0..<AudioFrame.count { bytes[index] = law.encode(frame.samples[index]) }
        } else if let encoder {
            frame.withSamples { samples in
                _ = g722_encode(
                    encoder,
                    bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    samples.baseAddress,
                    Int32(AudioFrame.count)
                )
            }
        }
    }
}
