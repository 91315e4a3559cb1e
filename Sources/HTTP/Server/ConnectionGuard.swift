internal import NIOCore
internal import NIOHTTP1

/// Watches one connection and cuts it when it does not do what it should in time; stays on the channel's event loop.
final class ConnectionWatch {
    private let channel: any Channel
    private var timing: ConnectionTiming
    private var check: Scheduled<Void>?
    /// For when the check is set.
    private var checkedAt: ContinuousClock.Instant = .now
    private var isStreaming = false
    private var isInputClosed = false

    init(channel: any Channel, limits: ControlLimits) {
        self.channel = channel
        timing = ConnectionTiming(limits: limits, openedAt: .now)
    }

    var isLingering: Bool { timing.isLingering }

    /// Tells the timing what happened, and sees to it that the next deadline is met.
    func note(_ happened: (inout ConnectionTiming, ContinuousClock.Instant) -> Void) {
        happened(&timing, .now)
        arm()
    }

    /// An answer begins whose end is open, as that of an event stream.
    func streamBegan() {
        isStreaming = true
        if isInputClosed { channel.close(promise: nil) }
    }

    /// The other side will send nothing more: without an answer to wait for, that is the end.
    func inputClosed() {
        isInputClosed = true
        if isStreaming || !timing.isAnswering { channel.close(promise: nil) }
    }

    /// Says goodbye: nothing is written any more, and what still comes in is thrown away, so that the last answer is not
    /// lost to a reset.
    func linger() {
        note { $0.lingerBegan(at: $1) }
        channel.close(mode: .output, promise: nil)
        if isInputClosed { channel.close(promise: nil) } else { channel.read() }
    }

    func stop() {
        check?.cancel()
        check = nil
    }

    private func arm() {
        guard let deadline = timing.deadline else { return }
        // A check that comes too early looks again: cheaper than a new timer for each request. One too late is moved forward.
        if check != nil {
            guard deadline < checkedAt else { return }
            stop()
        }
        checkedAt = deadline
        let delay = max(.zero, deadline - .now)
        check = channel.eventLoop.assumeIsolated()
            .scheduleTask(in: TimeAmount(delay) + .milliseconds(1)) {
                self.check = nil
                guard let deadline = self.timing.deadline else { return }
                if deadline <= .now { self.channel.close(promise: nil) } else { self.arm() }
            }
    }
}

/// Stands between socket and HTTP: sees when bytes come, and whether they are taken.
final class ByteGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let watch: ConnectionWatch

    init(_ watch: ConnectionWatch) { self.watch = watch }

    func handlerAdded(context: ChannelHandlerContext) {
        watch.note { _, _ in }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch.stop()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch.stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !watch.isLingering else { return }
        watch.note { $0.bytesReceived(at: $1) }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if watch.isLingering { context.read() }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        watch.note { $0.writabilityChanged(isWritable: isWritable, at: $1) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if let event = event as? ChannelEvent, event == .inputClosed { watch.inputClosed() }
    }
}

/// Stands behind the HTTP decoder: sees where requests and answers begin and end, and closes where HTTP wants that.
final class MessageGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let watch: ConnectionWatch
    private var requests = 0
    private var answers = 0
    /// The number of the request behind whose answer the connection is closed; those before it are answered first.
    private var last: Int?
    /// Whether a request was no HTTP: what still comes is not read.
    private var isRefused = false
    /// Whether the client waits with the content of its latest request until it is told to go on (RFC 9110, 10.1.1).
    private var waitsToGoOn = false

    /// Asks for the content: who is refused before is not asked for it.
    struct WantsContent: Sendable {}

    init(_ watch: ConnectionWatch) { self.watch = watch }

    /// Answers what nobody can be asked to answer, and closes.
    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        isRefused = true
        // Behind others their answers would be taken for this one.
        guard answers == requests - 1 else { return context.close(promise: nil) }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: status,
            headers: ["content-length": "0", "connection": "close"]
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        watch.linger()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            requests += 1
            if !head.isKeepAlive { last = min(last ?? requests, requests) }
            watch.note { timing, _ in timing.requestBegan() }
            if let status = head.refusal { return refuse(status, context) }
            head.takeAuthority()
            waitsToGoOn = head.expectsContinue && answers == requests - 1
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body: waitsToGoOn = false
        case .end:
            waitsToGoOn = false
            watch.note { timing, _ in timing.requestEnded() }
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is WantsContent else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed()
        guard waitsToGoOn else { return }
        waitsToGoOn = false
        let go = HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .continue))
        context.writeAndFlush(wrapOutboundOut(go), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // Whether its content still comes can't be told: what comes next might be taken for it.
            if waitsToGoOn { head.headers.replaceOrAdd(name: "connection", value: "close") }
            let data = wrapOutboundOut(.head(head))
            if head.headers["connection"].contains("close") { last = answers + 1 }
            context.write(data, promise: promise)
            if !head.headers.contains(name: "content-length") { watch.streamBegan() }
        case .body: context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            watch.note { $0.answerEnded(at: $1) }
            answers += 1
            guard let last, answers >= last else { return }
            context.flush()
            watch.linger()
        }
    }
}

extension HTTPRequestHead {
    /// Why nobody is asked: the host is not told once (RFC 9112, 3.2), or the content comes in a coding that is not known (6.1).
    fileprivate var refusal: HTTPResponseStatus? {
        let hosts = headers["host"]
        if hosts.count > 1 || version == .http1_1 && hosts.first?.isEmpty != false { return .badRequest }
        let codings = headers["transfer-encoding"]
        return codings.isEmpty || codings.count == 1 && codings[0].lowercased() == "chunked" ? nil : .notImplemented
    }

    /// An address in absolute form has the host that counts (RFC 9112, 3.2.2).
    fileprivate mutating func takeAuthority() {
        for scheme in ["http://", "https://"] where uri.lowercased().hasPrefix(scheme) {
            let rest = uri.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            headers.replaceOrAdd(name: "host", value: String(authority))
            let path = rest[authority.endIndex...]
            uri = path.hasPrefix("/") ? String(path) : "/" + path
            return
        }
    }

    fileprivate var expectsContinue: Bool {
        version == .http1_1 && headers["expect"].contains { $0.lowercased() == "100-continue" }
    }
}
