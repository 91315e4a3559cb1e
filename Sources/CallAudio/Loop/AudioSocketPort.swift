internal import CLinux
internal import Glibc

/// The sound of a call at Asterisk, by its AudioSocket protocol over TCP (docs.asterisk.org, "AudioSocket").
///
/// A message is a kind (one byte), a length (two, the higher first) and so many bytes: 0x00 hang-up, 0x01 the call's UUID,
/// 0x03 a DTMF digit, 0x10 samples of 16 bits, the lower byte first, at 8 kHz, 0x12 such at 16 kHz, 0xff an error. Asterisk ends a call by closing.
/// Towards Asterisk only samples and the hang-up are legal; who connects to a server tells it the UUID first.
///
/// Frames go out as the modem's come: neither side plays them by a clock that has to be met here.
package final class AudioSocketPort: AudioPort, @unchecked Sendable {
    private static let readSize = 4096

    private var assembler: FrameAssembler
    private var writer: FrameWriter
    private let isWide: Bool
    /// The kind of the messages that have sound.
    private var soundKind: UInt8 { isWide ? 0x12 : 0x10 }
    private let room: UnsafeMutableRawBufferPointer
    private var header: (kind: UInt8, high: UInt8) = (0, 0)
    private var headerBytes = 0
    private var left = 0
    private let uuid: [UInt8]

    /// Creates a port from a connected, non-blocking socket, which is the port's from here on.
    ///
    /// - Parameters:
    ///   - uuid: the 16 bytes of the UUID to be told first, by a client; empty for a server.
    ///   - isWide: whether samples are of 16 kHz, both ways.
    package init(id: ID, socket descriptor: Int32, telling uuid: [UInt8] = [], isWide: Bool = false) {
        self.isWide = isWide
        assembler = FrameAssembler(isWide: isWide)
        writer = FrameWriter(head: isWide ? [0x12, 0x02, 0x80] : [0x10, 0x01, 0x40], isWide: isWide)
        room = .allocate(byteCount: Self.readSize, alignment: 2)
        self.uuid = uuid
        super.init(id: id, descriptor: descriptor)
    }

    deinit {
        room.deallocate()
    }

    override var takesAtOnce: Bool { true }
    override var mayDie: Bool { true }
    override var hasTreble: Bool { isWide }

    override func start() {
        guard uuid.count == 16 else { return }
        // The first bytes of a connection always have room.
        let message: [UInt8] = [0x01, 0, 16] + uuid
        _ = send(descriptor, message, message.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
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
        // A frame of which a part has gone out is finished: else the hang-up would be the rest of it.
        let words = writer.unsent + [0, 0, 0]
        let sent = send(descriptor, words, words.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        let rest = Array(words[max(0, sent)...])
        let descriptor = descriptor
        if !Thread.detach(named: "audio-close", { Self.leave(descriptor, saying: rest) }) { close(descriptor) }
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
                    case 0x01, 0x03, soundKind: break
                    default: return .gone
                    }
                    if left == 0 { headerBytes = 0 }
                }
                continue
            }
            let size = min(left, bytes.count - place)
            let body = UnsafeRawBufferPointer(rebasing: bytes[place..<place + size])
            if header.kind == soundKind {
                assembler.take(body, deliver: deliver)
            } else if header.kind == 0x03, let digit = body.first, let character = Self.digit(digit) {
                tell(.digit(character))
            }
            place += size
            left -= size
            if left == 0 {
                headerBytes = 0
                // An odd byte is its message's own, and shifts nothing in the next one.
                if header.kind == soundKind { assembler.endMessage() }
            }
        }
        return .alive
    }

    private static func digit(_ byte: UInt8) -> Character? {
        let character = Character(UnicodeScalar(byte))
        return DTMFTone.frequencies(of: character) == nil ? nil : character
    }
}

extension AudioSocketPort {
    /// How long the other end may take to read the last words and to close: 2 s.
    private static let leavesWithin: UInt64 = 2_000_000_000
    /// How much of what it says meanwhile is thrown away.
    private static let leavesAfter = 1 << 20

    /// Says the last words, and closes once the other end has, or time and patience are over.
    ///
    /// A socket that is closed with unread input resets its connection (RFC 1122, 4.2.2.13), and the other end may lose what it has
    /// not read: so what still comes is read and thrown away.
    private static func leave(_ descriptor: Int32, saying words: [UInt8]) {
        let end = clinux_now() + leavesWithin
        var rest = words[...]
        var (hears, heard) = (true, 0)
        var room = [UInt8](repeating: 0, count: readSize)
        if rest.isEmpty { shutdown(descriptor, Int32(SHUT_WR)) }
        while hears || !rest.isEmpty, heard < leavesAfter, case let now = clinux_now(), now < end {
            let events = (hears ? Int32(POLLIN) : 0) | (rest.isEmpty ? 0 : Int32(POLLOUT))
            var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = poll(&wanted, 1, Int32((end - now) / 1_000_000) + 1)
            guard count > 0 || count < 0 && errno == EINTR else { break }
            if hears {
                let count = recv(descriptor, &room, room.count, Int32(MSG_DONTWAIT))
                heard += max(0, count)
                hears = count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
            }
            guard !rest.isEmpty else { continue }
            let sent = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if sent > 0 { rest = rest.dropFirst(sent) }
            if sent < 0, errno != EAGAIN, errno != EINTR { break }
            if rest.isEmpty { shutdown(descriptor, Int32(SHUT_WR)) }
        }
        close(descriptor)
    }

    /// How long a server may take to be found and to take the connection.
    private static let connectsWithin = Duration.seconds(4)

    /// Connects to a server.
    ///
    /// - Returns: the connected socket, non-blocking, which is the caller's; nothing was said over it.
    package static func connect(host: String, port: Int) async throws(AudioPortError) -> Int32 {
        let connected = await Thread.run(within: connectsWithin) { () -> Result<Int32, AudioPortError> in
            Self.socket(host, port)
        } late: { result in
            if case .success(let descriptor) = result { close(descriptor) }
        }
        guard let connected else { throw AudioPortError("\(host):\(port) did not answer within 4 s") }
        return try connected.get()
    }

    /// Whether a server that was told nothing yet still holds the connection.
    package static func isOpen(_ descriptor: Int32) -> Bool {
        var first: UInt8 = 0
        let count = recv(descriptor, &first, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        // A hang-up is the end as well.
        return count > 0 ? first != 0 : count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    private static func socket(_ host: String, _ port: Int) -> Result<Int32, AudioPortError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &found)
        guard status == 0 else {
            return .failure(AudioPortError("\(host) is not known: \(String(cString: gai_strerror(status)))"))
        }
        defer { freeaddrinfo(found) }
        var reason = "it has no address"
        var next = found
        while let address = next?.pointee {
            next = address.ai_next
            let kind = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = Glibc.socket(address.ai_family, kind, address.ai_protocol)
            guard descriptor >= 0 else { continue }
            // Each address gets its time; the whole has its own limit.
            var limit = timeval(tv_sec: 2, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
                var on: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                // What nobody takes is dropped here, and not kept for seconds in the kernel.
                var room: Int32 = 16_384
                setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
                return .success(descriptor)
            }
            reason = errno == EINPROGRESS || errno == EAGAIN ? "it does not answer" : String(cString: strerror(errno))
            close(descriptor)
        }
        return .failure(AudioPortError("\(host):\(port) can't be reached: \(reason)"))
    }
}
