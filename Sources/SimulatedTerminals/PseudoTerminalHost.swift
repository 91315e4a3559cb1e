internal import Glibc
package import ModemSimulator
internal import Synchronization

/// Runs a simulated world in real time, each modem on a pseudo-terminal of its own.
///
/// One thread serves all modems. When a program closes a terminal the modem behind it goes on: its calls stay up, which
/// is how leaked calls are found. What a modem says while no program has its terminal open is lost, as on a real serial
/// port. Unplugging a modem closes its terminal (the program sees a hang-up) and removes its link; plugging it in
/// again makes a new terminal and points the link there.
package final class PseudoTerminalHost: Sendable {
    /// How often a terminal that no program has open is looked at.
    private static let openCheck = Duration.milliseconds(10)

    private struct State {
        var world: SimulatedWorld
        var ports: [PseudoTerminalPort]
        /// The voice ttys, by modem; nil for modems without one.
        var voicePorts: [PseudoTerminalPort?]
        var listeners: [Int: AsyncStream<FarSideEvent>.Continuation] = [:]
        var nextListener = 0
        var thread: pthread_t?
        var isStopping = false
        var failure: PseudoTerminalFailure?
    }

    private let state: Mutex<State>
    private let wakeRead: Int32
    private let wakeWrite: Int32

    /// Makes a terminal for each modem of a world, and links to them when a directory is given.
    ///
    /// The links are `<directory>/<family>` when there are several modems and no two of one family, and
    /// `<directory>/modem0`, `modem1` … otherwise; the voice tty of a modem, where it has one, is called the same with `-voice`
    /// behind it. The directory is made when it is missing. Throws when a terminal or
    /// a link can't be made.
    package init(world: SimulatedWorld, linkDirectory: String? = nil) throws(PseudoTerminalFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PseudoTerminalFailure("can't make a pipe", code: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        var ports: [PseudoTerminalPort] = []
        var voicePorts: [PseudoTerminalPort?] = []
        do {
            if let linkDirectory { try Self.makeDirectory(linkDirectory) }
            for (modem, name) in Self.linkNames(world.profiles).enumerated() {
                var port = PseudoTerminalPort(link: linkDirectory.map { "\($0)/\(name)" })
                try port.plug()
                ports.append(port)
                guard world.hasVoicePort(modem) else {
                    voicePorts.append(nil)
                    continue
                }
                var voice = PseudoTerminalPort(link: linkDirectory.map { "\($0)/\(name)-voice" })
                voice.backlogLimit = PseudoTerminalPort.voiceBacklogLimit
                try voice.plug()
                voicePorts.append(voice)
            }
        } catch {
            for index in ports.indices { ports[index].unplug() }
            for index in voicePorts.indices { voicePorts[index]?.unplug() }
            close(ends[0])
            close(ends[1])
            throw error
        }
        wakeRead = ends[0]
        wakeWrite = ends[1]
        state = Mutex(State(world: world, ports: ports, voicePorts: voicePorts))
    }

    deinit {
        state.withLock { state in
            for index in state.ports.indices { state.ports[index].unplug() }
            for index in state.voicePorts.indices { state.voicePorts[index]?.unplug() }
            for listener in state.listeners.values { listener.finish() }
        }
        close(wakeRead)
        close(wakeWrite)
    }

    /// The paths of the terminals, by modem: links where there are links.
    ///
    /// A modem that was plugged in again has a new terminal behind the same link.
    package var paths: [String] { state.withLock { $0.ports.map(\.path) } }

    /// The paths of the voice ttys, by modem; nil for modems without one.
    package var voicePaths: [String?] { state.withLock { $0.voicePorts.map { $0?.path } } }

    /// Why a modem could not be plugged in again; nil while all is well.
    package var failure: PseudoTerminalFailure? { state.withLock { $0.failure } }

    /// Starts serving; starting twice is harmless.
    ///
    /// The host stays alive until ``stop()``. Throws when the system has no thread left.
    package func start() throws(PseudoTerminalFailure) {
        let status = state.withLock { state -> Int32 in
            guard state.thread == nil, !state.isStopping else { return 0 }
            var thread = pthread_t()
            let context = Unmanaged.passRetained(self)
            let status = pthread_create(
                &thread,
                nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<PseudoTerminalHost>.fromOpaque(argument).takeRetainedValue().serve()
                    return nil
                },
                context.toOpaque()
            )
            if status == 0 { state.thread = thread } else { context.release() }
            return status
        }
        guard status == 0 else { throw PseudoTerminalFailure("can't start a thread", code: status) }
    }

    /// Stops serving, closes the terminals and removes the links; a stopped host stays stopped.
    package func stop() {
        let thread = state.withLock { state -> pthread_t? in
            state.isStopping = true
            defer { state.thread = nil }
            return state.thread
        }
        wake()
        if let thread { pthread_join(thread, nil) }
        let listeners = state.withLock { state in
            for index in state.ports.indices { state.ports[index].unplug() }
            for index in state.voicePorts.indices { state.voicePorts[index]?.unplug() }
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        // Outside the lock, because the end of a stream takes it.
        for listener in listeners { listener.finish() }
    }

    /// Looks into the world or changes it, at the present instant; the result takes effect at once.
    ///
    /// Don't call the host's other methods from `body`.
    package func withWorld<Result>(
        _ body: (inout SimulatedWorld, ContinuousClock.Instant) throws -> sending Result
    ) rethrows -> sending Result {
        defer { wake() }
        return try state.withLock { try body(&$0.world, ContinuousClock.now) }
    }

    /// Has a modem take what programs write, or leave it in the terminal, whose buffer the kernel bounds.
    package func setReading(_ isReading: Bool, modem: Int) {
        state.withLock { state in
            guard state.ports.indices.contains(modem) else { return }
            state.ports[modem].isReading = isReading
        }
        wake()
    }

    /// What happens at the far side from now on, until ``stop()``.
    ///
    /// A slow reader loses the oldest events.
    package func farSideEvents() -> AsyncStream<FarSideEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: FarSideEvent.self,
            bufferingPolicy: .bufferingNewest(1024)
        )
        let number = state.withLock { state -> Int? in
            guard !state.isStopping else { return nil }
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    // MARK: The thread

    private func serve() {
        var entries: [pollfd] = []
        while true {
            let timeout = state.withLock { state -> Int32? in
                guard !state.isStopping else { return nil }
                Self.settle(&state)
                entries = Self.pollEntries(state, wake: wakeRead)
                return Self.timeout(state)
            }
            guard let timeout else { return }
            guard poll(&entries, nfds_t(entries.count), timeout) > 0 else { continue }
            drainWake()
            let ready = entries.dropFirst().filter { $0.revents != 0 }
            state.withLock { state in
                for entry in ready { Self.serve(entry, &state) }
            }
        }
    }

    /// Lets the world act and carries out what came of it.
    private static func settle(_ state: inout State) {
        for index in state.ports.indices { state.ports[index].checkOpened() }
        // One that carries nothing need not be looked at.
        for index in state.voicePorts.indices where state.world.isSounding(index) {
            state.voicePorts[index]?.checkOpened()
        }
        for output in state.world.advance(to: ContinuousClock.now) {
            switch output {
            case .bytes(let modem, let bytes) where state.ports.indices.contains(modem):
                state.ports[modem].write(bytes)
            case .sound(let modem, let bytes) where state.ports.indices.contains(modem):
                state.voicePorts[modem]?.write(bytes)
            case .voicePort(let modem, let isThere) where state.ports.indices.contains(modem):
                plugVoice(modem, isThere, &state)
            case .unplugged(let modem) where state.ports.indices.contains(modem):
                state.ports[modem].unplug()
                plugVoice(modem, false, &state)
            case .plugged(let modem) where state.ports.indices.contains(modem):
                do { try state.ports[modem].plug() } catch { state.failure = error }
                plugVoice(modem, true, &state)
            case .farSide(let event):
                for listener in state.listeners.values { listener.yield(event) }
            // A modem that was added to the running world has no terminal.
            case .bytes, .sound, .voicePort, .unplugged, .plugged: break
            }
        }
    }

    private static func plugVoice(_ modem: Int, _ isThere: Bool, _ state: inout State) {
        guard isThere else {
            state.voicePorts[modem]?.unplug()
            return
        }
        do { try state.voicePorts[modem]?.plug() } catch { state.failure = error }
    }

    private static func pollEntries(_ state: State, wake: Int32) -> [pollfd] {
        var entries = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        for port in state.ports where port.isPlugged && port.isOpen {
            let events = (port.isReading ? Int16(POLLIN) : 0) | (port.hasBacklog ? Int16(POLLOUT) : 0)
            entries.append(pollfd(fd: port.master, events: events, revents: 0))
        }
        for (modem, port) in state.voicePorts.enumerated() {
            guard let port, port.isPlugged, port.isOpen else { continue }
            let events =
                (state.world.takesSound(modem) ? Int16(POLLIN) : 0) | (port.hasBacklog ? Int16(POLLOUT) : 0)
            entries.append(pollfd(fd: port.master, events: events, revents: 0))
        }
        return entries
    }

    /// Milliseconds until something is due, rounded up; -1 for never.
    private static func timeout(_ state: State) -> Int32 {
        var wait: Duration?
        if let deadline = state.world.nextDeadline { wait = max(.zero, ContinuousClock.now.duration(to: deadline)) }
        let sounding = state.voicePorts.indices.filter { state.world.isSounding($0) }
        if (state.ports + sounding.compactMap { state.voicePorts[$0] }).contains(where: { $0.isPlugged && !$0.isOpen })
        {
            wait = min(wait ?? openCheck, openCheck)
        }
        guard let wait else { return -1 }
        let (seconds, attoseconds) = wait.components
        let milliseconds = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue + milliseconds)
    }

    private static func serve(_ entry: pollfd, _ state: inout State) {
        guard let modem = state.ports.firstIndex(where: { $0.master == entry.fd }) else {
            return serveVoice(entry, &state)
        }
        if entry.revents & Int16(POLLOUT) != 0 { state.ports[modem].flush() }
        guard entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return }
        // A program that went leaves a hang-up, which would wake this thread for ever.
        guard state.ports[modem].isReading else { return state.ports[modem].closed() }
        let bytes = state.ports[modem].read()
        if !bytes.isEmpty {
            state.world.receive(bytes, from: modem, at: ContinuousClock.now)
        } else if entry.revents & Int16(POLLHUP) != 0 {
            state.ports[modem].closed()
        }
    }

    private static func serveVoice(_ entry: pollfd, _ state: inout State) {
        guard let modem = state.voicePorts.firstIndex(where: { $0?.master == entry.fd }) else { return }
        if entry.revents & Int16(POLLOUT) != 0 { state.voicePorts[modem]?.flush() }
        guard entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return }
        guard state.world.takesSound(modem) else {
            if entry.revents & Int16(POLLHUP) != 0 { state.voicePorts[modem]?.closed() }
            return
        }
        let bytes = state.voicePorts[modem]?.read(most: 1280) ?? []
        if !bytes.isEmpty {
            state.world.receiveSound(bytes, from: modem, at: ContinuousClock.now)
        } else if entry.revents & Int16(POLLHUP) != 0 {
            state.voicePorts[modem]?.closed()
        }
    }

    private func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes just as well, so a failure needs no answer.
        _ = write(wakeWrite, &byte, 1)
    }

    private func drainWake() {
        var buffer = [UInt8](repeating: 0, count: 64)
        while read(wakeRead, &buffer, buffer.count) > 0 {}
    }

    // MARK: Links

    private static func linkNames(_ profiles: [ModemProfile]) -> [String] {
        let families = profiles.map(\.family.rawValue)
        if families.count > 1, Set(families).count == families.count { return families }
        return profiles.indices.map { "modem\($0)" }
    }

    private static func makeDirectory(_ path: String) throws(PseudoTerminalFailure) {
        guard mkdir(path, 0o755) != 0 else { return }
        let failure = errno
        var existing = stat()
        if failure == EEXIST, stat(path, &existing) == 0, existing.st_mode & S_IFMT == S_IFDIR { return }
        throw PseudoTerminalFailure("can't make the directory \(path)", code: failure)
    }
}
