internal import CSpeexDSP

/// Takes out of what a microphone hears what a loudspeaker beside it plays, by speexdsp.
///
/// It belongs at acoustic ends only: between a modem and the network there is no such echo, and a canceller there only does harm.
/// It knows an echo of up to 256 ms, the delay of the card's buffers among it. (spandsp's canceller writes two lines per sample to
/// standard output, and is never used.)
final class EchoCanceller {
    /// Samples of echo that it knows: 256 ms.
    private static let tail: Int32 = 2048
    /// Frames by which what is played is later in the air than it is given to the card, at the least: those of the card's buffer.
    private static let lag = 2

    private let echo: OpaquePointer
    private let rest: OpaquePointer
    private var played: [AudioFrame]
    private var place = 0

    /// Creates one; nil where memory is short.
    init?() {
        let count = Int32(AudioFrame.count)
        guard let echo = speex_echo_state_init(count, Self.tail) else { return nil }
        guard let rest = speex_preprocess_state_init(count, Int32(AudioFrame.rate)) else {
            speex_echo_state_destroy(echo)
            return nil
        }
        (self.echo, self.rest) = (echo, rest)
        played = Array(repeating: AudioFrame(), count: Self.lag + 1)
        var rate = Int32(AudioFrame.rate)
        speex_echo_ctl(echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
        // Its detector of speech stays off: it is a makeshift, says the library.
        speex_preprocess_ctl(rest, SPEEX_PREPROCESS_SET_ECHO_STATE, UnsafeMutableRawPointer(echo))
    }

    deinit {
        speex_preprocess_state_destroy(rest)
        speex_echo_state_destroy(echo)
    }

    /// Takes note of what was played.
    func note(_ frame: borrowing AudioFrame) {
        place = (place + 1) % played.count
        played[place] = copy frame
    }

    /// Takes the echo out of what was heard.
    func clean(_ heard: borrowing AudioFrame) -> AudioFrame {
        var clean = AudioFrame()
        let far = played[(place + 1) % played.count]
        heard.withSamples { heard in
            far.withSamples { far in
                clean.withMutableSamples { clean in
                    speex_echo_cancellation(echo, heard.baseAddress, far.baseAddress, clean.baseAddress)
                    speex_preprocess_run(rest, clean.baseAddress)
                }
            }
        }
        return clean
    }
}
