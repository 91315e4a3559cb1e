internal import CSpeexDSP

/// Changes the rate of sound by a fixed ratio, by speexdsp.
///
/// Fixed ratios only: while its ratio is changed in the middle of the sound, the library has been seen to crash. Quality 5 delays by
/// 10 ms and costs 11 µs a frame there and back.
final class Resampler {
    private let state: OpaquePointer

    /// Creates one between two rates in Hz; nil where memory is short.
    init?(from: Int, to: Int) {
        var error: Int32 = 0
        guard let state = speex_resampler_init(1, UInt32(from), UInt32(to), 5, &error) else { return nil }
        self.state = state
        // What the filter would give before its first sample is left out, so that frames come whole from the first.
        speex_resampler_skip_zeros(state)
    }

    deinit { speex_resampler_destroy(state) }

    /// Fills `output` from `input`, whose lengths are in the ratio of the rates; what the filter still holds back at the begin is
    /// silence.
    func run(_ input: UnsafePointer<Int16>, _ count: Int, into output: UnsafeMutablePointer<Int16>, _ room: Int) {
        var (taken, made) = (UInt32(count), UInt32(room))
        speex_resampler_process_int(state, 0, input, &taken, output, &made)
        // Held back at the begin only: it belongs before what has come.
        let missing = room - Int(made)
        guard missing > 0 else { return }
        for index in stride(from: room - 1, through: missing, by: -1) { output[index] = output[index - missing] }
        for index in 0..<missing { output[index] = 0 }
    }
}
