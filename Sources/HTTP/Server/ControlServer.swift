internal import CallModel
package import GatewayAPI
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceFigures
internal import ServiceLifecycle
package import Settings
package import TextCoding
package import WebAccess

/// The control interface: HTTP on a Unix socket and, if wanted, on TCP with a token.
///
/// It serves from ``run()`` until a graceful shutdown or cancellation, and removes its socket then.
package struct ControlServer: Service {
    /// Where the interface is, once it is open.
    package struct Addresses: Sendable, Hashable {
        /// The Unix socket.
        package var socket: String
        /// The TCP port; nil when there is none.
        package var port: Int?
        /// The page's port; nil when there is none.
        package var page: Int?
    }

    /// Where the interface shall be.
    package struct Settings: Sendable {
        /// The Unix socket's path, at most 107 bytes.
        package var socket: String
        /// The group that may connect beside the service's own user, if it exists.
        package var group: String?
        /// Where to listen on TCP; nil for nowhere.
        package var tcp: TCP?
        /// Where the page is; nil for nowhere.
        package var web: Web?

        /// Where the page is.
        package struct Web: Sendable {
            /// An IP address.
            package var host: String
            /// The port; 0 for any.
            package var port: Int
            /// The names under which browsers ask, beside IP addresses and the box's own.
            package var names: [String] = []
            /// The path of a certificate in PEM, and its key; nil for plain HTTP.
            package var tls: (certificate: String, key: Secret)?
            /// Whether a person asked for it: then it is an error where it can't be had.
            package var isWanted = true
            /// Where sessions are kept; nil for nowhere.
            package var sessions: String?

            /// Who may log in with a password.
            package var users: [WebUser] = []

            /// Creates settings of a page without TLS.
            package init(host: String, port: Int) {
                self.host = host
                self.port = port
            }
        }

        /// Where to listen on TCP.
        package struct TCP: Sendable {
            /// An IP address.
            package var host: String
            /// The port; 0 for any.
            package var port: Int
            /// What every request must bring, at least 16 bytes.
            package var token: Secret
            /// What is good for looking at status, modems, health and metrics alone, at least 16 bytes; nil for none.
            package var readToken: Secret?
            /// The names under which a reverse proxy is asked, beside IP addresses and names without a dot.
            package var names: [String] = []
        }

        /// Creates settings of an interface on a Unix socket alone.
        package init(socket: String, group: String? = "gsmbridge", tcp: TCP? = nil) {
            self.socket = socket
            self.group = group
            self.tcp = tcp
        }
    }

    private let control: any LocalControl
    private let settings: Settings
    private let limits: ControlLimits
    private let webhooks: WebhookFigures?
    private let values: @Sendable () async -> [Configuration.Setting]
    private let diagnosis: BoxDiagnosis?
    private let logger: Logger
    private let onOpen: @Sendable (Addresses) async -> Void
    private let open: OpenInterface

    /// Creates the interface; nothing is opened before ``run()``.
    ///
    /// - Parameters:
    ///   - control: the service behind it.
    ///   - settings: where it shall be.
    ///   - limits: where it draws its lines.
    ///   - webhooks: what is shown of webhooks in status and metrics; nil for nothing.
    ///   - values: tells what the service runs with.
    ///   - diagnosis: examines the box; nil for nothing.
    ///   - logger: who is told of what goes wrong.
    ///   - onOpen: called once connections are taken.
    package init(
        control: any LocalControl,
        settings: Settings,
        limits: ControlLimits = ControlLimits(),
        webhooks: WebhookFigures? = nil,
        values: @escaping @Sendable () async -> [Configuration.Setting] = { [] },
        diagnosis: BoxDiagnosis? = nil,
        logger: Logger,
        onOpen: @escaping @Sendable (Addresses) async -> Void = { _ in }
    ) {
        self.control = control
        self.settings = settings
        self.limits = limits
        self.webhooks = webhooks
        self.values = values
        self.diagnosis = diagnosis
        self.logger = logger
        self.onOpen = onOpen
        open = OpenInterface(settings)
    }

    /// Takes a new configuration's names, and the certificate that the page shows to connections to come.
    ///
    /// - Parameters:
    ///   - configuration: what the service runs with from here on.
    ///   - environment: where credentials are found.
    package func reload(_ configuration: Configuration, environment: ConfigurationEnvironment) {
        do {
            let new = try Settings(configuration, environment: environment)
            for note in open.take(new) { logger.warning("\(note)") }
        } catch {
            logger.error("the control interface and the page stay as they were: \(error)")
        }
    }

    /// Serves until the service stops.
    ///
    /// - Throws: ``ControlServerError`` when the interface can't be opened.
    package func run() async throws {
        let gate = try settings.tcp.map { tcp throws(ControlServerError) in
            try TokenGate(token: tcp.token, reader: tcp.readToken, limits: limits)
        }
        let socket = try SocketFile(path: settings.socket, group: settings.group)
        let metrics = ServiceMetrics()
        let streams = OpenStreams()
        let outcome: Result<Void, any Error>
        do {
            try await serve(socket.descriptor, gate, metrics, streams)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        socket.remove()
        try outcome.get()
    }

    private func serve(
        _ descriptor: Int32,
        _ gate: TokenGate?,
        _ metrics: ServiceMetrics,
        _ streams: OpenStreams
    ) async throws {
        let door = settings.web.map { WebDoor(file: $0.sessions, logger: logger) }
        if let door, let web = settings.web { door.take(web.users) }
        let responder = { (origin: RequestOrigin, gate: TokenGate?, hosts: @escaping @Sendable () -> HostNames) in
            ControlResponder(
                control: control,
                origin: origin,
                gate: gate,
                limits: limits,
                hosts: hosts,
                streams: streams,
                metrics: metrics,
                webhooks: webhooks,
                door: door,
                values: values,
                diagnosis: diagnosis
            )
        }
        let names = { @Sendable [open] in open.control }
        let local = try await Listener.start(
            at: .socket(descriptor),
            limits: limits,
            metrics: metrics,
            logger: logger,
            responder: Self.function(of: responder(.local, nil, names))
        )
        var listeners = [local]
        var addresses = Addresses(socket: settings.socket)
        do {
            if let tcp = settings.tcp, let gate {
                let remote = try await listen(
                    tcp.host,
                    tcp.port,
                    metrics,
                    Self.function(of: responder(.remote, gate, names))
                )
                listeners.append(remote)
                addresses.port = remote.server.localAddress?.port
            }
            if let web = settings.web, let door {
                let page = responder(.page, nil, { [open] in open.page })
                if let listener = try await openPage(web, door, page) {
                    listeners.append(listener)
                    addresses.page = listener.server.localAddress?.port
                }
            }
        } catch {
            for listener in listeners { await listener.stop(within: .zero) }
            throw error
        }
        await serve(listeners, metrics, streams, addresses, door)
    }

    private func listen(
        _ host: String,
        _ port: Int,
        identity: TLSIdentity? = nil,
        sound: SoundUpgrade? = nil,
        key: String = "control.listen",
        _ metrics: ServiceMetrics,
        _ responder: @escaping HTTPChannelHandler.Responder
    ) async throws(ControlServerError) -> Listener {
        do {
            return try await Listener.start(
                at: .address(try SocketAddress(ipAddress: host, port: port)),
                limits: limits,
                metrics: metrics,
                identity: identity,
                sound: sound,
                logger: logger,
                responder: responder
            )
        } catch {
            throw .address("\(host):\(port)", reason: SystemError.words(of: error), key: key)
        }
    }

    /// Opens the page; nil where nobody asked for it and its place is taken.
    private func openPage(
        _ web: Settings.Web,
        _ door: WebDoor,
        _ interface: ControlResponder
    ) async throws(ControlServerError) -> Listener? {
        let identity: TLSIdentity?
        do throws(WebhookListenerError) {
            identity = try web.tls.map { tls throws(WebhookListenerError) in
                try TLSIdentity(certificate: tls.certificate, key: tls.key)
            }
        } catch {
            throw .identity(error.words(below: "web.tls"))
        }
        let responder = WebResponder(
            interface: interface,
            door: door,
            isSecure: identity != nil,
            guesses: WebResponder.WrongLinks(limits)
        )
        let sound = SoundUpgrade(control: control, door: door, hosts: interface.hosts, isSecure: identity != nil)
        let listener: Listener
        do throws(ControlServerError) {
            listener = try await listen(
                web.host,
                web.port,
                identity: identity,
                sound: sound,
                key: "web.listen",
                interface.metrics
            ) {
                request,
                writer,
                channel in
                let response = await responder.respond(to: request, over: channel)
                try await writer.write(response: response.head, body: response.body)
            }
        } catch {
            door.shut(because: "the page is not open: \(error)")
            if web.isWanted { throw error }
            logger.notice("the page is not open: \(error)")
            return nil
        }
        let port = listener.server.localAddress?.port ?? web.port
        let place = web.place(port)
        open.opened(door, identity: identity, port: port)
        logger.info("the page is open; 'gsmbridge web login' lets a browser in", metadata: ["page": "\(place)"])
        return listener
    }

    private func serve(
        _ listeners: [Listener],
        _ metrics: ServiceMetrics,
        _ streams: OpenStreams,
        _ addresses: Addresses,
        _ door: WebDoor?
    ) async {
        logger.info("control interface open", metadata: addresses.metadata)
        let stopping = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup { group in
                for listener in listeners {
                    group.addTask { [logger] in
                        do {
                            try await listener.run()
                        } catch {
                            logger.error("control interface failed", metadata: ["error": "\(error)"])
                        }
                    }
                }
                group.addTask { await count(into: metrics, door) }
                group.addTask { await sign(streams) }
                await onOpen(addresses)
                for await _ in stopping.stream { break }
                // Clients that still listen are told that it is over, so that its connection can be closed in order.
                streams.finish()
                await withTaskGroup { stops in
                    for listener in listeners { stops.addTask { await listener.stop(within: limits.stop) } }
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            stopping.continuation.yield()
        }
        logger.info("control interface closed")
    }

    /// Feeds the counters with the events; who had the sound of a call that is over has it no more.
    private func count(into metrics: ServiceMetrics, _ door: WebDoor?) async {
        var position = EventHub.Position(id: 0)
        while !Task.isCancelled, let subscription = control.events.subscribe(from: position) {
            if subscription.hasGap { metrics.missed() }
            for await entry in subscription.entries {
                metrics.count(entry.event)
                if let event = entry.event as? CallEvent, case .progress(.ended) = event.kind {
                    door?.giveUpSeat(in: event.call)
                }
                position.id = entry.id
            }
            // It ended because events came faster than they were counted: go on where it stopped.
            await Task.yield()
        }
    }

    private func sign(_ streams: OpenStreams) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: limits.keepAlive, tolerance: limits.keepAlive / 10)
            } catch {
                return
            }
            streams.sign()
        }
    }

    private static func function(of responder: ControlResponder) -> HTTPChannelHandler.Responder {
        { request, writer, channel in
            let response = await responder.respond(to: request, over: channel)
            try await writer.write(response: response.head, body: response.body)
        }
    }
}

extension ControlServer.Addresses {
    fileprivate var metadata: Logger.Metadata {
        var fields: Logger.Metadata = ["socket": "\(socket)"]
        if let port { fields["port"] = "\(port)" }
        return fields
    }
}
