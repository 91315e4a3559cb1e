public import Logging
internal import NIOCore
internal import NIOPosix
public import SerialPort

/// A tty with a modem session on it, on an event loop of their own.
public final class ModemPort: Sendable {
    /// The session; the only thing that talks to the modem.
    public let session: ModemSession
    /// The loop on which the session lives.
    public let loop: any ModemLoop

    private let port: SerialPort
    private let group: MultiThreadedEventLoopGroup

    private struct Link: ModemLink {
        let port: SerialPort
        func write(_ bytes: [UInt8]) { port.write(bytes) }
        func dropLines() { Task { await port.setModemLines(raised: false) } }
    }

    private init(session: ModemSession, loop: any ModemLoop, port: SerialPort, group: MultiThreadedEventLoopGroup) {
        self.session = session
        self.loop = loop
        self.port = port
        self.group = group
    }

    /// Opens a tty and puts a session on it; nothing is sent yet.
    ///
    /// - Throws: ``SerialError`` with what is wrong with the tty and what to do.
    public static func open(
        _ path: String, settings: SerialSettings = SerialSettings(), log: Logger
    ) async throws(SerialError) -> ModemPort {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let loop = EventLoopModemLoop(eventLoop)
        let session = ModemSession(loop: loop, log: log)
        do throws(SerialError) {
            let port = try await SerialPort.open(
                path,
                settings: settings,
                on: eventLoop,
                for: session,
                receive: { session, bytes in session.received(bytes) },
                hungUp: { session, _ in session.linkClosed() }
            )
            await session.attach(Link(port: port))
            return ModemPort(session: session, loop: loop, port: port, group: group)
        } catch {
            await stop(group)
            throw error
        }
    }

    /// Gives up whatever the session is waiting for, by closing the port without waiting.
    public func giveUp() {
        Task { await port.close() }
    }

    /// Closes the port and ends its event loop; bounded by the port's own limit.
    public func close() async {
        await port.close()
        await Self.stop(group)
    }

    private static func stop(_ group: MultiThreadedEventLoopGroup) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Fails only for a loop that refuses work already, which is what is wanted here.
            group.shutdownGracefully { _ in continuation.resume() }
        }
    }
}
