internal import Glibc

/// The addresses of this machine, of the Internet too.
struct OwnAddresses {
    /// How long they are taken for the same: a flood is not to have the system asked each time.
    private static let lookedUpEvery = Duration.seconds(5)

    private let look: () -> Set<String>
    private var known: (addresses: Set<String>, at: ContinuousClock.Instant)?

    /// - Parameter look: asks for them.
    init(_ look: @escaping () -> Set<String> = OwnAddresses.ofInterfaces) { self.look = look }

    /// Whether one is a numeric address of this machine.
    mutating func contains(_ address: String, at now: ContinuousClock.Instant) -> Bool {
        if let known, now - known.at < Self.lookedUpEvery { return known.addresses.contains(address) }
        let addresses = look()
        known = (addresses, now)
        return addresses.contains(address)
    }

    /// The addresses of all interfaces (getifaddrs(3)); none where the system does not say.
    static func ofInterfaces() -> Set<String> {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0, let first else { return [] }
        defer { freeifaddrs(first) }
        var addresses: Set<String> = []
        var next: UnsafeMutablePointer<ifaddrs>? = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let raw = entry.pointee.ifa_addr, [AF_INET, AF_INET6].contains(Int32(raw.pointee.sa_family)) else {
                continue
            }
            let isOld = Int32(raw.pointee.sa_family) == AF_INET
            let size = isOld ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(text.count)
            guard getnameinfo(raw, socklen_t(size), &text, length, nil, 0, NI_NUMERICHOST) == 0 else { continue }
            // An address of the link bears its interface: `fe80::1%eth0`.
            let bytes = text.prefix { $0 != 0 && $0 != 0x25 }.map { UInt8(bitPattern: $0) }
            addresses.insert(String(decoding: bytes, as: UTF8.self))
        }
        return addresses
    }
}
