internal import Glibc
internal import Synchronization

/// Writes a WAV file on a thread of its own.
///
/// Its head is right at any time, so that what was written is there also after a crash.
package final class WaveRecorder: @unchecked Sendable {
    // `@unchecked` because the loop's thread appends, and the recorder's own thread does everything else.

    /// Frames that may wait for the disk: 10 s.
    private static let room = 500
    /// The longest recording: 12 hours.
    private static let limit = 12 * 3600 * 16_000

    private let descriptor: Int32
    private let frames = HandOver<AudioFrame>(size: WaveRecorder.room)
    private let isOver = Atomic<Bool>(false)
    /// Nil once the file is closed; before that, who waits for it.
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>([])

    /// Creates a file, or empties a recording that is there; anything else is left alone.
    ///
    /// - Throws: where it can't be made.
    package init(path: String) throws(RecorderError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw RecorderError(path: path, reason: String(cString: strerror(errno))) }
        if let reason = Self.obstacle(descriptor) {
            close(descriptor)
            throw RecorderError(path: path, reason: reason)
        }
        self.descriptor = descriptor
        guard ftruncate(descriptor, 0) == 0, Thread.detach(named: "recorder", { [self] in write() }) else {
            close(descriptor)
            throw RecorderError(path: path, reason: "the system has no more threads, or can't empty it")
        }
    }

    /// Why a file must not be written over: a mistyped name costs nobody a file that is none of ours.
    private static func obstacle(_ descriptor: Int32) -> String? {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return String(cString: strerror(errno)) }
        guard facts.st_mode & S_IFMT == S_IFREG else { return "it is no file" }
        guard facts.st_size > 0 else { return nil }
        var head = [UInt8](repeating: 0, count: 12)
        let count = pread(descriptor, &head, head.count, 0)
        let isWave = count == 12 && head[0..<4].elementsEqual("RIFF".utf8) && head[8..<12].elementsEqual("WAVE".utf8)
        return isWave ? nil : "it is there, and is no WAV file; remove it or take another name"
    }

    /// Waits until the file is complete, once its port is closed.
    package func complete() async {
        await withCheckedContinuation { continuation in
            let isComplete = waiting.withLock { waiting in
                waiting?.append(continuation)
                return waiting == nil
            }
            if isComplete { continuation.resume() }
        }
    }

    func append(_ frame: borrowing AudioFrame) -> Bool {
        frames.append(copy frame)
    }

    /// Has it closed, behind what was appended.
    package func finish() {
        isOver.store(true, ordering: .releasing)
    }

    private func write() {
        var soundBytes = 0
        put(WaveHeader.bytes(soundBytes: 0), at: 0)
        var bytes = [UInt8]()
        bytes.reserveCapacity(Self.room * AudioFrame.byteCount)
        while true {
            let last = isOver.load(ordering: .acquiring)
            bytes.removeAll(keepingCapacity: true)
            while bytes.count < Self.room * AudioFrame.byteCount, let frame = frames.take() {
                for index in 0..<AudioFrame.count {
                    let sample = UInt16(bitPattern: frame[index])
                    bytes.append(UInt8(truncatingIfNeeded: sample))
                    bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
                }
            }
            if !bytes.isEmpty, soundBytes < Self.limit {
                soundBytes += put(bytes, at: WaveHeader.count + soundBytes)
                put(WaveHeader.bytes(soundBytes: soundBytes), at: 0)
            }
            if last { break }
            usleep(100_000)
        }
        close(descriptor)
        let waiting = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Writes what fits on the disk, whole samples of it, and returns how many bytes those were.
    @discardableResult
    private func put(_ bytes: [UInt8], at place: Int) -> Int {
        var from = 0
        while from < bytes.count {
            let written = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + from }, bytes.count - from, place + from)
            }
            if written < 0, errno == EINTR { continue }
            if written <= 0 { break }
            from += written
        }
        return from & ~1
    }
}

/// Why a recording can't be written.
package struct RecorderError: Error, Sendable, CustomStringConvertible {
    /// The file.
    package var path: String
    /// What the system says.
    package var reason: String

    /// What is wrong, in one line.
    package var description: String { "\(path) can't be written: \(reason)" }
}
