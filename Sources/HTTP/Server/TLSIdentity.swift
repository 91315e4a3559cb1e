internal import NIOCore
internal import NIOSSL
internal import Settings
internal import Synchronization
package import TextCoding

/// The certificate and key that the listener for webhooks shows; they can be renewed while it runs.
package final class TLSIdentity: Sendable {
    private let context: Mutex<NIOSSLContext>

    /// Reads a certificate and its key.
    ///
    /// - Parameters:
    ///   - certificate: the path of a PEM file: the certificate, then those between it and its authority.
    ///   - key: the private key in PEM, without a passphrase.
    package init(certificate: String, key: Secret) throws(WebhookListenerError) {
        context = Mutex(try Self.context(certificate, key))
    }

    /// Takes others for the connections to come.
    package func renew(certificate: String, key: Secret) throws(WebhookListenerError) {
        let new = try Self.context(certificate, key)
        context.withLock { $0 = new }
    }

    func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: context.withLock { $0 }) }

    private static func context(_ certificate: String, _ key: Secret) throws(WebhookListenerError) -> NIOSSLContext {
        let chain: [NIOSSLCertificateSource]
        do { chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) } } catch {
            throw .certificate(certificate)
        }
        guard !chain.isEmpty else { throw .certificate(certificate) }
        do {
            let privateKey = try NIOSSLPrivateKey(bytes: Array(key.reveal().utf8), format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain,
                privateKey: .privateKey(privateKey)
            )
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            // What the library says of it may hold parts of the key.
            throw .key(certificate)
        }
    }
}
