/// The base address of a PBX's HTTP interface.
package struct WebAddress: Sendable, Equatable {
    /// `https`, or `http` where it is allowed.
    package let isEncrypted: Bool
    /// The host's name or IP address, without brackets.
    package let host: String
    /// The port; nil for the scheme's own.
    package let port: Int?
    /// The path without a slash at its end; empty for none.
    package let path: String

    /// Reads `https://HOST[:PORT][/PATH]`; nil at anything else, such as a user, a query or a fragment.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 2048, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let lower = text.lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://") else { return nil }
        isEncrypted = lower.hasPrefix("https://")
        let rest = text.utf8.dropFirst(isEncrypted ? 8 : 7)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        var path = String(decoding: rest.dropFirst(authority.count), as: UTF8.self)
        guard !path.contains(where: { "?#\\".contains($0) }) else { return nil }
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
        guard let parts = Self.hostAndPort(Array(authority)) else { return nil }
        host = parts.host.lowercased()
        port = parts.port
    }

    private static func hostAndPort(_ authority: [UInt8]) -> (host: String, port: Int?)? {
        var host = authority[...]
        var port: ArraySlice<UInt8>?
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[1..<end]
            let behind = authority[(end + 1)...]
            guard behind.isEmpty || behind.first == UInt8(ascii: ":") else { return nil }
            port = behind.isEmpty ? nil : behind.dropFirst()
            guard host.contains(UInt8(ascii: ":")), host.allSatisfy(isIPv6) else { return nil }
        } else {
            if let colon = authority.firstIndex(of: UInt8(ascii: ":")) {
                host = authority[..<colon]
                port = authority[(colon + 1)...]
            }
            guard !host.isEmpty, host.count <= 253, host.allSatisfy(isName) else { return nil }
        }
        guard let port else { return (String(decoding: host, as: UTF8.self), nil) }
        guard (1...5).contains(port.count), port.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(String(decoding: port, as: UTF8.self)), (1...65_535).contains(number)
        else { return nil }
        return (String(decoding: host, as: UTF8.self), number)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isIPv6(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66, UInt8(ascii: ":"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// Scheme, host and port.
    package var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return (isEncrypted ? "https://" : "http://") + name + (port.map { ":\($0)" } ?? "")
    }

    /// The origin as others may write it: with the port, and without.
    package var origins: [String] {
        let name = (isEncrypted ? "https://" : "http://") + (host.contains(":") ? "[\(host)]" : host)
        return ["\(name):\(port ?? (isEncrypted ? 443 : 80))", name]
    }

    /// The same base under another path.
    package func at(path: String) -> WebAddress? { WebAddress(origin + path) }

    /// Whether only this machine or its own network can be meant: `localhost`, and IP addresses of the loopback,
    /// private, link-local and unique local ranges (RFC 1122, RFC 1918, RFC 3927, RFC 4193, RFC 4291).
    ///
    /// A name never counts, because its name server decides where it leads.
    package var isPrivate: Bool {
        if host == "localhost" { return true }
        if host.contains(":") {
            return host == "::1" || host.hasPrefix("fe8") || host.hasPrefix("fe9") || host.hasPrefix("fea")
                || host.hasPrefix("feb") || host.hasPrefix("fc") || host.hasPrefix("fd")
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in part.count <= 3 ? UInt8(part) : nil }
        guard parts.count == 4, numbers.count == 4 else { return false }
        switch (numbers[0], numbers[1]) {
        case (127, _), (10, _), (192, 168), (169, 254): return true
        case (172, 16...31): return true
        default: return false
        }
    }
}
