import GatewayAPI
import Synchronization
import Testing

@Suite("Hub of events", .timeLimit(.minutes(10)))
struct EventHubTests {
    private func hub(_ count: Int, capacity: Int = 8, backlog: Int = 4) -> EventHub {
        let hub = EventHub(capacity: capacity, backlog: backlog, maxListeners: 2, run: 7)
        for number in 0..<count { hub.publish(EventText(name: "n", bytes: Array("\(number)".utf8))) }
        return hub
    }

    @Test("events are numbered from 1 without gaps")
    func numbers() {
        let hub = hub(3)
        #expect(hub.publish(EventText(name: "n", bytes: [])) == 4)
        #expect(hub.published == 4)
    }

    @Test(
        "who comes back gets what it missed, and is told when some of it is lost",
        arguments: [
            (EventHub.Position(id: 0), 3, [1, 2, 3], false),
            (EventHub.Position(run: 7, id: 0), 3, [1, 2, 3], false),
            (EventHub.Position(run: 7, id: 2), 3, [3], false),
            (EventHub.Position(id: 3), 3, [], false),
            // Never given by this run.
            (EventHub.Position(id: 4), 3, [1, 2, 3], true),
            (EventHub.Position(id: .max), 3, [1, 2, 3], true),
            (EventHub.Position(run: 8, id: 2), 3, [1, 2, 3], true),
            (EventHub.Position(run: 8, id: 0), 0, [], true),
            // 8 are kept, up to 10 between two trims.
            (EventHub.Position(run: 7, id: 2), 11, Array(4...11), true),
            (EventHub.Position(run: 7, id: 3), 11, Array(4...11), false),
            (EventHub.Position(run: 7, id: 11), 11, [], false),
            (EventHub.Position(id: 0), 10, Array(1...10), false),
        ] as [(EventHub.Position, Int, [UInt64], Bool)]
    )
    func resumption(position: EventHub.Position, published: Int, expected: [UInt64], hasGap: Bool) async throws {
        let hub = hub(published)
        let subscription = try #require(hub.subscribe(from: position))
        #expect(subscription.hasGap == hasGap)
        hub.close()
        var ids: [UInt64] = []
        for await entry in subscription.entries { ids.append(entry.id) }
        #expect(ids == expected)
    }

    @Test("without a position only new events come")
    func newOnly() async throws {
        let hub = hub(3)
        let subscription = try #require(hub.subscribe())
        hub.publish(EventText(name: "new", bytes: [1]))
        hub.close()
        var entries: [EventHub.Entry] = []
        for await entry in subscription.entries { entries.append(entry) }
        #expect(entries.map(\.event.name) == ["new"])
        #expect(entries.first?.id == 4)
    }

    @Test("a listener that falls behind keeps what it has, is cut off, and can come back")
    func behind() async throws {
        let hub = hub(0)
        let subscription = try #require(hub.subscribe())
        let other = try #require(hub.subscribe())
        var reader = other.entries.makeAsyncIterator()
        for number in 1...6 {
            hub.publish(EventText(name: "n", bytes: []))
            #expect(await reader.next()?.id == UInt64(number))
        }
        #expect(hub.listeners == 1)
        var ids: [UInt64] = []
        for await entry in subscription.entries { ids.append(entry.id) }
        #expect(ids == [1, 2, 3, 4])
        let again = try #require(hub.subscribe(from: EventHub.Position(id: 4)))
        var resumed = again.entries.makeAsyncIterator()
        #expect(await resumed.next()?.id == 5)
        #expect(!again.hasGap)
    }

    @Test("no more may listen than were allowed for, and one that leaves makes room")
    func room() throws {
        let hub = hub(0)
        var first = hub.subscribe()
        let second = hub.subscribe()
        #expect(first != nil)
        #expect(second != nil)
        #expect(hub.subscribe() == nil)
        first = nil
        #expect(hub.listeners == 1)
        #expect(hub.subscribe() != nil)
    }

    @Test("a closed hub lets nobody in")
    func closed() {
        let hub = hub(1)
        hub.close()
        #expect(hub.subscribe(from: EventHub.Position(id: 0)) == nil)
        #expect(hub.listeners == 0)
    }

    @Test("whoever is told that it was cut off may ask the hub for something")
    func reentrance() {
        let hub = hub(0)
        let told = Mutex(0)
        let admission = hub.listen(from: nil) { _ in
            false
        } ended: {
            told.withLock { $0 += 1 }
            #expect(hub.listeners == 0)
        }
        #expect(admission != nil)
        hub.publish(EventText(name: "n", bytes: []))
        hub.publish(EventText(name: "n", bytes: []))
        hub.close()
        #expect(told.withLock { $0 } == 1)
    }

    @Test("many publishers and listeners at once: everybody sees the numbers in order")
    func concurrency() async throws {
        let hub = EventHub(capacity: 2000, backlog: 2000, maxListeners: 4)
        let sequences: [[UInt64]] = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<4 {
                guard let subscription = hub.subscribe() else { continue }
                group.addTask {
                    var ids: [UInt64] = []
                    for await entry in subscription.entries {
                        ids.append(entry.id)
                        if ids.count == 1000 { break }
                    }
                    return ids
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<250 { hub.publish(EventText(name: "n", bytes: [])) }
                    return []
                }
            }
            return await group.reduce(into: []) { if !$1.isEmpty { $0.append($1) } }
        }
        let expected = [UInt64](1...1000)
        #expect(sequences == [expected, expected, expected, expected])
    }

    @Test(
        "a position is read as it is written, and nothing else is one",
        arguments: [
            ("0", EventHub.Position(id: 0)), ("17", EventHub.Position(id: 17)),
            ("0000000a-17", EventHub.Position(run: 10, id: 17)),
            ("ffffffff-18446744073709551615", EventHub.Position(run: .max, id: .max)), ("", nil), ("-1", nil),
            ("a-1", nil), ("0000000A-1", nil), ("00000000a-1", nil), ("18446744073709551616", nil), ("1 ", nil),
            ("+1", nil), ("0000000a-", nil), ("0000000a-1-2", nil), ("١", nil),
        ] as [(String, EventHub.Position?)]
    )
    func positions(text: String, position: EventHub.Position?) {
        #expect(EventHub.Position(text) == position)
        if let position { #expect(position.description == text) }
    }
}
