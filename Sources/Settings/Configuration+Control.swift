extension Configuration {
    /// The control interface on TCP; on its Unix socket it always is.
    package struct Control: Sendable {
        /// Where to listen on TCP, and what a request must bring; nil for nowhere.
        package var remote: Remote?

        /// Where to listen on TCP.
        package struct Remote: Sendable, Equatable {
            /// The address and port.
            package var listen: ListenAddress
            /// Where the token is found.
            package var token: SecretReference
            /// Where the token is found that is good for looking alone; nil for none.
            package var readToken: SecretReference?
            /// The names under which a reverse proxy is asked.
            package var names: [String] = []
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
