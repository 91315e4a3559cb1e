internal import Glibc

/// One request to the control interface, on a connection of its own.
///
/// Written anew instead of using the product's client: what is measured here must not be what measures.
package enum ControlRequest {
    /// What came back.
    package struct Reply: Sendable {
        /// The HTTP status.
        package let status: Int
        package let body: [UInt8]
    }

    /// Asks and waits for the whole answer.
    ///
    /// - Parameter id: the `Idempotency-Key`.
    /// - Throws: ``RigFailure`` when there is no listener, or no whole answer came within the limit.
    package static func send(
        _ method: String,
        _ path: String,
        body: String? = nil,
        id: String? = nil,
        to socket: String,
        within limit: Duration = .seconds(10)
    ) throws(RigFailure) -> Reply {
        let connection = try connect(to: socket, within: limit)
        defer { close(connection) }
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let id { text += "Idempotency-Key: \(id)\r\n" }
        if let body { text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        text += "\r\n\(body ?? "")"
        let request = Array(text.utf8)
        guard Glibc.send(connection, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw RigFailure("\(method) \(path)", code: errno)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count > 0 { answer += buffer[..<count] } else if count == 0 { break }
            if count < 0, errno != EINTR { throw RigFailure("\(method) \(path)", code: errno) }
        }
        guard let reply = Reply(answer) else { throw RigFailure("\(method) \(path): no whole answer") }
        return reply
    }

    static func connect(to path: String, within limit: Duration) throws(RigFailure) -> Int32 {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { throw RigFailure("can't make a socket", code: errno) }
        var time = timeval(tv_sec: Int(limit.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(connection, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(connection)
            throw RigFailure("\(path): too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let failure = errno
            close(connection)
            throw RigFailure("can't connect to \(path)", code: failure)
        }
        return connection
    }
}

extension ControlRequest.Reply {
    /// Reads an answer that ended with its connection; nil for one without a whole head.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else {
            return nil
        }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        self.status = status
        body = Array(bytes[(end + 4)...])
    }
}
