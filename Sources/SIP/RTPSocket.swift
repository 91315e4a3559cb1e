internal import Glibc

/// A socket for the sound of one call, at the address from which the other side is reached.
///
/// It is closed with its last owner, unless it was given away.
final class RTPSocket {
    private(set) var descriptor: Int32
    /// The numeric address and the port that the other side is told.
    let address: String
    let port: Int

    /// Opens a socket on the way to an address; nil where there is none, or no descriptor.
    init?(toward far: String) {
        guard let address = Self.ownAddress(toward: far), let made = Self.bound(to: address) else { return nil }
        (descriptor, port) = made
        self.address = address
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the socket away.
    func giveAway() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }

    /// The address of ours that packets to an address bear: what a connected socket has (nothing is sent for that).
    private static func ownAddress(toward far: String) -> String? {
        guard let target = resolved(far, port: 9) else { return nil }
        defer { freeaddrinfo(target) }
        let probe = socket(target.pointee.ai_family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return nil }
        defer { close(probe) }
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

    private static func bound(to address: String) -> (Int32, Int)? {
        guard let own = resolved(address, port: 0) else { return nil }
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
