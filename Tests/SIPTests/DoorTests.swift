import CallModel
import Glibc
import Logging
import TestSupport
import Testing

@testable import SIP

/// A house with several addresses, and telephones at them, on the wire.
@Suite("Addresses of the house", .timeLimit(.minutes(10))) struct DoorTests {
    private static let password = "correct horse"

    /// A telephone that registers at an address of the house, and is busy.
    private struct Phone {
        let name: String
        let peer: SIPPeer

        init(_ name: String, at host: String) async throws {
            self.name = name
            peer = try SIPPeer { request in
                switch request.method {
                case "INVITE": [.say(request.answer(486))]
                case "ACK": []
                default: [.say(request.answer(200))]
                }
            }
            peer.aim(at: host, port: 5060)
            peer.send(register(at: host, 1))
            let challenge = try await peer.heard.first { $0.status == 401 }
            peer.send(register(at: host, 2, answering: challenge.header("WWW-Authenticate")))
            _ = try await peer.heard.first { $0.status == 200 && $0.header("CSeq") == "2 REGISTER" }
        }

        private func register(at host: String, _ sequence: Int, answering challenge: String? = nil) -> String {
            let uri = "sip:\(host)"
            var lines = [
                "REGISTER \(uri) SIP/2.0",
                "Via: SIP/2.0/UDP 127.0.0.1:\(peer.port);rport;branch=z9hG4bK\(name)\(sequence)",
                "From: <sip:\(name)@\(host)>;tag=phone", "To: <sip:\(name)@\(host)>", "Call-ID: \(name)-\(peer.port)",
                "CSeq: \(sequence) REGISTER", "Contact: <sip:\(name)@127.0.0.1:\(peer.port)>", "Max-Forwards: 70",
                "Expires: 3600",
            ]
            if let challenge {
                let nonce = challenge.split(separator: "nonce=\"").last?.prefix { $0 != "\"" } ?? ""
                let first = DigestCredentials.hash("\(name):\(PhoneGate.realm):\(DoorTests.password)")
                let second = DigestCredentials.hash("REGISTER:\(uri)")
                let proof = DigestCredentials.hash("\(first):\(nonce):00000001:own:auth:\(second)")
                lines.append(
                    "Authorization: Digest username=\"\(name)\", realm=\"\(PhoneGate.realm)\", nonce=\"\(nonce)\", "
                        + "uri=\"\(uri)\", response=\"\(proof)\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"own\""
                )
            }
            lines += ["Content-Length: 0", "", ""]
            return lines.joined(separator: "\r\n")
        }

        /// Expects to be called from an address, and to be told of no other.
        func isCalled(from host: String, times: Int = 1) async throws {
            let invite = try await peer.heard.first { request in
                request.method == "INVITE" && request.header("Contact").contains(host)
            }
            #expect(
                invite.header("Via").contains(host) && invite.header("From").contains("@\(host)>"),
                "\(invite.text)"
            )
            let lines = invite.body.split(separator: "\r\n")
            #expect(lines.contains("c=IN IP4 \(host)"), "\(invite.body)")
            #expect(lines.contains { $0.hasPrefix("o=") && $0.hasSuffix("IN IP4 \(host)") }, "\(invite.body)")
            #expect(Set(peer.heard.all.filter { $0.method == "INVITE" }.map { $0.header("Call-ID") }).count == times)
        }
    }

    /// An agent that listens at addresses of this process and one of IPv6, with as many phones, and those addresses.
    private static func house(
        _ place: Int,
        _ news: Happenings<SIPAgent.News> = Happenings()
    ) async throws -> (agent: SIPAgent, settings: SIPSettings, hosts: [String], directory: TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let agent = try #require(SIPAgent(directory: directory.path, log: log) { news.append($0) })
        var settings = SIPSettings(directory: directory.path)
        let hosts = (0..<4).map { "127.\(100 + 4 * place + $0).\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)" }
        // Where this machine has no IPv6, or the port is taken, it is one less.
        let newer = SIPAddress(host: "::1", port: 20_000 + Int(getpid()) % 20_000 + place)
        settings.listen =
            [SIPSettings.Listener(transport: .udp, address: newer)]
            + hosts.map { SIPSettings.Listener(transport: .udp, address: SIPAddress(host: $0, port: 5060)) }
        settings.phones = hosts.indices.map { SIPSettings.Phone(name: "phone\($0)", password: password) }
        await agent.configure(settings)
        return (agent, settings, hosts, directory)
    }

    @Test(
        "a phone is called from the address to which it came, and no other is named; where that is gone, from another"
    )
    func registered() async throws {
        let (agent, configured, hosts, directory) = try await Self.house(0)
        var phones: [Phone] = []
        for (index, host) in hosts.enumerated() { phones.append(try await Phone("phone\(index)", at: host)) }
        for (index, host) in hosts.enumerated() {
            let places = await agent.ring([.phone("phone\(index)")], as: UInt64(index), number: "+4930123", name: nil)
            #expect(places == 1)
            try await phones[index].isCalled(from: host)
        }
        // The first of them is left out by a reload, and closes at once where nothing goes over it any more.
        #expect(await waits { await agent.isQuiet })
        var settings = configured
        settings.listen.removeAll { $0.address.host == hosts[0] }
        await agent.configure(settings)
        #expect(await agent.ring([.phone("phone0")], as: 9, number: "+4930123", name: nil) == 1)
        try await phones[0].isCalled(from: hosts[1], times: 2)
        await agent.stop(within: .seconds(3600))
        for phone in phones { phone.peer.stop() }
        withExtendedLifetime(directory) {}
    }

    @Test("all places of a phone are told of, the latest last")
    func places() async throws {
        let (agent, _, hosts, directory) = try await Self.house(2)
        let phones = [try await Phone("phone0", at: hosts[0]), try await Phone("phone0", at: hosts[1])]
        let contacts = phones.map { "sip:phone0@127.0.0.1:\($0.peer.port)" }
        let report = try #require(await agent.phones().first)
        #expect(report.contacts == contacts && report.contact == contacts[1])
        await agent.stop(within: .seconds(3600))
        for phone in phones { phone.peer.stop() }
        withExtendedLifetime(directory) {}
    }

    @Test("a call that comes to an address is answered with sound there")
    func answered() async throws {
        let news = Happenings<SIPAgent.News>()
        let (agent, configured, hosts, directory) = try await Self.house(1, news)
        var settings = configured
        settings.trunks = [SIPSettings.Trunk(name: "exchange", address: SIPAddress(host: "127.0.0.1"))]
        await agent.configure(settings)
        let peer = try SIPPeer { request in request.method == "ACK" ? [] : [.say(request.answer(200))] }
        peer.aim(at: hosts[2], port: 5060)
        let sound = AgentTests.sound
        peer.send(
            [
                "INVITE sip:030123@\(hosts[2]) SIP/2.0",
                "Via: SIP/2.0/UDP 127.0.0.1:\(peer.port);rport;branch=z9hG4bKdoor",
                "From: <sip:exchange@127.0.0.1>;tag=far", "To: <sip:030123@\(hosts[2])>", "Call-ID: door-\(peer.port)",
                "CSeq: 1 INVITE", "Contact: <sip:exchange@127.0.0.1:\(peer.port)>", "Max-Forwards: 70",
                "Content-Type: application/sdp", "Content-Length: \(sound.utf8.count)", "", sound,
            ]
            .joined(separator: "\r\n")
        )
        let begun = try await news.first { if case .call = $0 { true } else { false } }
        guard case .call(let call) = begun else { return }
        await agent.answer(call.id)
        let answer = try await peer.heard.first { $0.status == 200 && $0.header("CSeq") == "1 INVITE" }
        #expect(answer.body.split(separator: "\r\n").contains("c=IN IP4 \(hosts[2])"), "\(answer.body)")
        peer.send(
            [
                "ACK sip:030123@\(hosts[2]) SIP/2.0",
                "Via: SIP/2.0/UDP 127.0.0.1:\(peer.port);rport;branch=z9hG4bKheard", "From: \(answer.header("From"))",
                "To: \(answer.header("To"))", "Call-ID: \(answer.header("Call-ID"))", "CSeq: 1 ACK", "Max-Forwards: 70",
                "Content-Length: 0", "", "",
            ]
            .joined(separator: "\r\n")
        )
        await agent.stop(within: .seconds(3600))
        peer.stop()
        withExtendedLifetime(directory) {}
    }

    @Test("sound has the address of ours that it is to have, where that leads to the far end")
    func sockets() {
        #expect(RTPSocket(toward: "127.0.0.1")?.address == "127.0.0.1")
        #expect(RTPSocket(toward: "127.0.0.1", from: "127.99.0.1")?.address == "127.99.0.1")
        #expect(RTPSocket(toward: "phone.example", from: "127.99.0.1") == nil)
        #expect(RTPSocket(toward: "phone.example", from: "127.99.0.1", orAnywhere: true)?.address == "127.99.0.1")
        // Of another family, and of another machine.
        #expect(RTPSocket(toward: "127.0.0.1", from: "::1") == nil)
        #expect(RTPSocket(toward: "127.0.0.1", from: "192.0.2.1") == nil)
    }
}

extension SIPAgent {
    /// Whether nobody is rung.
    fileprivate var isQuiet: Bool { house.rung.isEmpty }
}
