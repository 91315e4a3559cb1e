extension PBXServer {
    /// How the HTTP interface of a simulated PBX is served.
    package struct Configuration: Sendable {
        /// The port on the loopback interface, 0 for any.
        package var port: Int
        /// The user of HTTP Basic.
        package var user: String
        /// The password of HTTP Basic, or the bearer token; nil lets every client in.
        package var password: String?
        /// The certificate and the key that it is served with, PEM files; plain HTTP without them.
        package var tls: TLSFiles?
        /// Where it tells what happens; nil tells it nowhere.
        package var webhook: Webhook?
        /// The application to which the dialplan of this Asterisk hands held callers and calls to the access number;
        /// nil when the PBX deals with them by itself.
        package var application: String?

        /// A certificate and its key.
        package struct TLSFiles: Sendable {
            /// The path of the certificate chain.
            package var certificate: String
            /// The path of the private key.
            package var key: String
        }

        /// Where events are posted, signed as Standard Webhooks.
        package struct Webhook: Sendable {
            /// An `http://` address of this machine.
            package var url: String
            /// The secret: `whsec_` and base64, or plain text.
            package var secret: String
            /// What goes wrong with it.
            package var fault: Fault?

            /// What can go wrong with webhooks.
            package enum Fault: String, Sendable, CaseIterable {
                /// Each is sent twice.
                case twice
                /// The signature is that of another secret.
                case wrongSignature = "wrong_signature"
                /// It is signed an hour ago.
                case stale
            }

            /// Names the receiver.
            package init(url: String, secret: String, fault: Fault? = nil) {
                self.url = url
                self.secret = secret
                self.fault = fault
            }
        }

        /// Makes a configuration; by default plain HTTP on any port, for everybody.
        package init(
            port: Int = 0,
            user: String = "gsmbridge",
            password: String? = nil,
            tls: TLSFiles? = nil,
            webhook: Webhook? = nil,
            application: String? = nil
        ) {
            self.port = port
            self.user = user
            self.password = password
            self.tls = tls
            self.webhook = webhook
            self.application = application
        }
    }
}
