package import CallModel
internal import Glibc
internal import RTPMedia

/// Sound of a telephone: G.711, G.722 or Opus over RTP (RFC 3550, 3551, 7587), digits beside it (RFC 4733).
///
/// Packets go to where the other side has said; from its first good packet on they go to where that came from, as it may stand
/// behind a NAT, and only packets from there are heard. They always go out, silence among them, so that such a way stays open; to who
/// holds the call only now and then.
package final class RTPPort: AudioPort, @unchecked Sendable {
    /// The longest packet: 100 ms of G.711 and the longest head.
    private static let roomSize = 1024
    /// Packets read at a time: more than any telephone sends in 20 ms.
    private static let burst = 16

    private let codec: RTPCodec
    private var coder: SpeechCoder
    /// Nil where nothing is encrypted.
    private var cipher: SRTPSession?
    private let keys: RTPSound.Keys?
    private let payloadType: UInt8
    /// By how many timestamps count a frame.
    private let ticks: UInt32
    private let eventType: UInt8?
    private let room: UnsafeMutableRawBufferPointer
    private let packet: UnsafeMutableRawBufferPointer
    private var far = sockaddr_storage()
    private var farLength: socklen_t
    private var isLatched = false
    /// From where sound may come.
    private let trusted: [sockaddr_storage]
    /// Frames that were played since the last packet came.
    private var silentFrames = 0
    /// So many, and the other side may come from another port: 1 s.
    private static let patience = 50
    private var reception = RTPReception()
    private let reporter: RTPReporter
    private var digits = TelephoneEvent.Receiver()
    private let said: MessageKeys?
    private let hearing: Hearing?
    /// Frames that were not sent, since the other side does not want to hear.
    private var heldFrames = 0
    /// Every so many one goes out all the same, for a NAT on the way forgets it (RFC 6263 §4.6): 15 s.
    private static let reminder = 750
    private var sending = TelephoneEvent.Sender()
    /// When the digit began that is being sent, by the clock of the stream.
    private var eventStart: UInt32 = 0
    private var head: RTPHeader
    /// Samples of a frame that is not whole yet: telephones may send 10 or 30 ms.
    private var frame = AudioFrame()
    private var wide = WideSamples(repeating: 0)
    private var filled = 0
    private var splitter = BandSplitter()
    private var joiner = BandJoiner()

    /// Opens a port on a socket that never waits, which is the port's from here on.
    ///
    /// - Throws: where the other side names no address, or nothing can be done with its codec.
    package static func open(_ sound: RTPSound, id: ID) throws(AudioPortError) -> RTPPort {
        guard let port = RTPPort(id: id, sound) else {
            close(sound.descriptor)
            if let reports = sound.reports { close(reports) }
            throw AudioPortError("the other side names no address for its sound, or wants it in a way unknown here")
        }
        return port
    }

    private init?(id: ID, _ sound: RTPSound) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard let coder = SpeechCoder(sound.codec),
            getaddrinfo(sound.address, "\(sound.port)", &hints, &found) == 0, let found
        else { return nil }
        defer { freeaddrinfo(found) }
        keys = sound.keys
        cipher = sound.keys.flatMap { SRTPSession($0) }
        if sound.keys != nil, cipher == nil { return nil }
        farLength = found.pointee.ai_addrlen
        memcpy(&far, found.pointee.ai_addr, Int(farLength))
        self.coder = coder
        codec = sound.codec
        payloadType = sound.payloadType
        ticks = sound.codec.clock / 50
        trusted = (sound.trusted.isEmpty ? [sound.address] : sound.trusted).compactMap { Self.resolve($0) }
        eventType = sound.eventType
        said = sound.said
        hearing = sound.hearing
        room = .allocate(byteCount: Self.roomSize, alignment: 8)
        packet = .allocate(byteCount: RTPHeader.size + AudioFrame.count + SRTPSession.growth, alignment: 8)
        reporter = RTPReporter(sound, toward: far, farLength)
        packet.initializeMemory(as: UInt8.self, repeating: 0)
        head = RTPHeader(
            payloadType: sound.payloadType,
            isMarked: true,
            sequence: .random(in: 0...0x7FFF),
            timestamp: .random(in: 0 ... .max),
            source: .random(in: 1 ... .max)
        )
        super.init(id: id, descriptor: sound.descriptor)
    }

    deinit {
        room.deallocate()
        packet.deallocate()
    }

    override func read(deliver: (borrowing AudioFrame) -> Void) -> Life {
        for _ in 0..<Self.burst {
            var source = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    recvfrom(descriptor, room.baseAddress, room.count, 0, raw, &size)
                }
            }
            // A refusal of the other side (ICMP) is read as an error once, and is no end.
            guard count >= 0 else { return .alive }
            guard count > 0 else { continue }
            guard let length = decrypted(count) else { continue }
            hear(UnsafeRawBufferPointer(rebasing: room[..<length]), from: &source, size, deliver)
        }
        return .alive
    }

    private func decrypted(_ count: Int) -> Int? {
        guard let cipher else { return count }
        return cipher.unprotect(room, count: count)
    }

    private func hear(
        _ bytes: UnsafeRawBufferPointer,
        from source: inout sockaddr_storage,
        _ length: socklen_t,
        _ deliver: (borrowing AudioFrame) -> Void
    ) {
        let isSource = length == farLength && isSame(&source)
        // Through a NAT, and after a pause, it comes from where it comes from; but from its own address.
        let mayMove = !isLatched || silentFrames > Self.patience
        guard isLatched && isSource || mayMove && isTrusted(&source), let (header, payload) = RTPHeader.read(bytes)
        else {
            return
        }
        let isEvent = header.payloadType == eventType
        guard isEvent || header.payloadType == payloadType else { return }
        if !isLatched || !isSource {
            isLatched = true
            (far, farLength) = (source, length)
        }
        silentFrames = 0
        let content = UnsafeRawBufferPointer(rebasing: bytes[payload])
        reporter.take(header, isTimed: !isEvent)
        if isEvent {
            if let digit = digits.take(header, content), said?.takesOther() ?? true { tell(.digit(digit)) }
            return
        }
        let lost = reception.lost
        guard reception.take(header) else { return }
        let isWide = coder.isWide
        coder.decode(content, missing: reception.lost - lost) { sample in
            if isWide { wide[filled] = sample } else { frame[filled] = sample }
            filled += 1
            if filled == (isWide ? wide.count : AudioFrame.count) {
                filled = 0
                deliver(isWide ? splitter.split(wide) : frame)
            }
        }
    }

    override var hasTreble: Bool { SpeechCoder.canBeWide(codec) }

    override func carryTreble(_ isCarried: Bool) {
        // Without memory for another one it goes on as it was.
        guard isCarried != coder.isWide, let other = SpeechCoder(codec, isWide: isCarried) else { return }
        coder = other
        filled = 0
        (splitter, joiner) = (BandSplitter(), BandJoiner())
    }

    /// Whether a packet comes from an address of the other side's; who has its keys is it in any case.
    private func isTrusted(_ source: inout sockaddr_storage) -> Bool {
        cipher != nil || trusted.contains { Self.isAddress(source, $0) }
    }

    private static func isAddress(_ one: sockaddr_storage, _ other: sockaddr_storage) -> Bool {
        guard one.ss_family == other.ss_family else { return false }
        // Behind family and port (and, of IPv6, the label of its flow).
        let (start, count) = Int32(one.ss_family) == AF_INET6 ? (8, 16) : (4, 4)
        return withUnsafeBytes(of: one) { one in
            withUnsafeBytes(of: other) { other in one[start..<start + count].elementsEqual(other[start..<start + count])
            }
        }
    }

    private static func resolve(_ address: String) -> sockaddr_storage? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, nil, &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        var storage = sockaddr_storage()
        memcpy(&storage, found.pointee.ai_addr, Int(found.pointee.ai_addrlen))
        return storage
    }

    /// Whether a packet comes from where the first one came from: family, port and address.
    private func isSame(_ source: inout sockaddr_storage) -> Bool { memcmp(&source, &far, addressLength) == 0 }

    /// The bytes of an address that count; behind them is padding, or a scope.
    private var addressLength: Int { Int32(far.ss_family) == AF_INET6 ? 24 : 8 }

    override func takesTone() -> Bool { said?.takesOther() ?? true }

    override func key(_ digit: Character) -> Bool { eventType != nil && sending.append(digit) }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        silentFrames += 1
        // One in 20 ms is told; the others wait.
        if !hasToldDigit, let digit = said?.next() { tell(.digit(digit)) }
        reporter.tick(head, cipher, isTrusted: isTrusted)
        let wasSending = sending.isSending
        if let eventType, let event = sending.next() {
            if !wasSending { eventStart = head.timestamp }
            let isTaken = send(event, as: eventType)
            if event.isTimed { head.timestamp &+= ticks }
            return isTaken
        }
        if hearing?.isOff ?? false {
            // What comes next begins anew.
            defer { (heldFrames, head.isMarked) = (heldFrames + 1, true) }
            guard heldFrames.isMultiple(of: Self.reminder) else {
                head.timestamp &+= ticks
                return true
            }
            return send(AudioFrame())
        }
        return send(frame)
    }

    private func send(_ frame: borrowing AudioFrame) -> Bool {
        head.payloadType = payloadType
        head.write(to: packet)
        let size = encode(frame, to: UnsafeMutableRawBufferPointer(rebasing: packet[RTPHeader.size...]))
        let isTaken = sendPacket(RTPHeader.size + size)
        head.timestamp &+= ticks
        return isTaken
    }

    private func encode(_ frame: borrowing AudioFrame, to bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard coder.isWide else { return frame.withSamples { coder.encode($0, to: bytes) } }
        return joiner.join(frame).span.withUnsafeBufferPointer { coder.encode($0, to: bytes) }
    }

    private func send(_ event: TelephoneEvent.Sender.Packet, as type: UInt8) -> Bool {
        var own = head
        (own.payloadType, own.isMarked, own.timestamp) = (type, event.isFirst, eventStart)
        own.write(to: packet)
        (packet[RTPHeader.size], packet[RTPHeader.size + 1]) = (event.payload.0, event.payload.1)
        (packet[RTPHeader.size + 2], packet[RTPHeader.size + 3]) = (event.payload.2, event.payload.3)
        return sendPacket(RTPHeader.size + 4)
    }

    private func sendPacket(_ count: Int) -> Bool {
        reporter.count(head, count - RTPHeader.size)
        head.isMarked = false
        head.sequence &+= 1
        var count = count
        if let cipher {
            guard let grown = cipher.protect(packet, count: count) else { return false }
            count = grown
        }
        let sent = withUnsafePointer(to: &far) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                sendto(descriptor, packet.baseAddress, count, 0, raw, farLength)
            }
        }
        // What nobody takes there is lost, as on any way.
        return sent == count || errno == ECONNREFUSED
    }

    /// By the same keys what has come before is known, and how often the numbers of packets have come round (RFC 3711 §3.3.1).
    override func follow(_ old: AudioPort) {
        guard let old = old as? RTPPort else { return }
        reporter.follow(old.reporter)
        guard keys != nil, old.keys == keys else { return }
        cipher = old.cipher
        (head.sequence, head.timestamp, head.source) = (old.head.sequence, old.head.timestamp, old.head.source)
    }

    override var network: NetworkQuality? { reporter.quality }

    override func stop() {
        close(descriptor)
        reporter.close()
    }
}
