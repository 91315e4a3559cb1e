import CLinux
import Glibc

/// A modem that answers every command at once, on a thread of its own at the master of a pseudo-terminal.
///
/// It measures how long it waits: from just before it writes a final result until it has read the first byte of the next
/// command. That is the client's own time, and the kernel's for carrying the bytes both ways.
final class AnsweringPeer: Sendable {
    /// The command that it expects, and its answer: what is asked every second while people talk.
    static let command = "AT+CLCC"
    static let answer = Array("\r\n+CLCC: 1,0,0,0,0,\"+4922166966966\",145\r\n\r\nOK\r\n".utf8)

    /// The path that the client opens.
    let path: String
    private let slave: Int32
    private let worker: Worker<[Double]>

    /// Opens the terminal and waits there; nil when the system has none left.
    ///
    /// - Parameter expected: how many measurements there will be at most.
    init?(expecting expected: Int) {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        guard clinux_open_pty(&master, &slave, &name, name.count) == 0 else { return nil }
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.slave = slave
        _ = fcntl(master, F_SETFL, 0)
        let descriptor = master
        worker = Worker { Self.serve(descriptor, expecting: expected) }
    }

    /// Ends the peer, which the client must have left, and returns what it measured, in microseconds.
    func finish() -> Samples {
        close(slave)
        return Samples(worker.join() ?? [])
    }

    private static func serve(_ master: Int32, expecting expected: Int) -> [Double] {
        defer { close(master) }
        var waits: [Double] = []
        waits.reserveCapacity(expected)
        var buffer = [UInt8](repeating: 0, count: 256)
        var answered: Double?
        while true {
            let count = read(master, &buffer, buffer.count)
            // The end of the client shows as an error.
            guard count > 0 else { return waits }
            if let sent = answered {
                if waits.count < expected { waits.append((Machine.now - sent) * 1e6) }
                answered = nil
            }
            guard buffer[..<count].contains(0x0D) else { continue }
            answered = Machine.now
            guard write(master, answer, answer.count) == answer.count else { return waits }
        }
    }
}
