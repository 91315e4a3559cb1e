internal import CLinux
internal import Glibc

/// A modem's voice tty: raw samples of 16 bits, the lower byte first, 8 or 16 kHz, both ways.
///
/// The modem's downlink is the clock of its uplink: as many frames go out as came in, so that nothing piles up in the stick
/// however much its clock differs. Of what a stall has left behind, two frames at most go out at once; the rest is thrown
/// away, as it would stand as delay in the stick for the rest of the call.
package final class TTYPort: AudioPort, @unchecked Sendable {
    /// Frames of silence that go out first, so that the modem has something to play while the first sound is on its way.
    private static let primingFrames = 2
    /// Bytes read at a time: 12 frames.
    private static let readSize = 3840

    private var assembler = FrameAssembler()
    private var writer = FrameWriter()
    private let room: UnsafeMutableRawBufferPointer
    private let isWide: Bool
    private var down = HalfBand()
    private var up = HalfBand()
    /// The first half of a frame at 16 kHz.
    private var half = AudioFrame()
    private var hasHalf = false

    /// Creates a port from an open tty, raw and non-blocking, whose descriptor is the port's from here on.
    ///
    /// - Parameter rate: 8000 or 16,000 samples a second.
    package init(id: ID, tty descriptor: Int32, rate: Int = AudioFrame.rate) {
        room = .allocate(byteCount: Self.readSize, alignment: 2)
        isWide = rate == 2 * AudioFrame.rate
        super.init(id: id, descriptor: descriptor)
    }

    deinit {
        room.deallocate()
    }

    override var isPacing: Bool { true }

    override func start() {
        tcflush(descriptor, TCIOFLUSH)
        for _ in 0..<Self.primingFrames { _ = play(AudioFrame()) }
    }

    override func read(deliver: (borrowing AudioFrame) -> Void) -> Life {
        // Two reads at most: a device that always has more must not keep the thread.
        for _ in 0..<2 {
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count == 0 { return .gone }
            if count < 0 { return errno == EAGAIN || errno == EINTR ? .alive : .gone }
            let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
            if isWide {
                assembler.take(bytes) { takeWide($0, deliver: deliver) }
            } else {
                assembler.take(bytes, deliver: deliver)
            }
            if count < room.count { return .alive }
        }
        return .alive
    }

    private func takeWide(_ frame: borrowing AudioFrame, deliver: (borrowing AudioFrame) -> Void) {
        if hasHalf {
            deliver(down.halve(half, frame))
        } else {
            half = copy frame
        }
        hasHalf.toggle()
    }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        guard isWide else { return writer.write(frame, to: descriptor) }
        let (first, second) = up.double(frame)
        return writer.write(first, to: descriptor) && writer.write(second, to: descriptor)
    }

    override func stop() {
        tcflush(descriptor, TCIOFLUSH)
        Thread.close(descriptor)
    }
}

extension TTYPort {
    /// How long a driver may take to open its tty.
    private static let opensWithin = Duration.seconds(5)

    /// Opens a voice tty.
    ///
    /// - Parameter rate: 8000 or 16,000 samples a second.
    /// - Throws: why that does not work.
    package static func open(_ path: String, rate: Int, id: ID) async throws(AudioPortError) -> TTYPort {
        guard rate == AudioFrame.rate || rate == 2 * AudioFrame.rate else {
            throw AudioPortError("\(path) gives \(rate) samples a second; only 8000 and 16,000 can be used")
        }
        let opened = await Thread.run(within: opensWithin) { () -> Int32 in
            let descriptor = clinux_tty_open(path)
            guard descriptor >= 0 else { return descriptor }
            // The speed means nothing on USB; other values than this one stop some sticks' sound.
            let status = clinux_tty_raw(descriptor, 115_200, 0)
            if status < 0 {
                close(descriptor)
                return status
            }
            return descriptor
        } late: { descriptor in
            if descriptor >= 0 { close(descriptor) }
        }
        guard let opened else { throw AudioPortError("\(path) could not be opened within 5 s") }
        guard opened >= 0 else {
            throw AudioPortError("\(path) can't be opened: \(String(cString: strerror(-opened)))")
        }
        return TTYPort(id: id, tty: opened, rate: rate)
    }
}

/// Why a port can't be had, in one line.
package struct AudioPortError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line.
    package var description: String

    /// Creates an error.
    package init(_ description: String) { self.description = description }
}
