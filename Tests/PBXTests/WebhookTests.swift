import Crypto
import CryptoExtras
import DialPlan
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import PBX

@Suite("Webhooks")
struct WebhookTests {
    static let now = UnixTime(seconds: 1_614_265_330)
    private static let form = "application/x-www-form-urlencoded"

    // twilio-python, request_validator.py: with and without the port, and `sorted(set(values))` of a repeated field.
    @Test(
        "Twilio's webhook is taken as its own library takes it",
        arguments: [
            ("https://box.example.net:8443", "https://box.example.net:8443"),
            ("https://box.example.net:8443", "https://box.example.net"),
            ("https://box.example.net", "https://box.example.net:443"),
            ("https://box.example.net", "https://box.example.net"),
        ]
    )
    func twilioSpellings(_ ours: String, _ signed: String) throws {
        var receiver = try Self.receiver(.twilio) { account in
            account.webhook?.publicURL = WebAddress(ours + "/pbx/office")
        }
        func request(_ place: String) -> WebhookRequest {
            let body = "CallSid=CA1&CallStatus=completed&Digit=1&Digit=1&Digit=0"
            let text = "\(signed)/pbx/office\(place)CallSidCA1CallStatuscompletedDigit0Digit1"
            let key = SymmetricKey(data: Array("12345".utf8))
            let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key)
            return WebhookRequest(
                method: "POST",
                target: "/pbx/office" + place,
                headers: [("Content-Type", Self.form), ("X-Twilio-Signature", Base64Text.encode(code))],
                body: Array(body.utf8)
            )
        }
        let slash = receiver.receive(request("/status/"), now: Self.now)
        #expect(slash.refusal == .slash && slash.answer.status == 400)
        #expect(
            receiver.receive(request("/status"), now: Self.now).events.map(\.kind) == [.ended(.normal, seconds: nil)]
        )
    }

    @Test("fields that are shifted under one signature make no new call of an old one")
    func shiftedFields() throws {
        let sid = "CA" + String(repeating: "0123456789abcdef", count: 2)
        var receiver = try Self.receiver(.twilio) { $0.address = nil }
        let good = Self.twilio("/status", "CallSid=\(sid)&CallStatus=in-progress&SequenceNumber=0")
        #expect(receiver.receive(good, now: Self.now).events.map(\.kind) == [.answered])
        for body in [
            "CallSid=\(sid)&CallStatus=in-progress&SequenceNumber0=",
            "CallSid=\(sid)CallStatusin-progress&SequenceNumber=0",
            "CallSid=\(sid)&CallStatus=in-progressSequenceNumber0",
        ] {
            var shifted = good
            shifted.body = Array(body.utf8)
            let verdict = receiver.receive(shifted, now: Self.now)
            #expect(verdict.events.isEmpty, "\(body)")
            #expect(verdict.isRepetition || verdict.refusal == .body, "\(body)")
        }
        for call in ["CA1", sid + "0", "XX" + sid.dropFirst(2), String(sid.dropLast()) + "g"] {
            let verdict = receiver.receive(
                Self.twilio("/status", "CallSid=\(call)&CallStatus=in-progress"),
                now: Self.now
            )
            #expect(verdict.refusal == .body, "\(call)")
        }
    }

    // MARK: Receiving

    static func receiver(
        _ profile: PBXProfile,
        _ change: (inout PBXAccount) -> Void = { _ in }
    ) throws -> WebhookReceiver {
        let account = try Rig.account(profile) { account in
            account.webhook = WebhookSettings(
                path: "/pbx/office",
                publicURL: WebAddress("https://box.example.net/pbx/office"),
                secrets: [Secret("12345")]
            )
            change(&account)
        }
        return try #require(WebhookReceiver(account: account))
    }

    static func placetel(_ body: String, signature: String? = nil) -> WebhookRequest {
        let bytes = Array(body.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: Array("12345".utf8)))
        return WebhookRequest(
            method: "POST",
            target: "/pbx/office",
            headers: [("Content-Type", form), ("x-placetel-signature", signature ?? HexText.encode(code))],
            body: bytes
        )
    }

    private static func twilioSignature(_ place: String, _ body: [UInt8]) -> String {
        let fields = FormFields(body: body)?.fields.sorted { ($0.name, $0.value) < ($1.name, $1.value) } ?? []
        let text = "https://box.example.net/pbx/office" + place + fields.map { $0.name + $0.value }.joined()
        let key = SymmetricKey(data: Array("12345".utf8))
        return Base64Text.encode(HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key))
    }

    private static func twilio(_ place: String, _ body: String) -> WebhookRequest {
        let signature = twilioSignature(place, Array(body.utf8))
        return WebhookRequest(
            method: "POST",
            target: "/pbx/office" + place,
            headers: [("Content-Type", form), ("X-Twilio-Signature", signature)],
            body: Array(body.utf8)
        )
    }

    @Test("a webhook counts once, and its repetition gets the same answer")
    func repetition() throws {
        var receiver = try Self.receiver(.placetel) { $0.webhook?.incoming = .forward(["7771234567@fpbx.de"]) }
        let request = Self.placetel("event=IncomingCall&from=022129191999&to=022199999999&call_id=ab1&direction=in")
        let first = receiver.receive(request, now: Self.now)
        #expect(
            first.events.map(\.kind) == [.incoming(from: .number(try Rig.number("022129191999")), to: "022199999999")]
        )
        #expect(
            String(decoding: first.answer.body, as: UTF8.self)
                .hasSuffix(
                    #"<Response><Forward music_on_hold="true"><Target ringtime="60"><Number>7771234567@fpbx.de</Number>"#
                        + "</Target></Forward></Response>"
                )
        )
        let second = receiver.receive(request, now: Self.now + .seconds(1))
        #expect(second.isRepetition && second.events.isEmpty)
        #expect(second.answer == first.answer)
    }

    @Test("what is told about a call that is over changes nothing")
    func overdue() throws {
        var receiver = try Self.receiver(.placetel)
        let end = Self.placetel("event=HungUp&from=1&to=2&call_id=ab1&type=missed&duration=0&direction=in")
        #expect(receiver.receive(end, now: Self.now).events.map(\.kind) == [.ended(.noAnswer, seconds: 0)])
        let late = receiver.receive(Self.placetel("event=CallAccepted&from=1&to=2&call_id=ab1&peer=x"), now: Self.now)
        #expect(late.events.isEmpty && late.answer.status == 204)
    }

    @Test("what is not signed, not meant or too long is refused, with nothing in the answer")
    func refusals() throws {
        var receiver = try Self.receiver(.placetel)
        let good = Self.placetel("event=HungUp&call_id=ab1")
        var cases: [(WebhookRequest, Int, WebhookVerdict.Refusal)] = []
        var changed = good
        changed.method = "GET"
        cases.append((changed, 405, .method))
        changed = good
        changed.target = "/pbx/office2"
        cases.append((changed, 404, .path))
        changed = good
        changed.headers[0].value = "text/plain"
        cases.append((changed, 415, .contentType))
        changed = good
        changed.headers[1].value = String(repeating: "0", count: 64)
        cases.append((changed, 401, .signature))
        changed = good
        changed.headers.removeLast()
        cases.append((changed, 401, .signature))
        changed = good
        changed.headers.append(changed.headers[1])
        cases.append((changed, 401, .signature))
        changed = good
        changed.body = [UInt8](repeating: 0x61, count: WebhookRequest.longestBody + 1)
        cases.append((changed, 413, .size))
        cases.append((Self.placetel("event=HungUp"), 400, .body))
        cases.append((Self.placetel("event=HungUp&call_id=%zz"), 400, .body))
        for (request, status, refusal) in cases {
            let verdict = receiver.receive(request, now: Self.now)
            #expect(verdict.answer.status == status)
            #expect(verdict.refusal == refusal)
            #expect(verdict.answer.body.isEmpty && verdict.events.isEmpty)
        }
        #expect(receiver.receive(good, now: Self.now).refusal == nil)
    }

    @Test("a Standard Webhook tells of a held caller, and what is not known is taken and ignored")
    func held() throws {
        var receiver = try Self.receiver(.generic)
        func request(_ id: String, _ text: String) -> WebhookRequest {
            let body = Array(text.utf8)
            let headers = StandardWebhook.headers(id: id, body: body, secrets: [Secret("12345")], now: Self.now)
            return WebhookRequest(
                method: "POST",
                target: "/pbx/office",
                headers: [("Content-Type", "application/json; charset=utf-8")] + headers,
                body: body
            )
        }
        let text =
            #"{"type":"call.held","data":{"id":"h-1","from":"+4930123456","did":"+49221669","dial":"+49221111","expiresAt":1614265375}}"#
        let verdict = receiver.receive(request("m1", text), now: Self.now)
        let caller = HeldCaller(
            from: .number(try Rig.number("+4930123456")),
            to: "+49221669",
            dial: try DialString(typed: "+49221111"),
            validFor: .seconds(45)
        )
        #expect(verdict.events == [PBXEvent(.held(caller), call: try Rig.reference("h-1"))])
        #expect(receiver.receive(request("m1", text), now: Self.now).isRepetition)
        #expect(
            receiver.receive(request("m2", #"{"type":"call.sung","data":{"id":"h-1"}}"#), now: Self.now).events == []
        )
        let end = receiver.receive(
            request("m3", #"{"type":"call.ended","data":{"id":"h-1","cause":"busy","seconds":7}}"#),
            now: Self.now
        )
        #expect(end.events.map(\.kind) == [.ended(.busy, seconds: 7)])
        #expect(receiver.receive(request("m4", "[]"), now: Self.now).refusal == .body)
    }

    @Test("twilio holds strangers, joins a claim, dials what was announced, and turns our other calls away")
    func twilioFlow() async throws {
        let account = try Rig.account(.twilio) { account in
            account.webhook = WebhookSettings(
                path: "/pbx/office",
                publicURL: WebAddress("https://box.example.net/pbx/office"),
                secrets: [Secret("12345")]
            )
            account.webhook?.incoming = .hold
        }
        #expect(account.profile.capabilities(account).reverse == .native)
        var receiver = try #require(WebhookReceiver(account: account))
        let connection = PBXConnection(account: account, transport: ScriptedTransport([]))
        func voice(_ call: String, _ from: String) -> String {
            let request = Self.twilio(
                "/voice",
                "CallSid=\(call)&From=%2B\(from)&To=%2B4922166966966&CallStatus=ringing"
            )
            let verdict = receiver.receive(request, now: .now)
            return String(decoding: verdict.answer.body, as: UTF8.self)
        }
        #expect(
            voice("CA1", "4930777777")
                .contains(
                    #"<Enqueue action="https://box.example.net/pbx/office/queue">gsmbridge-CA1</Enqueue>"#
                )
        )
        let again = receiver.receive(
            Self.twilio("/voice", "CallSid=CA9&From=%2B4930777777&To=%2B4922166966966&CallStatus=ringing"),
            now: .now
        )
        let stranger = HeldCaller(
            from: .number(try Rig.number("+4930777777")),
            to: "+4922166966966",
            dial: try DialString(typed: "+4922166966966")
        )
        #expect(again.events.last?.kind == .held(stranger))
        #expect(voice("CA2", "4915112345678").contains("<Reject/>"))
        let ticket = try await connection.claimHeld(try Rig.claim("CA1"))
        #expect(ticket.dial?.text == "+4922166966966")
        #expect(voice("CA3", "4915112345678").contains("<Dial><Queue>gsmbridge-CA1</Queue></Dial>"))
        #expect(voice("CA4", "4915112345678").contains("<Reject/>"))
        _ = try await connection.prepareCallthrough(try Rig.callthrough())
        #expect(voice("CA5", "4915112345678").contains("<Number>+4930123456</Number>"))
        let joined = receiver.receive(Self.twilio("/queue", "CallSid=CA1&QueueResult=bridged"), now: .now)
        #expect(joined.events.map(\.kind) == [.bridged])
        let end = receiver.receive(
            Self.twilio("/status", "CallSid=CA1&CallStatus=completed&CallDuration=12"),
            now: .now
        )
        #expect(end.events.map(\.kind) == [.ended(.normal, seconds: 12)])
    }

    @Test("an announcement counts once, and not for ever")
    func expected() throws {
        var calls = ExpectedCalls()
        let own = try Rig.number("+4915112345678")
        let purpose = ExpectedCalls.Purpose.dial(try Rig.number("030123456"), key: Rig.call)
        calls.expect(purpose, from: own, until: Self.now + .seconds(60), now: Self.now)
        #expect(calls.take(.withheld, now: Self.now) == nil)
        #expect(calls.take(.number(try Rig.number("+4915112345679")), now: Self.now) == nil)
        #expect(calls.take(.number(own), now: Self.now + .seconds(60)) == nil)
        #expect(calls.take(.number(own), now: Self.now) == purpose)
        #expect(calls.take(.number(own), now: Self.now) == nil)
    }

    @Test(
        "ten thousand random bodies, signed, are taken or refused without a crash",
        arguments: PBXProfile.all.filter { $0.webhooks != nil }.map(\.name)
    )
    func random(_ name: String) throws {
        let profile = try #require(PBXProfile.named(name))
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        var receiver = try Self.receiver(profile) { $0.webhook?.publicKey = key.publicKey.pemRepresentation }
        let isSlow = name == "sipgate"
        var chance = SeededGenerator(seed: 42)
        let words = [
            "event", "=", "&", "call_id", "callId", "CallSid", "newCall", "IncomingCall", "%", "%4", "+", "HungUp", "{",
            "}", "\"",
            "type", ":", "call.held", "id", ",", "data", "[", "\\u", "ä", "from", "0301234567", "\u{0}", "CallStatus",
            "-1", "1e999",
        ]
        var taken = 0
        for _ in 0..<(isSlow ? 500 : 10_000) {
            var body: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<12, using: &chance) {
                if Bool.random(using: &chance) {
                    body += Array((words.randomElement(using: &chance) ?? "").utf8)
                } else {
                    body.append(UInt8.random(in: 0...255, using: &chance))
                }
            }
            let headers: [(name: String, value: String)]
            switch name {
            case "placetel":
                let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array("12345".utf8)))
                headers = [("Content-Type", Self.form), ("X-PLACETEL-SIGNATURE", HexText.encode(code))]
            case "sipgate":
                let signature = try key.signature(for: SHA256.hash(data: body), padding: .insecurePKCS1v1_5)
                headers = [
                    ("Content-Type", Self.form),
                    ("X-Sipgate-Signature", Base64Text.encode(signature.rawRepresentation)),
                ]
            case "twilio":
                headers = [("Content-Type", Self.form), ("X-Twilio-Signature", Self.twilioSignature("/voice", body))]
            default:
                headers =
                    [("Content-Type", "application/json")]
                    + StandardWebhook.headers(id: "m\(taken)", body: body, secrets: [Secret("12345")], now: Self.now)
            }
            let request = WebhookRequest(method: "POST", target: "/pbx/office/voice", headers: headers, body: body)
            let verdict = receiver.receive(request, now: Self.now)
            if verdict.refusal == nil { taken += 1 }
            #expect((200...499).contains(verdict.answer.status))
        }
    }
}
