import CallLog
import GatewayAPI
import Glibc
import Logging
import PBX
import PBXSimulator
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import Notify

@Suite("Events to webhooks, over the network", .timeLimit(.minutes(15)))
struct WebhookSocketTests {
    private static let secret = Secret("a-secret-of-more-than-16-bytes")

    private static func sender(
        _ hub: EventHub,
        _ writer: CallLogWriter,
        host: String = "127.0.0.1",
        ports: [Int],
        figures: WebhookFigures = WebhookFigures()
    ) -> WebhookSender {
        var settings = WebhookSender.Settings()
        settings.policy = OutgoingWebhooks.Settings(
            pauses: Array(repeating: .milliseconds(20), count: 2000),
            capacity: 1000
        )
        // Longer than an answer takes on a machine that is busy with something else; what is silent is waited for so long.
        settings.limit = .seconds(20)
        return WebhookSender(
            events: hub,
            writer: writer,
            destinations: ports.map { port in
                WebhookDestination(name: "\(port)", url: "http://\(host):\(port)/hook", secrets: [secret])
            },
            figures: figures,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            settings: settings
        )
    }

    private static func publish(_ numbers: some Sequence<Int>, to hub: EventHub) {
        for number in numbers { hub.publish(EventText(name: "call.ended", bytes: Array(body(number).utf8))) }
    }

    private static func body(_ number: Int) -> String { #"{"n":\#(number)}"# }

    /// Takes what comes until a body has come, and expects that all of it is signed.
    private static func arrivals(
        at receiver: SimulatedReceiver,
        until number: Int
    ) async -> [(id: String, body: String)] {
        var list: [(id: String, body: String)] = []
        for await arrival in receiver.arrivals {
            let check = StandardWebhook.check(
                id: arrival.headers["webhook-id"],
                timestamp: arrival.headers["webhook-timestamp"],
                signatures: arrival.headers["webhook-signature"],
                body: arrival.body,
                secrets: [secret],
                now: .now
            )
            #expect(check == .valid)
            list.append((arrival.headers["webhook-id"] ?? "", String(decoding: arrival.body, as: UTF8.self)))
            if list.last?.body == body(number) { break }
        }
        return list
    }

    private static func run(_ sender: WebhookSender, _ test: () async throws -> Void) async throws {
        let running = Task { try await sender.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await test()) } catch { result = .failure(error) }
        running.cancel()
        try await running.value
        try result.get()
    }

    @Test("whatever a receiver does, it gets each event under one id, signed and in order, and holds up no other")
    func receivers() async throws {
        let directory = try TemporaryDirectory()
        let hub = EventHub()
        let figures = WebhookFigures()
        let bad = SimulatedReceiver([
            .status(500), .status(204), .cut, .silence, .status(429, ["Retry-After": "1"]), .status(302), .status(200),
            .status(410), .status(503), .status(204),
        ])
        let good = SimulatedReceiver()
        let mute = SimulatedReceiver(Array(repeating: .silence, count: 100))
        let ports = [try await bad.listen(), try await good.listen(), try await mute.listen()]
        let writer = CallLogWriter(directory: directory.path)
        try await Self.run(Self.sender(hub, writer, ports: ports, figures: figures)) {
            Self.publish(1...5, to: hub)
            let others = await Self.arrivals(at: good, until: 5)
            #expect(others.map(\.body) == (1...5).map(Self.body))
            let seen = await Self.arrivals(at: bad, until: 5)
            #expect(seen.map(\.body) == [1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 5].map(Self.body))
            #expect(Set(seen.map { "\($0.id) \($0.body)" }).count == 5)
            #expect(Set(seen.map(\.id)).count == 5)
            #expect(figures.snapshot.outgoing["\(ports[0])"]?.lost == ["gone": 1])
            #expect(figures.snapshot.outgoing["\(ports[2])"]?.delivered == 0)
        }
        for receiver in [bad, good, mute] { await receiver.close() }
    }

    /// An address that no other process takes, so that a port there stays free while no receiver listens.
    private static let ownHost = "127.87.\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)"

    /// Has a receiver listen where one has just stopped.
    ///
    /// Programs that other tests are just starting have copies of the old socket until they have begun.
    private static func listen(_ receiver: SimulatedReceiver, at port: Int) async throws {
        while true {
            do {
                _ = try await receiver.listen(host: ownHost, port: port)
                return
            } catch {
                // Until the suite's limit.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test(
        "a receiver that is not there at first, and goes on after a restart of ours, gets everything once under its id"
    )
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let hub = EventHub()
        let figures = WebhookFigures()
        let first = SimulatedReceiver([.status(204), .silence])
        let port = 9080
        var ids: [String] = []
        try await Self.run(
            Self.sender(
                hub,
                CallLogWriter(directory: directory.path),
                host: Self.ownHost,
                ports: [port],
                figures: figures
            )
        ) {
            Self.publish(1...3, to: hub)
            #expect(await waits { figures.snapshot.outgoing["\(port)"]?.trouble != nil })
            try await Self.listen(first, at: port)
            ids = await Self.arrivals(at: first, until: 2).map(\.id)
            #expect(ids.count == 2)
        }
        await first.close()

        let second = SimulatedReceiver()
        try await Self.listen(second, at: port)
        let later = EventHub()
        try await Self.run(
            Self.sender(later, CallLogWriter(directory: directory.path), host: Self.ownHost, ports: [port])
        ) {
            Self.publish([4], to: later)
            let seen = await Self.arrivals(at: second, until: 4)
            #expect(seen.map(\.body) == [2, 3, 4].map(Self.body))
            #expect(seen.first?.id == ids.last)
            #expect(Set(seen.map(\.id) + ids).count == 4)
        }
        await second.close()
    }
}
