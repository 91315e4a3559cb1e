internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One place where clients connect, with its own limit of connections.
final class Listener: Sendable {
    private typealias Connections = NIOAsyncChannel<HTTP1Channel.Value?, Never>

    let server: any Channel
    private let connections: Connections
    private let http: HTTP1Channel
    private let open: OpenConnections
    private let logger: Logger

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
        let setUp = { @Sendable (channel: any Channel) -> EventLoopFuture<HTTP1Channel.Value?> in
            guard open.admit(channel) else {
                metrics.connectionCut()
                return channel.close().map { nil }
            }
            return Self.setUp(channel, http: http, limits: limits, identity: identity, logger: logger)
        }
        let connections: Connections
        switch place {
        case .socket(let descriptor):
            connections = try await bootstrap.bind(descriptor, childChannelInitializer: setUp)
        case .address(let address):
            connections = try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .bind(to: address, childChannelInitializer: setUp)
        }
        return Listener(connections: connections, http: http, open: open, logger: logger)
    }

    private init(connections: Connections, http: HTTP1Channel, open: OpenConnections, logger: Logger) {
        self.connections = connections
        self.http = http
        self.open = open
        self.logger = logger
        server = connections.channel
    }

    private static func setUp(
        _ channel: any Channel,
        http: HTTP1Channel,
        limits: ControlLimits,
        identity: TLSIdentity?,
        logger: Logger
    ) -> EventLoopFuture<HTTP1Channel.Value?> {
        do {
            let watch = ConnectionWatch(channel: channel, limits: limits)
            let pipeline = channel.pipeline.syncOperations
            let ready = http.setup(channel: channel, logger: logger)
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ByteGuard(watch), position: .first)
            try pipeline.addHandler(MessageGuard(watch), position: .after(decoder.handler))
            if let identity { try pipeline.addHandler(identity.handler(), position: .first) }
            return ready.map { $0 }
        } catch {
            // It was closed before it was set up.
            return channel.close().map { nil }
        }
    }

    /// How many connections are open.
    var count: Int { open.count }

    /// Serves until ``stop(within:)``.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await connections.executeThenClose { inbound in
                for try await connection in inbound {
                    guard let connection else { continue }
                    group.addTask { [http, logger] in await http.handle(value: connection, logger: logger) }
                }
            }
        }
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
