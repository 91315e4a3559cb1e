import Glibc
import Synchronization
import Testing

/// What happened, in order, for those who wait for it.
final class Happenings<Event: Sendable>: Sendable {
    private struct State {
        var all: [Event] = []
        var waiting: [(matches: @Sendable (Event) -> Bool, continuation: CheckedContinuation<Event, any Error>)] = []
        /// The time of the test is over.
        var isOver = false
    }

    private let state = Mutex(State())

    var all: [Event] { state.withLock { $0.all } }

    func append(_ event: Event) {
        let heard = state.withLock { state in
            state.all.append(event)
            let heard = state.waiting.filter { $0.matches(event) }
            state.waiting.removeAll { $0.matches(event) }
            return heard
        }
        for waiting in heard { waiting.continuation.resume(returning: event) }
    }

    /// The first that matches, which may have happened already; throws `CancellationError` when the test's time is over.
    func first(where matches: @escaping @Sendable (Event) -> Bool) async throws -> Event {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<Event, any Error>? = state.withLock { state in
                    if let known = state.all.first(where: matches) { return .success(known) }
                    if state.isOver { return .failure(CancellationError()) }
                    state.waiting.append((matches, continuation))
                    return nil
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            let left = state.withLock { state in
                state.isOver = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for waiting in left { waiting.continuation.resume(throwing: CancellationError()) }
        }
    }
}

/// A message of SIP, as far as a test reads it.
struct SIPText: Sendable {
    let text: String

    /// The method; of an answer `SIP/2.0`.
    var method: String { String(text.prefix { $0 != " " }) }
    var status: Int? { method == "SIP/2.0" ? Int(text.dropFirst(8).prefix(3)) : nil }
    var body: String {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        return parts.count == 2 ? String(parts[1]) : ""
    }

    /// All lines of a header.
    func headers(_ name: String) -> [String] {
        (text.split(separator: "\r\n\r\n", maxSplits: 1).first ?? "").split(separator: "\r\n")
            .filter { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
    }

    func header(_ name: String) -> String { headers(name).first ?? "" }

    /// An answer to this request.
    func answer(_ status: Int, _ more: [String] = [], sdp: String? = nil) -> String {
        var to = header("To")
        if status > 100, !to.contains("tag=") { to += ";tag=peer" }
        var lines = ["SIP/2.0 \(status) Answer"] + headers("Via").map { "Via: \($0)" }
        lines += ["From: \(header("From"))", "To: \(to)", "Call-ID: \(header("Call-ID"))", "CSeq: \(header("CSeq"))"]
        lines += more
        if sdp != nil { lines.append("Content-Type: application/sdp") }
        lines += ["Content-Length: \(sdp?.utf8.count ?? 0)", "", sdp ?? ""]
        return lines.joined(separator: "\r\n")
    }
}

/// A PBX that answers as a test says, over UDP or TCP, at a port that the system has given.
final class SIPPeer: Sendable {
    /// What it does with a request.
    enum Reply: Sendable {
        case say(String)
        /// It resets the connection.
        case reset
    }

    let port: Int
    let heard = Happenings<SIPText>()
    private let socket: Int32
    private let isTCP: Bool
    private let answer: @Sendable (SIPText) -> [Reply]
    private let isOver = Atomic<Bool>(false)
    private struct Far {
        var connection: Int32 = -1
        var address = sockaddr_in()
    }
    private let far = Mutex(Far())

    init(tcp: Bool = false, _ answer: @escaping @Sendable (SIPText) -> [Reply]) throws {
        isTCP = tcp
        self.answer = answer
        socket = Glibc.socket(
            AF_INET,
            Int32((tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (socket, size) = (socket, length)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(socket, raw, size) == 0 && getsockname(socket, raw, &length) == 0
            }
        }
        try #require(isBound && (!tcp || listen(socket, 4) == 0))
        port = Int(in_port_t(bigEndian: address.sin_port))
        // So that the thread sees that it is over.
        var pause = timeval(tv_sec: 0, tv_usec: 100_000)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &pause, socklen_t(MemoryLayout<timeval>.size))
        let body = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let made = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                let peer = Unmanaged<SIPPeer>.fromOpaque(raw).takeRetainedValue()
                if peer.isTCP { peer.serveTCP() } else { peer.serveUDP() }
                return nil
            },
            body.toOpaque()
        )
        try #require(made == 0)
        pthread_detach(thread)
    }

    /// Has what is sent go to an address, before anything has come from there.
    func aim(at host: String, port: Int) {
        far.withLock { far in
            far.address.sin_family = sa_family_t(AF_INET)
            far.address.sin_port = in_port_t(port).bigEndian
            far.address.sin_addr.s_addr = inet_addr(host)
        }
    }

    func stop() { isOver.store(true, ordering: .releasing) }

    /// Sends to where the last request came from.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        far.withLock { far in
            if isTCP {
                _ = Glibc.send(far.connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            } else {
                _ = withUnsafePointer(to: &far.address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        sendto(socket, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
            }
        }
    }

    private func take(_ text: String) {
        guard !text.allSatisfy(\.isWhitespace) else { return }
        let message = SIPText(text: text)
        // First the answer, so that who has seen the request may count on it.
        for reply in message.status == nil ? answer(message) : [] {
            switch reply {
            case .say(let text): send(text)
            case .reset:
                var linger = linger(l_onoff: 1, l_linger: 0)
                let connection = far.withLock { $0.connection }
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                shutdown(connection, Int32(SHUT_RDWR))
                close(connection)
                far.withLock { $0.connection = -1 }
            }
        }
        heard.append(message)
    }

    private func serveUDP() {
        var room = [UInt8](repeating: 0, count: 65_536)
        while !isOver.load(ordering: .acquiring) {
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &room, room.count, 0, $0, &length)
                }
            }
            guard count > 0 else { continue }
            far.withLock { $0.address = address }
            take(String(decoding: room[..<count], as: UTF8.self))
        }
        close(socket)
    }

    private func serveTCP() {
        var room = [UInt8](repeating: 0, count: 65_536)
        while !isOver.load(ordering: .acquiring) {
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else { continue }
            far.withLock { $0.connection = connection }
            var rest = ""
            while far.withLock({ $0.connection }) >= 0, !isOver.load(ordering: .acquiring) {
                let count = recv(connection, &room, room.count, 0)
                if count < 0, errno == EAGAIN { continue }
                guard count > 0 else { break }
                rest += String(decoding: room[..<count], as: UTF8.self)
                while let text = Self.next(&rest) { take(text) }
            }
            if far.withLock({ $0.connection }) >= 0 { close(connection) }
        }
        close(socket)
    }

    /// The next message that is whole.
    private static func next(_ rest: inout String) -> String? {
        let parts = rest.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let length = Int(SIPText(text: String(parts[0]) + "\r\n\r\n").header("Content-Length")) ?? 0
        guard parts[1].utf8.count >= length else { return nil }
        defer { rest = String(decoding: parts[1].utf8.dropFirst(length), as: UTF8.self) }
        return String(parts[0]) + "\r\n\r\n" + String(decoding: parts[1].utf8.prefix(length), as: UTF8.self)
    }
}
