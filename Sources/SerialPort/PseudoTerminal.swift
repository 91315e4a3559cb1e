import CLinux
package import NIOCore

/// A pseudo-terminal pair: the slave is a path that anybody may open as a serial port, the master is ours.
///
/// Stands in for a modem in tests and simulations. The slave is kept open here as well, so that a program which opens
/// and closes the path does not end the master.
package final class PseudoTerminal: Sendable {
    /// The slave's path, for example `/dev/pts/7`.
    package let path: String

    private let terminal: TerminalChannel

    private init(path: String, terminal: TerminalChannel) {
        self.path = path
        self.terminal = terminal
    }

    /// Opens a new pair, the slave in raw mode.
    ///
    /// - Parameters:
    ///   - eventLoop: A loop of a `MultiThreadedEventLoopGroup`.
    ///   - receive: Called on the event loop with what was written to the slave, at most 4096 bytes valid during the
    /// call.
    /// - Throws: `SerialError.failed` when the system has no more pseudo-terminals or descriptors.
    package static func open(
        on eventLoop: any EventLoop,
        receive: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Void
    ) async throws(SerialError) -> PseudoTerminal {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        let status = clinux_open_pty(&master, &slave, &name, name.count)
        guard status >= 0 else { throw .failed(path: "/dev/ptmx", operation: "openpty", errno: -status) }
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let descriptors: TerminalDescriptors
        switch TerminalDescriptors.duplicating(master) {
        case .success(let all): descriptors = all
        case .failure(let failure):
            _ = clinux_close(slave)
            _ = clinux_close(master)
            throw .failed(path: path, operation: "dup", errno: failure.number)
        }
        let terminal = try await TerminalChannel.attach(
            descriptors,
            keeper: Keeper(master, others: [slave]),
            path: path,
            // A simulated device may say more at once than a program says to one.
            settings: SerialSettings(unsentLimit: 4 * 1024 * 1024),
            on: eventLoop,
            trace: nil,
            receive: receive,
            hungUp: { _ in }
        )
        return PseudoTerminal(path: path, terminal: terminal)
    }

    /// Sends bytes to the program that has the slave open; they wait in the kernel until it reads them.
    package func write(_ bytes: [UInt8]) {
        self.terminal.write(bytes)
    }

    /// Stops reading what is written to the slave, so that its writer comes to a halt.
    package func pauseReading() {
        self.terminal.setReading(false)
    }

    /// Goes on reading after `pauseReading`.
    package func resumeReading() {
        self.terminal.setReading(true)
    }

    /// Closes the master: to the program that has the slave open, the device is unplugged.
    ///
    /// Returns when it is done.
    package func hangUp() async {
        await self.terminal.close()
    }
}
