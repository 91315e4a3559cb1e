import CLinux
package import NIOCore

/// An open serial port: raw, locked against other programs, read and written on an event loop.
///
/// Everything that the device sends arrives in a callback on the event loop, without a hop to another thread; an actor
/// whose executor is the same event loop can be entered from there with `assumeIsolated`. A port without a reference
/// any more closes itself.
package final class SerialPort: Sendable {
    /// The path that was opened.
    package let path: String
    /// The settings that it was opened with.
    package let settings: SerialSettings

    private let terminal: TerminalChannel

    private init(path: String, settings: SerialSettings, terminal: TerminalChannel) {
        self.path = path
        self.settings = settings
        self.terminal = terminal
    }

    /// Opens a tty for exclusive use.
    ///
    /// Both callbacks run on the event loop, never from inside `write`, and may come before this method has returned.
    /// - Parameters:
    ///   - path: A tty or a symbolic link to one.
    ///   - settings: Speed, flow control and limits.
    ///   - eventLoop: A loop of a `MultiThreadedEventLoopGroup`.
    ///   - trace: Sees all bytes; costs nothing when it is nil.
    ///   - receive: Called once for each read with at most 4096 bytes, valid only during the call.
    ///   - hungUp: Called exactly once after all bytes were delivered: the device vanished, reading failed, or it was
    /// closed.
    /// - Throws: `SerialError`, after `openTimeLimit` at the latest.
    package static func open(
        _ path: String,
        settings: SerialSettings = SerialSettings(),
        on eventLoop: any EventLoop,
        trace: SerialTrace? = nil,
        receive: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Void,
        hungUp: @escaping @Sendable (HangUp) -> Void
    ) async throws(SerialError) -> SerialPort {
        try await self.open(
            path,
            settings: settings,
            on: eventLoop,
            trace: trace,
            system: TerminalSystem(),
            receive: receive,
            hungUp: hungUp
        )
    }

    /// Opens a tty for an actor whose executor is the event loop, and enters the actor directly from the loop.
    ///
    /// The actor declares `nonisolated var unownedExecutor { eventLoop.executor.asUnownedSerialExecutor() }`; one that
    /// lives anywhere else traps at the first callback. The port does not keep the actor alive. As `open` suspends the
    /// actor, callbacks may come before the actor has the port in hand.
    /// - Parameters:
    ///   - path: A tty or a symbolic link to one.
    ///   - settings: Speed, flow control and limits.
    ///   - eventLoop: The actor's loop, one of a `MultiThreadedEventLoopGroup`.
    ///   - owner: The actor to be entered.
    ///   - trace: Sees all bytes; costs nothing when it is nil.
    ///   - receive: Called once for each read with at most 4096 bytes, valid only during the call.
    ///   - hungUp: Called exactly once after all bytes were delivered: the device vanished, reading failed, or it was
    /// closed.
    /// - Throws: `SerialError`, after `openTimeLimit` at the latest.
    package static func open<Owner: Actor>(
        _ path: String,
        settings: SerialSettings = SerialSettings(),
        on eventLoop: any EventLoop,
        for owner: Owner,
        trace: SerialTrace? = nil,
        receive: @escaping @Sendable (isolated Owner, UnsafeBufferPointer<UInt8>) -> Void,
        hungUp: @escaping @Sendable (isolated Owner, HangUp) -> Void
    ) async throws(SerialError) -> SerialPort {
        try await self.open(
            path,
            settings: settings,
            on: eventLoop,
            trace: trace,
            receive: { [weak owner] bytes in
                // The pointer is used before this call returns, on the thread that made it.
                nonisolated(unsafe) let bytes = bytes
                owner?.assumeIsolated { receive($0, bytes) }
            },
            hungUp: { [weak owner] reason in owner?.assumeIsolated { hungUp($0, reason) } }
        )
    }

    static func open(
        _ path: String,
        settings: SerialSettings,
        on eventLoop: any EventLoop,
        trace: SerialTrace?,
        system: TerminalSystem,
        receive: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Void,
        hungUp: @escaping @Sendable (HangUp) -> Void
    ) async throws(SerialError) -> SerialPort {
        guard clinux_speed_known(settings.baud) != 0 else { throw .unsupportedSpeed(baud: settings.baud) }
        let opening = Opening(path: path, settings: settings, system: system, deadline: .now + settings.openTimeLimit)
        let outcome = await DetachedThread.run(
            named: "serial-open",
            limit: settings.openTimeLimit,
            on: eventLoop,
            body: { opening.run() },
            late: { result in
                if case .success(let descriptors) = result { descriptors.closeAll(system) }
            }
        )
        switch outcome {
        case .timedOut: throw .openTimedOut(path: path, limit: settings.openTimeLimit)
        case .cancelled: throw .cancelled(path: path)
        case .notStarted(let errno): throw .failed(path: path, operation: "pthread_create", errno: errno)
        case .finished(.failure(let error)): throw error
        case .finished(.success(let descriptors)):
            let terminal = try await TerminalChannel.attach(
                descriptors,
                keeper: Keeper(descriptors.keeper, system: system),
                path: path,
                settings: settings,
                on: eventLoop,
                trace: trace,
                receive: receive,
                hungUp: hungUp
            )
            return SerialPort(path: path, settings: settings, terminal: terminal)
        }
    }

    /// The event loop on which the callbacks run.
    package var eventLoop: any EventLoop { self.terminal.eventLoop }

    /// Sends bytes, any number, in the order of the calls.
    ///
    /// On the event loop they are handed to the kernel before this returns, as far as it takes them; from elsewhere
    /// they are as soon as the loop gets to it. What is written after the end is dropped: `hungUp` tells.
    package func write(_ bytes: [UInt8]) {
        self.terminal.write(bytes)
    }

    /// How many bytes the kernel has not taken yet; to be asked on the event loop only.
    package var unsentBytes: Int { self.terminal.unsent }

    /// Throws away what the device has sent and we have not read yet; nothing that answers a later `write` is lost.
    package func discardInput() {
        self.terminal.discardInput()
    }

    /// Lowers or raises DTR and RTS, which hangs up a modem that listens to nothing else; true if the driver did it.
    ///
    /// Waits `closeTimeLimit` at most: on USB the driver waits for the stick. Pseudo-terminals have no such lines.
    package func setModemLines(raised: Bool) async -> Bool {
        await self.terminal.control(limit: self.settings.closeTimeLimit) { descriptor in
            clinux_tty_modem_lines(descriptor, raised ? 1 : 0)
        } >= 0
    }

    /// Closes the port, drops what was not sent, and returns when others may open it, or after `closeTimeLimit`.
    ///
    /// Calling it again waits for the same end.
    package func close() async {
        await self.terminal.close()
    }
}
