public import FoundationEssentials

extension Configuration {
    /// What PBXs tell this box, and what this box tells others.
    public struct Webhooks: Sendable {
        /// Where PBXs reach this box; nil for nowhere.
        public var listener: Listener?
        /// The base under which PBXs reach the listener, such as `https://box.example.net`; nil when it is not known.
        public var publicURL: URL?
        /// Where events are sent to, in the order of the file.
        public var notify: [Notification] = []

        /// Where PBXs reach this box.
        public struct Listener: Sendable, Equatable {
            /// The address and port.
            public var listen: ListenAddress
            /// Certificate and key; nil for plain HTTP.
            public var tls: Identity?
        }

        /// What the listener shows to who connects.
        public struct Identity: Sendable, Equatable {
            /// The path of a PEM file: the certificate, then those between it and its authority.
            public var certificate: String
            /// Where the private key in PEM is found.
            public var key: SecretReference
        }

        /// A URL that events are sent to.
        public struct Notification: Sendable {
            /// Where to: HTTPS, or HTTP where that is allowed.
            public var url: URL
            /// Where the secret to sign with is found.
            public var secret: SecretReference
            /// Where the one before is found, which is signed with as well.
            public var previousSecret: SecretReference?
            /// The names of the events, or of families such as `call.*`; empty for all.
            public var events: [String]
            /// A PEM file with the only certificates to trust; nil for the system's.
            public var certificateAuthority: String?
            /// Whether plain HTTP outside the own network was decided on.
            public var allowsPlainHTTP: Bool
        }

        var secrets: [SecretReference] {
            let ours = notify.flatMap { [$0.secret, $0.previousSecret].compactMap(\.self) }
            return [listener?.tls?.key].compactMap(\.self) + ours
        }
    }
}
