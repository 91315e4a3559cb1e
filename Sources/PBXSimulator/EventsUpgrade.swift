internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// Turns requests for events into WebSockets, where the PBX lets them.
struct EventsUpgrade: Sendable {
    let desk: PBXDesk

    /// The upgrader of one connection.
    var upgrader: NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader { [desk] channel, head in
            let message = PBXMessage(method: head.method, target: head.uri, headers: head.headers, body: [])
            let isAdmitted = message.map { desk.admitsEvents($0) } ?? false
            return channel.eventLoop.makeSucceededFuture(isAdmitted ? HTTPHeaders() : nil)
        } upgradePipelineHandler: { [desk] channel, head in
            let message = PBXMessage(method: head.method, target: head.uri, headers: head.headers, body: [])
            let name = message?.query["app"] ?? ""
            return channel.eventLoop
                .makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(EventsHandler(desk: desk, application: name))
                }
                .flatMap { channel.pipeline.removeHandler(name: PBXConnectionHandler.name) }
        }
    }
}

/// One connection for the events of an application.
private final class EventsHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let desk: PBXDesk
    private let application: String
    private var connection: Int?

    init(desk: PBXDesk, application: String) {
        self.desk = desk
        self.application = application
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        connection = desk.eventsBegin(
            application,
            write: { text in
                // In two pieces, as large events come over real networks.
                let bytes = Array(text.utf8)
                let half = ByteBuffer(bytes: bytes.prefix(bytes.count / 2))
                let rest = ByteBuffer(bytes: bytes.dropFirst(bytes.count / 2))
                channel.write(WebSocketFrame(fin: false, opcode: .text, data: half), promise: nil)
                channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .continuation, data: rest), promise: nil)
            },
            close: { channel.close(promise: nil) }
        )
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let connection { desk.eventsEnded(application, connection) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            desk.noteGoodbye()
            context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
