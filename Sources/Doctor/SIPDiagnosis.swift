internal import CallModel
internal import Glibc
internal import Settings

extension DoctorFacts {
    /// SIP, as far as it can be seen from outside the service.
    struct SIP: Sendable, Hashable {
        /// Why an address can't be listened on.
        enum Obstacle: Sendable, Hashable {
            case taken
            /// It is none of this machine.
            case foreign
            /// Its port is for programs with more rights.
            case forbidden
        }

        /// An address at which phones may come.
        struct Listener: Sendable, Hashable {
            /// As the configuration writes it, such as `udp:192.0.2.1:5060`.
            var name: String
            var port: Int
            /// Nil for none, and where the service listens already.
            var obstacle: Obstacle?
            /// Whether it is one of the Internet, and strangers are let in there.
            var isPublic: Bool
        }

        var listeners: [Listener] = []
        /// The accounts whose keys go in the clear.
        var openKeys: [String] = []

        /// Looks at what is configured.
        ///
        /// - Parameter isServed: whether the service runs, and so has the addresses itself.
        init(_ configuration: Configuration.SIP, isServed: Bool) {
            if !configuration.phones.isEmpty || !configuration.trunks.isEmpty {
                listeners = configuration.listen.map { Listener($0, configuration, isServed: isServed) }
            }
            openKeys =
                configuration.accounts
                .filter { $0.encryption == .required && ($0.proxy ?? $0.registrar).transport != .tls }
                .map(\.name)
        }

        init() {}
    }
}

extension DoctorFacts.SIP.Listener {
    fileprivate init(_ listener: Configuration.SIP.Listener, _ sip: Configuration.SIP, isServed: Bool) {
        let port = listener.address.port ?? 5060
        self.init(
            name: "\(listener)",
            port: port,
            obstacle: isServed ? nil : Self.obstacle(listener.address.host, port, isUDP: listener.transport == .udp),
            isPublic: sip.allowsPublic && !Self.isOfTheHouse(listener.address.host)
        )
    }

    /// Whether only a house reaches an address (RFC 1918, 3927, 4193, 4291, 6598); all addresses of a machine at once are more than that.
    private static func isOfTheHouse(_ host: String) -> Bool {
        if host.contains(":") {
            let lower = host.lowercased()
            return lower == "::1" || ["fc", "fd", "fe8", "fe9", "fea", "feb"].contains { lower.hasPrefix($0) }
        }
        let parts = host.split(separator: ".").map { Int($0) ?? -1 }
        guard parts.count == 4 else { return false }
        switch (parts[0], parts[1]) {
        case (127, _), (10, _), (172, 16...31), (192, 168), (169, 254), (100, 64...127): return true
        default: return false
        }
    }

    /// What binding an address says, which is undone at once.
    private static func obstacle(_ host: String, _ port: Int, isUDP: Bool) -> DoctorFacts.SIP.Obstacle? {
        var hints = addrinfo()
        hints.ai_socktype = Int32((isUDP ? SOCK_DGRAM : SOCK_STREAM).rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let found else { return .foreign }
        defer { freeaddrinfo(found) }
        let probe = socket(found.pointee.ai_family, hints.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return nil }
        defer { close(probe) }
        var again: Int32 = 1
        // As a listener does: what is only left of an earlier connection is in nobody's way.
        if !isUDP { setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &again, socklen_t(MemoryLayout<Int32>.size)) }
        guard bind(probe, found.pointee.ai_addr, found.pointee.ai_addrlen) != 0 else { return nil }
        switch errno {
        case EADDRINUSE: return .taken
        case EADDRNOTAVAIL: return .foreign
        case EACCES: return .forbidden
        default: return nil
        }
    }
}
