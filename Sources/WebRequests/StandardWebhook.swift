internal import Crypto
package import TextCoding

/// Signatures of Standard Webhooks (github.com/standard-webhooks/standard-webhooks): `webhook-id`, `webhook-timestamp` in
/// seconds, `webhook-signature: v1,BASE64 v1,BASE64` over `id.timestamp.body`.
package enum StandardWebhook {
    /// How far its time may be from ours, on either side.
    package static let tolerance = Duration.seconds(300)

    /// What a check says.
    package enum Check: Sendable, Equatable {
        /// Signed with one of the secrets, and in time.
        case valid
        /// Something is missing, or no signature fits.
        case wrong
        /// Signed, but too old or from the future.
        case untimely
    }

    /// Checks a webhook.
    ///
    /// - Parameters:
    ///   - id: the header field `webhook-id`.
    ///   - timestamp: the header field `webhook-timestamp`.
    ///   - signatures: the header field `webhook-signature`.
    ///   - body: the body.
    ///   - secrets: the secrets that hold, `whsec_` and base64, or plain text.
    ///   - now: the time of day.
    package static func check(
        id: String?,
        timestamp: String?,
        signatures: String?,
        body: [UInt8],
        secrets: [Secret],
        now: UnixTime
    ) -> Check {
        guard let id, !id.isEmpty, id.utf8.count <= 256, let timestamp, let signatures, signatures.utf8.count <= 4096,
            (1...12).contains(timestamp.utf8.count), timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(timestamp)
        else { return .wrong }
        let given = signatures.split(separator: " ").prefix(16)
            .compactMap { $0.hasPrefix("v1,") ? Base64Text.decode(String($0.dropFirst(3))) : nil }
        var isValid = false
        for secret in secrets {
            let own = code(id: id, timestamp: timestamp, body: body, secret: secret)
            for signature in given where ConstantTime.equal(signature, own) { isValid = true }
        }
        guard isValid else { return .wrong }
        let distance = UnixTime(seconds: seconds).duration(to: now)
        return (.zero - tolerance...tolerance).contains(distance) ? .valid : .untimely
    }

    /// The header fields of a webhook of ours, signed with every secret.
    package static func headers(
        id: String,
        body: [UInt8],
        secrets: [Secret],
        now: UnixTime
    ) -> [(name: String, value: String)] {
        let timestamp = String(now.seconds)
        let signatures = secrets.map {
            "v1," + Base64Text.encode(code(id: id, timestamp: timestamp, body: body, secret: $0))
        }
        return [
            ("webhook-id", id), ("webhook-timestamp", timestamp),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// The bytes that a secret stands for; nil when it can't be decoded.
    ///
    /// Base64 behind `whsec_`, in either alphabet and with or without padding, because programs that make such secrets
    /// write all of these; plain text otherwise.
    package static func key(_ secret: String) -> [UInt8]? {
        guard secret.hasPrefix("whsec_") else { return Array(secret.utf8) }
        guard let bytes = Base64Text.decodeLeniently(secret.dropFirst("whsec_".count)), !bytes.isEmpty else {
            return nil
        }
        return bytes
    }

    private static func code(id: String, timestamp: String, body: [UInt8], secret: Secret) -> [UInt8] {
        // What can't be decoded was refused when the secret was read.
        let bytes = key(secret.reveal()) ?? []
        var signed = HMAC<SHA256>(key: SymmetricKey(data: bytes))
        signed.update(data: Array("\(id).\(timestamp).".utf8))
        signed.update(data: body)
        return Array(signed.finalize())
    }
}
