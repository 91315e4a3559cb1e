internal import Glibc

/// The sound of a call at Asterisk, by its AudioSocket protocol over TCP (docs.asterisk.org, "AudioSocket").
///
/// A message is a kind (one byte), a length (two, the higher first) and so many bytes: 0x00 hang-up, 0x01 the call's UUID,
/// 0x03 a DTMF digit, 0x10 samples of 16 bits, the lower byte first, at 8 kHz, 0xff an error. Asterisk ends a call by closing.
/// Towards Asterisk only samples and the hang-up are legal.
package final class AudioSocketPort: AudioPort, @unchecked Sendable {
    private static let readSize = 4096

    private var assembler = FrameAssembler()
    private var writer = FrameWriter(head: [0x10, 0x01, 0x40])
    private let room: UnsafeMutableRawBufferPointer
    private var header: (kind: UInt8, high: UInt8) = (0, 0)
    private var headerBytes = 0
    private var left = 0

    /// Creates a port from a connected, non-blocking socket, which is the port's from here on.
    package init(id: ID, socket descriptor: Int32) {
        room = .allocate(byteCount: Self.readSize, alignment: 2)
        super.init(id: id, descriptor: descriptor)
    }

    deinit {
        room.deallocate()
    }

    override func read(deliver: (borrowing AudioFrame) -> Void) -> Life {
        let count = recv(descriptor, room.baseAddress, room.count, 0)
        if count == 0 { return .gone }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .alive : .gone }
        return parse(UnsafeRawBufferPointer(rebasing: room[..<count]), deliver: deliver)
    }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        writer.write(frame, to: descriptor)
    }

    override func stop() {
        // The hang-up may find the socket full; closing says the same.
        var hangUp: (UInt8, UInt8, UInt8) = (0, 0, 0)
        _ = send(descriptor, &hangUp, 3, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        close(descriptor)
    }

    private func parse(_ bytes: UnsafeRawBufferPointer, deliver: (borrowing AudioFrame) -> Void) -> Life {
        var place = 0
        while place < bytes.count {
            if headerBytes < 3 {
                switch headerBytes {
                case 0: header.kind = bytes[place]
                case 1: header.high = bytes[place]
                default: left = Int(header.high) << 8 | Int(bytes[place])
                }
                headerBytes += 1
                place += 1
                if headerBytes == 3 {
                    switch header.kind {
                    case 0x01, 0x03, 0x10: break
                    default: return .gone
                    }
                    if left == 0 { headerBytes = 0 }
                }
                continue
            }
            let size = min(left, bytes.count - place)
            let body = UnsafeRawBufferPointer(rebasing: bytes[place..<place + size])
            if header.kind == 0x10 {
                assembler.take(body, deliver: deliver)
            } else if header.kind == 0x03, let digit = body.first, let character = Self.digit(digit) {
                tell(.digit(character))
            }
            place += size
            left -= size
            if left == 0 { headerBytes = 0 }
        }
        return .alive
    }

    private static func digit(_ byte: UInt8) -> Character? {
        let character = Character(UnicodeScalar(byte))
        return DTMFTone.frequencies(of: character) == nil ? nil : character
    }
}
