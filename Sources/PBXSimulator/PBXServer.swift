internal import ModemSimulator
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NetworkSimulator
package import SimulatedTerminals
internal import Synchronization

/// The HTTP interface of a simulated PBX, on the loopback interface, beside the modems of the same world.
///
/// It speaks the contract of the profile `generic` (`POST /callthrough`, `/callback`, `/held/ID/claim`,
/// `/held/ID/release`, `GET /held`, `/calls/ID`, `/health`, `DELETE /held/ID`, `/calls/ID`) and the part of Asterisk's
/// REST interface below `/ari` that call control needs. `POST /outside/call {"from", "to"}` makes a person outside
/// call. What it does is done in the host's world and seen there.
package final class PBXServer: Sendable {
    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var events: Task<Void, Never>?
        var webhookStatuses: [Int] = []
        var isStopped = false
    }

    private let desk: PBXDesk
    private let configuration: Configuration
    private let state = Mutex(State())

    /// Makes a server for the PBX of a host's world; it listens after ``start()``.
    package init(host: PseudoTerminalHost, configuration: Configuration = Configuration()) {
        desk = PBXDesk(host: host, configuration: configuration)
        self.configuration = configuration
    }

    /// Begins to listen and returns the base address, such as `http://127.0.0.1:8088`.
    ///
    /// Throws when the port is taken, or when a certificate can't be read.
    package func start() async throws -> String {
        let context = try configuration.tls.map { files in
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
            let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
            let settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
            return try NIOSSLContext(configuration: settings)
        }
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    self.admit(channel)
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false,
                        withServerUpgrade: ([EventsUpgrade(desk: self.desk).upgrader], { _ in })
                    )
                    try channel.pipeline.syncOperations.addHandler(
                        PBXConnectionHandler(desk: self.desk),
                        name: PBXConnectionHandler.name
                    )
                }
            }
            .bind(host: "127.0.0.1", port: configuration.port).get()
        if configuration.application != nil {
            desk.host.withWorld { world, _ in world.pbx.settings.asksApplication = true }
        }
        // From here on, not from when the task begins to run.
        let events = desk.host.farSideEvents()
        let isStopped = state.withLock { state in
            state.listener = listener
            if configuration.webhook != nil || configuration.application != nil, !state.isStopped {
                state.events = Task { await self.tell(of: events) }
            }
            return state.isStopped
        }
        if isStopped { try await listener.close() }
        return "\(context == nil ? "http" : "https")://127.0.0.1:\(listener.localAddress?.port ?? 0)"
    }

    /// Stops listening and cuts every connection; a stopped server stays stopped.
    package func stop() async {
        let (listener, open, events) = state.withLock { state in
            state.isStopped = true
            defer {
                state.listener = nil
                state.connections = [:]
                state.events = nil
            }
            return (state.listener, Array(state.connections.values), state.events)
        }
        events?.cancel()
        // What is closed already is as good.
        try? await listener?.close()
        for channel in open { try? await channel.close() }
        await events?.value
    }

    private func admit(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLock { $0.connections[id] = channel }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { _ = $0.connections.removeValue(forKey: id) }
        }
    }

    // MARK: Faults and counters

    /// Lets something go wrong from now on.
    ///
    /// - Parameters:
    ///   - fault: what goes wrong; of several that fit the first strikes.
    ///   - action: with which request; with all when nil.
    ///   - times: how often; always when nil.
    package func inject(_ fault: Fault, into action: Action? = nil, times: Int? = nil) {
        desk.inject(fault, into: action, times: times)
    }

    /// Lets nothing go wrong any more.
    package func clearFaults() { desk.clearFaults() }

    /// How many requests came for an action, also those that were not carried out; ``SimulatedPBX/counts`` has the
    /// others.
    package func received(_ action: Action) -> Int { desk.received(action) }

    /// The statuses that webhooks were answered with, 0 for none, in order.
    package var webhookStatuses: [Int] { state.withLock { $0.webhookStatuses } }

    // MARK: Applications

    /// Whether an application is told of events.
    package func isTellingEvents(to application: String) -> Bool {
        desk.withApplications { $0[application]?.write != nil }
    }

    /// How often an application ended its connection for events with a Close frame.
    package var goodbyes: Int { desk.goodbyes }

    /// Cuts the connections for events; the applications may connect again.
    package func cutEvents() {
        let closes = desk.withApplications { applications in applications.values.compactMap(\.close) }
        for close in closes { close() }
    }

    /// The members of a bridge; nil when there is none.
    package func bridge(_ id: String) -> [String]? { desk.withBridges { $0[id]?.members } }

    /// How many bridges there are.
    package var bridges: Int { desk.withBridges { $0.count } }

    // MARK: Webhooks

    private func tell(of events: AsyncStream<FarSideEvent>) async {
        let sender = configuration.webhook.map { WebhookSender(webhook: $0) }
        for await event in events {
            desk.follow(event)
            guard let sender, case .pbx(let news) = event else { continue }
            let (present, dial) = desk.host.withWorld { world, now in
                (now, world.pbx.settings.joinsUnclaimed ? world.pbx.settings.accessNumber : nil)
            }
            guard let text = WebhookText(news, key: desk.key, dial: dial, present: present) else { continue }
            for status in await sender.send(text.json) { state.withLock { $0.webhookStatuses.append(status) } }
            if Task.isCancelled { return }
        }
    }
}
