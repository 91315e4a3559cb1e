internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceFigures
internal import Settings

/// One place where clients connect, with its own limit of connections.
final class Listener: Sendable {
    let server: any Channel
    private let open: OpenConnections

    /// Where connections come from.
    enum Place {
        /// A socket that is bound already.
        case socket(Int32)
        case address(SocketAddress)
    }

    /// Takes connections.
    static func start(
        at place: Place,
        limits: ControlLimits,
        metrics: ServiceMetrics,
        identity: TLSIdentity? = nil,
        sound: SoundUpgrade? = nil,
        logger: Logger,
        responder: @escaping HTTPChannelHandler.Responder
    ) async throws -> Listener {
        let http = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerField,
                    maxHeaderListSize: limits.headers,
                    maxHeaderFieldCount: limits.headerCount
                )
            )
        )
        let open = OpenConnections(most: limits.connections)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                guard open.admit(channel) else {
                    metrics.connectionCut()
                    return channel.close()
                }
                return Self.setUp(channel, http: http, limits: limits, identity: identity, sound: sound, logger: logger)
            }
        let server =
            switch place {
            case .socket(let descriptor): try await bootstrap.withBoundSocket(descriptor).get()
            case .address(let address):
                try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1).bind(to: address).get()
            }
        return Listener(server: server, open: open)
    }

    private init(server: any Channel, open: OpenConnections) {
        self.server = server
        self.open = open
    }

    /// Puts the handlers on a connection and serves it.
    ///
    /// Each is served by a task of its own from here on. A stream of connections in between would drop, and with that
    /// trap on, one that is accepted in the moment in which the listener stops.
    private static func setUp(
        _ channel: any Channel,
        http: HTTP1Channel,
        limits: ControlLimits,
        identity: TLSIdentity?,
        sound: SoundUpgrade?,
        logger: Logger
    ) -> EventLoopFuture<Void> {
        do {
            let watch = ConnectionWatch(channel: channel, limits: limits)
            let pipeline = channel.pipeline.syncOperations
            let ready = http.setup(channel: channel, logger: logger)
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let bytes = ByteGuard(watch)
            try pipeline.addHandler(bytes, position: .first)
            try pipeline.addHandler(MessageGuard(watch), position: .after(decoder.handler))
            if let sound { try pipeline.addHandler(SoundDoorkeeper(sound, guards: [bytes]), position: .first) }
            if let identity { try pipeline.addHandler(identity.handler(), position: .first) }
            return ready.map { connection in
                Task { await http.handle(value: connection, logger: logger) }
            }
        } catch {
            // It was closed before it was set up.
            return channel.close()
        }
    }

    /// How many connections are open.
    var count: Int { open.count }

    /// Serves until ``stop(within:)``.
    func run() async throws {
        try await server.closeFuture.get()
    }

    /// Takes no more connections, lets requests finish for a while, then cuts what is left.
    func stop(within limit: Duration) async {
        // It may have been closed already, which is as good.
        try? await server.close()
        open.finish()
        let end = ContinuousClock.now + limit
        await open.empty(by: end)
        open.cut()
    }
}
