internal import GatewayAPI
internal import NIOCore
internal import NIOHTTP1

/// One request and its answer on a connection of its own; stays on the channel's event loop.
final class ClientExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart
    typealias Feed = AsyncThrowingStream<HeardEvent, any Error>.Continuation

    /// What the service answered.
    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        /// Whether events follow.
        var isStream: Bool
    }

    /// Longer than any answer of the service.
    private static let longestBody = 8 << 20

    private let answer: EventLoopPromise<Answer>
    private let feed: Feed?
    private var parser = EventStreamParser()
    private var received: Answer?
    private var isStreaming = false
    /// How long the first event may take; nil for ever.
    private let firstEvent: TimeAmount?
    private var limit: Scheduled<Void>?

    init(answer: EventLoopPromise<Answer>, feed: Feed?, firstEvent: TimeAmount?) {
        self.answer = answer
        self.feed = feed
        self.firstEvent = firstEvent
    }

    func handlerRemoved(context: ChannelHandlerContext) { limit?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let media = head.headers.first(name: "content-type") ?? ""
            isStreaming = feed != nil && media.hasPrefix("text/event-stream")
            let answer = Answer(status: Int(head.status.code), body: [], isStream: isStreaming)
            if isStreaming { self.answer.succeed(answer) } else { received = answer }
            if isStreaming, let firstEvent { waitForFirstEvent(within: firstEvent, context) }
        case .body(let buffer):
            if isStreaming {
                deliver(buffer, context)
            } else {
                received?.body += buffer.readableBytesView
                if (received?.body.count ?? 0) > Self.longestBody { fail("the answer is too long", context) }
            }
        case .end:
            if isStreaming { feed?.finish() } else if let received { answer.succeed(received) }
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("\(error)", context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("the service closed it", context)
        context.fireChannelInactive()
    }

    private func waitForFirstEvent(within time: TimeAmount, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        limit = context.eventLoop.scheduleTask(in: time) {
            let (handler, context) = bound.value
            handler.fail("no event came in time", context)
        }
    }

    private func deliver(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        for message in parser.consume(buffer.readableBytesView) {
            limit?.cancel()
            let event = HeardEvent(
                position: message.id.flatMap { EventHub.Position($0) },
                event: EventText(name: message.name, bytes: message.data)
            )
            if case .dropped = feed?.yield(event) { fail("events came faster than they were read", context) }
        }
        if parser.isOverlong { fail("an event is too long", context) }
    }

    /// Ends everything that has not ended; without effect on what has.
    private func fail(_ reason: String, _ context: ChannelHandlerContext) {
        answer.fail(ControlError.lost(reason))
        feed?.finish(throwing: ControlError.lost(reason))
        context.close(promise: nil)
    }
}
