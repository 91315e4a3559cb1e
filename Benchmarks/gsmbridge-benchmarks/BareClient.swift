import CLinux
import Glibc

/// The least that a program can do: one thread that polls, reads, looks for `OK` and writes the next command.
enum BareClient {
    /// Makes round trips on a terminal.
    static func run(path: String, wanted: Int) -> RoundTrips {
        let descriptor = clinux_tty_open(path)
        guard descriptor >= 0 else { return RoundTrips() }
        defer { close(descriptor) }
        guard clinux_tty_raw(descriptor, 115_200, 0) == 0 else { return RoundTrips() }
        let command = Array("\(AnsweringPeer.command)\r".utf8)
        var buffer = [UInt8](repeating: 0, count: 4096)
        var received: [UInt8] = []
        received.reserveCapacity(buffer.count)
        var done = 0
        var trips = RoundTrips()
        while done < wanted, write(descriptor, command, command.count) == command.count,
            awaitOK(descriptor, &buffer, &received)
        {
            done += 1
        }
        trips.finish(done)
        return trips
    }

    private static func awaitOK(_ descriptor: Int32, _ buffer: inout [UInt8], _ received: inout [UInt8]) -> Bool {
        received.removeAll(keepingCapacity: true)
        while !received.suffix(4).elementsEqual("OK\r\n".utf8) {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 5000) > 0 else { return false }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return false }
            received += buffer[..<count]
        }
        return true
    }
}
