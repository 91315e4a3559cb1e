/// The head of an RTP packet (RFC 3550 §5.1).
package struct RTPHeader: Sendable, Hashable {
    /// The bytes of a head without lists and extensions, which is what is written.
    package static let size = 12

    package var payloadType: UInt8
    package var isMarked = false
    package var sequence: UInt16
    package var timestamp: UInt32
    /// The source of the sound.
    package var source: UInt32

    /// Creates a head.
    package init(payloadType: UInt8, isMarked: Bool = false, sequence: UInt16, timestamp: UInt32, source: UInt32) {
        self.payloadType = payloadType
        self.isMarked = isMarked
        self.sequence = sequence
        self.timestamp = timestamp
        self.source = source
    }

    /// Reads a packet: its head, and where its payload lies; nil for what is no RTP.
    package static func read(_ bytes: UnsafeRawBufferPointer) -> (header: RTPHeader, payload: Range<Int>)? {
        guard bytes.count >= size, bytes[0] >> 6 == 2 else { return nil }
        var start = size + 4 * Int(bytes[0] & 0x0F)
        if bytes[0] & 0x10 != 0 {
            guard bytes.count >= start + 4 else { return nil }
            start += 4 + 4 * (Int(bytes[start + 2]) << 8 | Int(bytes[start + 3]))
        }
        var end = bytes.count
        if bytes[0] & 0x20 != 0 {
            let padding = Int(bytes[end - 1])
            guard padding > 0 else { return nil }
            end -= padding
        }
        guard start <= end else { return nil }
        let header = RTPHeader(
            payloadType: bytes[1] & 0x7F,
            isMarked: bytes[1] & 0x80 != 0,
            sequence: UInt16(bytes[2]) << 8 | UInt16(bytes[3]),
            timestamp: word(bytes, 4),
            source: word(bytes, 8)
        )
        return (header, start..<end)
    }

    /// Writes the head to the first twelve bytes of `bytes`, which has them.
    package func write(to bytes: UnsafeMutableRawBufferPointer) {
        guard bytes.count >= Self.size else { return }
        bytes[0] = 0x80
        bytes[1] = payloadType & 0x7F | (isMarked ? 0x80 : 0)
        bytes[2] = UInt8(truncatingIfNeeded: sequence >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: sequence)
        for index in 0..<4 {
            bytes[4 + index] = UInt8(truncatingIfNeeded: timestamp >> (24 - 8 * UInt32(index)))
            bytes[8 + index] = UInt8(truncatingIfNeeded: source >> (24 - 8 * UInt32(index)))
        }
    }

    static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16 | UInt32(bytes[offset + 2]) << 8
            | UInt32(bytes[offset + 3])
    }
}
