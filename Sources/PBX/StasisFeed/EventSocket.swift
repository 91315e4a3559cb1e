internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket
internal import WebRequests

/// The client's side of a WebSocket (RFC 6455) over which a PBX tells its events, as text.
///
/// The same rules as for requests: TLS 1.2 or later, checked; no plain connection outside the own network unless that
/// was decided on; nothing longer than ``longest``.
struct EventSocket: Sendable {
    /// The longest message that is taken; Asterisk's events are of a few KiB.
    static let longest = 1 << 16
    /// How often the other end is asked whether it is there.
    static let pings = TimeAmount.seconds(20)
    /// How long the other end's goodbye is waited for.
    static let farewell = TimeAmount.seconds(1)
    /// How long it may be silent.
    static let silence = TimeAmount.seconds(50)

    /// Why there is no connection.
    enum Failure: Error, Equatable {
        /// Nothing could be sent.
        case obstacle(TransportFailure.Obstacle)
        /// Plain HTTP to a host outside the own network.
        case forbidden
        /// The PBX answered with this status instead.
        case refused(status: Int)
        /// What came is no WebSocket.
        case malformed
    }

    fileprivate enum UpgradeOutcome: Sendable {
        case done
        /// With the status, which is read behind this; nil when none came.
        case refused(EventLoopFuture<Int?>)
    }

    private let channel: any Channel

    /// Connects.
    ///
    /// - Parameters:
    ///   - request: where to, with the header fields that say who we are.
    ///   - account: what is trusted and allowed.
    ///   - group: where it runs.
    ///   - limit: how long it may take, TLS included.
    ///   - take: takes each message, in order, on the connection's loop; the connection ends with one that is not
    /// taken.
    static func open(
        _ request: WebRequest,
        _ account: PBXAccount,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        within limit: TimeAmount = .seconds(10),
        take: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(Failure) -> EventSocket {
        let base = request.url.base
        guard base.isEncrypted || base.isPrivate || account.allowsPlainHTTP else { throw .forbidden }
        do {
            let context = base.isEncrypted ? try context(account) : nil
            let bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(5))
            let port = base.port ?? (base.isEncrypted ? 443 : 80)
            let (channel, upgrade) = try await bootstrap.connect(host: base.host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        // An address is checked as such: SNI has room for names alone.
                        let isAddress = (try? SocketAddress(ipAddress: base.host, port: 0)) != nil
                        let name = isAddress ? nil : base.host
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: name)
                        )
                    }
                    return (channel as any Channel, try prepare(channel, request, take))
                }
            }
            let late = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
            defer { late.cancel() }
            switch try await upgrade.get() {
            case .done: return EventSocket(channel: channel)
            case .refused(let answer):
                let status = try await answer.get()
                channel.close(promise: nil)
                throw status.map { Failure.refused(status: $0) } ?? .malformed
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw obstacle(error).map { .obstacle($0) } ?? .malformed
        }
    }

    /// Waits until the connection is over.
    func ended() async {
        // However it ended.
        _ = try? await channel.closeFuture.get()
    }

    /// Ends it with a word of goodbye (RFC 6455, 5.5.1 and 7.4.1), and does not wait for long for the other end's.
    func close() {
        channel.triggerUserOutboundEvent(Farewell(), promise: nil)
    }

    /// Has the handler say goodbye.
    fileprivate struct Farewell: Sendable {}

    private static func context(_ account: PBXAccount) throws -> NIOSSLContext {
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        security.certificateVerification = .fullVerification
        security.trustRoots = account.certificateAuthority.map(NIOSSLTrustRoots.file) ?? .default
        return try NIOSSLContext(configuration: security)
    }

    private static func prepare(
        _ channel: any Channel,
        _ request: WebRequest,
        _ take: @escaping @Sendable ([UInt8]) -> Bool
    ) throws -> EventLoopFuture<UpgradeOutcome> {
        let upgrader = NIOTypedWebSocketClientUpgrader<UpgradeOutcome>(maxFrameSize: longest) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let aggregator = NIOWebSocketFrameAggregator(
                    minNonFinalFragmentSize: 1,
                    maxAccumulatedFrameCount: 64,
                    maxAccumulatedFrameSize: longest
                )
                try channel.pipeline.syncOperations.addHandlers([aggregator, EventSocketHandler(take: take)])
                return .done
            }
        }
        var headers = HTTPHeaders()
        let host = request.url.base.host
        let name = host.contains(":") ? "[\(host)]" : host
        headers.add(name: "Host", value: name + (request.url.base.port.map { ":\($0)" } ?? ""))
        headers.add(name: "User-Agent", value: "gsmbridge")
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.url.target, headers: headers)
        let configuration = NIOTypedHTTPClientUpgradeConfiguration(upgradeRequestHead: head, upgraders: [upgrader]) {
            channel in
            let status = channel.eventLoop.makePromise(of: Int?.self)
            return channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RefusalHandler(status: status))
                return .refused(status.futureResult)
            }
        }
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        )
    }

    /// What stood in the way of a connection; nil for what came behind that.
    private static func obstacle(_ error: any Error) -> TransportFailure.Obstacle? {
        switch error {
        case let error as NIOConnectionError:
            let isName = error.connectionErrors.isEmpty && (error.dnsAError != nil || error.dnsAAAAError != nil)
            return isName ? .name : .connection
        case ChannelError.connectTimeout: return .timeout
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return .certificate
        default: return nil
        }
    }
}

