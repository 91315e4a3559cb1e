import Crypto
import CryptoExtras
import Testing
import TextCoding
import WebRequests

@testable import PBX

@Suite("Signatures of webhooks")
struct WebhookSignatureTests {
    // The vector of github.com/Placetel/call-control-notify-api.
    private static let placetelBody = Array(
        ("call_id=4a4cbb39578170aed9a2761a7bec8c7e704a541f52291ef603d6f5f152980c3c&event=CallAccepted"
            + "&from=0123456789&to=0987654321")
            .utf8
    )
    private static let placetelSignature = "c4f823c5b8806432fe2b83b1fc2ee714422e0cdfb4b5129152a7d0bbcd7792d0"

    @Test("Placetel's published signature fits, and no body with one byte changed")
    func placetel() {
        let secret = Secret("12345")
        let body = Self.placetelBody
        #expect(WebhookSignature.isPlacetel(Self.placetelSignature, body: body, secret: secret))
        #expect(!WebhookSignature.isPlacetel(Self.placetelSignature, body: body, secret: Secret("12346")))
        for index in body.indices {
            var changed = body
            changed[index] ^= 1
            #expect(!WebhookSignature.isPlacetel(Self.placetelSignature, body: changed, secret: secret))
        }
    }

    // The vectors of twilio.com/docs/usage/security, of two of its years.
    @Test(
        "Twilio's published signatures fit, and no other",
        arguments: [
            ("%2B14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("%2B12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        ]
    )
    func twilio(_ caller: String, _ signature: String) {
        let text = "Digits=1234&CallSid=CA1234567890ABCDE&Caller=\(caller)&To=%2B18005551212&From=\(caller)"
        let body = Array(text.utf8)
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
        let secret = Secret("12345")
        #expect(WebhookSignature.isTwilio(signature, url: url, body: body, secret: secret))
        #expect(!WebhookSignature.isTwilio(signature, url: url + "3", body: body, secret: secret))
        for index in body.indices {
            var changed = body
            changed[index] ^= 2
            #expect(!WebhookSignature.isTwilio(signature, url: url, body: changed, secret: secret), "\(index)")
        }
    }

    @Test("sipgate's key can be read, and a signature fits its bytes alone")
    func sipgate() throws {
        #expect((try? _RSA.Signing.PublicKey(pemRepresentation: WebhookSignature.sipgatePublicKey)) != nil)
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let body = Array("event=newCall&from=492111234567&to=4915791234567&direction=in&callId=123456".utf8)
        let signature = try key.signature(for: SHA256.hash(data: body), padding: .insecurePKCS1v1_5)
        let text = Base64Text.encode(signature.rawRepresentation)
        let pem = key.publicKey.pemRepresentation
        #expect(WebhookSignature.isSipgate(text, body: body, publicKey: pem))
        #expect(!WebhookSignature.isSipgate(text, body: body, publicKey: WebhookSignature.sipgatePublicKey))
        #expect(!WebhookSignature.isSipgate(text, body: body, publicKey: "nonsense"))
        #expect(!WebhookSignature.isSipgate("!!", body: body, publicKey: pem))
        for index in body.indices {
            var changed = body
            changed[index] ^= 1
            #expect(!WebhookSignature.isSipgate(text, body: changed, publicKey: pem))
        }
    }

    // The vector of the libraries of github.com/standard-webhooks/standard-webhooks.
    private static let standardSecret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    private static let standardBody = Array(#"{"test": 2432232314}"#.utf8)
    private static let standardSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private static func standard(
        _ signatures: String?,
        _ body: [UInt8] = standardBody,
        secrets: [Secret] = [standardSecret],
        at now: UnixTime = WebhookTests.now
    ) -> StandardWebhook.Check {
        StandardWebhook.check(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            signatures: signatures,
            body: body,
            secrets: secrets,
            now: now
        )
    }

    @Test("the published Standard Webhook is valid, for five minutes on either side")
    func standardVector() {
        #expect(Self.standard(Self.standardSignature) == .valid)
        #expect(Self.standard(Self.standardSignature, at: WebhookTests.now + .seconds(300)) == .valid)
        #expect(Self.standard(Self.standardSignature, at: WebhookTests.now + .seconds(301)) == .untimely)
        #expect(Self.standard(Self.standardSignature, at: WebhookTests.now + .seconds(-301)) == .untimely)
        #expect(Self.standard(nil) == .wrong)
        #expect(Self.standard("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") == .wrong)
        for index in Self.standardBody.indices {
            var changed = Self.standardBody
            changed[index] ^= 1
            #expect(Self.standard(Self.standardSignature, changed) == .wrong)
        }
    }

    @Test("while a secret is being changed, either of two signatures and secrets will do")
    func rotation() {
        let other = Secret("whsec_" + Base64Text.encode(Array("another secret of ours".utf8)))
        #expect(Self.standard("v1,AAAA " + Self.standardSignature) == .valid)
        #expect(Self.standard(Self.standardSignature, secrets: [other, Self.standardSecret]) == .valid)
        #expect(Self.standard(Self.standardSignature, secrets: [other]) == .wrong)
        let headers = StandardWebhook.headers(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            body: Self.standardBody,
            secrets: [Self.standardSecret, other],
            now: WebhookTests.now
        )
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers[2].value.hasPrefix(Self.standardSignature + " v1,"))
        #expect(Self.standard(headers[2].value, secrets: [other]) == .valid)
    }

    @Test("a time is written in digits alone", arguments: ["+1614265330", "-1614265330", "1614265330 ", "٠١", "1e9"])
    func timestamps(_ text: String) {
        // Signed for this very text, as whoever holds the secret could.
        let code = HMAC<SHA256>
            .authenticationCode(
                for: Array("m.\(text).".utf8) + Self.standardBody,
                using: SymmetricKey(data: Array("plain secret".utf8))
            )
        let check = StandardWebhook.check(
            id: "m",
            timestamp: text,
            signatures: "v1," + Base64Text.encode(code),
            body: Self.standardBody,
            secrets: [Secret("plain secret")],
            now: WebhookTests.now
        )
        #expect(check == .wrong)
    }

    @Test("whsec_ is decoded with and without padding, and in either alphabet")
    func spellings() {
        let bytes: [UInt8] = [0xFB, 0xEF, 0xBE, 0xFF, 0xFE] + Array("of nineteen b".utf8)
        let padded = Base64Text.encode(bytes + [1])
        let bare = padded.filter { $0 != "=" }
        let urlSafe = bare.replacing("+", with: "-").replacing("/", with: "_")
        #expect(padded.hasSuffix("=") && urlSafe != bare)
        for text in [padded, bare, urlSafe] { #expect(StandardWebhook.key("whsec_" + text) == bytes + [1], "\(text)") }
        for text in ["", "a", "ab cd", "ab!d", "====="] {
            #expect(StandardWebhook.key("whsec_" + text) == nil, "\(text)")
        }
        #expect(StandardWebhook.key("plain") == Array("plain".utf8))
    }
}
