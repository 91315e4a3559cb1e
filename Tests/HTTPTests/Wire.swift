import Glibc
import NIOCore
import NIOPosix
import Testing

/// A connection whose other end is in the test's hand, byte by byte.
struct Wire: Sendable {
    private let descriptor: Int32

    /// Connects to a Unix socket.
    init(socket path: String) throws {
        try self.init(family: AF_UNIX, Array(path.utf8) + [UInt8](repeating: 0, count: 108 - path.utf8.count))
    }

    /// Connects to a TCP port of this machine.
    init(port: Int) throws {
        let address: [UInt8] = [UInt8(port >> 8 & 0xFF), UInt8(port & 0xFF), 127, 0, 0, 1]
        try self.init(family: AF_INET, address + [UInt8](repeating: 0, count: 8))
    }

    /// Connects to an address as unix(7) and ip(7) lay it out behind the family, byte by byte: two modules declare the
    /// structs, and which of them is seen differs from build to build.
    private init(family: Int32, _ rest: [UInt8]) throws {
        descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        let address = withUnsafeBytes(of: UInt16(family)) { Array($0) } + rest
        let result = address.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { name in
                name.baseAddress.map { connect(descriptor, $0, socklen_t(address.count)) } ?? -1
            }
        }
        try #require(result == 0, "errno \(errno)")
    }

    /// Writes without waiting; what the other end already refused is lost.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Says that nothing more comes.
    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    func drop() { close(descriptor) }

    /// Reads until the other end closes; takes the descriptor.
    func readToEnd() async throws -> String {
        try await read { _ in false }
    }

    /// Reads until a text has come, then closes.
    func read(until text: String) async throws -> String {
        try await read { $0.contains(text) }
    }

    private func read(until isDone: @Sendable (String) -> Bool) async throws -> String {
        let descriptor = descriptor
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .withConnectedSocket(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, Never>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound in
            var bytes: [UInt8] = []
            do {
                for try await buffer in inbound {
                    bytes += buffer.readableBytesView
                    if isDone(String(decoding: bytes, as: UTF8.self)) { break }
                }
            } catch is IOError {
                // A reset is an end, too.
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// One request on a connection of its own, and everything that comes back.
    static func exchange(_ wire: Wire, _ request: String) async throws -> String {
        wire.send(request)
        return try await wire.readToEnd()
    }
}

/// Writes a request in the plainest way.
enum RequestText {
    static func get(_ path: String, _ headers: String...) -> String {
        "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines(headers) + "\r\n"
    }

    static func post(_ path: String, _ body: String, _ headers: String...) -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n" + lines(headers) + "\r\n" + body
    }

    private static func lines(_ headers: [String]) -> String {
        headers.map { $0 + "\r\n" }.joined()
    }
}

extension String {
    /// The status of an answer.
    var status: Int? {
        let parts = split(separator: " ", maxSplits: 2)
        return parts.count > 1 && hasPrefix("HTTP/1.1 ") ? Int(parts[1]) : nil
    }

    /// What stands behind the header.
    var content: String {
        split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    }
}
