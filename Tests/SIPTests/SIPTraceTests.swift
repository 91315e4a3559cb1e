import TestSupport
import Testing

@testable import SIP

@Suite("Messages for those who look on") struct SIPTraceTests {
    private static let dashes = String(repeating: "-", count: 72) + "\n"

    /// A message in the pieces in which the stack logs it.
    private static func pieces(_ head: String, _ message: String) -> [String] {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        return ["\(head)   \(dashes)"] + lines.flatMap { ["   \($0)", "\n"] } + ["   \(dashes)"]
    }

    @Test("a message is put together from its pieces, and what is none is left out")
    func pieces() {
        var trace = SIPTrace()
        trace.want(at: .now)
        let head = "recv 345 bytes from udp/[127.0.0.1]:5060 at 08:09:10.123456:\n"
        for piece in ["some other words\n"] + Self.pieces(head, "OPTIONS sip:box SIP/2.0\nVia: x\n\n") {
            trace.take(piece, time: 7)
        }
        for piece in Self.pieces("send 4 bytes to tcp/[::1]:5062 at 08:09:10.123456:\n", "\n\n") {
            trace.take(piece, time: 8)
        }
        for piece in Self.pieces("send 9 bytes to tcp/[::1]:5062 at 08:09:10.1:\n", "SIP/2.0 200 OK\n") {
            trace.take(piece, time: 9)
        }
        let (messages, last) = trace.behind(nil)
        #expect(messages.map(\.text) == ["OPTIONS sip:box SIP/2.0\nVia: x", "SIP/2.0 200 OK"])
        #expect(messages.map(\.peer) == ["udp/[127.0.0.1]:5060", "tcp/[::1]:5062"])
        #expect(messages.map(\.isSent) == [false, true] && messages.map(\.time) == [7, 9] && last == 2)
        #expect(trace.behind(1).messages.map(\.number) == [2])
        for _ in 0..<600 { for piece in Self.pieces(head, "X") { trace.take(piece, time: 0) } }
        #expect(trace.behind(nil).messages.count == SIPTrace.mostMessages)
        #expect(trace.isWanted(at: .now) && !trace.isWanted(at: .now + .seconds(11)))
    }

    @Test(
        "what nobody may see is not in it",
        arguments: [
            ("Authorization: Digest username=\"10\", response=\"SECRET\"", "Authorization: •"),
            ("proxy-authorization : digest response=SECRET,realm=\"r\"", "proxy-authorization : •"),
            ("Authorization: Digest username=\"10\",\n response=\"SECRET\"", "Authorization: •"),
            ("Authentication-Info: rspauth=\"SECRET\", qop=auth", "Authentication-Info: •"),
            ("Identity: SECRET;info=<x>", "Identity: •"),
            ("Content-Type: message/sipfrag\n\nSIP/2.0 200 OK\nAuthorization: Digest\n x=SECRET", "SIP/2.0 200 OK"),
            ("c: application/dtmf\n\nSECRET", "• 6 bytes"), ("\n\nd=Digits=SECRET", " bytes"),
            ("Content-Type: text/plain\n\nTAN SECRET", "• 10 bytes"),
            ("Contact: <sip:10@192.0.2.7;pn-provider=x;pn-prid=SECRET;ob>", ";ob>"),
            ("Contact: <sip:10@192.0.2.7:5060;line=SECRET;transport=udp>", "transport=udp"),
            ("INVITE sip:10@192.0.2.7:5060;line=SECRET SIP/2.0", "SIP/2.0"),
            ("To: <sip:10:SECRET@pbx.example.net>", "pbx.example.net"),
            (
                "Content-Type: application/SDP; x=y\n\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SECRET|2^20",
                "AES_CM_128_HMAC_SHA1_80"
            ),
            ("Content-Type: application/SDP; x=y\n\nk=clear:SECRET", "k="),
            ("Content-Type: application/SDP; x=y\n\na=ice-pwd:SECRET", "a=ice-pwd"),
        ]
    )
    func redacted(line: String, kept: String) {
        let text = SIPRedaction.plain("REGISTER sip:x SIP/2.0\n\(line)\n".replacing("\n", with: "\r\n"))
        #expect(!text.contains("SECRET") && text.contains(kept), "\(text)")
        #expect(!text.contains("\r") && text.hasPrefix("REGISTER sip:x SIP/2.0\n"))
    }

    @Test("a key that is pressed is not in it either")
    func key() {
        let text = SIPRedaction.plain("INFO sip:x SIP/2.0\r\nContent-Type: application/dtmf\r\n\r\n7\r\n")
        #expect(!text.contains("7") && text.contains("application/dtmf"))
    }

    @Test(
        "what follows a keep-alive on the same connection is heard, looked on or not (RFC 5626 §3.5.1)",
        arguments: [false, true]
    )
    func keepAlive(isTraced: Bool) async throws {
        let rig = try await AgentTests.Rig(tcp: true) { [.say("\r\n\r\n" + $0.answer(486))] }
        if isTraced { _ = await rig.agent.trace(behind: nil) }
        _ = await rig.call("030555")
        #expect(try await rig.end()?.status == 486)
        let request = rig.request("INVITE", 1, sdp: AgentTests.sound).replacing("SIP/2.0/UDP", with: "SIP/2.0/TCP")
        rig.peer.send("\r\n\r\n" + request)
        _ = try await rig.news.first { if case .accountCall = $0 { true } else { false } }
        let seen = await rig.agent.trace(behind: nil).messages
        let answer = seen.first { !$0.isSent && $0.text.hasPrefix("SIP/2.0 486 Answer\nVia: ") }
        #expect((answer != nil) == isTraced, "\(seen.map(\.text))")
        #expect(seen.contains { !$0.isSent && $0.text.hasPrefix("INVITE sip:") } == isTraced)
        await rig.stop()
    }

    @Test("the messages of an account are seen on the wire, without the proof of its password")
    func wire() async throws {
        let rig = try await AgentTests.Rig { request in
            request.header("Proxy-Authorization").isEmpty
                ? [.say(request.answer(407, ["Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD5"]))]
                : [.say(request.answer(486))]
        }
        _ = await rig.agent.trace(behind: nil)
        _ = await rig.call("030555")
        _ = try await rig.end()
        let messages = await rig.agent.trace(behind: nil).messages
        let proved = messages.filter { $0.isSent && $0.text.hasPrefix("INVITE sip:030555") }
        #expect(proved.count == 2 && proved.last?.text.contains("Proxy-Authorization: •") == true, "\(messages)")
        #expect(messages.contains { !$0.isSent && $0.text.hasPrefix("SIP/2.0 407") })
        #expect(messages.allSatisfy { $0.peer == "udp/[127.0.0.1]:\(rig.peer.port)" })
        let sent = rig.peer.heard.all.map(\.text).joined()
        let proof = sent.split(separator: "response=\"").last?.prefix { $0 != "\"" } ?? ""
        #expect(proof.count == 32 && !messages.contains { $0.text.contains(proof) })
        await rig.stop()
    }
}
