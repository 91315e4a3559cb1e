import CLinux
import Glibc

/// A modem that rings, on a thread of its own at the master of a pseudo-terminal.
///
/// It measures from just before it writes the caller's line until it has read the first byte that comes back. Then it
/// plays the answered call to its end, as far as a session wants to know.
final class RingingPeer: Sendable {
    /// The path that the client opens.
    let path: String
    private let slave: Int32
    private let worker: Worker<[Double]>

    /// Opens the terminal; nil when the system has none left.
    init?(number: Int, rings: Int, caller: String) {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        guard clinux_open_pty(&master, &slave, &name, name.count) == 0 else { return nil }
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.slave = slave
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        let descriptor = master
        worker = Worker { Self.serve(descriptor, number: number, rings: rings, caller: caller) }
    }

    /// Waits until it has rung as often as it should, and returns what it measured, in microseconds.
    func finish() -> Samples { Samples(worker.join() ?? []) }

    /// Lets the terminal go, which the client must have left.
    func close() { _ = Glibc.close(slave) }

    private static func serve(_ master: Int32, number: Int, rings: Int, caller: String) -> [Double] {
        defer { _ = Glibc.close(master) }
        let callerLine = Array("\r\n+CLIP: \"\(caller)\",145,,,,0\r\n".utf8)
        var waits: [Double] = []
        waits.reserveCapacity(rings)
        var line = Conversation(master: master)
        // The clients attach in the meantime, and the modems don't all ring at once.
        line.serve(for: 0.3 + 0.007 * Double(number))
        for _ in 0..<rings {
            line.isUp = true
            line.isAnswered = false
            line.say("\r\nRING\r\n")
            // As a modem does; in the meantime the client has long gone back to sleep.
            line.serve(for: 0.06)
            let sent = Machine.now
            guard write(master, callerLine, callerLine.count) == callerLine.count, line.awaitByte(for: 2) else { break }
            let wait = (Machine.now - sent) * 1e6
            line.serve(for: 0.03)
            // Anything else that a client may say, on a machine that stood still for a while, is no answer.
            if line.isAnswered { waits.append(wait) }
            line.isUp = false
            line.say("\r\nNO CARRIER\r\n")
            // A call comes after a time of nothing: what is quick only while it is busy is not quick.
            line.serve(for: 1)
        }
        return waits
    }

    /// What the modem answers, besides ringing.
    private struct Conversation {
        let master: Int32
        /// Whether the call is in the list.
        var isUp = false
        var isAnswered = false
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)

        init(master: Int32) { self.master = master }

        func say(_ text: String) {
            let bytes = Array(text.utf8)
            _ = write(master, bytes, bytes.count)
        }

        /// Waits for the first byte from the client, and leaves it unread.
        func awaitByte(for seconds: Double) -> Bool {
            var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            return poll(&entry, 1, Int32(seconds * 1000)) > 0 && entry.revents & Int16(POLLIN) != 0
        }

        /// Answers commands for a while.
        mutating func serve(for seconds: Double) {
            let end = Machine.now + seconds
            while Machine.now < end {
                var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, Int32(max(1, (end - Machine.now) * 1000))) > 0 else { continue }
                let count = read(master, &buffer, buffer.count)
                // No client there yet, or no more.
                guard count > 0 else {
                    usleep(1000)
                    continue
                }
                for byte in buffer[..<count] {
                    if byte != 0x0D {
                        received.append(byte)
                        continue
                    }
                    answer(String(decoding: received, as: UTF8.self))
                    received.removeAll(keepingCapacity: true)
                }
            }
        }

        private mutating func answer(_ command: String) {
            if command == "ATA" { isAnswered = true }
            if !isUp { isAnswered = false }
            let list = isUp ? "\r\n+CLCC: 1,1,\(isAnswered ? 0 : 4),0,0,\"+4922166966960\",145\r\n" : ""
            say((command == "AT+CLCC" ? list : "") + "\r\nOK\r\n")
        }
    }
}

/// The least that a program can do: one thread that polls, reads, looks for the caller's line and writes `ATA`.
enum BareAnswerer {
    /// Answers calls until the terminal closes or stays silent.
    static func run(path: String) -> Int {
        let descriptor = clinux_tty_open(path)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        guard clinux_tty_raw(descriptor, 115_200, 0) == 0 else { return 0 }
        let command = Array("ATA\r".utf8)
        let end = Array("145,,,,0\r\n".utf8)
        var buffer = [UInt8](repeating: 0, count: 4096)
        var answered = 0
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 1500) > 0 else { return answered }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return answered }
            guard buffer[..<count].suffix(end.count).elementsEqual(end) else { continue }
            guard write(descriptor, command, command.count) == command.count else { return answered }
            answered += 1
        }
    }
}
