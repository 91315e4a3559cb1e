import CallLog
import FoundationEssentials
import GatewayAPI
import Logging
import PBX
import Synchronization
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import Notify

/// Plays the receivers: answers from a list, and shows what came.
private final class PlayedReceivers: HTTPTransport {
    enum Line: Sendable {
        case status(Int, [(String, String)] = [])
        case failure(TransportFailure)
        /// Nothing, until the task is cancelled.
        case silence
    }

    struct Arrival: Sendable {
        var host: String
        var id: String
        var body: String
        var isSigned: Bool
    }

    /// Everything that came, attempts that failed included.
    let arrivals: AsyncStream<Arrival>
    private let arrived: AsyncStream<Arrival>.Continuation
    private let lines: Mutex<[String: [Line]]>

    /// - Parameter lines: the answers of each host; behind them it is 204.
    init(_ lines: [String: [Line]] = [:]) {
        self.lines = Mutex(lines)
        (arrivals, arrived) = AsyncStream.makeStream()
    }

    func send(_ request: WebRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply {
        let header = { (name: String) in request.headers.first { $0.name == name }?.value }
        let text = "\(request.url)"
        let host = text.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        let check = StandardWebhook.check(
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            signatures: header("webhook-signature"),
            body: request.body,
            secrets: [WebhookSenderTests.secret],
            now: .now
        )
        arrived.yield(
            Arrival(
                host: host,
                id: header("webhook-id") ?? "",
                body: String(decoding: request.body, as: UTF8.self),
                isSigned: check == .valid && header("Content-Type") == "application/json"
            )
        )
        let line = lines.withLock { lines -> Line in
            guard let first = lines[host]?.first else { return .status(204) }
            if (lines[host]?.count ?? 0) > 0 { lines[host]?.removeFirst() }
            return first
        }
        switch line {
        case .status(let status, let headers): return HTTPReply(status: status, headers: headers)
        case .failure(let failure): throw failure
        case .silence:
            try? await Task.sleep(for: .seconds(600))
            throw TransportFailure(.cancelled, mayHaveArrived: true)
        }
    }
}

@Suite("Events to webhooks", .timeLimit(.minutes(10)))
struct WebhookSenderTests {
    static let secret = Secret("a-secret-of-more-than-16-bytes")

    private static func destination(_ host: String, _ events: [String] = []) -> WebhookDestination {
        WebhookDestination(name: host, url: "https://\(host)/hook", secrets: [secret], events: events)
    }

    private static var quick: WebhookSender.Settings {
        var settings = WebhookSender.Settings()
        settings.policy = OutgoingWebhooks.Settings(
            pauses: Array(repeating: .milliseconds(1), count: 9),
            capacity: 1000
        )
        settings.gathering = .milliseconds(1)
        return settings
    }

