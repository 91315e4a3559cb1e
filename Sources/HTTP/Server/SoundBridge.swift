internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOWebSocket

/// Carries sound between a browser's WebSocket and a seat in a call, both ways: frames of 20 ms, 16 bits, the lower byte first;
/// what is late is thrown away, and nothing is kept.
///
/// The seat speaks AudioSocket: a kind, a length of two bytes, so many bytes. A call begins to speak when people talk; before that what
/// the browser hears is of no use to anybody.
final class SoundBridge: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// The seat, and what goes over it.
    struct Seat {
        let socket: Int32
        let format: SoundUpgrade.Format

        /// The kind of a message of sound.
        var kind: UInt8 { format == .wide ? 0x12 : 0x10 }
        /// The bytes of 20 ms.
        var frame: Int { format == .wide ? 640 : 320 }
    }

    /// The most bytes of a message of a browser.
    static let longestFrame = 4096

    private let seat: Seat
    private var context: ChannelHandlerContext?
    private var call: (any Channel)?
    private var isOver = false
    private var hasHeard = false

    init(seat: Seat) { self.seat = seat }

    static func close(_ seat: Int32) { Glibc.close(seat) }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(CallSide(bound.value, kind: bound.value.seat.kind))
                }
            }
            .withConnectedSocket(seat.socket)
            .whenComplete { result in
                switch result {
                case .success(let channel): bound.value.sit(channel)
                case .failure: bound.value.end()
                }
            }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed { end() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .binary: speak(frame.unmaskedData)
        case .ping:
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)),
                promise: nil
            )
        case .connectionClose: end()
        default: break
        }
    }

    private func sit(_ channel: any Channel) {
        guard !isOver else { return channel.close(promise: nil) }
        call = channel
    }

    /// What the person says, to the call.
    private func speak(_ sound: ByteBuffer) {
        // What the call can't take now would be late.
        guard hasHeard, let call, call.isWritable, sound.readableBytes == seat.frame else { return }
        var message = ByteBuffer(bytes: [seat.kind, UInt8(seat.frame >> 8), UInt8(seat.frame & 0xFF)])
        message.writeImmutableBuffer(sound)
        call.writeAndFlush(message, promise: nil)
    }

    /// What the call says, to the person.
    fileprivate func hear(_ sound: ByteBuffer) {
        hasHeard = true
        guard let context, context.channel.isWritable else { return }
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .binary, data: sound)), promise: nil)
    }

    /// Ends both sides, once.
    fileprivate func end() {
        guard !isOver else { return }
        isOver = true
        call?.close(promise: nil)
        guard let context else { return }
        context.writeAndFlush(
            wrapOutboundOut(
                WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer(bytes: [0x03, 0xE8]))
            ),
            promise: nil
        )
        context.close(promise: nil)
    }
}

/// The side of the seat: takes messages apart.
private final class CallSide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let bridge: SoundBridge
    /// The kind of a message of sound.
    private let kind: UInt8
    private var waiting = ByteBuffer()

    init(_ bridge: SoundBridge, kind: UInt8) { (self.bridge, self.kind) = (bridge, kind) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        waiting.writeBuffer(&bytes)
        while let kind = waiting.getInteger(at: waiting.readerIndex, as: UInt8.self),
            let length = waiting.getInteger(at: waiting.readerIndex + 1, as: UInt16.self),
            waiting.readableBytes >= 3 + Int(length)
        {
            waiting.moveReaderIndex(forwardBy: 3)
            let sound = waiting.readSlice(length: Int(length))
            if kind == 0x00 { return bridge.end() }
            if kind == self.kind, let sound { bridge.hear(sound) }
        }
        waiting.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) { bridge.end() }
}
