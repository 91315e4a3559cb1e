import Crypto
import CryptoExtras
import DialPlan
import Testing
import WebRequests

@testable import PBX

@Suite("Calls that were announced, at sipgate")
struct SipgateAnnouncementTests {
    private static func newCall(_ call: String, from: String, _ key: _RSA.Signing.PrivateKey) throws -> WebhookRequest {
        let body = Array("event=newCall&direction=in&from=\(from)&to=4922166966966&callId=\(call)".utf8)
        let signature = try key.signature(for: SHA256.hash(data: body), padding: .insecurePKCS1v1_5)
        return WebhookRequest(
            method: "POST",
            target: "/pbx/office",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("X-Sipgate-Signature", Base64Text.encode(signature.rawRepresentation)),
            ],
            body: body
        )
    }

    @Test("one is led to its target once, within its time; everybody else gets what is configured")
    func announced() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let account = try Rig.account(.sipgate, nil) { account in
            account.webhook = WebhookSettings(
                path: "/pbx/office",
                publicURL: WebAddress("https://box.example.net/pbx/office")
            )
            account.webhook?.publicKey = key.publicKey.pemRepresentation
            account.webhook?.incoming = .reject
        }
        let connection = PBXConnection(account: account, transport: ScriptedTransport([]))
        #expect(connection.capabilities.announcesCallthrough)
        // As the service does it: the receiver has the account of the connection.
        var receiver = try #require(WebhookReceiver(account: connection.account))
        func answer(_ call: String, from: String, later: Duration = .zero) throws -> String {
            let verdict = receiver.receive(try Self.newCall(call, from: from, key), now: .now + later)
            return String(decoding: verdict.answer.body, as: UTF8.self)
        }
        #expect(try answer("1", from: "4915112345678").contains("<Reject"))
        _ = try await connection.prepareCallthrough(try Rig.callthrough())
        #expect(try answer("2", from: "4930777777").contains("<Reject"))
        #expect(try answer("3", from: "anonymous").contains("<Reject"))
        #expect(try answer("4", from: "4915112345678").contains("<Number>4930123456</Number>"))
        #expect(try answer("5", from: "4915112345678").contains("<Reject"))
        _ = try await connection.prepareCallthrough(try Rig.callthrough())
        #expect(try answer("6", from: "4915112345678", later: .seconds(61)).contains("<Reject"))
    }
}
