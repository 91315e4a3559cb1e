import CLinux
import Glibc
import Synchronization
import TestSupport

/// A server for AudioSocket: takes one connection, keeps what it hears, and says a frame for each that it gets.
///
/// The bytes are those of Asterisk's documentation ("AudioSocket", docs.asterisk.org) and of its `res_audiosocket.c`: a kind, a
/// length with its higher byte first, the payload; 0x00 hang-up, 0x01 UUID, 0x03 DTMF, 0x10 sound.
final class AudioSocketPeer: Sendable {
    private struct State {
        var kinds: [UInt8] = []
        var uuid: [UInt8] = []
        var heard: [Int16] = []
        var left: [Int16] = []
        var isOver = false
        var hangsUp = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let greeting: [UInt8]
    private let reads: Bool
    /// `127.0.0.1:PORT`.
    let address: String

    /// - Parameters:
    ///   - greeting: what it says first.
    ///   - reads: whether it reads at all; else it says a frame every 20 ms, and its buffer is small from the start.
    init(saying greeting: [UInt8] = [], reads: Bool = true) throws {
        self.greeting = greeting
        self.reads = reads
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        own.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var room: Int32 = 4096
        if !reads { setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size)) }
        let isBound = withUnsafeMutableBytes(of: &own) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { address in
                bind(listener, address.baseAddress, size) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, address.baseAddress, &size) == 0
            }
        }
        guard isBound else { throw Program.Failure(what: "a listener", code: errno) }
        self.listener = listener
        address = "127.0.0.1:\(UInt16(bigEndian: own.sin_port))"
        let status = Thread.run { [self] in serve() }
        guard status == 0 else { throw Program.Failure(what: "a thread", code: status) }
    }

    /// What it heard so far.
    var heard: [Int16] { state.withLock { $0.heard } }
    /// The UUID that it was told.
    var uuid: [UInt8] { state.withLock { $0.uuid } }
    /// The kinds of messages that came, each once in its order.
    var kinds: [UInt8] { state.withLock { $0.kinds } }
    /// Whether the connection is over.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Has it say this from the next frame on.
    func say(_ samples: [Int16]) { state.withLock { $0.left += samples } }

    /// Has it hang up with the next frame that comes.
    func hangUp() { state.withLock { $0.hangsUp = true } }

    private func serve() {
        // A test that fails before anybody connects must not leave the thread behind.
        var wanted = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        let isWanted = poll(&wanted, 1, 120_000) > 0
        let peer = isWanted ? accept(listener, nil, nil) : -1
        close(listener)
        defer {
            if peer >= 0 { close(peer) }
            state.withLock { $0.isOver = true }
        }
        guard peer >= 0 else { return }
        if !greeting.isEmpty { _ = send(peer, greeting, greeting.count, Int32(MSG_NOSIGNAL)) }
        guard reads else {
            // Nothing but speech, until the other end closes.
            while say(to: peer) { usleep(20_000) }
            return
        }
        while let head = read(peer, 3) {
            guard let body = read(peer, Int(head[1]) << 8 | Int(head[2])) else { return }
            guard take(head[0], body, peer) else { return }
        }
    }

    /// Takes a message; false where the connection is to end.
    private func take(_ kind: UInt8, _ body: [UInt8], _ peer: Int32) -> Bool {
        let hangsUp = state.withLock { state -> Bool in
            if state.kinds.last != kind { state.kinds.append(kind) }
            if kind == 0x01 { state.uuid = body }
            guard kind == 0x10 else { return state.hangsUp }
            state.heard += stride(from: 0, to: body.count - 1, by: 2)
                .map { Int16(truncatingIfNeeded: Int(body[$0]) | Int(body[$0 + 1]) << 8) }
            return state.hangsUp
        }
        if hangsUp { return send(peer, [0, 0, 0], 3, Int32(MSG_NOSIGNAL)) < 0 }
        guard kind == 0x10 else { return kind != 0x00 }
        return say(to: peer)
    }

    /// Says the next frame; false where nobody takes it.
    private func say(to peer: Int32) -> Bool {
        let answer = state.withLock { state -> [Int16] in
            let next = Array(state.left.prefix(160))
            state.left.removeFirst(next.count)
            return next + Array(repeating: 0, count: 160 - next.count)
        }
        var bytes: [UInt8] = [0x10, 0x01, 0x40]
        for sample in answer { bytes += [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)] }
        return send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private func read(_ peer: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8]()
        while bytes.count < count {
            var room = [UInt8](repeating: 0, count: count - bytes.count)
            let more = recv(peer, &room, room.count, 0)
            guard more > 0 else { return nil }
            bytes += room[..<more]
        }
        return bytes
    }
}
