import CallModel
import Glibc
import Logging
import TestSupport
import Testing

@testable import SIP

/// The agent with an account at a PBX that answers as each test says.
@Suite("Calls over accounts, on the wire", .timeLimit(.minutes(10))) struct AgentTests {
    static let sound = """
        v=0\r\no=peer 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n
        """
    static let key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n"

    /// An agent with an account.
    final class Rig {
        let agent: SIPAgent
        let peer: SIPPeer
        let news = Happenings<SIPAgent.News>()
        let line = Happenings<LineNews>()
        private let directory: TemporaryDirectory
        private(set) var settings: SIPSettings

        init(
            tcp: Bool = false,
            encryption: SIPSettings.Encryption = .off,
            invite: @escaping @Sendable (SIPText) -> [SIPPeer.Reply] = { _ in [] }
        ) async throws {
            directory = try TemporaryDirectory()
            peer = try SIPPeer(tcp: tcp) { request in
                switch request.method {
                case "REGISTER": [.say(request.answer(200, ["Contact: \(request.header("Contact"));expires=3600"]))]
                case "INVITE": invite(request)
                case "ACK": []
                default: [.say(request.answer(200))]
                }
            }
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let made = SIPAgent(directory: directory.path, log: log) { [news, line] event in
                news.append(event)
                if case .line(_, let what) = event { line.append(what) }
            }
            agent = try #require(made)
            settings = SIPSettings(directory: directory.path)
            let transport = tcp ? ";transport=tcp" : ""
            var account = SIPSettings.Account(
                name: "office",
                registrar: try #require(SIPAddress("sip:127.0.0.1:\(peer.port)\(transport)")),
                user: "10"
            ) { "secret" }
            account.encryption = encryption
            settings.accounts = [account]
            await agent.configure(settings)
            _ = try await news.first {
                if case .account(let report) = $0 { report.state == .registered } else { false }
            }
            // It answers before it notes what it has heard; what it sends goes to the contact there.
            _ = try await peer.heard.first { $0.method == "REGISTER" }
        }

        /// Calls somebody.
        func call(_ number: String = "030555") async -> UInt64 {
            let id = await agent.nameCall()
            await agent.call(id, over: "office", to: number) { [line] in line.append($0) }
            return id
        }

        /// The end of the call.
        func end() async throws -> LineEnd? {
            let news = try await line.first { if case .released = $0 { true } else { false } }
            return if case .released(let end) = news { end } else { nil }
        }

        /// Has the settings changed, as a reload does.
        func change(_ change: (inout SIPSettings.Account) -> Void) async {
            change(&settings.accounts[0])
            await agent.configure(settings)
        }

        /// Calls the account from the PBX; the account's contact is where it registered.
        func ring(_ sdp: String) async throws -> SIPText {
            peer.send(request("INVITE", 1, sdp: sdp))
            return try await peer.heard.first { ($0.status ?? 100) != 100 && $0.header("CSeq") == "1 INVITE" }
        }

        /// A request of the PBX to the account.
        func request(_ method: String, _ sequence: Int, tag: String = "", sdp: String = "") -> String {
            let register = peer.heard.all.first { $0.method == "REGISTER" }
            let contact = register?.header("Contact").split(separator: "<").last?.prefix { $0 != ">" } ?? ""
            var lines = [
                "\(method) \(contact) SIP/2.0",
                "Via: SIP/2.0/UDP 127.0.0.1:\(peer.port);branch=z9hG4bK\(method == "CANCEL" ? "INVITE" : method)\(sequence)",
                "From: <sip:030777@127.0.0.1>;tag=far", "To: <sip:10@127.0.0.1>\(tag)", "Call-ID: incoming",
                "CSeq: \(sequence) \(method)", "Contact: <sip:pbx@127.0.0.1:\(peer.port)>", "Max-Forwards: 70",
            ]
            if !sdp.isEmpty { lines.append("Content-Type: application/sdp") }
            lines += ["Content-Length: \(sdp.utf8.count)", "", sdp]
            return lines.joined(separator: "\r\n")
        }

        /// Has a call that came in answered; the tag of our end.
        func answered(_ sdp: String) async throws -> (id: UInt64, tag: String, answer: SIPText) {
            peer.send(request("INVITE", 1, sdp: sdp))
            let event = try await news.first { if case .accountCall = $0 { true } else { false } }
            guard case .accountCall(let call) = event else { throw Failure() }
            await agent.answer(line: call.id)
            let answer = try await peer.heard.first { $0.status == 200 && $0.header("CSeq") == "1 INVITE" }
            let tag = answer.header("To").drop { $0 != ";" }
            peer.send(request("ACK", 1, tag: String(tag)))
            return (call.id, String(tag), answer)
        }

        func stop() async {
            await agent.stop(within: .seconds(3600))
            peer.stop()
        }
    }

    struct Failure: Error {}

    @Test("a connection that is reset while it rings is no word of the far end: whether it is over is not known")
    func reset() async throws {
        let rig = try await Rig(tcp: true) { [.say($0.answer(180)), .reset] }
        _ = await rig.call()
        let end = try #require(try await rig.end())
        #expect(!end.isReal && !end.isKnownOver, "\(end)")
        await rig.stop()
    }

    @Test("a far end that is to be asked again later has said no, and is not called again by itself")
    func retry() async throws {
        let rig = try await Rig { [.say($0.answer(503, ["Retry-After: 1"]))] }
        _ = await rig.call()
        let end = try #require(try await rig.end())
        #expect(end.status == 503 && end.isReal && end.isKnownOver, "\(end)")
        // Nothing is left from which it could be.
        #expect(await rig.agent.hasNoLines)
        _ = try await rig.peer.heard.first { $0.method == "INVITE" }
        #expect(rig.peer.heard.all.count { $0.method == "INVITE" } == 1)
        await rig.stop()
    }

    @Test("a password that is refused ends the call, and nothing is left of it")
    func refused() async throws {
        let challenge = "Proxy-Authenticate: Digest realm=\"pbx\", nonce=\"1\", algorithm=MD5"
        let rig = try await Rig { [.say($0.answer(407, [challenge]))] }
        _ = await rig.call()
        let end = try #require(try await rig.end())
        #expect(end.status == 407, "\(end)")
        // It answers before it is known to have heard.
        _ = try await rig.peer.heard.first { $0.method == "INVITE" && !$0.header("Proxy-Authorization").isEmpty }
        #expect(await rig.agent.hasNoLines)
        await rig.stop()
    }

    @Test("a caller who gives up before anybody is rung is known to be gone")
    func givesUp() async throws {
        let rig = try await Rig()
        rig.peer.send(rig.request("INVITE", 1, sdp: Self.sound))
        let event = try await rig.news.first { if case .accountCall = $0 { true } else { false } }
        guard case .accountCall(let call) = event else { throw Failure() }
        rig.peer.send(rig.request("CANCEL", 1))
        _ = try await rig.end()
        #expect(await !rig.agent.ring(line: call.id))
        await rig.stop()
    }

    @Test("a call whose PBX can't be reached any more is over when it was asked twice in vain")
    func lost() async throws {
        let rig = try await Rig()
        let (id, _, _) = try await rig.answered(AgentTests.sound)
        rig.peer.stop()
        // Its socket is closed soon after: from then on the system says at once that nobody is there.
        #expect(
            await waits {
                await rig.agent.probe(line: id)
                return await rig.agent.unanswered(id) != 0
            }
        )
        await rig.agent.probe(line: id)
        let end = try await rig.end()
        #expect(end?.isReal == false && end?.isKnownOver == false)
        await rig.stop()
    }

    @Test("encryption that is required is not undone in the call, and where it is off no key is given")
    func encryption() async throws {
        let rig = try await Rig(encryption: .required)
        #expect(try await rig.ring(Self.sound).status == 488)
        let secure = try await Rig(encryption: .required)
        let secret = Self.sound.replacing("RTP/AVP", with: "RTP/SAVP") + Self.key
        let call = try await secure.answered(secret)
        #expect(call.answer.body.contains("a=crypto:1 AES_CM_128_HMAC_SHA1_80 "))
        secure.peer.send(secure.request("INVITE", 2, tag: call.tag, sdp: Self.sound))
        let plain = try await secure.peer.heard.first { ($0.status ?? 0) > 100 && $0.header("CSeq") == "2 INVITE" }
        #expect(plain.status == 488)
        #expect(await secure.agent.sound(ofLine: call.id)?.keys != nil)
        let off = try await Rig(encryption: .off)
        let open = try await off.answered(Self.sound + Self.key)
        #expect(!open.answer.body.contains("a=crypto"))
        let sound = try #require(await off.agent.sound(ofLine: open.id))
        #expect(sound.keys == nil)
        close(sound.descriptor)
        for rig in [rig, secure, off] { await rig.stop() }
    }

    @Test("an answer with another key than was offered is none")
    func wrongKey() async throws {
        let rig = try await Rig(encryption: .required) { request in
            request.header("To").contains("tag=")
                ? []
                : [
                    .say(
                        request.answer(
                            200,
                            ["Contact: <sip:pbx@127.0.0.1>"],
                            sdp: Self.sound.replacing("RTP/AVP", with: "RTP/SAVP")
                                + Self.key.replacing("crypto:1", with: "crypto:2")
                        )
                    )
                ]
        }
        _ = await rig.call()
        let end = try #require(try await rig.end())
        #expect(end.status == 488, "\(end)")
        await rig.stop()
    }

    @Test("an announcement that hears nothing leaves nobody unheard once the call is answered")
    func announced() async throws {
        let contact = ["Contact: <sip:pbx@127.0.0.1>"]
        let rig = try await Rig { request in
            [.say(request.answer(183, contact, sdp: Self.sound + "a=sendonly\r\n"))]
        }
        let id = await rig.call()
        _ = try await rig.line.first { $0 == .early }
        let sound = try #require(await rig.agent.sound(ofLine: id))
        #expect(sound.hearing?.isOff == true)
        let invite = try await rig.peer.heard.first { $0.method == "INVITE" }
        rig.peer.send(invite.answer(200, contact, sdp: Self.sound))
        _ = try await rig.line.first { $0 == .answered }
        #expect(sound.hearing?.isOff == false)
        close(sound.descriptor)
        await rig.stop()
    }

    @Test("a call over an account that is set otherwise goes on, by the way that it came")
    func changed() async throws {
        let rig = try await Rig()
        let call = try await rig.answered(Self.sound)
        await rig.change { $0.expires = .seconds(600) }
        _ = try await rig.peer.heard.first { $0.method == "REGISTER" && $0.header("Expires") == "600" }
        #expect(!rig.line.all.contains { if case .released = $0 { true } else { false } })
        #expect(await rig.agent.isUp(call.id))
        await rig.agent.hangUp(line: call.id)
        let bye = try await rig.peer.heard.first { $0.method == "BYE" }
        #expect(bye.header("Call-ID") == "incoming")
        _ = try await rig.line.first { $0 == .hungUp(isKnown: true) }
        await rig.stop()
    }

    @Test("an address over TLS, whose certificate nobody would look at, is not rung")
    func unknownCertificate() async throws {
        let rig = try await Rig()
        let address = try AudioSpec("sip:somebody@127.0.0.1;transport=tls")
        #expect(await rig.agent.ring([address], as: 1, number: nil, name: nil) == 0)
        await rig.stop()
    }

    @Test("another certificate is another door")
    func certificate() throws {
        let directory = try TemporaryDirectory()
        let key = try directory.write("key", "-----BEGIN 1".utf8)
        let first = try PEMFiles.join(certificate: key, key: key, in: directory.path)
        let other = try directory.write("other", "-----BEGIN 2".utf8)
        let second = try PEMFiles.join(certificate: other, key: key, in: directory.path)
        #expect(first.directory == second.directory && first.revision != second.revision)
    }
}

extension SIPAgent {
    /// Whether it has no call over an account.
    fileprivate var hasNoLines: Bool { lines.isEmpty }

    fileprivate func isUp(_ id: UInt64) -> Bool { lines[id]?.phase == .up }
    /// How often in a row it was asked in vain; 1 where it is over already.
    fileprivate func unanswered(_ id: UInt64) -> Int { lines[id].map { $0.phase == .up ? $0.unanswered : 1 } ?? 1 }
}
