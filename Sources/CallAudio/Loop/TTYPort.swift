internal import Glibc

/// A modem's voice tty: raw samples of 16 bits, the lower byte first, 8 kHz, both ways.
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

    /// Creates a port from an open tty, raw and non-blocking, whose descriptor is the port's from here on.
    package init(id: ID, tty descriptor: Int32) {
        room = .allocate(byteCount: Self.readSize, alignment: 2)
        super.init(id: id, descriptor: descriptor)
    }

    deinit {
        room.deallocate()
    }

    override var isPacing: Bool { true }

    override func start() {
        tcflush(descriptor, TCIOFLUSH)
        for _ in 0..<Self.primingFrames {
            _ = writer.write(AudioFrame(), to: descriptor)
        }
    }

    override func read(deliver: (borrowing AudioFrame) -> Void) -> Life {
        // Two reads at most: a device that always has more must not keep the thread.
        for _ in 0..<2 {
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count == 0 { return .gone }
            if count < 0 { return errno == EAGAIN || errno == EINTR ? .alive : .gone }
            assembler.take(UnsafeRawBufferPointer(rebasing: room[..<count]), deliver: deliver)
            if count < room.count { return .alive }
        }
        return .alive
    }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        writer.write(frame, to: descriptor)
    }

    override func stop() {
        tcflush(descriptor, TCIOFLUSH)
        close(descriptor)
    }
}
