/// Why the listener for webhooks can't be opened; one line for a person each, with the remedy.
package enum WebhookListenerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address can't be listened at.
    case address(String, reason: String)
    /// The certificate can't be read.
    case certificate(String)
    /// The key can't be read, or is not that of the certificate.
    case key(String)

    /// The key of the configuration that has to be corrected.
    package var configurationKey: String {
        switch self {
        case .address: "webhooks.listen"
        case .certificate: "webhooks.tls.certificate"
        case .key: "webhooks.tls.key"
        }
    }

    /// The key that has to be corrected, where certificate and key stand below this one.
    package func key(below key: String) -> String {
        switch self {
        case .address: configurationKey
        case .certificate: key + ".certificate"
        case .key: key + ".key"
        }
    }

    /// What is wrong and what to do.
    package var description: String { words(below: "webhooks.tls") }

    /// What is wrong and what to do, where certificate and key stand below this key of the configuration.
    package func words(below key: String) -> String { "\(message(below: key)); correct \(self.key(below: key))" }

    /// What is wrong.
    package func message(below key: String) -> String {
        switch self {
        case .address(let address, let reason): "can't listen for webhooks at \(address): \(reason)"
        case .certificate(let path): "can't read a certificate in PEM from \(path)"
        case .key(let path): "the key of \(key) is no private key in PEM, or not that of the certificate \(path)"
        }
    }
}
