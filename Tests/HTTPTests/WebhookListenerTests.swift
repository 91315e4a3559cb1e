import Console
import Crypto
import FoundationEssentials
import Gateway
import GatewayAPI
import Logging
import NIOCore
import PBX
import ServiceFigures
import Synchronization
import TestSupport
import Testing
import TextCoding
import WebAccess
import WebRequests

@testable import HTTP

extension ControlInterfaceTests {
    @Suite("Webhooks of PBXs")
    struct WebhookListenerTests {
        private static let held = #"{"type":"call.held","data":{"id":"c1","from":"+4930123456"}}"#

        private static func ended(_ call: String) -> String {
            #"{"type":"call.ended","data":{"id":"\#(call)","cause":"busy","seconds":3}}"#
        }

        @Test("what is signed is taken, answered with nothing, and handed on with the PBX's name")
        func right() async throws {
            try await WebhookRig.run([try WebhookRig.account()]) { rig in
                let answer = try await rig.exchange(WebhookRig.standard(Self.ended("c1"), id: "m1"))
                #expect(answer.status == 204)
                #expect(answer.content == "")
                for await (event, pbx) in rig.events {
                    #expect(pbx == "office")
                    #expect(event.call.text == "c1")
                    #expect(event.kind == .ended(.busy, seconds: 3))
                    break
                }
                #expect(rig.count("taken") == 1)
            }
        }

        @Test("a wrong signature, a flipped byte, a missing header and an old time are refused without a word")
        func wrong() async throws {
            var limits = WebhookRig.limits
            limits.refusals = 10_000
            try await WebhookRig.run([try WebhookRig.account()], limits: limits) { rig in
                let body = Self.held
                var requests = [
                    WebhookRig.standard(body, id: "m", secret: Secret("another-secret-of-16-bytes")),
                    WebhookRig.standard(body, id: "m", at: UnixTime.now + .seconds(-400)),
                    WebhookRig.standard(body, id: "m", at: UnixTime.now + .seconds(400)),
                    WebhookRig.post("/pbx/office", body, type: "application/json"),
                    WebhookRig.standard(body, id: "m", more: ["webhook-id: m"]),
                ]
                for index in body.utf8.indices {
                    var bytes = Array(body.utf8)
                    bytes[body.utf8.distance(from: body.utf8.startIndex, to: index)] ^= 1
                    requests.append(WebhookRig.standard(body, id: "m", sent: bytes))
                }
                for request in requests {
                    let answer = try await rig.exchange(request)
                    #expect(answer.status == 401)
                    #expect(answer.content == "")
                }
                #expect(rig.count("signature") == requests.count - 2)
                #expect(rig.count("timestamp") == 2)
                // None of them made the right one a repetition.
                #expect(try await rig.exchange(WebhookRig.standard(body, id: "m")).status == 204)
                #expect(rig.count("taken") == 1)
            }
        }

