import CallModel
import Glibc
import Logging
import TestSupport
import Testing

@testable import SIP

/// What a telephone dials for help, as telephones write it, on the wire.
@Suite("Help from a telephone, on the wire", .timeLimit(.minutes(10))) struct HelpTests {
    private static let password = "correct horse"

    @Test(
        "a number with user=phone, one without a place, and the service's name are each a call to the number for help",
        arguments: [
            (0, "sip:112@BOX;user=phone"), (1, "sip:112@BOX:5060;user=phone"), (2, "urn:service:sos"),
            (3, "urn:service:sos.fire"), (4, "sip:110;phone-context=+49@BOX;user=phone"), (5, "tel:112"),
            (6, "tel:110;phone-context=+49"),
            (7, "sip:*3112@BOX;user=phone"),
        ]
    )
    func help(place: Int, target: String) async throws {
        let directory = try TemporaryDirectory()
        let host = "127.\(70 + place).\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)"
        let news = Happenings<SIPAgent.News>()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let agent = try #require(SIPAgent(directory: directory.path, log: log) { news.append($0) })
        var settings = SIPSettings(directory: directory.path)
        settings.listen = [SIPSettings.Listener(transport: .udp, address: SIPAddress(host: host, port: 5060))]
        settings.phones = [SIPSettings.Phone(name: "desk", title: nil, password: Self.password)]
        await agent.configure(settings)
        let phone = try SIPPeer { _ in [] }
        phone.aim(at: host, port: 5060)
        let uri = target.replacing("BOX", with: host)
        phone.send(Self.invite(uri, 1, phone.port))
        let challenge = try await phone.heard.first { $0.status == 407 }
        phone.send(Self.invite(uri, 2, phone.port, answering: challenge.header("Proxy-Authenticate")))
        let begun = try await news.first { if case .call = $0 { true } else { false } }
        guard case .call(let call) = begun else { return }
        #expect(call.caller == .phone("desk") && call.number == (target.contains("110") ? "110" : "112"))
        await agent.stop(within: .seconds(3600))
        phone.stop()
    }

    private static func invite(
        _ uri: String,
        _ sequence: Int,
        _ port: Int,
        answering challenge: String? = nil
    ) -> String {
        let sound = AgentTests.sound
        var lines = [
            "INVITE \(uri) SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:\(port);rport;branch=z9hG4bKhelp\(sequence)",
            "From: <sip:desk@127.0.0.1>;tag=phone", "To: <\(uri)>", "Call-ID: help-\(port)", "CSeq: \(sequence) INVITE",
            "Contact: <sip:desk@127.0.0.1:\(port)>", "Max-Forwards: 70",
        ]
        if let challenge {
            let nonce = challenge.split(separator: "nonce=\"").last?.prefix { $0 != "\"" } ?? ""
            let first = DigestCredentials.hash("desk:\(PhoneGate.realm):\(password)")
            let proof = DigestCredentials.hash(
                "\(first):\(nonce):00000001:own:auth:\(DigestCredentials.hash("INVITE:\(uri)"))"
            )
            lines.append(
                "Proxy-Authorization: Digest username=\"desk\", realm=\"\(PhoneGate.realm)\", nonce=\"\(nonce)\", "
                    + "uri=\"\(uri)\", response=\"\(proof)\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"own\""
            )
        }
        lines += ["Content-Type: application/sdp", "Content-Length: \(sound.utf8.count)", "", sound]
        return lines.joined(separator: "\r\n")
    }
}
