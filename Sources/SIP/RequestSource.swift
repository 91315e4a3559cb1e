internal import Glibc

/// Where a request came from.
struct RequestSource: Hashable {
    /// A numeric address, IPv6 without brackets.
    var address: String
    var port: Int
    /// `udp`, `tcp` or `tls`.
    var transport: String

    /// Where an answer of ours, or a call, has to go first: through a NAT that is the way the request came.
    var route: String {
        let host = address.contains(":") ? "[\(address)]" : address
        return "<sip:\(host):\(port);transport=\(transport);lr>"
    }

    /// What stands for the sender where guesses are counted: the address, of IPv6 the network, as one side has 2^64 of them.
    var network: String {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard address.contains(":"), inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        return stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":") + "::/64"
    }

    /// A numeric address as the system writes it: one of IPv6 has many forms.
    static func canonical(_ address: String) -> String {
        var bytes = in6_addr()
        guard address.contains(":"), inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return address }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// An IPv4 address as the network writes it; nil for any other.
    static func word(of address: String) -> UInt32? {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, let a = parts[0], let b = parts[1], let c = parts[2], let d = parts[3] else {
            return nil
        }
        return (UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)).bigEndian
    }

    /// Whether the address is one of a house: of this machine, private, or of the link (RFC 1918, 3927, 4193, 4291, 6598).
    var isOfTheHouse: Bool {
        if address.contains(":") {
            let lower = address.lowercased()
            if lower == "::1" || lower.hasPrefix("fc") || lower.hasPrefix("fd") { return true }
            return ["fe8", "fe9", "fea", "feb"].contains { lower.hasPrefix($0) }
        }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, let first = parts[0], let second = parts[1], parts[2] != nil, parts[3] != nil else {
            return false
        }
        switch (first, second) {
        case (127, _), (10, _), (172, 16...31), (192, 168), (169, 254), (100, 64...127): return true
        default: return false
        }
    }
}
