internal import Glibc

/// Makes frames of bytes as they come: any number at a time, an odd one among them.
///
/// Two bytes, the lower first, are a sample. A stream that has lost a byte would be noise from there on: the half sample is
/// kept until its other half comes, and `reset` begins anew at a call's start.
struct FrameAssembler: ~Copyable {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    init() {
        bytes = .allocate(capacity: AudioFrame.byteCount)
        bytes.initialize(repeating: 0)
    }

    deinit {
        bytes.deallocate()
    }

    /// Takes bytes, and gives each frame that they complete.
    mutating func take(_ more: UnsafeRawBufferPointer, deliver: (borrowing AudioFrame) -> Void) {
        var rest = more
        while !rest.isEmpty {
            let room = min(rest.count, AudioFrame.byteCount - count)
            UnsafeMutableRawBufferPointer(bytes)[count..<count + room]
                .copyBytes(from: rest[..<(rest.startIndex + room)])
            count += room
            rest = UnsafeRawBufferPointer(rebasing: rest[(rest.startIndex + room)...])
            if count == AudioFrame.byteCount {
                count = 0
                let bytes = bytes
                deliver(AudioFrame { Int16(truncatingIfNeeded: Int(bytes[2 * $0]) | Int(bytes[2 * $0 + 1]) << 8) })
            }
        }
    }

    /// Forgets half a sample: the message that it came in is over.
    mutating func endMessage() {
        count -= count % 2
    }

    /// Forgets what is not a frame yet.
    mutating func reset() {
        count = 0
    }
}

/// Writes frames to a descriptor that never makes its writer wait.
///
/// A frame of which only a part was taken is finished before the next one begins, so that samples stay whole.
struct FrameWriter: ~Copyable {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let head: Int
    private var left = 0
    /// Whether the descriptor is one that can't be written to any more.
    private(set) var isBroken = false

    /// Creates a writer that puts `head` before the samples of each frame.
    init(head: [UInt8] = []) {
        self.head = head.count
        bytes = .allocate(capacity: head.count + AudioFrame.byteCount)
        _ = bytes.initialize(from: head + [UInt8](repeating: 0, count: AudioFrame.byteCount))
    }

    deinit {
        bytes.deallocate()
    }

    /// Writes a frame; false where it was thrown away, because one before it is not taken yet.
    mutating func write(_ frame: borrowing AudioFrame, to descriptor: Int32) -> Bool {
        guard finish(descriptor) else { return false }
        for index in 0..<AudioFrame.count {
            let sample = UInt16(bitPattern: frame.samples[index])
            bytes[head + 2 * index] = UInt8(truncatingIfNeeded: sample)
            bytes[head + 2 * index + 1] = UInt8(truncatingIfNeeded: sample >> 8)
        }
        left = bytes.count
        let isWhole = finish(descriptor)
        // Nothing of it was taken: it is thrown away whole, and the next one is as good.
        if !isWhole, left == bytes.count {
            left = 0
            return false
        }
        return true
    }

    /// What of the last frame is not taken yet.
    var unsent: [UInt8] { Array(bytes.suffix(left)) }

    private mutating func finish(_ descriptor: Int32) -> Bool {
        guard let base = bytes.baseAddress, left > 0 else { return !isBroken }
        let written = Glibc.write(descriptor, base + (bytes.count - left), left)
        if written > 0 {
            left -= written
        } else if written < 0, errno != EAGAIN, errno != EINTR {
            isBroken = true
        }
        return left == 0 && !isBroken
    }
}
