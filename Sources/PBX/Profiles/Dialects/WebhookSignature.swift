internal import Crypto
internal import CryptoExtras
package import TextCoding
internal import WebRequests

/// The ways in which PBXs sign their webhooks; pure functions over the bytes that came.
package enum WebhookSignature {
    /// Placetel: `X-PLACETEL-SIGNATURE` is the HMAC-SHA256 of the body in hexadecimal digits
    /// (github.com/Placetel/call-control-notify-api).
    package static func isPlacetel(_ signature: String, body: [UInt8], secret: Secret) -> Bool {
        guard signature.utf8.count == 64 else { return false }
        let code = HMAC<SHA256>.authenticationCode(for: body, using: key(secret.reveal().utf8))
        return ConstantTime.equal(Array(HexText.encode(code).utf8), Array(signature.lowercased().utf8))
    }

    /// Twilio: `X-Twilio-Signature` is the HMAC-SHA1, in base64, of the URL and every field of the form, name and value, sorted
    /// by name (twilio.com/docs/usage/security).
    ///
    /// A field that is there twice with one value counts once, as in
    /// `RequestValidator` of twilio-python.
    package static func isTwilio(_ signature: String, url: String, body: [UInt8], secret: Secret) -> Bool {
        guard let form = FormFields(body: body), let given = Base64Text.decode(signature) else { return false }
        let fields = form.fields.sorted { left, right in
            left.name == right.name
                ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
                : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        var text = url
        for (index, field) in fields.enumerated() where index == 0 || fields[index - 1] != field {
            text += field.name + field.value
        }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key(secret.reveal().utf8))
        return ConstantTime.equal(Array(code), given)
    }

    /// sipgate.io: `X-Sipgate-Signature` is the RSA signature (PKCS #1 v1.5, SHA-256) of the body, in base64
    /// (github.com/sipgate-io/sipgateio-node).
    ///
    /// - Parameters:
    ///   - signature: the header field.
    ///   - body: the body.
    ///   - publicKey: the key in PEM; one that can't be read fits no signature.
    package static func isSipgate(_ signature: String, body: [UInt8], publicKey: String) -> Bool {
        guard let given = Base64Text.decode(signature),
            let key = try? _RSA.Signing.PublicKey(pemRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: given),
            for: SHA256.hash(data: body),
            padding: .insecurePKCS1v1_5
        )
    }

    static func key(_ bytes: some Sequence<UInt8>) -> SymmetricKey { SymmetricKey(data: Array(bytes)) }

    /// The key that sipgate.io published with its library in 2025.
    static let sipgatePublicKey = """
        -----BEGIN PUBLIC KEY-----
        MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAvFdlnqRfO5TmqzjtsFVC
        qPz+oW+poi3lXQFvMJJMEAtlU4MbX+yuIkgnC+Qt3AQWIK+oWSEQiybg+p39wEMl
        16PZxEzf9gONQvTg1XhyHnwqYUFQj/AoxPKGYC3jmdjZ224SrESiTN3CdxoOc3vk
        cXiQstYE7SxnksPtzfk0aIOkicim5/tAP9izNQ18/zmX3ChjK2k72gf5dDlq+qZ8
        pRiHAPZ64TySH6cLQDhaoh6Nbq8FEG3usXXPClbUMh2DZaTMPafpd+LNuTngJ/y+
        KoZasVuFfXAeBqGA6l5d4Uedfr99Z6qjwDrJ8sU4z2Do9bJrbuqP+mOXEebhSI1K
        vi8trEfrIt8hnDBGsBaB9NEO3kYxvDT2/PhC9fNYFocjEpZNd7/mUqTJDYlpa4UC
        NDQaU+ATdXG8/P5sGAegks6MQTu+qe9XTO0CV48eswDkz6g3UbLOwmrJK59SjD3J
        yAZ52sluwyDKRWw/PPTt8BTQLjvkdbiLUlc4ehJ4b1X7D7diYWHDPeFL47cAvaXh
        dXVrZDeBJYibvD1jRx4ES0KlfhwzNXBYUoM/Movg9zMM2PzyHHKS//xIjwUC/FJ6
        /6eykno0Hy2B1ev6s3hdY6VkN2zd7Wf+EK4DxRliwsg1U99szFE3ewLfexF+Uag5
        M+TfPtOUumI/NHMTvsRW9+ECAwEAAQ==
        -----END PUBLIC KEY-----
        """
}
