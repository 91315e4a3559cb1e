package import CallAudio
package import FoundationEssentials
internal import Glibc
package import Logging
internal import Synchronization

/// The one audio loop of this process, made when it is first needed, and who hears of which port.
package final class AudioDesk: Sendable {
    package typealias Listener = @Sendable (AudioEvent.Kind) -> Void

    private struct State {
        var loop: AudioLoop?
        var isOver = false
        var listener: AudioSocketListener?
        var last: UInt64 = 0
        var listeners: [AudioPort.ID: Listener] = [:]
        var seats: [UUID: Seat] = [:]
    }

    /// The two ends of what joins a call and a browser, as far as they are not taken.
    private struct Seat {
        var inside: Int32?
        var outside: Int32?
        /// Whether the browser's sound is of 16 kHz.
        var isWide = false
        /// Has one element once the browser has come; ends where the seat is given up.
        let arrival = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
    }

    /// How long a call that is answered waits for who is to speak at the page: it is paid for meanwhile.
    private static let browserComesWithin = Duration.seconds(10)

    /// Calls that browsers may speak in at once.
    private static let mostSeats = 64

    /// Makes the port of the phone that has a call; nil where there are no phones.
    package typealias PhonePort = @Sendable (UUID, AudioPort.ID) async throws(AudioPortError) -> AudioPort

    private let state = Mutex(State())
    private let phones = Mutex<PhonePort?>(nil)
    private let log: Logger

    /// Creates a desk without a loop.
    package init(log: Logger) { self.log = log }

    /// The loop.
    ///
    /// - Throws: why there is none.
    package func loop() throws(AudioPortError) -> AudioLoop {
        do {
            return try state.withLock { state in
                if let loop = state.loop { return loop }
                guard !state.isOver else { throw AudioPortError("the service is stopping") }
                let loop = try AudioLoop { [weak self] event in self?.listener(event.port)?(event.kind) }
                state.loop = loop
                sayPriority(of: loop)
                return loop
            }
        } catch { throw AudioPortError("\(error)") }
    }

    /// Says it where a busy machine may be heard.
    private func sayPriority(of loop: AudioLoop) {
        Task { [log] in
            // Its answer comes from the thread that has asked for the priority before.
            _ = await loop.quality(of: 0)
            if !loop.isKeptInMemory {
                log.info("sound may be moved out of memory; the unit's LimitMEMLOCK keeps it there")
            }
            guard !loop.hasRealtimePriority else { return }
            log.notice(
                "sound runs without real-time priority; the unit's LimitRTPRIO gives it, else a busy machine may be heard"
            )
        }
    }

    /// Has phones take part.
    package func take(phones: @escaping PhonePort) { self.phones.withLock { $0 = phones } }

    /// The port of the phone that has a call.
    package func phonePort(of call: UUID) async throws(AudioPortError) -> AudioPort {
        guard let make = phones.withLock({ $0 }) else { throw AudioPortError("there are no phones") }
        return try await make(call, name())
    }

    /// Takes the listener to which an Asterisk connects, in place of the one before; nil for none.
    package func take(_ listener: AudioSocketListener?) {
        let (old, isOver) = state.withLock { state in
            defer { state.listener = listener }
            return (state.listener, state.isOver)
        }
        old?.stop()
        if isOver { listener?.stop() }
    }

    /// Whether it has a listener.
    package var listens: Bool { state.withLock { $0.listener != nil } }

    /// Claims the connection that will name a call; false where nothing is listened on.
    package func claim(_ call: UUID) -> Bool { state.withLock { $0.listener }?.claim(call.bytes) ?? false }

    /// The connection that named a call that was claimed; nil where none came in time.
    package func connection(for call: UUID, within limit: Duration) async -> Int32? {
        await state.withLock { $0.listener }?.connection(for: call.bytes, within: limit)
    }

    /// Two ports that hear each other, each for the end of another call; nil where the system has no descriptors left.
    package func pair() -> (AudioPort, AudioPort)? {
        guard let ends = Self.socketPair() else { return nil }
        return (AudioSocketPort(id: name(), socket: ends.0), AudioSocketPort(id: name(), socket: ends.1))
    }

    private static func socketPair() -> (Int32, Int32)? {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        // What nobody takes is dropped here, and not kept for seconds in the kernel.
        var room: Int32 = 8192
        for end in ends { setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size)) }
        return (ends[0], ends[1])
    }

    /// Keeps a seat in a call for a browser; false where there are too many, or one is kept already.
    package func keepSeat(in call: UUID) -> Bool {
        guard let ends = Self.socketPair() else { return false }
        let isKept = state.withLock { state in
            guard !state.isOver, state.seats[call] == nil, state.seats.count < Self.mostSeats else { return false }
            state.seats[call] = Seat(inside: ends.0, outside: ends.1)
            return true
        }
        if !isKept {
            close(ends.0)
            close(ends.1)
        }
        return isKept
    }

    /// The browser's end of the seat in a call, once; nil where none is kept, or it is taken.
    ///
    /// - Parameter isWide: whether the browser's sound is of 16 kHz.
    package func takeSeat(in call: UUID, isWide: Bool) -> Int32? {
        state.withLock { state in
            guard let seat = state.seats[call], let outside = seat.outside else { return nil }
            state.seats[call]?.outside = nil
            state.seats[call]?.isWide = isWide
            seat.arrival.continuation.yield()
            return outside
        }
    }

    /// Waits until a browser has come to its seat in a call, for a while; false where it does not.
    package func browserComes(to call: UUID) async -> Bool {
        guard let arrival = state.withLock({ $0.seats[call]?.arrival.stream }) else { return false }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in arrival { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: Self.browserComesWithin)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    /// The call's end of its seat, once.
    package func sit(in call: UUID) -> AudioPort? {
        let seat = state.withLock { state in
            defer { state.seats[call]?.inside = nil }
            return state.seats[call]
        }
        guard let seat, let socket = seat.inside else { return nil }
        return AudioSocketPort(id: name(), socket: socket, isWide: seat.isWide)
    }

    /// Gives a seat up; who has its other end is told by its end.
    package func giveUpSeat(in call: UUID) {
        let seat = state.withLock { $0.seats.removeValue(forKey: call) }
        seat?.arrival.continuation.finish()
        for end in [seat?.inside, seat?.outside].compactMap(\.self) { close(end) }
    }

    /// Claims it no more.
    package func withdraw(_ call: UUID) { state.withLock { $0.listener }?.withdraw(call.bytes) }

    /// A name for a port, or for a conversation, that was never given before.
    package func name() -> UInt64 {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }

    /// Has what happens to a port told, in order, on a thread of the loop; nil ends that.
    package func listen(to port: AudioPort.ID, _ take: Listener?) { state.withLock { $0.listeners[port] = take } }

    private func listener(_ port: AudioPort.ID) -> Listener? { state.withLock { $0.listeners[port] } }

    /// Ends the loop.
    package func stop() {
        let (loop, listener) = state.withLock { state in
            state.isOver = true
            defer { state.loop = nil }
            return (state.loop, state.listener)
        }
        loop?.stop()
        listener?.stop()
    }
}

extension UUID {
    /// Its 16 bytes.
    fileprivate var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }
}
