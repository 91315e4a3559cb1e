import CallFlows
import CallModel
import FoundationEssentials
import GatewayAPI
import Glibc
import HTTPTypes
import NIOCore
import Settings
import Testing
import TextCoding

@testable import HTTP
@testable import WebAccess

@Suite("Parts of the control interface")
struct PartsTests {
    // MARK: Timing

    private static let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

    private func timing() -> ConnectionTiming { ConnectionTiming(limits: ControlLimits(), openedAt: Self.start) }

    @Test("a connection has ten seconds for its first request, however slowly that trickles in")
    func trickle() {
        var timing = timing()
        #expect(timing.deadline == at(10))
        timing.bytesReceived(at: at(6))
        for second in 7..<16 { timing.bytesReceived(at: at(Double(second))) }
        #expect(timing.deadline == at(16))
    }

    @Test("while the service answers there is no limit, behind the answer there is")
    func answering() {
        var timing = timing()
        timing.bytesReceived(at: at(1))
        timing.requestBegan()
        #expect(timing.deadline == at(11))
        #expect(!timing.isAnswering)
        timing.requestEnded()
        #expect(timing.deadline == nil)
        #expect(timing.isAnswering)
        timing.answerEnded(at: at(30))
        #expect(timing.deadline == at(90))
        timing.bytesReceived(at: at(80))
        #expect(timing.deadline == at(90))
    }

    @Test("who leaves too much lying is cut at the first limit, even in the middle of an answer")
    func stall() {
        var timing = timing()
        timing.bytesReceived(at: at(0))
        timing.requestBegan()
        timing.requestEnded()
        timing.writabilityChanged(isWritable: false, at: at(3))
        timing.writabilityChanged(isWritable: false, at: at(7))
        #expect(timing.deadline == at(13))
        timing.writabilityChanged(isWritable: true, at: at(8))
        #expect(timing.deadline == nil)
    }

    @Test("a connection that is being closed stays for the linger alone")
    func linger() {
        var timing = timing()
        timing.requestBegan()
        timing.lingerBegan(at: at(5))
        timing.lingerBegan(at: at(6))
        timing.bytesReceived(at: at(6))
        timing.answerEnded(at: at(6))
        #expect(timing.deadline == at(7))
    }

