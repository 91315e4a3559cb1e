internal import CSpanDSP

/// Fills holes in the sound by going on with what was heard last (spandsp's `plc`, in the manner of ITU-T G.711 appendix I).
///
/// It fades out within 50 ms, so that a long hole is silence.
package final class LossConcealer {
    private let state: UnsafeMutablePointer<plc_state_t>

    /// Creates a concealer that has heard nothing.
    package init() {
        state = .allocate(capacity: 1)
        state.initialize(to: plc_state_t())
        plc_init(state)
    }

    deinit {
        state.deallocate()
    }

    /// Takes note of a good frame, and blends its begin into what was made up before it.
    package func note(_ frame: inout AudioFrame) {
        frame.withMutableSamples { _ = plc_rx(state, $0.baseAddress, Int32($0.count)) }
    }

    /// Makes up a frame in place of one that is missing.
    package func conceal() -> AudioFrame {
        var frame = AudioFrame()
        frame.withMutableSamples { _ = plc_fillin(state, $0.baseAddress, Int32($0.count)) }
        return frame
    }

    /// Forgets what was heard.
    package func reset() {
        plc_init(state)
    }
}
