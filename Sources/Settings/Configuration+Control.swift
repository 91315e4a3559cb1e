internal import Glibc
internal import TextCoding

extension Configuration {
    /// The control interface on TCP; on its Unix socket it always is.
    package struct Control: Sendable {
        var listen: ListenAddress?
        var token: SecretReference?
        var readToken: SecretReference?
        var names: [String] = []
        var isExposed = false

        /// Where to listen on TCP, and what a request must bring; nil for nowhere.
        package var remote: Remote? {
            guard let listen, let token else { return nil }
            return Remote(listen: listen, token: token, readToken: readToken, names: names)
        }

        /// Where to listen on TCP.
        package struct Remote: Sendable, Equatable {
            /// The address and port.
            package var listen: ListenAddress
            /// Where the token is found.
            package var token: SecretReference
            /// Where the token is found that is good for looking alone; nil for none.
            package var readToken: SecretReference?
            /// The names under which a reverse proxy is asked.
            package var names: [String]
        }
    }

    /// An IP address and a port.
    package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
        /// The IP address, without brackets.
        package let host: String
        /// The port, 1 to 65535.
        package let port: Int
        /// Whether only this machine can reach it.
        package let isLoopback: Bool

        /// The address as the configuration writes it: `127.0.0.1:8080`, `[::1]:8080`.
        package var description: String {
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}

extension SettingTable<Configuration.Control> {
    static var control: Self {
        let rows: [SettingRow<Configuration.Control>] = [
            .optional("listen", \.listen, .listenAddress).example("127.0.0.1:8080")
                .help("the IP address and the port; beyond 127.0.0.1 put a reverse proxy with TLS in front"),
            .secret("token", \.token, .token).standard("must be there with `listen`")
                .example("{ credential: control-token }")
                .help("what every request must bring: 16 to 512 visible characters, as of `gsmbridge token new`"),
            .secret("read_token", \.readToken, .token).example("{ credential: control-read-token }")
                .help("another one, which is good for status, modems, health and metrics alone"),
            .optionalList("names", \.names, .hostName).example("[box.example.net]")
                .help("names under which a reverse proxy is asked, without scheme and port; others are refused (421)"),
            .value("expose_unencrypted", \.isExposed, .flag, isShown: false)
                .help("whether `listen` may be an address that others reach: all between can read token and numbers"),
        ]
        return Self(
            { _, _ in Configuration.Control() },
            rows,
            check: { reader, section, control in
                guard section["listen"] != nil else {
                    return reader.reportStray(
                        ["token", "read_token", "names", "expose_unencrypted"],
                        in: section,
                        "without control.listen nothing listens on TCP",
                        "write 'listen: 127.0.0.1:8080', or remove this key"
                    )
                }
                if section["token"] == nil {
                    reader.report(
                        "TCP is open to every user and program of the machine, and there is no token",
                        "write 'token: { credential: NAME }' or 'token: { file: PATH }'",
                        key: section.path(of: "token"),
                        line: section["listen"]?.line
                    )
                }
                if let control, let token = control.token, control.readToken?.source == token.source {
                    reader.report(
                        "this is the secret of control.token, with which calls can be made",
                        "make another one: gsmbridge token new --name control-read-token",
                        at: "read_token",
                        in: section
                    )
                }
                if let control, control.listen?.isLoopback == false, !control.isExposed {
                    reader.report(
                        "the token and all numbers would cross the network unencrypted",
                        "listen at 127.0.0.1 behind a reverse proxy with TLS or an SSH tunnel, or write"
                            + " 'expose_unencrypted: true' if everything between is trusted",
                        at: "listen",
                        in: section
                    )
                }
            }
        )
    }
}

extension ConfigurationForm<Configuration.ListenAddress> {
    /// `ADDRESS:PORT`, an IPv6 address in brackets.
    static var listenAddress: Self {
        Self("`ADDRESS:PORT`, `\"[ADDRESS]:PORT\"` for IPv6", shownAs: \.description) { written throws(Complaint) in
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
    static var hostName: Self {
        line(longest: 253)
            .checked("names") { text throws(Complaint) in
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