    @Test("no order of what happens is an illegal one")
    func anyOrder() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var timing = timing()
            for step in 0..<40 {
                let now = at(Double(step))
                switch Int.random(in: 0..<7, using: &generator) {
                case 0: timing.bytesReceived(at: now)
                case 1: timing.requestBegan()
                case 2: timing.requestEnded()
                case 3: timing.answerEnded(at: now)
                case 4: timing.writabilityChanged(isWritable: false, at: now)
                case 5: timing.writabilityChanged(isWritable: true, at: now)
                default: if step > 35 { timing.lingerBegan(at: now) }
                }
                if !timing.isAnswering { #expect(timing.deadline != nil) }
            }
        }
    }

    // MARK: Event stream

    private static let stream = """
        : connected

        id: 0000000a-1
        event: call.requested
        data: {"a":"ö"}

        event: stream.gap
        data: {}

        data:first
        data: second
        nonsense
        retry: 5

        id: 3
        event: nothing


        """

    @Test("a stream is taken apart in the same way however it is cut, and with each kind of line end")
    func parser() {
        let expected = [
            EventStreamParser.Message(id: "0000000a-1", name: "call.requested", data: Array(#"{"a":"ö"}"#.utf8)),
            EventStreamParser.Message(id: nil, name: "stream.gap", data: Array("{}".utf8)),
            EventStreamParser.Message(id: nil, name: "", data: Array("first\nsecond".utf8)),
        ]
        let lines = Self.stream.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        for end in ["\n", "\r\n", "\r"] {
            let bytes = Array(lines.map(Array.init).joined(separator: Array(end.utf8)))
            for size in [1, 2, 3, 7, bytes.count] {
                var parser = EventStreamParser()
                var messages: [EventStreamParser.Message] = []
                for index in stride(from: 0, to: bytes.count, by: size) {
                    messages += parser.consume(bytes[index..<min(index + size, bytes.count)])
                }
                #expect(messages == expected, "\(end.utf8.count) \(size)")
            }
        }
    }

    @Test("an event without an end does not fill the memory")
    func overlong() {
        var parser = EventStreamParser()
        let piece = Array(repeating: UInt8(ascii: "x"), count: 100_000)
        for _ in 0..<20 { #expect(parser.consume(piece).isEmpty) }
        #expect(parser.isOverlong)
    }

    // MARK: Addresses

    @Test("every endpoint is found by its own path and method")
    func endpoints() {
        for endpoint in Endpoint.all {
            let path = endpoint.path.replacing("{id}", with: "a%20b").replacing("{name}", with: "a%20b")
            let parameter = endpoint.path.contains("{") ? "a b" : nil
            guard case .found(let found, let text) = Endpoint.resolve(endpoint.method, path: path) else {
                Issue.record("\(endpoint.method) \(path) leads nowhere")
                continue
            }
            #expect(found.path == endpoint.path && found.method == endpoint.method && text == parameter)
        }
        guard case .wrongMethod(let allowed) = Endpoint.resolve(.delete, path: "/v1/calls") else {
            Issue.record("DELETE is no wrong method")
            return
        }
        #expect(allowed == [.get, .post])
        for path in ["/v1/calls/%ff", "", "//v1/calls", "/v1/calls/"] {
            guard case .unknown = Endpoint.resolve(.get, path: path) else {
                Issue.record("\(path) leads somewhere")
                continue
            }
        }
        // A path that is written out is no parameter of another one.
        for (method, path, only) in [
            (HTTPRequest.Method.get, "/v1/log/erase", "POST"), (.post, "/v1/log/totals", "GET"),
        ] {
            guard case .wrongMethod(let allowed) = Endpoint.resolve(method, path: path) else {
                Issue.record("\(method) \(path) is no wrong method")
                continue
            }
            #expect(allowed.map(\.rawValue) == [only])
        }
    }

    @Test(
        "percent-encoding is undone, and broken escapes are not guessed at",
        arguments: [
            ("a%2Fb", "a/b"), ("%C3%B6", "ö"), ("plain", "plain"), ("a+b", "a+b"), ("%", nil), ("%4", nil),
            ("%4g", nil), ("%ff", nil),
        ] as [(String, String?)]
    )
    func percent(text: String, decoded: String?) {
        #expect(PercentCoding.decode(text.utf8) == decoded)
        if let decoded { #expect(PercentCoding.decode(PercentCoding.encode(decoded).utf8) == decoded) }
    }

    // MARK: Tokens

    private func gate(_ most: Int = 3) throws -> TokenGate {
        var limits = ControlLimits()
        limits.wrongTokens = most
        return try TokenGate(token: Secret("sixteen letters!"), limits: limits)
    }

    @Test(
        "a token is right when every byte of it is",
        arguments: [
            ("Bearer sixteen letters!", true), ("bearer sixteen letters!", true), ("Bearer sixteen letters?", false),
            ("Bearer sixteen letters", false), ("Bearer sixteen letters!!", false), ("Bearer ", false), ("", false),
            ("Basic sixteen letters!", false), ("sixteen letters!", false),
        ]
    )
    func tokens(authorization: String, isRight: Bool) throws {
        let verdict = try gate().judge(authorization, from: RequestSource(address: "a"), at: at(0))
        #expect(verdict == (isRight ? .admitted(.everything) : .refused))
    }

    @Test("guesses are counted by address and forgotten in time, and the token is always let in")
    func guesses() throws {
        let gate = try gate()
        let source = RequestSource(address: "a")
        let right = "Bearer sixteen letters!"
        for _ in 0..<20 { #expect(gate.judge(nil, from: source, at: at(0)) == .refused) }
        for second in 0..<3 { #expect(gate.judge("Bearer x", from: source, at: at(Double(second))) == .refused) }
        guard case .turnedAway(let seconds) = gate.judge("Bearer x", from: source, at: at(3)) else {
            Issue.record("still let in")
            return
        }
        #expect((57...61).contains(seconds))
        #expect(gate.judge(right, from: source, at: at(3)) == .admitted(.everything))
        #expect(gate.judge("Bearer x", from: RequestSource(address: "b"), at: at(3)) == .refused)
        #expect(gate.judge("Bearer x", from: source, at: at(63)) == .refused)
    }

    @Test("the token for looking shows neither numbers nor cards")
    func shown() {
        var status = GatewayStatus(name: "cabin", version: "1", pid: 1, startedAt: Date())
        var call = CallStatus(
            call: UUID(),
            method: .direct,
            direction: .outgoing,
            state: .queued,
            requestedAt: Date()
        )
        call.target = "+4930123456"
        status.calls = [call]
        #expect(TokenGate.Right.looking.shown(status).calls.map(\.target) == [nil])
        #expect(TokenGate.Right.everything.shown(status).calls.map(\.target) == ["+4930123456"])
    }

    @Test("two tokens that are the same are no two tokens, and short ones are none")
    func twoTokens() throws {
        let limits = ControlLimits()
        let token = Secret("sixteen letters!")
        #expect(throws: ControlServerError.sameTokens) { try TokenGate(token: token, reader: token, limits: limits) }
        #expect(throws: ControlServerError.shortToken) {
            try TokenGate(token: token, reader: Secret("short"), limits: limits)
        }
        let gate = try TokenGate(token: token, reader: Secret("another one of 16"), limits: limits)
        let source = RequestSource(address: "a")
        #expect(gate.judge("Bearer another one of 16", from: source, at: at(0)) == .admitted(.looking))
        #expect(gate.judge("Bearer sixteen letters!", from: source, at: at(0)) == .admitted(.everything))
    }

    @Test("a /48 that sends nonsense from ever new /64 is counted as one, and the table stays small")
    func networks() {
        var table = RefusalTable(most: 30, window: .seconds(60))
        var isTurnedAway = false
        for number in 0..<5000 {
            let source = RequestSource(address: "2001:db8:0:\(number)", network: "2001:db8:0")
            isTurnedAway = table.refused(source, at: at(0)) != nil
            #expect(isTurnedAway == (number >= 30 * RefusalTable.networkShare), "\(number)")
        }
        #expect(isTurnedAway)
        #expect(table.count <= 30 * RefusalTable.networkShare + 1)
        // Another network is not touched by it.
        #expect(table.refused(RequestSource(address: "2001:db8:1:0", network: "2001:db8:1"), at: at(0)) == nil)
        for number in 0..<5000 { _ = table.refused(RequestSource(address: "10.\(number)"), at: at(1)) }
        #expect(table.count <= RefusalTable.mostSources)
    }

    @Test("addresses of one IPv6 network count as one")
    func sources() throws {
        let first = RequestSource(try SocketAddress(ipAddress: "2001:db8:1:2::1", port: 1))
        let second = RequestSource(try SocketAddress(ipAddress: "2001:db8:1:2:ffff::9", port: 2))
        let other = RequestSource(try SocketAddress(ipAddress: "2001:db8:1:3::1", port: 1))
        #expect(first == second)
        #expect(first != other && first.network == other.network)
        let old = RequestSource(try SocketAddress(ipAddress: "10.0.0.1", port: 1))
        #expect(old.address == "10.0.0.1" && old.network == nil)
    }

    @Test("a place that can't be listened at is told in the system's words, without the names of functions")
    func occupied() {
        let error = IOError(errnoCode: EADDRINUSE, reason: "bind(descriptor:ptr:bytes:)")
        #expect(SystemError.words(of: error) == "address already in use")
    }

    @Test("every problem of the service comes back as what it was")
    func problems() {
        let errors: [ControlError] = [
            .invalid("a"), .notFound("b"), .conflict("c"), .policy("d"), .configuration("e"), .unavailable("f"),
            .failed("g"),
        ]
        for error in errors { #expect(Problem(error).controlError == error) }
    }
}
