internal import Glibc
package import RTPMedia

/// Sound of a telephone: G.711 over RTP (RFC 3550, 3551), digits beside it (RFC 4733).
///
/// Packets go to where the other side has said; from its first good packet on they go to where that came from, as it may stand
/// behind a NAT, and only packets from there are heard. They always go out, silence among them, so that such a way stays open.
package final class RTPPort: AudioPort, @unchecked Sendable {
    /// The longest packet: 100 ms of G.711 and the longest head.
    private static let roomSize = 1024
    /// Packets read at a time: more than any telephone sends in 20 ms.
    private static let burst = 16

    private let codec: SDPDescription.Codec
    private let eventType: UInt8?
    private let room: UnsafeMutableRawBufferPointer
    private let packet: UnsafeMutableRawBufferPointer
    private var far = sockaddr_storage()
    private var farLength: socklen_t
    private var isLatched = false
    private var reception = RTPReception()
    private var digits = TelephoneEvent.Receiver()
    private var head: RTPHeader
    /// Samples of a frame that is not whole yet: telephones may send 10 or 30 ms.
    private var frame = AudioFrame()
    private var filled = 0

    /// Creates a port on a socket that never waits, which is the port's from here on; nil where the address is none.
    ///
    /// - Parameters:
    ///   - address: where the other side wants to hear, numeric, and its port.
    package init?(
        id: ID,
        socket descriptor: Int32,
        to address: String,
        port: Int,
        codec: SDPDescription.Codec,
        eventType: UInt8?
    ) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, "\(port)", &hints, &found) == 0, let found else {
            close(descriptor)
            return nil
        }
        defer { freeaddrinfo(found) }
        farLength = found.pointee.ai_addrlen
        memcpy(&far, found.pointee.ai_addr, Int(farLength))
        self.codec = codec
        self.eventType = eventType
        room = .allocate(byteCount: Self.roomSize, alignment: 8)
        packet = .allocate(byteCount: RTPHeader.size + AudioFrame.count, alignment: 8)
        packet.initializeMemory(as: UInt8.self, repeating: 0)
        head = RTPHeader(
            payloadType: codec.payloadType,
            isMarked: true,
            sequence: .random(in: 0...0x7FFF),
            timestamp: .random(in: 0 ... .max),
            source: .random(in: 1 ... .max)
        )
        super.init(id: id, descriptor: descriptor)
    }

    deinit {
        room.deallocate()
        packet.deallocate()
    }

    override func read(deliver: (borrowing AudioFrame) -> Void) -> Life {
        for _ in 0..<Self.burst {
            var source = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    recvfrom(descriptor, room.baseAddress, room.count, 0, raw, &length)
                }
            }
            // A refusal of the other side (ICMP) is read as an error once, and is no end.
            guard count >= 0 else { return .alive }
            guard count > 0 else { continue }
            hear(UnsafeRawBufferPointer(rebasing: room[..<count]), from: &source, length, deliver)
        }
        return .alive
    }

    private func hear(
        _ bytes: UnsafeRawBufferPointer,
        from source: inout sockaddr_storage,
        _ length: socklen_t,
        _ deliver: (borrowing AudioFrame) -> Void
    ) {
        guard !isLatched || (length == farLength && isSame(&source)), let (header, payload) = RTPHeader.read(bytes)
        else {
            return
        }
        let isEvent = header.payloadType == eventType
        guard isEvent || header.payloadType == codec.payloadType else { return }
        if !isLatched {
            isLatched = true
            (far, farLength) = (source, length)
        }
        let content = UnsafeRawBufferPointer(rebasing: bytes[payload])
        if isEvent {
            if let digit = digits.take(header, content) { tell(.digit(digit)) }
            return
        }
        guard reception.take(header) else { return }
        for byte in content {
            frame[filled] = codec.codec.decode(byte)
            filled += 1
            if filled == AudioFrame.count {
                filled = 0
                deliver(frame)
            }
        }
    }

    /// Whether a packet comes from where the first one came from: family, port and address.
    private func isSame(_ source: inout sockaddr_storage) -> Bool { memcmp(&source, &far, addressLength) == 0 }

    /// The bytes of an address that count; behind them is padding, or a scope.
    private var addressLength: Int { Int32(far.ss_family) == AF_INET6 ? 24 : 8 }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        head.write(to: packet)
        for index in 0..<AudioFrame.count {
            packet[RTPHeader.size + index] = codec.codec.encode(frame.samples[index])
        }
        head.isMarked = false
        head.sequence &+= 1
        head.timestamp &+= UInt32(AudioFrame.count)
        let sent = withUnsafePointer(to: &far) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                sendto(descriptor, packet.baseAddress, packet.count, 0, raw, farLength)
            }
        }
        // What nobody takes there is lost, as on any way.
        return sent == packet.count || errno == ECONNREFUSED
    }

    override func stop() { close(descriptor) }
}
