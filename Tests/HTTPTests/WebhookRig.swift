import Crypto
import DialPlan
import FoundationEssentials
import GatewayAPI
import Logging
import PBX
import Synchronization
import Testing
import TextCoding
import WebRequests

@testable import HTTP

/// A running listener for webhooks, with a closure behind it that the test holds.
struct WebhookRig: Sendable {
    static let secret = Secret("a-secret-of-more-than-16-bytes")

    let port: Int
    let figures: WebhookFigures
    let receivers: WebhookReceivers

    /// Every event that was handed on, with the PBX's name, before it is dealt with.
    let events: AsyncStream<(PBXEvent, String)>

    static func account(_ name: String = "office", profile: PBXProfile = .generic) throws -> PBXAccount {
        var account = PBXAccount(name: name, profile: profile, region: try Region(code: "DE"))
        account.webhook = WebhookSettings(path: "/pbx/" + name, secrets: [secret])
        return account
    }

    /// Limits that no test waits for.
    static var limits: WebhookLimits {
        var limits = WebhookLimits()
        limits.connection.requestArrival = .milliseconds(400)
        limits.connection.idle = .milliseconds(500)
        limits.connection.linger = .milliseconds(300)
        limits.connection.stop = .milliseconds(500)
        return limits
    }

    static func run(
        _ accounts: [PBXAccount],
        limits: WebhookLimits = limits,
        identity: TLSIdentity? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        take: @escaping WebhookListener.Take = { _, _ in },
        _ test: @Sendable (WebhookRig) async throws -> Void
    ) async throws {
        let figures = WebhookFigures()
        let receivers = WebhookReceivers(accounts)
        let opened = AsyncStream.makeStream(of: Int.self)
        let events = AsyncStream.makeStream(of: (PBXEvent, String).self)
        let listener = WebhookListener(
            settings: WebhookListener.Settings(host: "127.0.0.1", port: 0, identity: identity),
            receivers: receivers,
            limits: limits,
            figures: figures,
            logger: logger,
            onOpen: { opened.continuation.yield($0) },
            take: { event, pbx in
                events.continuation.yield((event, pbx))
                await take(event, pbx)
            }
        )
        try await withThrowingTaskGroup { group in
            group.addTask {
                defer { opened.continuation.finish() }
                try await listener.run()
            }
            for await port in opened.stream {
                let rig = WebhookRig(port: port, figures: figures, receivers: receivers, events: events.stream)
                defer { group.cancelAll() }
                try await test(rig)
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// A Standard Webhook on the wire.
    static func standard(
        _ body: String,
        id: String,
        path: String = "/pbx/office",
        secret: Secret = secret,
        at now: UnixTime = .now,
        more: [String] = [],
        sent: [UInt8]? = nil
    ) -> String {
        let headers = StandardWebhook.headers(id: id, body: Array(body.utf8), secrets: [secret], now: now)
            .map { "\($0.name): \($0.value)" }
        let sent = sent.map { String(decoding: $0, as: UTF8.self) } ?? body
        return post(path, sent, type: "application/json", headers + more)
    }

    static func post(_ path: String, _ body: String, type: String, _ headers: [String] = []) -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    /// What Placetel signs with.
    static func placetel(_ body: String) -> String {
        let key = SymmetricKey(data: Array(secret.reveal().utf8))
        return HMAC<SHA256>.authenticationCode(for: Array(body.utf8), using: key)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    func exchange(_ request: String) async throws -> String {
        try await Wire.exchange(Wire(port: port), request)
    }

    func count(_ result: String, pbx: String = "office") -> Int {
        figures.snapshot.incoming[WebhookFigures.Incoming(pbx: pbx, result: result)] ?? 0
    }
}
