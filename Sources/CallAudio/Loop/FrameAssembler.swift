internal import Glibc

/// Makes frames of bytes as they come: any number at a time, an odd one among them.
///
/// Two bytes, the lower first, are a sample. A stream that has lost a byte would be noise from there on: the half sample is
/// kept until its other half comes, and `reset` begins anew at a call's start.
struct FrameAssembler: ~Copyable {
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var count = 0
    /// Nil where the samples are of 8 kHz.
    private var splitter: BandSplitter?

    /// Creates one that has nothing yet.
    ///
    /// - Parameter isWide: whether the samples are of 16 kHz.
    init(isWide: Bool = false) {
        splitter = isWide ? BandSplitter() : nil
        bytes = .allocate(capacity: isWide ? 2 * AudioFrame.byteCount : AudioFrame.byteCount)
        bytes.initialize(repeating: 0)
    }

    deinit {
        bytes.deallocate()
    }

    /// Takes bytes, and gives each frame that they complete.
    mutating func take(_ more: UnsafeRawBufferPointer, deliver: (borrowing AudioFrame) -> Void) {
        var rest = more
        while !rest.isEmpty {
            let room = min(rest.count, bytes.count - count)
            UnsafeMutableRawBufferPointer(bytes)[count..<count + room]
                .copyBytes(from: rest[..<(rest.startIndex + room)])
            count += room
            rest = UnsafeRawBufferPointer(rebasing: rest[(rest.startIndex + room)...])
            if count == bytes.count {
                count = 0
                deliver(frame())
            }
        }
    }

    private mutating func frame() -> AudioFrame {
        let bytes = bytes
        let sample = { (place: Int) in
            Int16(truncatingIfNeeded: Int(bytes[2 * place]) | Int(bytes[2 * place + 1]) << 8)
        }
        return splitter?.split(WideSamples(sample)) ?? AudioFrame(sample)
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
    /// Nil where the samples are of 8 kHz.
    private var joiner: BandJoiner?

    /// Creates a writer that puts `head` before the samples of each frame.
    ///
    /// - Parameter isWide: whether the samples are of 16 kHz.
    init(head: [UInt8] = [], isWide: Bool = false) {
        self.head = head.count
        joiner = isWide ? BandJoiner() : nil
        let size = head.count + (isWide ? 2 * AudioFrame.byteCount : AudioFrame.byteCount)
        bytes = .allocate(capacity: size)
        _ = bytes.initialize(from: head + [UInt8](repeating: 0, count: size - head.count))
    }

    deinit {
        bytes.deallocate()
    }

    /// Writes a frame; false where it was thrown away, because one before it is not taken yet.
    mutating func write(_ frame: borrowing AudioFrame, to descriptor: Int32) -> Bool {
        guard finish(descriptor) else { return false }
        if let wide = joiner?.join(frame) {
            for index in 0..<wide.count { put(wide[index], at: index) }
        } else {
            for index in 0..<AudioFrame.count { put(frame.samples[index], at: index) }
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

    private func put(_ sample: Int16, at index: Int) {
        bytes[head + 2 * index] = UInt8(truncatingIfNeeded: sample)
        bytes[head + 2 * index + 1] = UInt8(truncatingIfNeeded: sample >> 8)
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
