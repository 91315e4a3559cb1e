internal import Logging
internal import NIOCore
internal import Synchronization
internal import WebRequests

/// Keeps the connection for events to an Asterisk whose account names an application, and does what they call for.
///
/// A connection that is lost is made again, after a second at first and a minute at most; then it is looked what became
/// of everybody meanwhile.
package struct StasisFeed: Sendable {
    /// What is told: callers that are held, joined, or gone.
    package typealias Take = @Sendable (PBXEvent) -> Void

    /// The pause before the first attempt to connect again; doubled for each further one.
    static let pause = Duration.seconds(1)
    static let longestPause = Duration.seconds(60)
    /// How long a connection has to last to count as a good one.
    static let goodAfter = Duration.seconds(30)
    /// How long what is left to do at the end may take.
    static let partingWithin = Duration.seconds(8)
    /// How many messages, answers and claims may wait to be dealt with.
    private static let backlog = 4096
    /// How many of these places are for what comes from here; a PBX that fills the others is hung up on.
    private static let ownPlaces = 512
    /// How many bytes of messages may wait; a PBX that sends more is hung up on.
    static let mostBytes = 4 << 20
    /// How many commands may wait for Asterisk, which takes 10 s for one at most; with one more it is hung up on, and
    /// everything looked at anew.
    static let mostCommands = 256

    private let connection: PBXConnection
    private let interface: StasisInterface
    private let settings: StasisMachine.Settings
    private let clock: any Clock<Duration>
    private let take: Take
    private let log = Logger(label: "gsmbridge.pbx.events")

    private var board: StasisBoard { connection.account.stasis }

    /// Makes a feed; nil for an account without an application.
    ///
    /// Throws when the account lacks what such a connection needs.
    package init?(_ connection: PBXConnection, take: @escaping Take) throws(PBXError) {
        try self.init(connection, settings: StasisMachine.Settings(), clock: ContinuousClock(), take: take)
    }

    init?(
        _ connection: PBXConnection,
        settings: StasisMachine.Settings,
        clock: any Clock<Duration>,
        take: @escaping Take
    ) throws(PBXError) {
        guard let interface = try StasisInterface(connection.account) else { return nil }
        self.connection = connection
        self.interface = interface
        self.settings = settings
        self.clock = clock
        self.take = take
    }

    /// Runs until it is cancelled; then callers who wait go on in the dialplan, and calls that it joined are hung up.
    package func run() async {
        let (inputs, feed) = AsyncStream.makeStream(
            of: StasisBoard.Input.self,
            bufferingPolicy: .bufferingOldest(Self.backlog)
        )
        let (commands, lane) = AsyncStream.makeStream(
            of: StasisCommand.self,
            bufferingPolicy: .bufferingOldest(Self.mostCommands)
        )
        let line = Line()
        board.attach(
            StasisMachine(
                application: interface.application,
                region: connection.account.region,
                own: connection.account.ownNumber,
                settings: settings
            ),
            feed
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await keepConnected(feed, line) }
            group.addTask {
                for await command in commands { feed.yield(.finished(command, await perform(command))) }
            }
            var timer: Task<Void, Never>?
            var armed: ContinuousClock.Instant?
            for await input in inputs {
                if case .message(let bytes) = input { line.dealtWith(bytes.count) }
                let (outputs, deadline) = handle(input)
                for output in outputs {
                    switch output {
                    case .send(let command):
                        guard case .dropped = lane.yield(command) else { break }
                        log.warning("PBX \(connection.name): it does not carry out what it calls for; connecting anew")
                        line.hangUp()
                        feed.yield(.finished(command, false))
                    case .tell(let event): take(event)
                    }
                }
                guard deadline != armed else { continue }
                timer?.cancel()
                armed = deadline
                timer = deadline.map { deadline in
                    Task {
                        // Cancelled, there is another one.
                        guard (try? await ContinuousClock().sleep(until: deadline)) != nil else { return }
                        feed.yield(.due)
                    }
                }
            }
            timer?.cancel()
            lane.finish()
            group.cancelAll()
        }
        let left = board.detach()
        guard !left.isEmpty else { return }
        // Not cut short by a cancellation, because it ends calls; and a PBX that does not answer holds nothing up for
        // long.
        await Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for case .send(let command) in left where !Task.isCancelled { _ = await perform(command) }
                }
                group.addTask { try? await Task.sleep(for: Self.partingWithin) }
                await group.next()
                group.cancelAll()
            }
        }
        .value
    }

    private func handle(
        _ input: StasisBoard.Input
    ) -> (outputs: [StasisMachine.Output], deadline: ContinuousClock.Instant?) {
        switch input {
        case .opening:
            return board.with { machine, _ in
                machine.opening()
                return []
            }
        case .message(let bytes):
            guard let value = try? JSONValue(parsing: bytes) else {
                log.warning("PBX \(connection.name): an event can't be read and is left out")
                return board.with { _, _ in [] }
            }
            guard let event = StasisEvent(value) else { return board.with { _, _ in [] } }
            if event == .replaced {
                log.warning(
                    "PBX \(connection.name): somebody else connected as app \(interface.application); give each box its own"
                )
            }
            return board.with { machine, now in machine.take(event, at: now) }
        case .opened(let snapshot): return board.with { machine, now in machine.opened(snapshot, at: now) }
        case .closed:
            return board.with { machine, _ in
                machine.closed()
                return []
            }
        case .claimed(let outputs): return (outputs, board.with { _, _ in [] }.deadline)
        case .finished(let command, let isDone):
            return board.with { machine, now in machine.finished(command, succeeded: isDone, at: now) }
        case .due: return board.with { machine, now in machine.due(at: now) }
        }
    }

    // MARK: The connection

    /// The connection of the moment, and how much of what came over it waits.
    final class Line: Sendable {
        private let state = Mutex<(socket: EventSocket?, bytes: Int)>((nil, 0))

        /// Takes a message in; false when too much waits already.
        func admit(_ count: Int) -> Bool {
            state.withLock { state in
                guard state.bytes + count <= StasisFeed.mostBytes else { return false }
                state.bytes += count
                return true
            }
        }

        func dealtWith(_ count: Int) { state.withLock { $0.bytes -= count } }

        func connected(_ socket: EventSocket?) { state.withLock { $0.socket = socket } }

        func hangUp() { state.withLock { $0.socket }?.close() }
    }

    private func keepConnected(_ feed: AsyncStream<StasisBoard.Input>.Continuation, _ line: Line) async {
        var pause = Self.pause
        var told: String?
        while !Task.isCancelled {
            board.note(.connecting)
            let began = ContinuousClock.now
            let reason = await connect(feed, line)
            line.connected(nil)
            feed.yield(.closed)
            if Task.isCancelled { return }
            board.note(.down(reason))
            // Once a minute for days, the same would hide everything else.
            log.log(level: reason == told ? .debug : .warning, "PBX \(connection.name): no events: \(reason)")
            told = reason
            if began.duration(to: .now) >= Self.goodAfter { pause = Self.pause }
            // Not all boxes at once, when their PBX is back.
            let part = Double.random(in: 0.5...1)
            guard (try? await clock.sleep(for: pause * part)) != nil else { return }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Connects, and returns when the connection is lost; why.
    private func connect(_ feed: AsyncStream<StasisBoard.Input>.Continuation, _ line: Line) async -> String {
        feed.yield(.opening)
        let socket: EventSocket
        do throws(EventSocket.Failure) {
            socket = try await EventSocket.open(interface.events, connection.account) { message in
                // One that finds no room would be missed: better to connect again and look at everything anew.
                guard line.admit(message.count) else { return false }
                guard case .enqueued(let places) = feed.yield(.message(message)) else {
                    line.dealtWith(message.count)
                    return false
                }
                return places >= Self.ownPlaces
            }
            line.connected(socket)
        } catch {
            return words(for: error)
        }
        return await withTaskCancellationHandler {
            do throws(PBXError) {
                let snapshot = try await snapshot()
                feed.yield(.opened(snapshot))
                board.note(.open)
                log.notice("PBX \(connection.name): events come")
            } catch {
                socket.close()
                await socket.ended()
                return error.message
            }
            await socket.ended()
            return "the connection was lost"
        } onCancel: {
            socket.close()
        }
    }

    /// What there is; nil where the PBX answers and does not tell.
    private func snapshot() async throws(PBXError) -> StasisSnapshot? {
        do throws(PBXError) {
            let application = try await value(of: interface.channels)
            let bridges = try await value(of: interface.bridges)
            return StasisSnapshot(application: application, bridges: bridges, prefix: interface.joinPrefix)
        } catch {
            guard case .refused = error.kind else { throw error }
            log.notice("\(error)")
            return nil
        }
    }

    private func value(of request: WebRequest) async throws(PBXError) -> JSONValue {
        let reply = try await connection.send(alone: request)
        try reply.check(request)
        guard let value = reply.json else { throw .garbled(request, "it is no JSON") }
        return value
    }

    private func words(for failure: EventSocket.Failure) -> String {
        switch failure {
        case .forbidden:
            "its url is plain HTTP to a host outside the own network; take https://, or set 'plain_http: true'"
        case .refused(let status) where status == 401 || status == 403:
            "it did not accept who we are (\(status)); check user, password and ari.conf"
        case .refused(let status): "it answered the request for events with \(status); check url"
        case .malformed: "it did not answer the request for events as a WebSocket does; check url"
        case .obstacle(.name): "its name can't be resolved"
        case .obstacle(.certificate): "its certificate is not trusted, or does not match its name"
        case .obstacle(.timeout): "it did not answer in time"
        case .obstacle: "nothing answers there"
        }
    }

    // MARK: Commands

    /// Carries a command out; returns whether everything in it that is needed was done.
    private func perform(_ command: StasisCommand) async -> Bool {
        var isDone = false
        for step in interface.steps(command) {
            if isDone {
                isDone = false
                continue
            }
            do throws(PBXError) {
                let reply = try await connection.send(alone: step.request)
                isDone = step.replacesNext && reply.isSuccess
                guard step.isNeeded, !reply.isSuccess else { continue }
                if let look = step.look {
                    let now = try await connection.send(alone: look)
                    if now.isSuccess { continue }
                }
                try reply.check(step.request)
            } catch {
                guard step.isNeeded else { continue }
                log.warning("\(error)")
                return false
            }
        }
        return true
    }
}

extension HTTPReply {
    fileprivate var isSuccess: Bool { (200...299).contains(status) }
}
