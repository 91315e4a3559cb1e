internal import Glibc

extension ConfigurationReader {
    mutating func readControl(_ section: ConfigurationSection) -> Configuration.Control {
        let listen = value("listen", in: section, as: .listenAddress)
        let token = secret("token", in: section, for: .token)
        let readToken = secret("read_token", in: section, for: .token)
        let names = list("names", in: section, as: .hostName) ?? []
        let isExposed = value("expose_unencrypted", in: section, as: .flag) ?? false
        guard let entry = section["listen"] else {
            if let stray = section["token"] ?? section["read_token"] ?? section["names"]
                ?? section["expose_unencrypted"]
            {
                report(
                    "without control.listen nothing listens on TCP",
                    "write 'listen: 127.0.0.1:8080', or remove this key",
                    key: section.path(of: stray.name),
                    line: stray.line
                )
            }
            return Configuration.Control()
        }
        if section["token"] == nil {
            report(
                "TCP is open to every user and program of the machine, and there is no token",
                "write 'token: { credential: NAME }' or 'token: { file: PATH }'",
                key: section.path(of: "token"),
                line: entry.line
            )
        }
        guard let listen else { return Configuration.Control() }
        if !listen.isLoopback, !isExposed {
            report(
                "the token and all numbers would cross the network unencrypted",
                "listen at 127.0.0.1 behind a reverse proxy with TLS or an SSH tunnel, or write"
                    + " 'expose_unencrypted: true' if everything between is trusted",
                key: section.path(of: "listen"),
                line: entry.line
            )
        }
        return Configuration.Control(
            remote: token.map {
                .init(listen: listen, token: $0, readToken: readToken, names: names)
            }
        )
    }
}

extension ConfigurationForm<Configuration.ListenAddress> {
    /// `ADDRESS:PORT`, an IPv6 address in brackets.
    static var listenAddress: Self {
        Self(shownAs: \.description) { written throws(Complaint) in
            let quoted = Spelling.quoted(written.text)
            let remedy = "write an IP address and a port, such as 127.0.0.1:8080 or \"[::1]:8080\""
            guard let colon = written.text.lastIndex(of: ":") else {
                throw Complaint("\(quoted) has no port", remedy)
            }
            let digits = written.text[written.text.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
                (1...65_535).contains(port)
            else { throw Complaint("\(quoted) has no port from 1 to 65535", remedy) }
            var host = String(written.text[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            guard let isLoopback = isLoopback(host), host.contains(":") == written.text.hasPrefix("[") else {
                throw Complaint("\(quoted) is not an IP address with a port", remedy)
            }
            return Configuration.ListenAddress(host: host, port: port, isLoopback: isLoopback)
        }
    }

    /// Whether an address is one of the machine's own; nil when it is no IP address.
    private static func isLoopback(_ host: String) -> Bool? {
        var bytes = [UInt8](repeating: 0, count: 16)
        // RFC 1122, 3.2.1.3: all of 127/8. RFC 4291, 2.5.3: ::1 alone.
        if inet_pton(AF_INET, host, &bytes) == 1 { return bytes[0] == 127 }
        guard inet_pton(AF_INET6, host, &bytes) == 1 else { return nil }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}

extension ConfigurationForm<String> {
    /// The name of a host as a request's `Host` is compared with it: without scheme, port and path (RFC 9110, 7.2).
    fileprivate static var hostName: Self {
        line(longest: 253)
            .checked { text throws(Complaint) in
                let quoted = Spelling.quoted(text)
                if let colon = text.firstIndex(of: ":"), !text.contains("/"),
                    text[colon...].dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
                {
                    let name = Spelling.printable(String(text[..<colon]), limit: 64)
                    throw Complaint("\(quoted) has a port, and names are compared without", "write \(name)")
                }
                let isName = text.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
                guard isName, !text.hasPrefix("."), !text.hasSuffix(".") else {
                    throw Complaint(
                        "\(quoted) is not the name of a host",
                        "write the name alone, such as box.example.net"
                    )
                }
            }
    }
}
