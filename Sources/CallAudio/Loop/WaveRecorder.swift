internal import Glibc
internal import Synchronization

/// Writes a WAV file on a thread of its own.
package final class WaveRecorder: @unchecked Sendable {
    // `@unchecked` because the loop's thread appends, and the recorder's own thread does everything else.

    /// Frames that may wait for the disk: 10 s.
    private static let room = 500
    /// The longest recording: 12 hours.
    private static let limit = 12 * 3600 * 16_000

    private let descriptor: Int32
    private let frames = HandOver<AudioFrame>(size: WaveRecorder.room)
    private let isOver = Atomic<Bool>(false)
    private let isClosed = Atomic<Bool>(false)
    private let lost = Atomic<Int>(0)

    /// Creates a file, or empties one that is there.
    ///
    /// - Throws: `Errno` as text, where it can't be made.
    package init(path: String) throws(RecorderError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw RecorderError(path: path, reason: String(cString: strerror(errno))) }
        self.descriptor = descriptor
        guard Thread.detach(named: "recorder", { [self] in write() }) else {
            close(descriptor)
            throw RecorderError(path: path, reason: "the system has no more threads")
        }
    }

    /// Frames that the disk was too slow for.
    package var lostFrames: Int { lost.load(ordering: .relaxed) }

    /// Whether the file is complete.
    package var isComplete: Bool { isClosed.load(ordering: .acquiring) }

    func append(_ frame: borrowing AudioFrame) -> Bool {
        if frames.append(copy frame) { return true }
        lost.add(1, ordering: .relaxed)
        return false
    }

    func finish() {
        isOver.store(true, ordering: .releasing)
    }

    private func write() {
        var soundBytes = 0
        put(WaveHeader.bytes(soundBytes: 0))
        var bytes = [UInt8](repeating: 0, count: AudioFrame.byteCount)
        while true {
            let last = isOver.load(ordering: .acquiring)
            while let frame = frames.take() {
                guard soundBytes < Self.limit else { continue }
                for index in 0..<AudioFrame.count {
                    let sample = UInt16(bitPattern: frame[index])
                    bytes[2 * index] = UInt8(truncatingIfNeeded: sample)
                    bytes[2 * index + 1] = UInt8(truncatingIfNeeded: sample >> 8)
                }
                if put(bytes) { soundBytes += bytes.count }
            }
            if last { break }
            usleep(100_000)
        }
        if lseek(descriptor, 0, SEEK_SET) == 0 {
            put(WaveHeader.bytes(soundBytes: soundBytes))
        }
        close(descriptor)
        isClosed.store(true, ordering: .releasing)
    }

    @discardableResult
    private func put(_ bytes: [UInt8]) -> Bool {
        var from = 0
        while from < bytes.count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + from }, bytes.count - from)
            }
            if written < 0, errno == EINTR { continue }
            if written <= 0 { return false }
            from += written
        }
        return true
    }
}

/// Why a recording can't be written.
package struct RecorderError: Error, CustomStringConvertible {
    /// The file.
    package var path: String
    /// What the system says.
    package var reason: String

    /// What is wrong, in one line.
    package var description: String { "\(path) can't be written: \(reason)" }
}
