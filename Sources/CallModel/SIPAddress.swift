/// The address of a SIP server or of a user at it: `sip:10@pbx.example.net:5070;transport=tls` (RFC 3261 §19.1).
///
/// Of its parameters it knows `transport` alone; any other is refused, as it would mean nothing here.
package struct SIPAddress: Sendable, Hashable {
    /// How messages go.
    package enum Transport: String, Sendable, CaseIterable {
        case udp
        case tcp
        case tls
    }

    /// The user before `@`; nil for a server.
    package var user: String?
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    package var host: String
    /// The port, 1 to 65535; nil for the one that the name leads to.
    package var port: Int?
    /// How messages go; nil for what the name leads to.
    package var transport: Transport?

    /// Creates an address.
    package init(user: String? = nil, host: String, port: Int? = nil, transport: Transport? = nil) {
        self.user = user
        self.host = host
        self.port = port
        self.transport = transport
    }

    /// Reads an address; `sip:` or `sips:` may be missing.
    package init?(_ text: String) {
        guard text.utf8.count <= 512 else { return nil }
        var rest = Substring(text)
        let lower = text.lowercased()
        if lower.hasPrefix("sips:") {
            rest = rest.dropFirst(5)
            transport = .tls
        } else if lower.hasPrefix("sip:") {
            rest = rest.dropFirst(4)
        }
        var parts = rest.split(separator: ";", omittingEmptySubsequences: false)
        var place = parts.removeFirst()
        for part in parts {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "transport",
                let named = Transport(rawValue: pair[1].lowercased())
            else { return nil }
            transport = named
        }
        if let at = place.lastIndex(of: "@") {
            let name = place[..<at]
            guard Self.isUser(name) else { return nil }
            user = String(name)
            place = place[place.index(after: at)...]
        }
        guard let (host, port) = Self.place(place) else { return nil }
        (self.host, self.port) = (host, port)
    }

    /// Reads a host and, behind a colon, a port.
    package static func place(_ text: Substring) -> (host: String, port: Int?)? {
        var host = text
        var digits: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            digits = rest.isEmpty ? nil : rest.dropFirst()
            let isAddress = host.utf8.allSatisfy {
                isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
            guard isAddress, host.contains(":") else { return nil }
        } else {
            let pair = text.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count <= 2, let first = pair.first, isName(first) else { return nil }
            host = first
            digits = pair.count == 2 ? pair[1] : nil
        }
        guard let digits else { return (String(host), nil) }
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }

    private static func isName(_ text: Substring) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// Letters, digits and the marks that need no percent sign (RFC 3261 §25.1, `user`).
    package static func isUser(_ text: some StringProtocol) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.!~*'()&=+$,?/".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// Whether the host is a numeric address and no name.
    package var isNumeric: Bool {
        host.contains(":") || host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// Host and port as they are written.
    package var place: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }
}

extension SIPAddress: CustomStringConvertible {
    /// The address as a URI.
    package var description: String {
        "sip:" + (user.map { "\($0)@" } ?? "") + place + (transport.map { ";transport=\($0.rawValue)" } ?? "")
    }
}
