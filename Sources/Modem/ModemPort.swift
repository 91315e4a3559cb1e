package import Logging
internal import NIOCore
package import SerialPort

/// A tty with a modem session on it, both on one event loop.
package final class ModemPort: Sendable {
    /// The session; the only thing that talks to the modem.
    package let session: ModemSession
    /// The loop on which the session lives.
    package let loop: any ModemLoop

    private let port: SerialPort

    private struct Link: ModemLink {
        let port: SerialPort
        func write(_ bytes: [UInt8]) { port.write(bytes) }
        func dropLines() { Task { await port.setModemLines(raised: false) } }
    }

    private init(session: ModemSession, loop: any ModemLoop, port: SerialPort) {
        self.session = session
        self.loop = loop
        self.port = port
    }

    /// Opens a tty and puts a session on it; nothing is sent yet.
    ///
    /// - Throws: ``SerialError`` with what is wrong with the tty and what to do.
    package static func open(
        _ path: String,
        settings: SerialSettings = SerialSettings(),
        log: Logger
    ) async throws(SerialError) -> ModemPort {
        let eventLoop = ModemLoops.next()
        let loop = EventLoopModemLoop(eventLoop)
        let session = ModemSession(loop: loop, log: log)
        let port = try await SerialPort.open(
            path,
            settings: settings,
            on: eventLoop,
            for: session,
            receive: { session, bytes in session.received(bytes) },
            hungUp: { session, _ in session.linkClosed() }
        )
        await session.attach(Link(port: port))
        return ModemPort(session: session, loop: loop, port: port)
    }

    /// Ends the preparation of a call: what is being waited for is given up, and after a moment the port closes.
    ///
    /// - Parameter limit: how long the session may take to look for a call that an earlier run left behind.
    package func giveUp(within limit: Duration = .seconds(4)) {
        let (session, port, loop) = (session, port, loop)
        Task { await session.interruptPreparation() }
        _ = loop.schedule(at: loop.now + limit) { Task { await port.close() } }
    }

    /// Closes the port; bounded by the port's own limit.
    package func close() async {
        await port.close()
    }
}
