internal import CSpanDSP

/// Hears DTMF digits in sound, by spandsp.
///
/// A digit counts from 40 ms on (ITU-T Q.24). Its begin and its end are always told as a pair. A frame that was lost must
/// be told by `skip()`, else the hole splits a digit in two; for a second after a loss the same digit
/// within 60 ms is the same press.
package final class DTMFDetector {
    /// What was heard in a frame.
    package enum Event: Sendable, Equatable {
        /// A digit began.
        case began(Character)
        /// The digit that began has ended.
        case ended(Character)
    }

    /// Frames in which the same digit is still the same press after trouble: 60 ms; a gap that is meant is longer.
    private static let mergeFrames = 3

    private let receiver: OpaquePointer
    private let heard: UnsafeMutablePointer<Int32>
    private var current: Character?
    private var pending: (digit: Character, frames: Int)?
    private var troubleFrames = 0

    /// Creates a detector; nil where memory is short.
    package init?() {
        heard = .allocate(capacity: 1)
        heard.initialize(to: 0)
        guard let receiver = dtmf_rx_init(nil, nil, nil) else {
            heard.deallocate()
            return nil
        }
        self.receiver = receiver
        dtmf_rx_set_realtime_callback(
            receiver,
            { context, code, _, _ in
                context?.assumingMemoryBound(to: Int32.self).pointee = code
            },
            heard
        )
    }

    deinit {
        dtmf_rx_free(receiver)
        heard.deallocate()
    }

    /// Listens to a frame, and gives at most two events: the end of one digit and the begin of another.
    package func listen(to frame: borrowing AudioFrame, _ tell: (Event) -> Void) {
        frame.withSamples { _ = dtmf_rx(receiver, $0.baseAddress, Int32($0.count)) }
        advance(tell)
    }

    /// Passes over a frame that was lost.
    package func skip(_ tell: (Event) -> Void) {
        dtmf_rx_fillin(receiver, Int32(AudioFrame.count))
        troubleFrames = 50
        advance(tell)
    }

    /// Tells the end of what sounds, because the sound itself has ended.
    package func finish(_ tell: (Event) -> Void) {
        if let digit = current ?? pending?.digit {
            tell(.ended(digit))
        }
        current = nil
        pending = nil
    }

    private func advance(_ tell: (Event) -> Void) {
        let code = heard.pointee
        let digit = code > 0 ? UnicodeScalar(UInt32(code)).map(Character.init) : nil
        troubleFrames = max(0, troubleFrames - 1)
        if var waiting = pending {
            if digit == waiting.digit {
                pending = nil
                current = digit
                return
            }
            waiting.frames -= 1
            pending = waiting.frames > 0 && digit == nil ? waiting : nil
            guard pending == nil else {
                return
            }
            tell(.ended(waiting.digit))
        }
        guard digit != current else { return }
        if let current {
            if digit == nil, troubleFrames > 0 {
                pending = (current, Self.mergeFrames)
            } else {
                tell(.ended(current))
            }
        }
        current = digit
        if let digit {
            tell(.began(digit))
        }
    }
}
