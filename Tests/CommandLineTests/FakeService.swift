import Glibc
import Testing

/// Something that took the service's socket and does not behave like it.
struct FakeService: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What it answers; nil for nothing at all.
    let answer: String?
    /// Whether it hangs up behind that.
    let closes: Bool

    static let all = [
        FakeService(testDescription: "it never answers", answer: nil, closes: false),
        FakeService(testDescription: "it hangs up", answer: nil, closes: true),
        FakeService(testDescription: "it is no HTTP", answer: "220 ready\r\n", closes: false),
        FakeService(
            testDescription: "it is content and does nothing",
            answer: head("text/html", 5) + "hello",
            closes: true
        ),
        FakeService(
            testDescription: "it says no",
            answer: "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
            closes: true
        ),
        FakeService(testDescription: "it tells of nothing", answer: stream, closes: false),
        FakeService(
            testDescription: "it says that the call is over",
            answer: stream + "event: call.ended\ndata: {\"event\":\"call.ended\",\"outcome\":\"completed\"}\n\n",
            closes: true
        ),
    ]

    /// Tells that the call was asked for, and never dials.
    static let idle = FakeService(
        testDescription: "it tells of events and never dials",
        answer: stream + "event: call.requested\ndata: {\"event\":\"call.requested\"}\n\n",
        closes: false
    )

    private static let stream = "HTTP/1.1 202 Accepted\r\nContent-Type: text/event-stream\r\n\r\n: connected\n\n"

    private static func head(_ type: String, _ length: Int) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\n\r\n"
    }

    /// Takes connections at a path until the function that it returns is called.
    func serve(_ path: String) throws -> () -> Void {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(listener, 8) == 0)
        let (answer, closes) = (answer, closes)
        let status = Thread.run {
            var open: [Int32] = []
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                var request = [UInt8](repeating: 0, count: 4096)
                _ = read(connection, &request, request.count)
                if let answer { _ = Array(answer.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) } }
                if closes { close(connection) } else { open.append(connection) }
            }
            for connection in open { close(connection) }
            close(listener)
        }
        try #require(status == 0)
        return { shutdown(listener, Int32(SHUT_RDWR)) }
    }
}
