internal import CallModel
package import FoundationEssentials
package import GatewayAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import TextCoding

/// One event of the stream.
package struct HeardEvent: Sendable {
    /// Behind which event to go on after a break; nil where the event has no place of its own.
    package var position: EventHub.Position?
    /// The event; `stream.gap` where events are lost.
    package var event: EventText
}

/// Asks the running service over its Unix socket; each request has a connection of its own.
package struct ControlClient: GatewayControl {
    /// The service's socket.
    package let socket: String

    /// Creates a client; nothing is opened before the first request.
    package init(socket: String) {
        self.socket = socket
    }

    // MARK: Looking

    /// How the service stands.
    package func status() async throws(ControlError) -> GatewayStatus {
        try await get("/v1/status")
    }

    /// Every modem that is there or configured.
    package func modems() async throws(ControlError) -> [ModemStatus] {
        try await get("/v1/modems")
    }

    /// The accounts at PBXs.
    package func accounts() async throws(ControlError) -> [AccountStatus] {
        try await get("/v1/accounts")
    }

    /// The phones of the house.
    package func phones() async throws(ControlError) -> [PhoneStatus] {
        try await get("/v1/phones")
    }

    /// The messages of SIP since the last look.
    package func sipTrace(behind number: UInt64?, showsNumbers: Bool) async throws(ControlError) -> SIPTraceView {
        let behind = number.map { "&after=\($0)" } ?? ""
        return try await get("/v1/sip/trace?numbers=\(showsNumbers ? "shown" : "masked")\(behind)")
    }

    /// The live calls, oldest first.
    package func calls() async throws(ControlError) -> [CallStatus] {
        try await get("/v1/calls")
    }

    // MARK: Acting

    /// Has a call made; returns as soon as it is accepted.
    ///
    /// - Parameter origin: over its Unix socket the service takes every one for a local one.
    package func dial(
        _ request: DialRequest,
        id: UUID,
        origin: RequestOrigin = .local
    ) async throws(ControlError) -> CallStatus {
        let answer = try await exchange(try dialMessage(request, id: id))
        return try Self.value(of: answer)
    }

    /// Ends a live call.
    package func hangUp(_ call: UUID) async throws(ControlError) {
        try await post(path(of: call, "hangup"))
    }

    /// Breaks a live call off.
    package func interrupt(_ call: UUID) async throws(ControlError) {
        try await post(path(of: call, "interrupt"))
    }

    /// Answers a call that rings.
    package func answer(_ call: UUID) async throws(ControlError) {
        try await post(path(of: call, "answer"))
    }

    /// Sends tones in an answered call; returns when all are sent.
    package func sendTones(_ tones: String, in call: UUID) async throws(ControlError) {
        let message = try Message(post: path(of: call, "dtmf"), body: ToneRequest(tones: tones))
        // The slowest tones that can be configured take ten seconds each.
        try Self.check(try await exchange(message, timeout: .seconds(60 + 10 * Int64(tones.utf8.count))))
    }

    /// Sends one AT command to a modem that has no call.
    ///
    /// - Parameters:
    ///   - limit: how long the answer may take.
    ///   - wait: how long to listen, once it is answered, to what the modem says unasked; at most 60 s.
    package func command(
        _ command: String,
        modem: String,
        within limit: Duration = CommandAnswer.longestAnswer,
        wait: Duration = .zero
    ) async throws(ControlError) -> CommandAnswer {
        let path = "/v1/modems/\(PercentCoding.encode(modem))/command"
        var request = CommandRequest(command: command)
        if wait > .zero { request.waitSeconds = wait / .seconds(1) }
        if limit < CommandAnswer.longestAnswer { request.timeoutSeconds = limit / .seconds(1) }
        // A search for networks takes minutes (3GPP 27.007, 7.3).
        let answer = try await exchange(
            try Message(post: path, body: request),
            timeout: .seconds(300)
        )
        return try Self.value(of: answer)
    }

    /// Restarts a modem that has no call, takes it out of service, or back.
    package func perform(_ order: ModemOrder, modem: String) async throws(ControlError) -> ModemStatus {
        try await post("/v1/modems/\(PercentCoding.encode(modem))/order", OrderRequest(order: order))
    }

    // MARK: Listening

    /// Listens to the service's events.
    ///
    /// - Parameters:
    ///   - position: behind which event to begin; nil for new ones only.
    ///   - call: the call to hear of; nil for everything.
    /// - Returns: the events; throws ``ControlError`` when the connection breaks, ends when the service stops.
    package func events(
        after position: EventHub.Position? = nil,
        call: UUID? = nil
    ) async throws(ControlError) -> AsyncThrowingStream<HeardEvent, any Error> {
        var parameters: [String] = []
        if let position { parameters.append("after=\(position)") }
        if let call { parameters.append("call=\(call.uuidString.lowercased())") }
        let path = "/v1/events" + (parameters.isEmpty ? "" : "?") + parameters.joined(separator: "&")
        var message = Message(method: .GET, path: path)
        message.wantsEvents = true
        return try await stream(message)
    }

    /// What a call would be.
    package func preview(_ request: DialRequest, origin: RequestOrigin) async throws(ControlError) -> RoutePreview {
        try await post("/v1/routes", request)
    }

    /// See ``GatewayControl/follow(_:id:origin:within:onEvent:)``; an event is told as it came.
    package func follow(
        _ request: DialRequest,
        id: UUID,
        origin: RequestOrigin,
        within patience: Duration,
        onEvent: (any GatewayEvent) async -> Void
    ) async throws(ControlError) {
        var message = try dialMessage(request, id: id)
        message.wantsEvents = true
        let events: AsyncThrowingStream<HeardEvent, any Error>
        do throws(ControlError) {
            events = try await stream(message, within: TimeAmount(patience))
        } catch .lost(let reason) {
            // The request may have arrived before the connection broke.
            throw .callMayGoOn(id, reason: reason)
        }
        do {
            for try await heard in events {
                await onEvent(heard.event)
                if heard.event.name == "call.ended" { return }
            }
        } catch ControlError.lost(let reason) {
            throw .callMayGoOn(id, reason: reason)
        } catch {
            throw .callMayGoOn(id, reason: "\(error)")
        }
        throw .callMayGoOn(id, reason: Task.isCancelled ? "this command was stopped" : "the service is stopping")
    }

    // MARK: Inside

    private func dialMessage(_ request: DialRequest, id: UUID) throws(ControlError) -> Message {
        var message = try Message(post: "/v1/calls", body: request)
        message.key = id.uuidString.lowercased()
        return message
    }

    private func path(of call: UUID, _ action: String) -> String {
        "/v1/calls/\(call.uuidString.lowercased())/\(action)"
    }

    func get<Value: Decodable>(_ path: String) async throws(ControlError) -> Value {
        try Self.value(of: try await exchange(Message(method: .GET, path: path)))
    }

    func post<Value: Decodable>(_ path: String, _ body: some Encodable) async throws(ControlError) -> Value {
        try Self.value(of: try await exchange(try Message(post: path, body: body), timeout: .seconds(90)))
    }

    /// Asks for something that takes a modem or a network its time.
    func slowPost<Value: Decodable>(_ path: String) async throws(ControlError) -> Value {
        try Self.value(of: try await exchange(Message(method: .POST, path: path), timeout: .seconds(120)))
    }

    func post(_ path: String, within limit: Duration = .seconds(30)) async throws(ControlError) {
        let timeout = TimeAmount.seconds(limit.components.seconds)
        try Self.check(try await exchange(Message(method: .POST, path: path), timeout: timeout))
    }

    private func stream(
        _ message: Message,
        within patience: TimeAmount? = nil
    ) async throws(ControlError) -> AsyncThrowingStream<HeardEvent, any Error> {
        let (events, feed) = AsyncThrowingStream.makeStream(
            of: HeardEvent.self,
            bufferingPolicy: .bufferingOldest(4096)
        )
        let answer = try await exchange(message, timeout: patience ?? .seconds(30), feed: feed, firstEvent: patience)
        try Self.check(answer)
        guard answer.isStream else { throw .lost("the service sent something else than events") }
        return events
    }

    private func exchange(
        _ message: Message,
        timeout: TimeAmount = .seconds(30),
        feed: ClientExchange.Feed? = nil,
        firstEvent: TimeAmount? = nil
    ) async throws(ControlError) -> ClientExchange.Answer {
        let trust: SocketTrust
        do throws(SocketTrust.Stranger) { trust = try SocketTrust(socket: socket) } catch {
            throw .foreign(socket: error.path, owner: error.owner)
        }
        do {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let promise = loop.makePromise(of: ClientExchange.Answer.self)
            let future = ClientBootstrap(group: loop)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                        try pipeline.addHandler(ClientExchange(answer: promise, feed: feed, firstEvent: firstEvent))
                    }
                }
                .connect(unixDomainSocketPath: socket)
                .flatMap { channel in
                    // A listener that stops closes the connection.
                    feed?.onTermination = { _ in channel.close(promise: nil) }
                    let limit = loop.scheduleTask(in: timeout) {
                        promise.fail(ControlError.lost("the service did not answer in time"))
                        channel.close(promise: nil)
                    }
                    promise.futureResult.whenComplete { _ in limit.cancel() }
                    self.peer(of: channel, trust)
                        .whenComplete { result in
                            switch result {
                            case .success: message.write(to: channel)
                            case .failure(let error):
                                promise.fail(error)
                                channel.close(promise: nil)
                            }
                        }
                    return promise.futureResult
                }
            future.whenFailure { promise.fail($0) }
            return try await future.get()
        } catch let error as ControlError {
            throw error
        } catch let error as IOError {
            throw Failure.of(error, socket: socket)
        } catch {
            throw .lost("\(error)")
        }
    }

    /// Makes sure that the server is trusted, before anything is sent.
    private func peer(of channel: any Channel, _ trust: SocketTrust) -> EventLoopFuture<Void> {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ControlError.lost("it can't be told who serves the socket"))
        }
        let (socket, users) = (socket, trust.users)
        let peer: EventLoopFuture<SocketTrust.Peer> = options.unsafeGetSocketOption(
            level: SocketOptionLevel(SocketTrust.peerOption.level),
            name: SocketOptionName(SocketTrust.peerOption.name)
        )
        return peer.flatMapThrowing { peer in
            guard users.contains(peer.user) else {
                throw ControlError.foreign(socket: socket, owner: peer.user)
            }
        }
    }

    private static func check(_ answer: ClientExchange.Answer) throws(ControlError) {
        guard answer.status >= 300 else { return }
        do {
            throw try WireFormat.decode(Problem.self, from: answer.body).controlError
        } catch let error as ControlError {
            throw error
        } catch {
            throw .lost("the service answered with status \(answer.status)")
        }
    }

    private static func value<Value: Decodable>(
        of answer: ClientExchange.Answer
    ) throws(ControlError) -> Value {
        try check(answer)
        do {
            return try WireFormat.decode(Value.self, from: answer.body)
        } catch {
            throw .lost("the answer is not what belongs here; is the service of another version?")
        }
    }
}