    private static func publish(_ numbers: some Sequence<Int>, name: String = "call.ended", to hub: EventHub) {
        for number in numbers { hub.publish(EventText(name: name, bytes: Array(#"{"n":\#(number)}"#.utf8))) }
    }

    private static func body(_ number: Int) -> String { #"{"n":\#(number)}"# }

    private static func writer(_ directory: TemporaryDirectory) -> CallLogWriter {
        CallLogWriter(directory: directory.path)
    }

    private static func sender(
        _ hub: EventHub,
        _ writer: CallLogWriter,
        _ destinations: [WebhookDestination],
        _ receivers: PlayedReceivers,
        figures: WebhookFigures = WebhookFigures(),
        settings: WebhookSender.Settings = quick
    ) -> WebhookSender {
        WebhookSender(
            events: hub,
            writer: writer,
            destinations: destinations,
            figures: figures,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            settings: settings,
            transport: { _ in receivers }
        )
    }

    /// Runs a sender until a test of what arrives is through, and waits for its end.
    private static func run(_ sender: WebhookSender, _ test: () async throws -> Void) async throws {
        let running = Task { try await sender.run() }
        let result: Result<Void, any Error>
        do {
            try await test()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        running.cancel()
        try await running.value
        try result.get()
    }

    private static func first(_ count: Int, of receivers: PlayedReceivers) async -> [PlayedReceivers.Arrival] {
        var list: [PlayedReceivers.Arrival] = []
        for await arrival in receivers.arrivals {
            list.append(arrival)
            if list.count == count { break }
        }
        return list
    }

    @Test("every event goes out once, signed and in order, to those who want it")
    func order() async throws {
        let directory = try TemporaryDirectory()
        let hub = EventHub()
        let receivers = PlayedReceivers()
        let destinations = [Self.destination("all.example"), Self.destination("calls.example", ["call.*"])]
        // Also those from before it ran.
        Self.publish(1...2, to: hub)
        try await Self.run(Self.sender(hub, Self.writer(directory), destinations, receivers)) {
            Self.publish([3], name: "modem.ready", to: hub)
            Self.publish(4...20, to: hub)
            let arrivals = await Self.first(39, of: receivers)
            #expect(arrivals.filter { $0.host == "all.example" }.map(\.body) == (1...20).map(Self.body))
            let calls = arrivals.filter { $0.host == "calls.example" }
            #expect(calls.map(\.body) == [1, 2].map(Self.body) + (4...20).map(Self.body))
            #expect(!arrivals.contains { !$0.isSigned })
            #expect(Set(calls.map(\.id)).count == 19)
            #expect(calls.first?.id == "\(hub.position(behind: 1))")
        }
    }

    @Test("what is not taken is tried again under the same id, in its order, and holds up no other receiver")
    func retries() async throws {
        let directory = try TemporaryDirectory()
        let hub = EventHub()
        let figures = WebhookFigures()
        let receivers = PlayedReceivers([
            "bad.example": [
                .failure(TransportFailure(.obstacle(.connection), mayHaveArrived: false)), .status(500),
                .failure(TransportFailure(.late, mayHaveArrived: true)), .status(302), .status(204), .status(429),
            ],
            "mute.example": [.silence],
        ])
        let destinations = ["bad.example", "good.example", "mute.example"].map { Self.destination($0) }
        let sender = Self.sender(hub, Self.writer(directory), destinations, receivers, figures: figures)
        try await Self.run(sender) {
            Self.publish(1...3, to: hub)
            // 8 to the bad one, 3 to the good one, and one that the mute one never answers.
            let arrivals = await Self.first(12, of: receivers)
            let bad = arrivals.filter { $0.host == "bad.example" }
            #expect(bad.map(\.body) == [1, 1, 1, 1, 1, 2, 2, 3].map(Self.body))
            #expect(Set(bad.map(\.id)).count == 3)
            #expect(!bad.contains { !$0.isSigned })
            #expect(arrivals.filter { $0.host == "good.example" }.map(\.body) == (1...3).map(Self.body))
            let mute = try #require(figures.snapshot.outgoing["mute.example"])
            #expect(mute.waiting == 3)
            #expect(mute.delivered == 0)
        }
        let bad = try #require(figures.snapshot.outgoing["bad.example"])
        #expect(bad.failures == 5)
    }

    @Test("a receiver that is gone, or fails to the end, loses that event and gets the next")
    func losses() async throws {
        let directory = try TemporaryDirectory()
        let hub = EventHub()
        let figures = WebhookFigures()
        var settings = Self.quick
        settings.policy = OutgoingWebhooks.Settings(pauses: [.milliseconds(1)])
        let receivers = PlayedReceivers(["a.example": [.status(410), .status(500), .status(500), .status(204)]])
        let sender = Self.sender(
            hub,
            Self.writer(directory),
            [Self.destination("a.example")],
            receivers,
            figures: figures,
            settings: settings
        )
        try await Self.run(sender) {
            Self.publish(1...4, to: hub)
            let arrivals = await Self.first(5, of: receivers)
            #expect(arrivals.map(\.body) == [1, 2, 2, 3, 4].map(Self.body))
        }
        #expect(figures.snapshot.outgoing["a.example"]?.lost == ["gone": 1, "attempts": 1])
        #expect(figures.warnings.contains { $0.contains("2 events were given up") })
    }

    @Test("a full queue survives a restart in its order and with its ids; the oldest made room")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        var settings = Self.quick
        settings.policy = OutgoingWebhooks.Settings(pauses: [.seconds(3600)], capacity: 50)
        let hub = EventHub()
        let figures = WebhookFigures()
        let down = PlayedReceivers(["a.example": [.silence]])
        let destinations = [Self.destination("a.example"), Self.destination("gone.example")]
        let first = Self.sender(
            hub,
            Self.writer(directory),
            destinations,
            down,
            figures: figures,
            settings: settings
        )
        try await Self.run(first) {
            // The first is on its way, and keeps its place, while the others come.
            Self.publish([1], to: hub)
            for await arrival in down.arrivals where arrival.host == "a.example" { break }
            Self.publish(2...60, to: hub)
        }
        #expect(figures.snapshot.outgoing["a.example"]?.lost == ["capacity": 10])
        let numbers = [1] + Array(12...60)
        let kept = try await Self.writer(directory).perform { (log) throws(CallLogError) in try log.webhooks() }
        let ours = kept.filter { $0.key.destination == destinations[0].key }
        #expect(ours.map { String(decoding: $0.body, as: UTF8.self) } == numbers.map(Self.body))
        #expect(ours.map(\.key.id) == numbers.map { "\(hub.position(behind: UInt64($0)))" })

        let later = EventHub()
        let up = PlayedReceivers()
        let second = Self.sender(later, Self.writer(directory), [destinations[0]], up)
        try await Self.run(second) {
            Self.publish([99], to: later)
            let arrivals = await Self.first(51, of: up)
            #expect(arrivals.map(\.body) == (numbers + [99]).map(Self.body))
            #expect(arrivals.prefix(50).map(\.id) == numbers.map { "\(hub.position(behind: UInt64($0)))" })
        }
        let left = try await Self.writer(directory).perform { (log) throws(CallLogError) in try log.webhooks() }
        // The answer to the last one may come with the end; that of a URL that is gone is forgotten.
        #expect(left.count <= 1)
        #expect(left.allSatisfy { $0.key.destination == destinations[0].key })
    }

    @Test("whoever publishes waits for nobody, and figures tell what waits")
    func neverBlocks() async throws {
        let directory = try TemporaryDirectory()
        let hub = EventHub()
        let figures = WebhookFigures()
        let receivers = PlayedReceivers(["a.example": [.silence]])
        let destinations = [Self.destination("a.example")]
        let sender = Self.sender(hub, Self.writer(directory), destinations, receivers, figures: figures)
        try await Self.run(sender) {
            Self.publish([0], to: hub)
            _ = await Self.first(1, of: receivers)
            Self.publish(1...900, to: hub)
            #expect(await waits { figures.snapshot.outgoing["a.example"]?.waiting == 901 })
            // A configuration without it forgets what waits.
            await sender.replace([Self.destination("b.example")])
            Self.publish([1000], to: hub)
            let next = await Self.first(1, of: receivers)
            #expect(next.map(\.host) == ["b.example"])
            #expect(figures.snapshot.outgoing.keys.sorted() == ["b.example"])
        }
    }

    @Test("a number that is erased from the log is not sent any more after a restart")
    func erased() async throws {
        let directory = try TemporaryDirectory()
        let keys = ["1", "2"].map { KeptWebhook.Key(id: $0, destination: "d") }
        let bodies = [#"{"target":"+4930123456"}"#, #"{"target":"+4930999999"}"#]
        let waiting = zip(keys, bodies).enumerated()
            .map { index, pair in
                KeptWebhook(
                    key: pair.0,
                    position: Int64(index),
                    body: Array(pair.1.utf8),
                    madeAt: 0,
                    attempts: 0,
                    dueAt: 0
                )
            }
        let left = try await Self.writer(directory)
            .perform { (log) throws(CallLogError) in
                try log.keepWebhooks(waiting, forget: [])
                _ = try log.erase(number: "+4930123456")
                return try log.webhooks()
            }
        #expect(left == [waiting[1]])
    }

    @Test("what a disk takes late is put at most once, and in its place")
    func pending() throws {
        var pending = PendingWebhooks()
        pending.begin(behind: [])
        pending.add(id: "1", to: "d", body: [1], now: UnixTime(seconds: 1))
        pending.add(id: "2", to: "d", body: [2], now: UnixTime(seconds: 1))
        let delivery = { (id: String) in
            OutgoingWebhooks.Delivery(
                id: id,
                destination: "d",
                body: [],
                made: UnixTime(seconds: 1),
                attempts: 3,
                due: UnixTime(seconds: 9)
            )
        }
        // Never written, and taken by its receiver: the disk need not know.
        pending.forget(delivery("1"))
        let first = pending.take()
        #expect(first.sorted.put.map(\.key.id) == ["2"])
        #expect(first.sorted.forget.isEmpty)
        // Tried meanwhile, while the disk failed: place and attempts are both kept.
        pending.update(delivery("2"))
        pending.giveBack(first)
        let second = pending.take()
        #expect(second.sorted.put.map(\.attempts) == [3])
        #expect(second.sorted.put.map(\.position) == first.sorted.put.map(\.position))
        // The disk may have it by now, so that it must be told to forget it.
        pending.giveBack(second)
        pending.forget(delivery("2"))
        #expect(pending.take().sorted.forget.map(\.id) == ["2"])
        #expect(pending.take().isEmpty)
    }
}
