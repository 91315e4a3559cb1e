import DialPlan
import FoundationEssentials
import Testing

@testable import PBX

/// What is remembered of webhooks that came, and how those of our own are sent.
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

    // MARK: Sending

    @Test("an outgoing webhook is tried again with longer pauses, and given up in the end")
    func outgoing() {
        var queue = OutgoingWebhooks()
        var now = Self.now
        #expect(queue.add(id: "a", to: "u1", body: [], now: now).isEmpty)
        _ = queue.add(id: "b", to: "u1", body: [], now: now)
        _ = queue.add(id: "c", to: "u2", body: [], now: now)
        var pauses: [Duration] = []
        var loss: OutgoingWebhooks.Loss?
        while loss == nil, pauses.count < 50 {
            let due = queue.due(now: now)
            for delivery in due where delivery.destination == "u2" {
                _ = queue.finished(delivery, .taken, now: now, jitter: 0)
            }
            guard let first = due.first(where: { $0.destination == "u1" }) else { break }
            #expect(first.id == "a")
            #expect(queue.due(now: now).isEmpty)
            loss = queue.finished(first, .failed(retryAfter: nil), now: now, jitter: 0)
            let next = queue.next ?? now
            pauses.append(now.duration(to: next))
            now = next
        }
        #expect(loss == .attempts)
        #expect(Array(pauses.prefix(3)) == [.seconds(5), .seconds(300), .seconds(1800)])
        #expect(pauses.count == 10)
        #expect(queue.due(now: now).map(\.id) == ["b"])
    }

    @Test("a full queue gives up its oldest, and 410 ends a webhook at once")
    func full() {
        var queue = OutgoingWebhooks(OutgoingWebhooks.Settings(capacity: 2))
        _ = queue.add(id: "a", to: "u", body: [], now: Self.now)
        _ = queue.add(id: "b", to: "u", body: [], now: Self.now)
        let lost = queue.add(id: "c", to: "u", body: [], now: Self.now)
        #expect(lost.map(\.0.id) == ["a"])
        #expect(queue.count == 2)
        let due = queue.due(now: Self.now)
        #expect(due.map(\.id) == ["b"])
        #expect(due.first.map { queue.finished($0, .gone, now: Self.now, jitter: 0) } == .some(.gone))
        let next = queue.due(now: Self.now)
        let wait = next.first.map { queue.finished($0, .failed(retryAfter: .seconds(60)), now: Self.now, jitter: 0) }
        #expect(wait == .some(nil))
        #expect(queue.next == Self.now + .seconds(60))
    }
}
