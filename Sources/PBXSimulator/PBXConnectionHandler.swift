internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// One connection to the PBX: takes one request, answers it, and lets go wrong what shall.
final class PBXConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Its name in the pipeline.
    static let name = "requests"
    private static let longestBody = 1 << 20

    private let desk: PBXDesk
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isAnswered = false

    init(desk: PBXDesk) { self.desk = desk }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let buffer):
            body += buffer.readableBytesView
            if body.count > Self.longestBody { context.close(promise: nil) }
        case .end:
            guard let head, !isAnswered else { return }
            isAnswered = true
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A WebSocket that is not let in gets its answer all the same.
        if error is NIOWebSocketUpgradeError { return }
        // A client that does not trust our certificate, or that speaks no HTTP.
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard let message = PBXMessage(method: head.method, target: head.uri, headers: head.headers, body: body) else {
            return write(.problem(400, "the request can't be understood"), context)
        }
        let (answer, fault) = desk.answer(message)
        switch fault {
        case .slow(let delay):
            let channel = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.eventLoop.assumeIsolated()
                .scheduleTask(in: TimeAmount(delay)) {
                    self.write(answer, channel.value)
                }
        case .lostReply, .hangsUp: context.close(promise: nil)
        case .garbage:
            let page = PBXAnswer(
                status: 200,
                headers: [("Content-Type", "application/json")],
                body: Array("<html>Bad \u{0}{\"id\":".utf8)
            )
            write(page, context)
        case .halfBody: writeHalf(answer, context)
        case .status, .tooMany, .refusesAuthorization, nil: write(answer, context)
        }
    }

    private func headers(_ answer: PBXAnswer, length: Int) -> HTTPHeaders {
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        if answer.status != 204 { headers.add(name: "Content-Length", value: String(length)) }
        headers.add(name: "Connection", value: "close")
        return headers
    }

    private func write(_ answer: PBXAnswer, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers(answer, length: answer.body.count)
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !answer.body.isEmpty, answer.status != 204 {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    /// Promises a body, sends half of it, and resets the connection.
    private func writeHalf(_ answer: PBXAnswer, _ context: ChannelHandlerContext) {
        let whole = answer.body.isEmpty ? Array("{\"done\":true}".utf8) : answer.body
        var half = answer
        half.status = answer.status == 204 ? 200 : answer.status
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: half.status),
            headers: headers(half, length: whole.count)
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let channel = context.channel
        let bytes = ByteBuffer(bytes: whole.prefix(whole.count / 2))
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))))
            .whenComplete { _ in
                // No lingering: what follows is a reset, not an orderly end.
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in channel.close(promise: nil) }
            }
    }
}
