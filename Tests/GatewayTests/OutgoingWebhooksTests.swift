import DialPlan
import FoundationEssentials
import Testing
import WebRequests

@testable import Notify

/// How webhooks of our own are sent.
@Suite struct OutgoingWebhooksTests {
    private static let now = UnixTime(seconds: 1_800_000_000)

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
