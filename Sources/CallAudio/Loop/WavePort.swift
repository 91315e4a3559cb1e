internal import Glibc

/// Sound from a file, played once, and sound into a file.
///
/// The file that is written belongs to a thread of its own, for a disk may make its writer wait; what that thread is behind
/// by 10 s is lost, and counted.
package final class WavePort: AudioPort, @unchecked Sendable {
    private var reader: WaveReader?
    private let recorder: WaveRecorder?

    /// Creates a port; either side may be missing.
    package init(id: ID, playing reader: WaveReader?, recording recorder: WaveRecorder?) {
        self.reader = reader
        self.recorder = recorder
        super.init(id: id, descriptor: -1)
    }

    override func next() -> AudioFrame? {
        guard reader != nil else { return nil }
        guard let frame = reader?.next() else {
            reader = nil
            tell(.played)
            return nil
        }
        return frame
    }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        recorder?.append(frame) ?? true
    }

    override func stop() {
        recorder?.finish()
    }
}