        @Test("what is played again is answered as the first time and does nothing, also after a reload")
        func replay() async throws {
            let account = try WebhookRig.account()
            try await WebhookRig.run([account]) { rig in
                let request = WebhookRig.standard(Self.held, id: "m1")
                for _ in 0..<3 { #expect(try await rig.exchange(request).status == 204) }
                rig.receivers.replace([try WebhookRig.account()])
                #expect(try await rig.exchange(request).status == 204)
                #expect(rig.count("taken") == 1)
                #expect(rig.count("repetition") == 3)
                #expect(try await rig.exchange(WebhookRig.standard(Self.ended("c2"), id: "m2")).status == 204)
                var seen: [String] = []
                for await (event, _) in rig.events {
                    seen.append(event.call.text)
                    if seen.count == 2 { break }
                }
                #expect(seen == ["c1", "c2"])
                rig.receivers.replace([])
                #expect(try await rig.exchange(WebhookRig.standard(Self.held, id: "m3")).status == 404)
            }
        }

        @Test("other paths, methods and types are refused, and a body of more than 64 KiB is not read")
        func otherwise() async throws {
            var limits = WebhookRig.limits
            limits.refusals = 10_000
            try await WebhookRig.run([try WebhookRig.account()], limits: limits) { rig in
                for path in [
                    "/", "/pbx", "/pbx/", "/pbx/other", "/pbx/officer", "/x/office", "//pbx/office", "/v1/status",
                ] {
                    let answer = try await rig.exchange(WebhookRig.standard(Self.held, id: "m", path: path))
                    #expect(answer.status == 404, "\(path)")
                    #expect(answer.content == "")
                }
                let get = try await rig.exchange(RequestText.get("/pbx/office"))
                #expect(get.status == 405)
                #expect(get.lowercased().contains("allow: post"))
                let form = WebhookRig.post("/pbx/office", "a=b", type: "application/x-www-form-urlencoded")
                #expect(try await rig.exchange(form).status == 415)
                let head = "POST /pbx/office HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                let long = try await rig.exchange(head + "Content-Length: 65537\r\n\r\n{")
                #expect(long.status == 413)
                let chunk = String(repeating: "x", count: 0x8000)
                let chunked =
                    head + "Transfer-Encoding: chunked\r\n\r\n"
                    + (0..<3).map { _ in "8000\r\n\(chunk)\r\n" }.joined() + "0\r\n\r\n"
                #expect(try await rig.exchange(chunked).status == 413)
                #expect(rig.count("path", pbx: "") == 8)
                #expect(rig.count("size") == 2)
            }
        }

        @Test("whoever sends too slowly is cut off, and nothing comes of it")
        func slow() async throws {
            try await WebhookRig.run([try WebhookRig.account()]) { rig in
                let request = WebhookRig.standard(Self.held, id: "m1")
                let wire = try Wire(port: rig.port)
                wire.send(String(request.dropLast(5)))
                let answer = try await wire.readToEnd()
                #expect(answer.status != 204)
                #expect(rig.count("taken") == 0)
                #expect(try await rig.exchange(request).status == 204)
            }
        }

        @Test("the answer is there before the work is done; a PBX's events keep their order and hold up no other's")
        func replyFirst() async throws {
            let gate = AsyncStream.makeStream(of: Void.self)
            let finished = AsyncStream.makeStream(of: String.self)
            let accounts = [try WebhookRig.account(), try WebhookRig.account("other")]
            try await WebhookRig.run(accounts) { event, _ in
                if event.call.text == "slow" { for await _ in gate.stream { break } }
                finished.continuation.yield(event.call.text)
            } _: { (rig: WebhookRig) async throws -> Void in
                #expect(try await rig.exchange(WebhookRig.standard(Self.ended("slow"), id: "m1")).status == 204)
                #expect(try await rig.exchange(WebhookRig.standard(Self.ended("next"), id: "m2")).status == 204)
                let third = WebhookRig.standard(Self.ended("else"), id: "m3", path: "/pbx/other")
                #expect(try await rig.exchange(third).status == 204)
                var names = finished.stream.makeAsyncIterator()
                #expect(await names.next() == "else")
                gate.continuation.yield()
                #expect(await names.next() == "slow")
                #expect(await names.next() == "next")
            }
        }

        @Test("a PBX whose events can't be dealt with is asked to send again, and is not taken for repeating then")
        func backlog() async throws {
            var limits = WebhookRig.limits
            limits.backlog = 2
            let gate = AsyncStream.makeStream(of: Void.self)
            let finished = AsyncStream.makeStream(of: String.self)
            try await WebhookRig.run([try WebhookRig.account()], limits: limits) { event, _ in
                if event.call.text == "c1" { for await _ in gate.stream { break } }
                finished.continuation.yield(event.call.text)
            } _: { (rig: WebhookRig) async throws -> Void in
                for call in ["c1", "c2"] {
                    #expect(try await rig.exchange(WebhookRig.standard(Self.ended(call), id: call)).status == 204)
                }
                let third = WebhookRig.standard(Self.ended("c3"), id: "c3")
                let answer = try await rig.exchange(third)
                #expect(answer.status == 503)
                #expect(answer.lowercased().contains("retry-after: "))
                gate.continuation.yield()
                var names = finished.stream.makeAsyncIterator()
                for call in ["c1", "c2"] { #expect(await names.next() == call) }
                #expect(try await waits { try await rig.exchange(third).status != 503 })
                #expect(await names.next() == "c3")
            }
        }

        @Test("who sends nonsense is turned away, and only the address that its proxy names")
        func flood() async throws {
            var limits = WebhookRig.limits
            limits.refusals = 3
            try await WebhookRig.run([try WebhookRig.account()], limits: limits) { rig in
                let bad = { (address: String) in
                    WebhookRig.post("/pbx/x", "{}", type: "application/json", ["X-Forwarded-For: 10.0.0.1, \(address)"])
                }
                for _ in 0..<3 { #expect(try await rig.exchange(bad("192.0.2.1")).status == 404) }
                let answer = try await rig.exchange(bad("192.0.2.1"))
                #expect(answer.status == 429)
                #expect(answer.lowercased().contains("retry-after: "))
                #expect(try await rig.exchange(bad("192.0.2.2")).status == 404)
                let right = { (id: String, address: String) in
                    WebhookRig.standard(Self.ended(id), id: id, more: ["X-Forwarded-For: \(address)"])
                }
                #expect(try await rig.exchange(right("c1", "192.0.2.2")).status == 204)
                // What is signed is never turned away, whoever else sends from there.
                #expect(try await rig.exchange(right("c2", "192.0.2.1")).status == 204)
                // A proxy that tells nobody apart: the PBX behind it is not locked out by others.
                for _ in 0..<5 {
                    let request = WebhookRig.post("/pbx/x", "{}", type: "application/json")
                    #expect(try await rig.exchange(request).status == 404)
                }
                #expect(try await rig.exchange(WebhookRig.standard(Self.ended("c3"), id: "c3")).status == 204)
                #expect(rig.count("turned_away", pbx: "") == 1)
            }
        }

        @Test("forged webhooks from all of a /48 do not keep the signed one out")
        func forgedNetwork() async throws {
            var limits = WebhookRig.limits
            limits.refusals = 2
            try await WebhookRig.run([try WebhookRig.account()], limits: limits) { rig in
                var isTurnedAway = false
                for number in 0..<40 {
                    let request = WebhookRig.standard(
                        Self.held,
                        id: "m",
                        secret: Secret("another-secret-of-16-bytes"),
                        more: ["X-Forwarded-For: 2001:db8:1:\(number)::1"]
                    )
                    isTurnedAway = try await rig.exchange(request).status == 429
                }
                #expect(isTurnedAway)
                let signed = WebhookRig.standard(Self.ended("c1"), id: "c1", more: ["X-Forwarded-For: 2001:db8:1:1::1"])
                #expect(try await rig.exchange(signed).status == 204)
            }
        }

        @Test("a chunk of no possible size is 400; a foreign host is 421")
        func framing() async throws {
            var account = try WebhookRig.account()
            account.webhook?.publicURL = WebAddress("https://box.example.net/pbx/office")
            try await WebhookRig.run([account]) { (rig: WebhookRig) async throws in
                let head = "POST /pbx/office HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                let chunk = head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n"
                #expect(try await rig.exchange(chunk).status == 400)
                let request = WebhookRig.standard(Self.ended("c1"), id: "c1")
                let foreign = request.replacing("Host: x\r\n", with: "Host: evil.example.com\r\n")
                #expect(try await rig.exchange(foreign).status == 421)
                let known = request.replacing("Host: x\r\n", with: "Host: box.example.net\r\n")
                #expect(try await rig.exchange(known).status == 204)
                #expect(rig.count("host", pbx: "") == 1)
            }
        }

        @Test("without a public_url too, only addresses and names of the box are taken")
        func names() async throws {
            try await WebhookRig.run([try WebhookRig.account()]) { (rig: WebhookRig) async throws in
                rig.receivers.replace([try WebhookRig.account()], names: ["box.example.net"])
                for (host, status) in [
                    ("evil.example.com", 421), ("box.example.net", 204), ("192.0.2.1:8480", 204), ("localhost", 204),
                    ("127.0.0.1.evil.example", 421), ("[2001:db8::1]:8480", 204),
                ] {
                    let request = WebhookRig.standard(Self.ended("c-\(host)"), id: "c-\(host)")
                    let answer = try await rig.exchange(request.replacing("Host: x\r\n", with: "Host: \(host)\r\n"))
                    #expect(answer.status == status, "\(host)")
                }
            }
        }

        @Test("a foreign host is told in the log, with the name that it asked for, once for all of them")
        func foreign() async throws {
            var account = try WebhookRig.account()
            account.webhook?.publicURL = WebAddress("https://box.example.net/pbx/office")
            let lines = Mutex<[String]>([])
            let logger = Logger(label: "test") { _ in JournalLogHandler { line in lines.withLock { $0.append(line) } } }
            try await WebhookRig.run([account], logger: logger) { (rig: WebhookRig) async throws in
                let request = WebhookRig.standard(Self.ended("c1"), id: "c1")
                for host in ["old-name.example.net", "evil.example.com", "evil.example.com"] {
                    let answer = try await rig.exchange(request.replacing("Host: x\r\n", with: "Host: \(host)\r\n"))
                    #expect(answer.status == 421)
                }
            }
            let told = lines.withLock { $0 }.filter { $0.contains("another host") }
            #expect(told.count == 1 && told[0].contains("old-name.example.net") && told[0].contains("public_url"))
        }

        @Test("a PBX that wants to be told what to do gets its XML at once, and again for a repetition")
        func documents() async throws {
            var account = try WebhookRig.account("tel", profile: .placetel)
            account.webhook?.incoming = .forward(["777@fpbx.de"])
            try await WebhookRig.run([account]) { rig in
                let body = "event=IncomingCall&from=030123456&to=0221669669&call_id=f4591ba31"
                let type = "application/x-www-form-urlencoded"
                let signature = WebhookRig.placetel(body)
                let request = WebhookRig.post("/pbx/tel", body, type: type, ["X-PLACETEL-SIGNATURE: \(signature)"])
                for _ in 0..<2 {
                    let answer = try await rig.exchange(request)
                    #expect(answer.status == 200)
                    #expect(answer.lowercased().contains("content-type: application/xml"))
                    #expect(answer.content.contains("<Number>777@fpbx.de</Number>"))
                }
                #expect(rig.count("taken", pbx: "tel") == 1)
            }
        }

        @Test("ten thousand random bodies harm nothing")
        func random() async throws {
            let receivers = WebhookReceivers([try WebhookRig.account()])
            var taken = 0
            for _ in 0..<10_000 {
                let bytes = (0..<Int.random(in: 0...80)).map { _ in UInt8.random(in: 0...255) }
                let headers = StandardWebhook.headers(id: "m", body: bytes, secrets: [WebhookRig.secret], now: .now)
                let request = WebhookRequest(
                    method: "POST",
                    target: "/pbx/office",
                    headers: headers + [(name: "Content-Type", value: "application/json")],
                    body: bytes
                )
                if receivers.receive(request, for: "office", now: .now)?.events.isEmpty == false { taken += 1 }
            }
            #expect(taken == 0)
        }

        @Test("addresses are told apart, and those of IPv4 in IPv6 as IPv4")
        func addresses() throws {
            let source = { (text: String) in
                RequestSource(try SocketAddress(ipAddress: text, port: 1))
            }
            #expect(try source("::ffff:192.0.2.1").address == "192.0.2.1")
            #expect(try source("::ffff:192.0.2.1") != source("::ffff:192.0.2.2"))
            #expect(try source("2001:db8::1") == source("2001:db8::2"))
            for (text, isLoopback) in [
                ("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("192.0.2.1", false), ("::2", false),
            ] {
                let address = try SocketAddress(ipAddress: text, port: 1)
                #expect(RequestSource.isLoopback(address) == isLoopback, "\(text)")
            }
        }

        @Test("status and metrics tell of webhooks, without addresses that could be secrets")
        func figures() async throws {
            let figures = WebhookFigures()
            figures.received(pbx: "office", result: "signature")
            figures.note(["the webhooks of office reach nobody"])
            let text = ServiceMetrics()
                .text(
                    status: GatewayStatus(name: "a", version: "1", pid: 1, startedAt: Date()),
                    hub: EventHub(),
                    webhooks: figures
                )
            #expect(text.contains(#"gsmbridge_webhooks_received_total{pbx="office",result="signature"} 1"#))
            #expect(figures.warnings == ["the webhooks of office reach nobody"])
            var status = GatewayStatus(name: "a", version: "1", pid: 1, startedAt: Date())
            status.pbx = ["office", "home"].map { .init(name: $0, profile: "asterisk_ari", reachable: "yes") }
            figures.received(pbx: "office", result: "taken", at: Date(timeIntervalSince1970: 1_700_000_000))
            figures.received(pbx: "", result: "turned_away")
            figures.complete(&status)
            let last = status.pbx[0].lastWebhook
            #expect(last?.result == "taken" && last?.at == Date(timeIntervalSince1970: 1_700_000_000))
            #expect(status.pbx[1].lastWebhook == nil)
            #expect(status.warnings == figures.warnings)
        }
    }
}
