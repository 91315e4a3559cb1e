import CallModel
import Glibc
import Logging
import TestSupport
import Testing

@testable import SIP

/// Calls of a trunk, and what others ask for, on the wire: what is legal and rare, and what is neither.
@Suite("Requests to the phones' address, on the wire", .timeLimit(.minutes(10))) struct TrunkCallTests {
    /// An agent, and a far end that it knows as a trunk, or as nobody.
    private struct Rig {
        let agent: SIPAgent
        let peer: SIPPeer
        let news: Happenings<SIPAgent.News>
        let directory: TemporaryDirectory

        /// - Parameter place: a number of the test's own: they run side by side, each at an address of its own.
        init(_ place: Int, isTrunk: Bool = true) async throws {
            directory = try TemporaryDirectory()
            let news = Happenings<SIPAgent.News>()
            self.news = news
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            agent = try #require(SIPAgent(directory: directory.path, log: log) { news.append($0) })
            var settings = SIPSettings(directory: directory.path)
            let host = "127.\(130 + place).\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)"
            settings.listen = [SIPSettings.Listener(transport: .udp, address: SIPAddress(host: host, port: 5060))]
            settings.trunks = [
                SIPSettings.Trunk(name: "peer", address: SIPAddress(host: isTrunk ? "127.0.0.1" : "192.0.2.1"))
            ]
            await agent.configure(settings)
            peer = try SIPPeer { request in request.method == "ACK" ? [] : [.say(request.answer(200))] }
            peer.aim(at: host, port: 5060)
        }

        func send(
            _ method: String,
            _ sequence: Int,
            to: String = "<sip:030123456@box>",
            branch: String? = nil,
            more: [String] = [],
            body: String = ""
        ) {
            let lines =
                [
                    "\(method) sip:030123456@box SIP/2.0",
                    "Via: SIP/2.0/UDP 127.0.0.1:\(peer.port);rport;branch=z9hG4bK\(branch ?? "\(method)\(sequence)")",
                    "From: <sip:peer@127.0.0.1>;tag=peer", "To: \(to)", "Call-ID: call-\(peer.port)",
                    "CSeq: \(sequence) \(method)", "Contact: <sip:peer@127.0.0.1:\(peer.port)>", "Max-Forwards: 70",
                ] + more + ["Content-Length: \(body.utf8.count)", "", body]
            peer.send(lines.joined(separator: "\r\n"))
        }

        /// The call that has come.
        func call() async throws -> PhoneCall {
            let begun = try await news.first { if case .call = $0 { true } else { false } }
            guard case .call(let call) = begun else { throw CancellationError() }
            return call
        }

        func answer(to method: String, _ sequence: Int) async throws -> SIPText {
            try await peer.heard.first {
                ($0.status ?? 0) >= 200 && $0.header("CSeq") == "\(sequence) \(method)"
            }
        }

        /// Has the call answered, and says so; the To that it has from here on.
        func up(_ body: String, _ type: String = "application/sdp", acknowledged: String = "") async throws -> String {
            send("INVITE", 1, more: body.isEmpty ? [] : ["Content-Type: \(type)"], body: body)
            await agent.answer(try await call().id)
            let answer = try await self.answer(to: "INVITE", 1)
            #expect(answer.status == 200, "\(answer.text)")
            send("ACK", 1, to: answer.header("To"), branch: "ack", body: acknowledged)
            return answer.header("To")
        }

        /// Sends more than is heard, again and again: a busy machine may not have read so much within a second.
        func floods(_ method: String) async -> Bool {
            var sent = 0
            return await waits {
                for _ in 1...KnockCounter.most * 2 {
                    sent += 1
                    send(method, sent)
                }
                return news.all.contains { if case .flood(source: "127.0.0.1") = $0 { true } else { false } }
            }
        }

        func stop() async {
            await agent.stop(within: .seconds(3600))
            peer.stop()
        }
    }

    private static let aLaw =
        "v=0\r\no=p 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"

    @Test("what is said of sound in a part of a body is taken", arguments: [(0, "xx"), (14, "\"xx\"")])
    func multipart(place: Int, boundary: String) async throws {
        let rig = try await Rig(place)
        let body = [
            "--xx", "Content-Type: text/plain", "", "hello", "--xx", "Content-Type: application/sdp", "",
            Self.aLaw + "--xx--", "",
        ]
        _ = try await rig.up(body.joined(separator: "\r\n"), "multipart/mixed;boundary=\(boundary)")
        let answer = try await rig.answer(to: "INVITE", 1)
        // An answer to it, and no offer of our own.
        #expect(answer.body.contains(" RTP/AVP 8\r\n"), "\(answer.text)")
        await rig.stop()
    }

    @Test(
        "a body in which nothing is said of sound, or that is packed, is refused before anything is dialled",
        arguments: [
            (1, ["Content-Type: text/plain"]), (2, ["Content-Type: application/sdp", "Content-Encoding: gzip"]),
            (3, ["Content-Type: multipart/mixed;boundary=xx"]),
        ]
    )
    func foreign(place: Int, headers: [String]) async throws {
        let rig = try await Rig(place)
        rig.send("INVITE", 1, more: headers, body: "--xx\r\nContent-Type: text/plain\r\n\r\nhello\r\n--xx--\r\n")
        let answer = try await rig.answer(to: "INVITE", 1)
        #expect(answer.status == 415 && answer.header("Accept") == "application/sdp", "\(answer.text)")
        #expect(!rig.news.all.contains { if case .call = $0 { true } else { false } })
        await rig.stop()
    }

    @Test("bodies that are no parts, or break off, are refused and break nothing")
    func brokenParts() async throws {
        let rig = try await Rig(13)
        let whole = "--xx\r\nContent-Type: application/sdp\r\n\r\n" + Self.aLaw + "--xx--\r\n"
        var bodies = [
            "--xx\r\n\0\r\n--xx--", "--xx", "--xx\r\n", "--xx--", "--x", "-", "\r\n", "--xx\r\n\r\n--xx\r\n--xx",
            "--xx\r\nContent-Type: application/sdp", "--xx\nContent-Type: application/sdp\n\n--xx--\n",
            String(repeating: "--xx\r\n", count: 500), whole.replacing("\r\n\r\n", with: "\r\n\0\r\n"),
        ]
        // Broken off within the head, and before its end is marked.
        bodies += stride(from: 1, to: whole.utf8.count - 8, by: 7)
            .map { String(decoding: whole.utf8.prefix($0), as: UTF8.self) }
        for (index, body) in bodies.enumerated() {
            let type = index.isMultiple(of: 2) ? "xx" : "\"xx\""
            rig.send("INVITE", index + 1, more: ["Content-Type: multipart/mixed;boundary=\(type)"], body: body)
            let answer = try await rig.answer(to: "INVITE", index + 1)
            #expect(answer.status == 415, "\(index): \(answer.text)")
            rig.send("ACK", index + 1, to: answer.header("To"), branch: "INVITE\(index + 1)")
        }
        await rig.stop()
    }

    @Test("UPDATE changes the sound as INVITE does, and one that asks for nothing gets no offer")
    func update() async throws {
        let rig = try await Rig(4)
        let to = try await rig.up(Self.aLaw)
        let sdp = ["Content-Type: application/sdp"]
        rig.send("UPDATE", 2, to: to, more: sdp, body: Self.aLaw + "a=sendonly\r\n")
        let held = try await rig.answer(to: "UPDATE", 2)
        #expect(held.status == 200 && held.body.contains("a=recvonly"), "\(held.text)")
        _ = try await rig.news.first { if case .held(_, true) = $0 { true } else { false } }
        rig.send("UPDATE", 3, to: to)
        let refreshed = try await rig.answer(to: "UPDATE", 3)
        #expect(refreshed.status == 200 && refreshed.body.isEmpty, "\(refreshed.text)")
        rig.send("UPDATE", 4, to: to, more: sdp, body: Self.aLaw)
        let resumed = try await rig.answer(to: "UPDATE", 4)
        #expect(resumed.status == 200 && resumed.body.contains(" RTP/AVP 8"), "\(resumed.text)")
        _ = try await rig.news.first { if case .held(_, false) = $0 { true } else { false } }
        await rig.stop()
    }

    @Test("where nobody says where the sound is to go, the call ends at once")
    func silent() async throws {
        let rig = try await Rig(5)
        _ = try await rig.up("")
        _ = try await rig.peer.heard.first { $0.method == "BYE" }
        _ = try await rig.news.first { if case .callGone = $0 { true } else { false } }
        await rig.stop()
    }

    @Test(
        "what belongs to no call is refused, and nobody else is told of it",
        arguments: [(6, "REFER", 400), (7, "INFO", 481), (8, "UPDATE", 481)]
    )
    func stray(place: Int, method: String, status: Int) async throws {
        let rig = try await Rig(place)
        rig.send(method, 1, more: method == "REFER" ? ["Refer-To: <sip:030123456@192.0.2.1>"] : [])
        let answer = try await rig.answer(to: method, 1)
        #expect(answer.status == status, "\(answer.text)")
        rig.send("OPTIONS", 2)
        _ = try await rig.answer(to: "OPTIONS", 2)
        #expect(!rig.peer.heard.all.contains { $0.method == "NOTIFY" })
        await rig.stop()
    }

    @Test(
        "a flood is shut out whatever it asks for",
        arguments: [(9, "SUBSCRIBE"), (10, "BYE"), (11, "REFER"), (12, "FOO")]
    )
    func flood(place: Int, method: String) async throws {
        let rig = try await Rig(place, isTrunk: false)
        #expect(await rig.floods(method))
        let isHeard = await rig.agent.isHeard("127.0.0.1")
        #expect(!isHeard)
        // Whose packets are forged may come by a connection.
        let isHeardThere = await rig.agent.isHeard("127.0.0.1", isStream: true)
        #expect(isHeardThere)
        await rig.stop()
    }

    @Test("packets that bear the address of a trunk, or of one who has a call, silence neither")
    func forged() async throws {
        let rig = try await Rig(15)
        for number in 1...KnockCounter.most * 2 { rig.send("FOO", number) }
        // What is sent while the far end's room is full is lost.
        let isAnswered = await waits {
            rig.send("OPTIONS", 1000)
            return rig.peer.heard.all.contains { $0.status == 503 && $0.header("CSeq") == "1000 OPTIONS" }
        }
        #expect(isAnswered)
        let caller = try await Rig(16, isTrunk: false)
        #expect(await caller.floods("FOO"))
        await caller.agent.letCall(from: "127.0.0.1")
        let isHeard = await caller.agent.isHeard("127.0.0.1")
        #expect(isHeard)
        for rig in [rig, caller] { await rig.stop() }
    }
}

extension SIPAgent {
    /// As where a phone that has not registered calls, and has proved who it is.
    fileprivate func letCall(from address: String) {
        let socket = RTPSocket(toward: address)
        socket?.source = address
        guard let socket else { return }
        house.calls[1] = HouseCall(
            call: PhoneCall(id: 1, caller: .phone("desk"), number: "030123456"),
            door: 0,
            offer: nil,
            socket: socket
        )
        letIn(address)
    }
}
