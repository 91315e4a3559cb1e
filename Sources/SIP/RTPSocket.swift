internal import CallModel
internal import Glibc
internal import RTPMedia

/// A socket for the sound of one call, at the address from which the other side is reached.
///
/// It is closed with its last owner; who opens its sound gets a descriptor of its own.
final class RTPSocket {
    private let descriptor: Int32
    /// The one of reports, at the next port; -1 for none.
    private let reports: Int32
    /// By what we encrypt, where the other side wants that (RFC 4568): key and salt.
    let key: [UInt8] = {
        var random = SystemRandomNumberGenerator()
        return (0..<30).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }()
    private(set) var wasOpened = false
    /// Digits that the other side says in messages.
    let said = MessageKeys()
    /// Whether the other side wants to hear.
    private let hearing = Hearing()
    /// Whence the far end's messages come: through a NAT its sound does as well.
    var source: String?
    /// The numeric address and the port that the other side is told.
    let address: String
    let port: Int

    /// Opens a socket on the way to an address; nil where there is none, or no descriptor.
    ///
    /// - Parameters:
    ///   - own: the address of ours that it has to have; nil for the one that leads there.
    ///   - orAnywhere: whether the address may be a name, which stands for the way to the Internet.
    init?(toward far: String, from own: String? = nil, orAnywhere: Bool = false) {
        // Of TEST-NET-1 (RFC 5737) only the way is asked: nothing is sent.
        let anywhere = orAnywhere ? own ?? Self.ownAddress(toward: "192.0.2.1") : nil
        guard let address = Self.ownAddress(toward: far, from: own) ?? anywhere, let made = Self.pair(at: address)
        else {
            return nil
        }
        (descriptor, reports, port) = made
        self.address = address
    }

    deinit {
        close(descriptor)
        if reports >= 0 { close(reports) }
    }

    /// The sound toward what the other side has said of its own; nil where nothing can be heard there, or once it was opened.
    ///
    /// - Parameter anew: whether it may be opened once more, for the other side has moved.
    func sound(toward other: SDPDescription, anew: Bool = false) -> RTPSound? {
        guard let codec = other.codecs.first, other.port > 0, anew || !wasOpened else { return nil }
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard own >= 0 else { return nil }
        wasOpened = true
        var sound = RTPSound(
            descriptor: own,
            address: other.address,
            port: other.port,
            codec: codec.codec,
            payloadType: codec.payloadType
        )
        sound.eventType = other.eventType
        sound.said = said
        sound.hearing = hearing
        speaks(to: other)
        let ownReports = reports >= 0 ? fcntl(reports, F_DUPFD_CLOEXEC, 3) : -1
        if ownReports >= 0 { (sound.reports, sound.reportPort) = (ownReports, other.reportPort) }
        sound.trusted = [other.address] + [source].compactMap(\.self)
        if let theirs = other.crypto.first {
            sound.keys = RTPSound.Keys(own: key, other: theirs.key, isShort: theirs.isShort)
        }
        return sound
    }

    /// Sends sound, or none while the other side holds the call (RFC 3264 §8.4).
    func speaks(to other: SDPDescription) { hearing.isOff = other.isHold }

    /// The address of ours that packets to an address bear: what a connected socket has (nothing is sent for that).
    ///
    /// - Parameter wanted: the one that they are to bear, with which there may be no way.
    private static func ownAddress(toward far: String, from wanted: String? = nil) -> String? {
        guard let target = resolved(far, port: 9) else { return nil }
        defer { freeaddrinfo(target) }
        let probe = socket(target.pointee.ai_family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return nil }
        defer { close(probe) }
        if let wanted {
            guard let place = resolved(wanted, port: 0) else { return nil }
            defer { freeaddrinfo(place) }
            guard bind(probe, place.pointee.ai_addr, place.pointee.ai_addrlen) == 0 else { return nil }
        }
        var own = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard connect(probe, target.pointee.ai_addr, target.pointee.ai_addrlen) == 0 else { return nil }
        return withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard getsockname(probe, raw, &length) == 0 else { return nil }
                var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                guard getnameinfo(raw, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
                    return nil
                }
                return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
    }

    /// Two sockets at ports that follow each other, the first an even one (RFC 3550 §11); where there are none, one alone.
    private static func pair(at address: String) -> (Int32, Int32, Int)? {
        for _ in 0..<16 {
            guard let (first, port) = bound(to: address) else { return nil }
            if port.isMultiple(of: 2), let (second, _) = bound(to: address, port: port + 1) {
                return (first, second, port)
            }
            close(first)
        }
        return bound(to: address).map { ($0.0, -1, $0.1) }
    }

    private static func bound(to address: String, port wanted: Int = 0) -> (Int32, Int)? {
        guard let own = resolved(address, port: wanted) else { return nil }
        defer { freeaddrinfo(own) }
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let made = socket(own.pointee.ai_family, kind, 0)
        guard made >= 0 else { return nil }
        var stored = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // Expedited forwarding, as RFC 4594 §4.1 wants for telephony; no harm where it is not honoured.
        var service: Int32 = 46 << 2
        _ = setsockopt(made, Int32(IPPROTO_IP), IP_TOS, &service, socklen_t(MemoryLayout<Int32>.size))
        let port = withUnsafeMutablePointer(to: &stored) { pointer -> Int? in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard bind(made, own.pointee.ai_addr, own.pointee.ai_addrlen) == 0, getsockname(made, raw, &length) == 0
                else { return nil }
                // The port stands at the same place for both families.
                return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(in_port_t(bigEndian: $0.pointee.sin_port))
                }
            }
        }
        guard let port else {
            close(made)
            return nil
        }
        return (made, port)
    }

    private static func resolved(_ address: String, port: Int) -> UnsafeMutablePointer<addrinfo>? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        return getaddrinfo(address, "\(port)", &hints, &found) == 0 ? found : nil
    }
}
