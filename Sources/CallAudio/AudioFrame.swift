/// 20 ms of a call's sound: 160 samples, signed, 16 bits, 8 kHz, one channel.
///
/// That is what voice ttys, G.711 and AudioSocket carry, each in this size. Where both ends have 16 kHz, what lies above comes along. It is
/// a value without storage of its own, so that passing one on allocates nothing.
package struct AudioFrame: Sendable {
    /// Samples a second.
    package static let rate = 8000
    /// Samples in a frame.
    package static let count = 160
    /// Bytes of a frame on a tty or in a packet.
    package static let byteCount = 320
    /// How long a frame lasts.
    package static let duration = Duration.milliseconds(20)

    /// The samples in their order.
    package var samples: InlineArray<160, Int16>
    /// What has to be added to these samples once they are doubled, for the sound at 16 kHz; nil where there is none.
    package var treble: InlineArray<320, Int16>?

    /// Creates a frame of silence.
    package init() {
        samples = InlineArray(repeating: 0)
    }

    /// Creates a frame of what `sample` gives for each index.
    package init(_ sample: (Int) -> Int16) {
        samples = InlineArray(sample)
    }

    /// The sample at `index`, 0 to 159.
    package subscript(index: Int) -> Int16 {
        get { samples[index] }
        set { samples[index] = newValue }
    }

    /// Calls `body` with the samples in memory.
    package func withSamples<Result>(_ body: (UnsafeBufferPointer<Int16>) -> Result) -> Result {
        samples.span.withUnsafeBufferPointer(body)
    }

    /// Calls `body` with the samples in memory, to be changed there.
    package mutating func withMutableSamples<Result>(_ body: (UnsafeMutableBufferPointer<Int16>) -> Result) -> Result {
        var span = samples.mutableSpan
        return span.withUnsafeMutableBufferPointer(body)
    }
}

extension AudioFrame: Equatable {
    package static func == (a: AudioFrame, b: AudioFrame) -> Bool {
        guard (a.treble == nil) == (b.treble == nil), a.withSamples({ a in b.withSamples { b in a.elementsEqual(b) } })
        else { return false }
        guard let a = a.treble, let b = b.treble else { return true }
        return a.indices.allSatisfy { a[$0] == b[$0] }
    }
}
