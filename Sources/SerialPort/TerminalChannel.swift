import CLinux
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// An open terminal on an event loop.
///
/// The serial port and the pseudo-terminal's master are both one of these.
final class TerminalChannel: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<TerminalHandler>
    private let keeper: Keeper

    private init(channel: any Channel, handler: NIOLoopBound<TerminalHandler>, keeper: Keeper) {
        self.channel = channel
        self.handler = handler
        self.keeper = keeper
    }

    deinit {
        self.startClosing()  // nothing else can any more
    }

    var eventLoop: any EventLoop { self.channel.eventLoop }

    /// Puts descriptors on an event loop, and closes them all if that fails.
    static func attach(
        _ descriptors: TerminalDescriptors,
        keeper: Keeper,
        path: String,
        settings: SerialSettings,
        on eventLoop: any EventLoop,
        trace: SerialTrace?,
        receive: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Void,
        hungUp: @escaping @Sendable (HangUp) -> Void
    ) async throws(SerialError) -> TerminalChannel {
        // Whether NIO took the descriptors: it closes them itself when it fails after this point, and not before.
        let taken = Atomic(false)
        do {
            guard let bootstrap = NIOPipeBootstrap(validatingGroup: eventLoop) else {
                throw IOError(errnoCode: EINVAL, reason: "not an event loop of NIOPosix")
            }
            return
                try await bootstrap
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
                .takingOwnershipOfDescriptors(input: descriptors.input, output: descriptors.output) { channel in
                    taken.store(true, ordering: .relaxed)
                    return channel.eventLoop.makeCompletedFuture {
                        let handler = TerminalHandler(
                            trace: trace,
                            unsentLimit: settings.unsentLimit,
                            allocator: channel.allocator,
                            receive: receive,
                            ended: { reason in
                                keeper.unlock()
                                hungUp(reason)
                                keeper.release(within: settings.closeTimeLimit, on: channel.eventLoop)
                            }
                        )
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return TerminalChannel(
                            channel: channel,
                            handler: NIOLoopBound(handler, eventLoop: channel.eventLoop),
                            keeper: keeper
                        )
                    }
                }
        } catch {
            if !taken.load(ordering: .relaxed) {
                _ = clinux_close(descriptors.input)
                _ = clinux_close(descriptors.output)
            }
            keeper.unlock()
            keeper.release(within: settings.closeTimeLimit, on: eventLoop)
            let errno = (error as? IOError)?.errnoCode ?? EIO
            throw .failed(path: path, operation: "epoll", errno: errno)
        }
    }

    func write(_ bytes: [UInt8]) {
        self.onLoop { $0.write(bytes) }
    }

    func discardInput() {
        self.onLoop { [keeper] in $0.discardInput(keeper.descriptor) }
    }

    /// Bytes that the kernel has not taken yet.
    ///
    /// To be asked on the event loop.
    var unsent: Int { self.handler.value.unsent }

    func setReading(_ on: Bool) {
        // Fails when the channel is closed, and then nothing is read anyway.
        self.channel.setOption(.autoRead, value: on).whenFailure { _ in }
    }

    /// Closes, and returns once the descriptors are closed or the limit for that is over.
    func close() async {
        self.startClosing()
        await self.keeper.released.wait()
    }

    /// Always by way of the loop's queue, so that `hungUp` never runs inside a call of the one whom it tells.
    private func startClosing() {
        guard self.channel.isActive else { return }
        self.eventLoop.execute { [handler] in handler.value.close() }
    }

    /// Runs a blocking call on the descriptor, on a thread of its own.
    func control(limit: Duration, _ call: @escaping @Sendable (Int32) -> Int32) async -> Int32 {
        let copy = self.keeper.copy()
        guard copy >= 0 else { return copy }
        let outcome = await DetachedThread.run(
            named: "serial-control",
            limit: limit,
            on: self.eventLoop,
            body: {
                defer { _ = clinux_close(copy) }
                return call(copy)
            },
            late: { _ in }
        )
        switch outcome {
        case .finished(let status): return status
        case .timedOut: return -ETIMEDOUT
        case .cancelled: return -ECANCELED
        case .notStarted(let errno):
            _ = clinux_close(copy)
            return -errno
        }
    }

    private func onLoop(_ body: @escaping @Sendable (TerminalHandler) -> Void) {
        if self.eventLoop.inEventLoop {
            body(self.handler.value)
        } else if self.channel.isActive {
            self.eventLoop.execute { [handler] in body(handler.value) }
        }
    }
}

/// The descriptor that NIO does not own, so that NIO's close is never the last one of the terminal.
///
/// The last close of a serial port waits until the driver has sent everything, up to 30 seconds, if it returns at all.
final class Keeper: Sendable {
    let descriptor: Int32
    /// Open once the last close is done, or has taken longer than its limit.
    let released = Latch()
    private let others: [Int32]
    private let system: TerminalSystem
    private let isReleased = Mutex(false)

    /// Keeps `descriptor`, and closes `others` right after it.
    init(_ descriptor: Int32, others: [Int32] = [], system: TerminalSystem = TerminalSystem()) {
        self.descriptor = descriptor
        self.others = others
        self.system = system
    }

    /// Lets others open the terminal from now on, however long our last close may take.
    func unlock() {
        _ = clinux_unlock(self.descriptor)
        _ = clinux_tty_shared(self.descriptor)
    }

    /// A copy of the descriptor, or a negative `errno`; -EBADF once it is being closed.
    func copy() -> Int32 {
        self.isReleased.withLock { isReleased in isReleased ? -EBADF : clinux_dup(self.descriptor) }
    }

    /// Discards what was not sent and closes, on a thread of its own.
    ///
    /// Only the first call counts.
    func release(within limit: Duration, on eventLoop: any EventLoop) {
        let isFirst = self.isReleased.withLock { isReleased in
            defer { isReleased = true }
            return !isReleased
        }
        guard isFirst else { return }
        let timer = eventLoop.scheduleTask(in: TimeAmount(limit)) { [released] in released.open() }
        timer.futureResult.whenFailure { [released] _ in released.open() }
        let work: @Sendable () -> Void = { [descriptor, others, system, released] in
            _ = clinux_tty_discard_output(descriptor)
            system.close(descriptor)
            for other in others { _ = clinux_close(other) }
            released.open()
            timer.cancel()
        }
        // Without a thread a close that may block is still better than a port that stays taken.
        if DetachedThread.start(named: "serial-close", work) < 0 { work() }
    }
}
