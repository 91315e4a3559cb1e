import DialPlan
import FoundationEssentials
import Testing
import WebRequests

@testable import PBX

/// What is remembered of webhooks that came.
extension WebhookTests {
    @Test("the guard forgets the oldest first, and what its time is over for")
    func bounded() {
        var memory = ReplayGuard(capacity: 3, lifetime: .seconds(10))
        for index in 0..<100 { _ = memory.admit("\(index)", now: Self.now) }
        #expect(memory.count == 3)
        #expect(memory.admit("99", now: Self.now) == .repetition(nil))
        #expect(memory.admit("96", now: Self.now) == .new)
        #expect(memory.admit("99", now: Self.now + .seconds(10)) == .new)
        for index in 0..<50_000 { _ = memory.admit("x\(index)", now: Self.now + .seconds(20)) }
        #expect(memory.count == 3)
    }

    @Test("what an earlier run has seen is known, for as long as it matters, and no longer than that by any clock")
    func restored() throws {
        var before = try Self.receiver(.placetel) { $0.webhook?.incoming = .forward(["7771234567@fpbx.de"]) }
        let incoming = Self.placetel("event=IncomingCall&from=022129191999&to=022199999999&call_id=ab1&direction=in")
        let over = Self.placetel("event=HungUp&call_id=ab1&type=voicemail&duration=12&from=a&to=b&direction=in")
        #expect(!before.receive(incoming, now: Self.now).isRepetition)
        let first = before.takeNews()
        #expect(first.seen.count == 1)
        #expect(before.takeNews().isEmpty)
        #expect(!before.receive(over, now: Self.now).isRepetition)
        #expect(before.receive(incoming, now: Self.now).isRepetition)
        let second = before.takeNews()
        #expect(second.ended.count == 1)
        #expect(!"\(first) \(second)".contains("ab1"))

        var after = try Self.receiver(.placetel) { $0.webhook?.incoming = .forward(["7771234567@fpbx.de"]) }
        after.restore(first, now: Self.now + .seconds(60))
        after.restore(second, now: Self.now + .seconds(60))
        let played = after.receive(incoming, now: Self.now + .seconds(60))
        #expect(played.isRepetition)
        #expect(played.answer == .taken)
        #expect(after.receive(over, now: Self.now + .seconds(60)).isRepetition)
        #expect(after.takeNews().isEmpty)
        var late = ReplayGuard(lifetime: .seconds(10))
        late.restore(first.seen, now: Self.now + .seconds(86_400))
        #expect(late.count == 0)
        late.restore(first.seen, now: Self.now + .seconds(-86_400))
        #expect(late.count == 1)
        for index in 0..<5000 { _ = late.admit("\(index)", now: Self.now + .seconds(-86_389)) }
        #expect(late.count == 4096)
    }
}
