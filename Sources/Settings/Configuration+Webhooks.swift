package import FoundationEssentials

extension Configuration {
    /// What PBXs tell this box, and what this box tells others.
    package struct Webhooks: Sendable {
        /// Where PBXs reach this box; nil for nowhere.
        package var listener: Listener?
        /// The base under which PBXs reach the listener, such as `https://box.example.net`; nil when it is not known.
        package var publicURL: URL?
        /// Where events are sent to, in the order of the file.
        package var notify: [Notification] = []

        /// Where PBXs reach this box.
        package struct Listener: Sendable, Equatable {
            /// The address and port.
            package var listen: ListenAddress
            /// Certificate and key; nil for plain HTTP.
            package var tls: Identity?
        }

        /// What the listener shows to who connects.
        package struct Identity: Sendable, Equatable {
            /// The path of a PEM file: the certificate, then those between it and its authority.
            package var certificate: String
            /// Where the private key in PEM is found.
            package var key: SecretReference
        }

        /// A URL that events are sent to.
        package struct Notification: Sendable {
            /// Where to: HTTPS, or HTTP where that is allowed.
            package var url: URL
            /// Where the secret to sign with is found.
            package var secret: SecretReference
            /// Where the one before is found, which is signed with as well.
            package var previousSecret: SecretReference?
            /// The names of the events, or of families such as `call.*`; empty for all.
            package var events: [String]
            /// A PEM file with the only certificates to trust; nil for the system's.
            package var certificateAuthority: String?
            /// Whether plain HTTP outside the own network was decided on.
            package var allowsPlainHTTP: Bool
        }

        var secrets: [SecretReference] {
            let ours = notify.flatMap { [$0.secret, $0.previousSecret].compactMap(\.self) }
            return [listener?.tls?.key].compactMap(\.self) + ours
        }
    }
}
