internal import CLinux
internal import Glibc
internal import Synchronization

/// Takes the connections of an Asterisk whose dialplan says `AudioSocket(UUID,box:port)` or `Dial(AudioSocket/box:port/UUID)`.
///
/// The protocol knows neither passwords nor encryption, so the UUID is a claim: a call makes one, it is good once, and a connection
/// that names none, or another one, is hung up. Nobody is waited for longer than 5 s, on a thread of the listener's own,
/// so that no peer costs a call anything.
///
/// | connection | done |
/// |---|---|
/// | its first message is a UUID that is claimed | it is the call's |
/// | another UUID, one that is used up, another message, garbage | hang-up, closed |
/// | nothing whole within 5 s | closed |
/// | more than 16 at once that have not said who they are | the oldest is closed |
package final class AudioSocketListener: Sendable {
    /// How long a connection may take to say whose it is.
    package static let saysWithin = Duration.seconds(5)
    /// Connections that may be about to say it.
    package static let waitingLimit = 16
    /// Claims that may be open at once.
    package static let claimLimit = 64

    private struct State {
        var claims: [[UInt8]: Claim] = [:]
        var isClosed = false
    }

    private enum Claim {
        /// Nobody has come, and nobody waits yet.
        case open
        /// It is waited for.
        case awaited(CheckedContinuation<Int32?, Never>)
        /// Asterisk was quicker.
        case met(Int32)
    }

    private let state = Mutex(State())
    private let descriptor: Int32
    private let bell: Int32

    /// The port that it listens on.
    package let port: Int

    /// Listens.
    ///
    /// - Parameters:
    ///   - host: An address of this box.
    ///   - port: The port; 0 for any that is free.
    package init(host: String, port: Int) throws(AudioSocketError) {
        let bound = try Self.bind(host, port)
        (descriptor, self.port) = bound
        bell = clinux_bell()
        guard bell >= 0 else {
            close(descriptor)
            throw AudioSocketError("no file descriptors are left for \(host):\(port)")
        }
        guard Thread.detach(named: "audiosocket", { [self] in serve() }) else {
            // The bell goes with this object, which is complete.
            close(descriptor)
            throw AudioSocketError("the system has no thread for \(host):\(port)")
        }
    }

    /// Makes a claim: from now on the first connection that names this UUID is for it.
    ///
    /// It has to be awaited or withdrawn.
    ///
    /// - Parameter uuid: Its 16 bytes.
    /// - Returns: false where it is claimed already, or too much is.
    package func claim(_ uuid: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isClosed, uuid.count == 16, state.claims[uuid] == nil, state.claims.count < Self.claimLimit
            else { return false }
            state.claims[uuid] = .open
            return true
        }
    }

    /// Waits until a connection has named a UUID that was claimed.
    ///
    /// - Returns: the connected socket, non-blocking, which is the caller's; nil where nobody came within `limit`, or the UUID is not
    ///   claimed.
    package func connection(for uuid: [UInt8], within limit: Duration) async -> Int32? {
        let timer = Task { [weak self] in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            self?.withdraw(uuid)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let found = state.withLock { state -> Int32?? in
                    switch state.claims[uuid] {
                    case .open where !Task.isCancelled:
                        state.claims[uuid] = .awaited(continuation)
                        return nil
                    case .met(let descriptor):
                        state.claims[uuid] = nil
                        return descriptor
                    case .open, .awaited, nil: return .some(nil)
                    }
                }
                if let found { continuation.resume(returning: found) }
            }
        } onCancel: {
            withdraw(uuid)
        }
    }

    /// Takes a claim back; a client that came for it is hung up, and a call that waits is told that nobody came.
    package func withdraw(_ uuid: [UInt8]) { Self.drop(state.withLock { $0.claims.removeValue(forKey: uuid) }) }

    private static func drop(_ claim: Claim?) {
        switch claim {
        case .awaited(let waiter): waiter.resume(returning: nil)
        case .met(let descriptor): dismiss(descriptor)
        case .open, nil: break
        }
    }

    /// Ends it, and every wait for a connection.
    package func stop() {
        let claims = state.withLock { state in
            defer { state.claims = [:] }
            state.isClosed = true
            return state.claims
        }
        for claim in claims.values { Self.drop(claim) }
        clinux_bell_ring(bell)
    }

    // MARK: The listener's thread

    /// A connection that has not said whose it is.
    private struct Guest {
        var descriptor: Int32
        var head: [UInt8] = []
        var until: UInt64
    }

    /// What is known of a guest's first message.
    private enum Verdict {
        case more
        case taken
        case refused
    }

    deinit { if bell >= 0 { close(bell) } }

    private func serve() {
        var guests: [Guest] = []
        var isOver = false
        while !isOver {
            var watched = [descriptor, bell] + guests.map(\.descriptor)
            var polls = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let now = clinux_now()
            let next = guests.map(\.until).min().map { $0 > now ? Int32(($0 - now) / 1_000_000 + 1) : 0 }
            let count = poll(&polls, nfds_t(polls.count), next ?? -1)
            watched.removeAll()
            if count < 0, errno != EINTR { break }
            isOver = state.withLock { $0.isClosed }
            let moment = clinux_now()
            for place in guests.indices.reversed() {
                let verdict: Verdict = polls[place + 2].revents == 0 ? .more : hear(&guests[place])
                switch verdict {
                case .more where guests[place].until > moment && !isOver: continue
                case .more, .refused: Self.dismiss(guests[place].descriptor)
                case .taken: break
                }
                guests.remove(at: place)
            }
            if polls[0].revents != 0, !isOver { welcome(&guests, at: moment) }
        }
        for guest in guests { Self.dismiss(guest.descriptor) }
        // Also where the thread ends by a failure of the system: nobody comes any more.
        stop()
        close(descriptor)
    }

    private func welcome(_ guests: inout [Guest], at now: UInt64) {
        let found = accept(descriptor, nil, nil)
        guard found >= 0 else {
            // Without descriptors the same connection would be found again at once.
            if errno == EMFILE || errno == ENFILE { usleep(100_000) }
            return
        }
        _ = fcntl(found, F_SETFD, FD_CLOEXEC)
        _ = fcntl(found, F_SETFL, O_NONBLOCK)
        // Who comes for a call says so at once: the one that has been silent longest is none.
        if guests.count >= Self.waitingLimit { Self.dismiss(guests.removeFirst().descriptor) }
        var on: Int32 = 1
        setsockopt(found, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // What nobody takes is dropped here, and not kept for seconds in the kernel.
        var room: Int32 = 16_384
        setsockopt(found, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        guests.append(Guest(descriptor: found, until: now + 5_000_000_000))
    }

    private func hear(_ guest: inout Guest) -> Verdict {
        var room = [UInt8](repeating: 0, count: 19 - guest.head.count)
        // No more than the message: what follows is sound, and the call's.
        let count = recv(guest.descriptor, &room, room.count, 0)
        if count == 0 { return .refused }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .more : .refused }
        guest.head += room[..<count]
        let start: [UInt8] = [0x01, 0x00, 0x10]
        guard guest.head.starts(with: start.prefix(guest.head.count)) else { return .refused }
        guard guest.head.count == 19 else { return .more }
        let uuid = Array(guest.head[3...])
        return take(guest.descriptor, for: uuid) ? .taken : .refused
    }

    private func take(_ descriptor: Int32, for uuid: [UInt8]) -> Bool {
        let waiter = state.withLock { state -> CheckedContinuation<Int32?, Never>?? in
            switch state.claims[uuid] {
            case .open:
                state.claims[uuid] = .met(descriptor)
                return .some(nil)
            case .awaited(let waiter):
                state.claims[uuid] = nil
                return waiter
            case .met, nil: return nil
            }
        }
        guard let waiter else { return false }
        waiter?.resume(returning: descriptor)
        return true
    }

    private static func dismiss(_ descriptor: Int32) {
        var hangUp: (UInt8, UInt8, UInt8) = (0, 0, 0)
        _ = send(descriptor, &hangUp, 3, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        shutdown(descriptor, Int32(SHUT_WR))
        // What it has said is read: unread, it would reset the connection, and the hang-up with it. Nobody waits for more.
        var room = [UInt8](repeating: 0, count: 4096)
        var times = 0
        while times < 16, recv(descriptor, &room, room.count, Int32(MSG_DONTWAIT)) > 0 { times += 1 }
        close(descriptor)
    }

    private static func bind(_ host: String, _ port: Int) throws(AudioSocketError) -> (Int32, Int) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &found)
        guard status == 0, let address = found?.pointee else {
            throw AudioSocketError("\(host) is no address of this box: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(found) }
        let kind = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else { throw AudioSocketError("\(host):\(port): \(String(cString: strerror(errno)))") }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var own = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isBound =
            Glibc.bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 && listen(descriptor, 16) == 0
            && withUnsafeMutableBytes(of: &own) { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &size) == 0 }
            }
        guard isBound else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw AudioSocketError("\(host):\(port) can't be listened on: \(reason)")
        }
        // The port lies at the same place for both families, the higher byte first.
        let number = withUnsafeBytes(of: &own) { Int($0[2]) << 8 | Int($0[3]) }
        return (descriptor, number)
    }
}

/// Why AudioSocket can't be listened on, in one line.
package struct AudioSocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line.
    package var description: String

    init(_ description: String) { self.description = description }
}
