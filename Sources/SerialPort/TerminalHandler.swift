import CLinux
import Glibc
import NIOCore

/// The end of a terminal's pipeline: hands over what was read, writes, and tells once when it is over.
///
/// Neither callback is ever run from inside `write`, so that an actor which writes in the middle of a change of its
/// state is not entered a second time. (When a write fails, NIO reads what is left and closes the channel before it
/// returns.)
final class TerminalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let trace: SerialTrace?
    private let unsentLimit: Int
    private let receive: @Sendable (UnsafeBufferPointer<UInt8>) -> Void
    private let ended: @Sendable (HangUp) -> Void

    private var context: ChannelHandlerContext?
    /// Reused for each write that fits, as long as the one before it has left.
    private var outgoing: ByteBuffer
    /// Whether some of what was written may still wait for the kernel.
    private var hasUnsent = false
    private var isWriting = false
    /// What was read while we were writing, in one turn of the loop: what the kernel had of it, a few pages at most.
    private var held: [UInt8] = []
    private var reason: HangUp = .vanished
    private var hasEnded = false
    private var discards = 0
    /// What is written once a discard of input is done, at the end of the loop's turn; counted as unsent.
    private var afterDiscard: [UInt8] = []

    private static let reusedCapacity = 4096

    init(
        trace: SerialTrace?,
        unsentLimit: Int,
        allocator: ByteBufferAllocator,
        receive: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Void,
        ended: @escaping @Sendable (HangUp) -> Void
    ) {
        self.trace = trace
        self.unsentLimit = unsentLimit
        self.receive = receive
        self.ended = ended
        self.outgoing = allocator.buffer(capacity: Self.reusedCapacity)
    }

    /// Bytes that the kernel has not taken yet.
    var unsent: Int {
        // The option throws when the channel is closed: then nothing waits.
        guard let options = self.context?.channel.syncOptions,
            let count = try? options.getOption(.bufferedWritableBytes)
        else { return 0 }
        return count
    }

    /// Writes in order; what comes after the end is dropped, as the end has been or will be told.
    func write(_ bytes: [UInt8]) {
        guard let context, !bytes.isEmpty, context.channel.isActive else { return }
        guard self.discards == 0 else {
            // A pending discard of input comes first; it may not swallow the answer to what is written here.
            self.afterDiscard += bytes
            return self.hangUpIfStuck(context)
        }
        if let trace { bytes.withUnsafeBufferPointer { trace.record(.sent, $0) } }
        self.isWriting = true
        defer { self.isWriting = false }
        if self.hasUnsent { self.hasUnsent = self.unsent > 0 }
        if bytes.count <= Self.reusedCapacity, !self.hasUnsent {
            self.outgoing.clear()
            self.outgoing.writeBytes(bytes)
            context.writeAndFlush(NIOAny(self.outgoing), promise: nil)
        } else {
            // Behind others that wait each has to have its own memory, and no more of it than it needs.
            context.writeAndFlush(NIOAny(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
        }
        self.hangUpIfStuck(context)
    }

    private func hangUpIfStuck(_ context: ChannelHandlerContext) {
        let waiting = self.unsent
        self.hasUnsent = waiting > 0
        let unsent = waiting + self.afterDiscard.count
        guard unsent > self.unsentLimit else { return }
        self.reason = .stuck(unsent: unsent)
        context.close(promise: nil)
    }

    /// Closes the channel on behalf of our side.
    func close() {
        guard let context, context.channel.isActive else { return }
        self.reason = .closed
        context.close(promise: nil)
    }

    /// Throws away what the kernel has received and we have not read.
    ///
    /// Deferred to the end of the loop's turn: a read event that is already under way must still find its bytes, or
    /// NIO's debug build traps.
    func discardInput(_ descriptor: Int32) {
        guard let context, context.channel.isActive else { return }
        self.discards += 1
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.discardInputNow(descriptor) }
    }

    private func discardInputNow(_ descriptor: Int32) {
        self.discards -= 1
        // Once the channel is closed, the descriptor's number may belong to another file.
        guard self.context?.channel.isActive == true else { return }
        _ = clinux_tty_discard_input(descriptor)
        guard self.discards == 0 else { return }
        let bytes = self.afterDiscard
        self.afterDiscard = []
        self.write(bytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = self.unwrapInboundIn(data)
        buffer.withUnsafeReadableBytes { raw in
            raw.withMemoryRebound(to: UInt8.self) { bytes in
                if let trace { trace.record(.received, bytes) }
                if self.isWriting || !self.held.isEmpty {
                    self.hold(bytes, context)
                } else {
                    self.receive(bytes)
                }
            }
        }
    }

    private func hold(_ bytes: UnsafeBufferPointer<UInt8>, _ context: ChannelHandlerContext) {
        if self.held.isEmpty {
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.execute { bound.value.deliverHeld() }
        }
        self.held.append(contentsOf: bytes)
    }

    private func deliverHeld() {
        guard !self.held.isEmpty else { return }
        let bytes = self.held
        self.held = []
        bytes.withUnsafeBufferPointer(self.receive)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIO closes the channel itself. These are the ways in which a tty says that its device is gone.
        if let failure = error as? IOError, ![EIO, ENXIO, ENODEV, EPIPE, EBADF].contains(failure.errnoCode) {
            self.reason = .failed(errno: failure.errnoCode)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.isWriting || !self.held.isEmpty else { return self.finish() }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.finish() }
    }

    private func finish() {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.deliverHeld()
        self.ended(self.reason)
    }
}