/// Takes the messages of a WebSocket, and sees that the other end is there and reads.
///
/// What waits to be written is bounded: nothing is added while the channel is not writable (64 KiB wait). Of the pings
/// that come meanwhile the last is answered, which RFC 6455 (5.5.3) permits; a peer that still does not read when the
/// next ping of ours is due is hung up on.
final class EventSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let take: @Sendable ([UInt8]) -> Bool
    private var lastHeard = NIODeadline.now()
    private var pings: RepeatedTask?
    private var hasSaidGoodbye = false
    /// The last ping that is not answered yet; at most 125 bytes (RFC 6455, 5.5).
    private var owed: ByteBuffer?

    init(take: @escaping @Sendable ([UInt8]) -> Bool) { self.take = take }

    func handlerAdded(context: ChannelHandlerContext) {
        lastHeard = .now()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        pings = context.eventLoop.scheduleRepeatedTask(initialDelay: EventSocket.pings, delay: EventSocket.pings) { _ in
            let (handler, context) = bound.value
            handler.ping(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { pings?.cancel() }

    private func ping(_ context: ChannelHandlerContext) {
        guard NIODeadline.now() - lastHeard < EventSocket.silence, context.channel.isWritable else {
            return context.close(promise: nil)
        }
        write(.ping, ByteBuffer(string: "gsmbridge"), context)
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        lastHeard = .now()
        switch frame.opcode {
        case .text, .binary:
            if !take(Array(frame.unmaskedData.readableBytesView)) { context.close(promise: nil) }
        case .ping:
            owed = frame.unmaskedData
            answerPing(context)
        case .connectionClose:
            if !hasSaidGoodbye { write(.connectionClose, frame.unmaskedData, context) }
            context.close(promise: nil)
        default: break
        }
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard event is EventSocket.Farewell, !hasSaidGoodbye else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        hasSaidGoodbye = true
        var status = context.channel.allocator.buffer(capacity: 2)
        status.write(webSocketErrorCode: .normalClosure)
        write(.connectionClose, status, context)
        promise?.succeed()
        let channel = context.channel
        context.eventLoop.scheduleTask(in: EventSocket.farewell) { channel.close(promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        answerPing(context)
        context.fireChannelWritabilityChanged()
    }

    private func answerPing(_ context: ChannelHandlerContext) {
        guard let data = owed, context.channel.isWritable else { return }
        owed = nil
        write(.pong, data, context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Hears with which status a PBX refuses to become a WebSocket.
private final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var status: EventLoopPromise<Int?>?

    init(status: EventLoopPromise<Int?>) { self.status = status }

    private func settle(_ answer: Int?) {
        status?.succeed(answer)
        status = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        settle(Int(head.status.code))
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle(nil)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { settle(nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
