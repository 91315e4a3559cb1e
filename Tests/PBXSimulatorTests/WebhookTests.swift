import Crypto
import Foundation
import ModemSimulator
import NIOCore
import NIOHTTP1
import NIOPosix
import NetworkSimulator
import PBX
import PBXSimulator
import Synchronization
import Testing
import TextCoding
import WebRequests

/// Takes webhooks and hands them on.
private final class Mailbox: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    struct Letter: Sendable {
        let headers: HTTPHeaders
        let body: [UInt8]

        var fields: [String: Any] {
            let value = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            return value ?? [:]
        }

        func check(_ secret: String) -> StandardWebhook.Check {
            StandardWebhook.check(
                id: headers.first(name: "webhook-id"),
                timestamp: headers.first(name: "webhook-timestamp"),
                signatures: headers.first(name: "webhook-signature"),
                body: body,
                secrets: [Secret(secret)],
                now: UnixTime.now
            )
        }
    }

    private let letters: AsyncStream<Letter>.Continuation
    private var headers = HTTPHeaders()
    private var body: [UInt8] = []

    init(_ letters: AsyncStream<Letter>.Continuation) { self.letters = letters }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): headers = head.headers
        case .body(let buffer): body += buffer.readableBytesView
        case .end:
            letters.yield(Letter(headers: headers, body: body))
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .noContent))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    static func open() async throws -> (any Channel, AsyncStream<Letter>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Letter.self)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Mailbox(continuation))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return (channel, stream)
    }
}

@Suite("Webhooks of the simulated PBX", .timeLimit(.minutes(10)))
struct WebhookTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private static func run(
        _ fault: PBXServer.Configuration.Webhook.Fault?,
        _ body: (ServerRig, _ next: () async -> Mailbox.Letter?) async throws -> Void
    ) async throws {
        let (channel, letters) = try await Mailbox.open()
        let address = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/pbx/office"
        let webhook = PBXServer.Configuration.Webhook(url: address, secret: secret, fault: fault)
        // One element for each call; the stream is this function's alone.
        let next = { () async -> Mailbox.Letter? in
            for await letter in letters { return letter }
            return nil
        }
        try await ServerRig.run(
            PBXServer.Configuration(webhook: webhook),
            ServerRig.with { $0.holdTime = .milliseconds(200) }
        ) { rig in try await body(rig, next) }
        try await channel.close()
    }

    @Test("a held caller is told of, signed, until it expires")
    func story() async throws {
        try await Self.run(nil) { rig, next async throws in
            let id = try #require(try await rig.send("POST", "/outside/call", #"{"from":"030555123"}"#).field("held"))
            var types: [String] = []
            while types.last != "call.expired" {
                guard let letter = await next() else { break }
                #expect(letter.check(Self.secret) == .valid)
                types.append(letter.fields["type"] as? String ?? "")
                let data = letter.fields["data"] as? [String: Any]
                #expect(data?["id"] as? String == id)
                if types.last == "call.held" { #expect(data?["from"] as? String == "+4930555123") }
            }
            #expect(types == ["call.incoming", "call.held", "call.expired"])
        }
    }

    @Test(
        "webhooks can be forged, stale, or come twice",
        arguments: [
            (PBXServer.Configuration.Webhook.Fault.wrongSignature, StandardWebhook.Check.wrong), (.stale, .untimely),
            (.twice, .valid),
        ]
    )
    func faults(_ fault: PBXServer.Configuration.Webhook.Fault, _ check: StandardWebhook.Check) async throws {
        try await Self.run(fault) { rig, next async throws in
            _ = try await rig.send("POST", "/outside/call", #"{"from":"030555123"}"#)
            let first = await next()
            let second = await next()
            #expect(first?.check(Self.secret) == check)
            let ids = [first, second].map { $0?.headers.first(name: "webhook-id") }
            #expect((ids[0] == ids[1]) == (fault == .twice))
        }
    }
}
