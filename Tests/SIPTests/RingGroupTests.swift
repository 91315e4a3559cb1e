import CallModel
import Glibc
import Logging
import TestSupport
import Testing

@testable import SIP

@Suite("Phones that ring for one call") struct RingGroupTests {
    @Test("the first to answer has it, the others stop as answered elsewhere, and a second answer is hung up")
    func first() {
        var group = RingGroup([1, 2, 3])
        #expect(group.isOpen)
        #expect(group.answered(2) == [.taken(2), .cancel(1, isElsewhere: true), .cancel(3, isElsewhere: true)])
        #expect(!group.isOpen)
        #expect(group.answered(3) == [.hangUp(3)])
        #expect(group.ended(1) == [] && !group.isOver)
        #expect(group.ended(2) == [.left] && group.isOver)
    }

    @Test("nobody takes it when the last has refused, once")
    func nobody() {
        var group = RingGroup([1, 2])
        #expect(group.ended(1) == [])
        #expect(group.ended(2) == [.nobody] && group.isOver)
        #expect(group.ended(2) == [] && group.answered(2) == [])
    }

    @Test("stopped, all are cancelled, who has it is hung up, and nothing more is told")
    func stopped() {
        var group = RingGroup([1, 2])
        #expect(group.stop() == [.cancel(1, isElsewhere: false), .cancel(2, isElsewhere: false)])
        #expect(group.answered(1) == [.hangUp(1)])
        #expect(group.ended(2) == [] && group.isOver)
        var elsewhere = RingGroup([1])
        #expect(elsewhere.stop(isElsewhere: true) == [.cancel(1, isElsewhere: true)])
        var taken = RingGroup([1])
        _ = taken.answered(1)
        #expect(taken.stop() == [.hangUp(1)] && taken.ended(1) == [])
    }

    @Test("in any order, one has it at most, and each end is told once")
    func random() {
        for seed in RandomRounds(500) {
            var random = SeededGenerator(seed: seed)
            var group = RingGroup([1, 2, 3, 4])
            var (taken, ends) = (0, 0)
            for _ in 0..<20 {
                let dialog = DialogID.random(in: 1...5, using: &random)
                let steps =
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0: seed % 3 == 0 ? group.stop() : []
                    case 1, 2, 3: group.answered(dialog)
                    default: group.ended(dialog)
                    }
                for step in steps {
                    switch step {
                    case .taken: taken += 1
                    case .nobody, .left: ends += 1
                    case .cancel, .hangUp: break
                    }
                }
            }
            #expect(taken <= 1 && ends <= 1, "seed \(seed)")
        }
    }

    @Test("a display shows the number and the name, and nothing that is not theirs")
    func display() {
        #expect(SIPAgent.caller("+4930123", "Ann", host: "192.0.2.1") == "\"Ann\" <sip:+4930123@192.0.2.1>")
        #expect(SIPAgent.caller("+4930123", nil, host: "192.0.2.1") == "\"+4930123\" <sip:+4930123@192.0.2.1>")
        #expect(SIPAgent.caller(nil, "Ann", host: "h") == "\"Anonymous\" <sip:anonymous@anonymous.invalid>")
        let hostile = SIPAgent.caller("+4930123", "A\"\r\nVia: x\\", host: "192.0.2.1")
        #expect(hostile == "\"AVia: x\" <sip:+4930123@192.0.2.1>")
        #expect(SIPAgent.caller("1>\r\nx", nil, host: "h") == "\"Anonymous\" <sip:anonymous@anonymous.invalid>")
    }
}

/// Phones on the wire that answer as others are to ring, or the ring ends.
@Suite("Phones that answer in the moment of something else", .timeLimit(.minutes(10))) struct RingRaceTests {
    /// An agent that reaches peers over UDP.
    private static func agent(
        _ place: Int,
        _ news: Happenings<SIPAgent.News>
    ) async throws -> (SIPAgent, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let agent = try #require(SIPAgent(directory: directory.path, log: log) { news.append($0) })
        var settings = SIPSettings(directory: directory.path)
        let host = "127.\(90 + place).\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)"
        settings.listen = [SIPSettings.Listener(transport: .udp, address: SIPAddress(host: host, port: 5060))]
        settings.trunks = [SIPSettings.Trunk(name: "peer", address: SIPAddress(host: "127.0.0.1"))]
        await agent.configure(settings)
        return (agent, directory)
    }

    private static func phone(_ answer: @escaping @Sendable (SIPText) -> [SIPPeer.Reply]) throws -> SIPPeer {
        try SIPPeer { request in
            switch request.method {
            case "INVITE": answer(request)
            case "ACK": []
            default: [.say(request.answer(200))]
            }
        }
    }

    private static func accept(_ request: SIPText) -> String {
        let uri = request.text.split(separator: " ").dropFirst().first ?? ""
        return request.answer(200, ["Contact: <\(uri)>"], sdp: AgentTests.sound)
    }

    @Test("a step that comes as one has answered rings nobody, and who has answered keeps the call")
    func stepBehindAnswer() async throws {
        let news = Happenings<SIPAgent.News>()
        let (agent, directory) = try await Self.agent(0, news)
        let first = try Self.phone { [.say(Self.accept($0))] }
        let second = try Self.phone { [.say($0.answer(180))] }
        #expect(await agent.ring([.sip("sip:a@127.0.0.1:\(first.port)")], as: 1, number: nil, name: nil) == 1)
        _ = try await news.first { if case .taken(1, _) = $0 { true } else { false } }
        #expect(await agent.ring([.sip("sip:b@127.0.0.1:\(second.port)")], as: 1, number: nil, name: nil) == nil)
        #expect(await !agent.stopUntaken(ring: 1), "who has the call would be hung up")
        #expect(second.heard.all.isEmpty && !first.heard.all.contains { $0.method == "BYE" })
        await agent.stop(ring: 1)
        _ = try await first.heard.first { $0.method == "BYE" }
        await agent.stop(within: .seconds(3600))
        for peer in [first, second] { peer.stop() }
        withExtendedLifetime(directory) {}
    }

    @Test("who answers as the ring ends is hung up, and nobody has the call")
    func answerBehindEnd() async throws {
        let news = Happenings<SIPAgent.News>()
        let (agent, directory) = try await Self.agent(1, news)
        let phone = try SIPPeer { request in
            switch request.method {
            case "INVITE": [.say(request.answer(180))]
            // The answer and our word that it shall stop cross each other.
            case "CANCEL": [.say(request.answer(200))]
            case "ACK": []
            default: [.say(request.answer(200))]
            }
        }
        #expect(await agent.ring([.sip("sip:a@127.0.0.1:\(phone.port)")], as: 1, number: nil, name: nil) == 1)
        let invite = try await phone.heard.first { $0.method == "INVITE" }
        #expect(await agent.stopUntaken(ring: 1))
        phone.send(Self.accept(invite))
        _ = try await phone.heard.first { $0.method == "BYE" }
        #expect(!news.all.contains { if case .taken = $0 { true } else { false } })
        await agent.stop(within: .seconds(3600))
        phone.stop()
        withExtendedLifetime(directory) {}
    }
}
