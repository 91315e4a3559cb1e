internal import Glibc

/// Sound from a file, played once, and sound into a file.
///
/// Neither has a clock: what is played goes out sample by sample at the speed of the other side, and what is heard is written as it
/// came. The file that is written belongs to a thread of its own, for a disk may make its writer wait; what that thread is
/// behind by 10 s is lost, and counted.
package final class WavePort: AudioPort, @unchecked Sendable {
    /// Frames of silence behind the last one before its end is told: 300 ms, by which the modem has played it.
    private static let rest = 15

    private var reader: WaveReader?
    private let recorder: WaveRecorder?
    private var silence = 0

    /// Creates a port; either side may be missing.
    package init(id: ID, playing reader: WaveReader?, recording recorder: WaveRecorder?) {
        self.reader = reader
        self.recorder = recorder
        super.init(id: id, descriptor: -1)
    }

    override var isPulled: Bool { true }
    override var takesAtOnce: Bool { true }

    override func next() -> AudioFrame? {
        guard reader != nil else { return nil }
        if let frame = reader?.next() { return frame }
        silence += 1
        if silence == Self.rest {
            reader = nil
            tell(.played)
        }
        return nil
    }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        recorder?.append(frame) ?? true
    }

    override func stop() {
        recorder?.finish()
    }
}
