import CallModel
import Glibc
import Logging
import TestSupport
import Testing

@testable import SIP

/// Messages of the kinds that RFC 4475 names, and what chance makes of them, at an address where phones may come.
@Suite("Torture", .timeLimit(.minutes(10))) struct TortureTests {
    /// An ordinary call; each torture changes a part of it.
    private static let ordinary = """
        INVITE sip:030123456@box SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKBRANCH
        Max-Forwards: 70
        From: "J Rosenberg" <sip:jdrosen@example.com>;tag=98asjd8
        To: <sip:vivekg@example.net>
        Call-ID: CALL
        CSeq: 1 INVITE
        Contact: <sip:caller@127.0.0.1>
        Content-Type: application/sdp
        Content-Length: 94

        v=0
        o=j 1 1 IN IP4 127.0.0.1
        s=-
        c=IN IP4 127.0.0.1
        t=0 0
        m=audio 4000 RTP/AVP 8

        """

    private static let changes: [(String, String)] = [
        // §3.1.1: legal, if odd.
        ("SIP/2.0/UDP 127.0.0.1;rport", "SIP  / 2.0\n /UDP\n    127.0.0.1;rport"),
        (
            "From: \"J",
            "TO :\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\nfrom   : \"J Rosenberg \\\\\\\"\""
        ),
        ("INVITE sip:030123456@box", "!interesting-Method0123456789_*+`.%indeed'~ sip:030@box"),
        ("sip:030123456@box", "sip:sips%3Auser%40example.com@example.net"),
        ("sip:030123456@box", "sip:null-%00-null@box"),
        ("INVITE sip:030123456@box", "RE%47IST%45R sip:030@box"),
        (
            "Max-Forwards: 70",
            "Max-Forwards: 70\n"
                + (0..<200).map { "X\($0): \(String(repeating: "y", count: 20))" }.joined(separator: "\n")
        ),
        ("sip:030123456@box", "sip:user;par=u%40example.net@example.com"),
        (
            "Via: SIP/2.0/UDP 127.0.0.1",
            "Via: SIP/2.0/SCTP t1.example.com;branch=z9hG4bKa, SIP/2.0/UNKNOWN x;branch=z9hG4bKb\nVia: SIP/2.0/UDP 127.0.0.1"
        ),
        // §3.1.2: illegal.
        ("Contact: <sip:caller@127.0.0.1>", "Contact: \"Joe\" <sip:joe@example.org>;;;;,,;,,"),
        ("Content-Length: 94", "Content-Length: 9999"),
        ("Content-Length: 94", "Content-Length: -999"),
        ("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE"),
        ("Max-Forwards: 70", "Max-Forwards: 300\nExpires: 10000000000000000000000000"),
        ("\"J Rosenberg\"", "\"J Rosenberg"),
        ("sip:030123456@box SIP", "<sip:030123456@box> SIP"),
        ("sip:030123456@box SIP", "sip:030123456@box; lr SIP"),
        ("INVITE sip", " INVITE  sip"),
        ("SIP/2.0\nVia", "SIP/2.0  \nVia"),
        ("sip:030123456@box", "sip:030@box?Route=%3Csip:example.com%3E"),
        ("Max-Forwards: 70", "Date: Fri, 01 Jan 2010 16:00:00 EST"),
        ("<sip:jdrosen@example.com>", "Bell, Alexander <sip:a.g.bell@example.com>"),
        ("box SIP/2.0", "box SIP/7.0"),
        ("CSeq: 1 INVITE", "CSeq: 1 OPTIONS"),
        ("INVITE sip:030123456@box SIP/2.0", "SIP/2.0 4294967301 better not break the receiver"),
        ("INVITE sip:030123456@box SIP/2.0", "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое"),
        ("INVITE sip:030123456@box SIP/2.0", "SIP/2.0 100 "),
        // §3.2 and §3.3.
        ("z9hG4bKBRANCH", "z9hG4bK"),
        ("Call-ID: CALL\n", ""), ("From: ", "X-From: "), ("To: ", "X-To: "), ("CSeq: 1 INVITE\n", ""),
        ("sip:030123456@box", "nobodyKnowsThisScheme:totallyopaquecontent"),
        ("sip:030123456@box", "soap.beep://192.0.2.103:3002"),
        ("<sip:vivekg@example.net>", "<http://example.com>"),
        ("Max-Forwards: 70", "Max-Forwards: 70\nRequire: nothingSupportsThis, nothingSupportsThisEither"),
        ("Content-Type: application/sdp", "Content-Type: application/unknownformat"),
        ("Max-Forwards: 70", "Authorization: NoOneKnowsThisScheme opaque-data=here"),
        ("Max-Forwards: 70", "Max-Forwards: 5\nMax-Forwards: 70\nCall-ID: another\nCSeq: 8 INVITE"),
        ("Content-Length: 94", "Content-Length: 94\nContent-Length: 1"),
        ("Via: SIP/2.0/UDP 127.0.0.1", "Via: SIP/2.0/UDP 255.255.255.255"),
        ("Max-Forwards: 70", "Max-Forwards: 0"),
        ("INVITE sip:030123456@box", "REGISTER sip:box"),
        ("m=audio 4000", "m=audio 99999999999999999999"), ("c=IN IP4 127.0.0.1", "c=IN IP6 ::::"), ("m=audio", "m="),
        // The style of RFC 2543.
        (";rport;branch=z9hG4bKBRANCH", ""),
    ]

    /// An agent with a door, and who knocks there; the tests run side by side, each at an address of its own.
    private static func rig(_ number: Int) async throws -> (SIPAgent, SIPPeer, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let made = SIPAgent(directory: directory.path, log: log) { _ in }
        let agent = try #require(made)
        var settings = SIPSettings(directory: directory.path)
        let host = "127.\(83 + number).\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)"
        settings.listen = [SIPSettings.Listener(transport: .udp, address: SIPAddress(host: host, port: 5060))]
        settings.trunks = [SIPSettings.Trunk(name: "peer", address: SIPAddress(host: "127.0.0.1"))]
        await agent.configure(settings)
        let peer = try SIPPeer { request in request.method == "ACK" ? [] : [.say(request.answer(200))] }
        peer.aim(at: host, port: 5060)
        return (agent, peer, directory)
    }

    /// Asks whether it still answers; it is the only one that waits.
    private static func isThere(_ peer: SIPPeer, _ number: Int) async throws {
        peer.send(
            """
            OPTIONS sip:box SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:\(peer.port);branch=z9hG4bKask\(number)\r\nMax-Forwards: 70\r
            From: <sip:peer@127.0.0.1>;tag=a\r\nTo: <sip:box>\r\nCall-ID: ask\(number)\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n
            """
        )
        _ = try await peer.heard.first { $0.status != nil && $0.header("Call-ID") == "ask\(number)" }
    }

    @Test("odd and broken messages break nothing")
    func messages() async throws {
        let (agent, peer, directory) = try await Self.rig(0)
        for (index, change) in Self.changes.enumerated() {
            #expect(Self.ordinary.contains(change.0), "\(change.0)")
            let text = Self.ordinary.replacing(change.0, with: change.1)
                .replacing("BRANCH", with: "torture\(index)").replacing("CALL", with: "torture\(index)")
            peer.send(text.replacing("\n", with: "\r\n"))
            try await Self.isThere(peer, index)
        }
        await agent.stop(within: .seconds(3600))
        peer.stop()
        withExtendedLifetime(directory) {}
    }

    @Test("what chance makes of messages breaks nothing either")
    func chance() async throws {
        let (agent, peer, directory) = try await Self.rig(1)
        var random = SeededGenerator(seed: 4475)
        let whole = Array(Self.ordinary.replacing("\n", with: "\r\n").utf8)
        for number in 0..<500 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = .random(in: 0x20...0x7E, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                }
            }
            peer.send(String(decoding: bytes, as: UTF8.self))
            if number % 10 == 0 { try await Self.isThere(peer, number) }
        }
        try await Self.isThere(peer, 500)
        await agent.stop(within: .seconds(3600))
        peer.stop()
        withExtendedLifetime(directory) {}
    }
}
