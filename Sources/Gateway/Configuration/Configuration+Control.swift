extension Configuration {
    /// The control interface on TCP; on its Unix socket it always is.
    public struct Control: Sendable {
        /// Where to listen on TCP, and what a request must bring; nil for nowhere.
        public var remote: Remote?

        /// Where to listen on TCP.
        public struct Remote: Sendable, Equatable {
            /// The address and port.
            public var listen: ListenAddress
            /// Where the token is found.
            public var token: SecretReference
            /// Where the token is found that is good for looking alone; nil for none.
            public var readToken: SecretReference?
            /// The names under which a reverse proxy is asked.
            public var names: [String] = []
        }
    }

    /// An IP address and a port.
    public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
        /// The IP address, without brackets.
        public let host: String
        /// The port, 1 to 65535.
        public let port: Int
        /// Whether nobody but this machine can reach it.
        public let isLoopback: Bool

        /// The address as the configuration writes it: `127.0.0.1:8080`, `[::1]:8080`.
        public var description: String {
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
