import Glibc
import NIOCore
import NIOPosix
import Testing

/// A connection whose other end is in the test's hand, byte by byte.
struct Wire: Sendable {
    private let descriptor: Int32

    /// Connects to a Unix socket.
    init(socket path: String) throws {
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        try #require(result == 0, "errno \(errno)")
    }

    /// Connects to a TCP port of this machine.
    init(port: Int) throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        let descriptor = descriptor
        let result = try SocketAddress(ipAddress: "127.0.0.1", port: port)
            .withSockAddr { connect(descriptor, $0, socklen_t($1)) }
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
