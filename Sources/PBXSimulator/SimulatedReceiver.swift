internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A receiver of webhooks on the loopback interface: shows what comes and answers as it is told, rightly or not.
package final class SimulatedReceiver: Sendable {
    /// What becomes of a request.
    package enum Answer: Sendable, Equatable {
        /// A status, with header fields beside it.
        case status(Int, [String: String] = [:])
        /// Nothing, for as long as the other side waits.
        case silence
        /// The connection is closed in the middle of the answer.
        case cut
    }

    /// A request that came, answered well or not.
    package struct Arrival: Sendable {
        /// The header fields, by their names in small letters.
        package let headers: [String: String]
        package let body: [UInt8]
    }

    private struct State {
        var answers: [Answer]
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
    }

    /// The requests, in the order in which they came.
    package let arrivals: AsyncStream<Arrival>
    private let arrived: AsyncStream<Arrival>.Continuation
    private let state: Mutex<State>

    /// Makes a receiver, which listens after ``listen(port:)``.
    ///
    /// - Parameter answers: the answers in their order; behind them it is always 204.
    package init(_ answers: [Answer] = []) {
        state = Mutex(State(answers: answers))
        (arrivals, arrived) = AsyncStream.makeStream()
    }

    /// Begins to listen at 127.0.0.1, and returns the port.
    @discardableResult
    package func listen(host: String = "127.0.0.1", port: Int = 0) async throws -> Int {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    self.admit(channel)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(ReceivingHandler(receiver: self))
                }
            }
            .bind(host: host, port: port).get()
        state.withLock { $0.listener = listener }
        return listener.localAddress?.port ?? port
    }

    /// Stops listening and lets go of all clients.
    package func close() async {
        let channels = state.withLock { state in
            defer { (state.listener, state.connections) = (nil, [:]) }
            return [state.listener].compactMap(\.self) + state.connections.values
        }
        // One that is closed already is as good.
        for channel in channels { try? await channel.close() }
    }

    private func admit(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLock { $0.connections[id] = channel }
        channel.closeFuture.whenComplete { [self] _ in
            _ = state.withLock { $0.connections.removeValue(forKey: id) }
        }
    }

    fileprivate func answer(to arrival: Arrival) -> Answer {
        defer { arrived.yield(arrival) }
        return state.withLock { $0.answers.isEmpty ? .status(204) : $0.answers.removeFirst() }
    }
}

/// One connection to a receiver, for one request.
private final class ReceivingHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let longestBody = 1 << 20

    private let receiver: SimulatedReceiver
    private var headers: [String: String] = [:]
    private var body: [UInt8] = []

    init(receiver: SimulatedReceiver) { self.receiver = receiver }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            for (name, value) in head.headers { headers[name.lowercased()] = value }
        case .body(let buffer):
            body += buffer.readableBytesView
            if body.count > Self.longestBody { context.close(promise: nil) }
        case .end:
            switch receiver.answer(to: SimulatedReceiver.Arrival(headers: headers, body: body)) {
            case .silence: break
            case .cut: reply(200, ["Content-Length": "10"], "{\"ok\"", context)
            case .status(let status, let more): reply(status, more, nil, context)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that speaks no HTTP, or is gone.
        context.close(promise: nil)
    }

    /// Answers and closes; a part of a body is all that comes of it.
    private func reply(_ status: Int, _ more: [String: String], _ part: String?, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
        head.headers.add(name: "Connection", value: "close")
        for (name, value) in more { head.headers.add(name: name, value: value) }
        if part == nil, status != 204 { head.headers.add(name: "Content-Length", value: "0") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let part {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: part)))), promise: nil)
        } else {
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.flush()
        context.close(promise: nil)
    }
}
