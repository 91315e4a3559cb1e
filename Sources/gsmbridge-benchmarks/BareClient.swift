import CLinux
import Glibc

/// The least that a program can do: one thread that polls, reads, looks for `OK` and writes the next command.
enum BareClient {
    /// Makes round trips on a terminal; returns how many.
    static func run(path: String, roundTrips: Int) -> Int {
        let descriptor = clinux_tty_open(path)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        guard clinux_tty_raw(descriptor, 115_200, 0) == 0 else { return 0 }
        let command = Array("\(AnsweringPeer.command)\r".utf8)
        let final = Array("OK\r\n".utf8)
        var received: [UInt8] = []
        received.reserveCapacity(4096)
        var buffer = [UInt8](repeating: 0, count: 4096)
        for done in 0..<roundTrips {
            guard write(descriptor, command, command.count) == command.count else { return done }
            received.removeAll(keepingCapacity: true)
            while !received.suffix(final.count).elementsEqual(final) {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 5000) > 0 else { return done }
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0 else { return done }
                received += buffer[..<count]
            }
        }
        return roundTrips
    }
}
