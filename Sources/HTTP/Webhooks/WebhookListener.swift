package import GatewayAPI
internal import HummingbirdCore
package import Logging
internal import NIOCore
package import PBX
internal import ServiceFigures
internal import ServiceLifecycle

/// Takes the webhooks of PBXs at `/pbx/NAME`: each is judged and answered at once, and dealt with behind the answer.
///
/// It serves from ``run()`` until a graceful shutdown or cancellation.
package struct WebhookListener: Service {
    /// Deals with an event of the PBX of a name.
    ///
    /// Called for each PBX's events in order, one at a time; must come to an end when its task is cancelled.
    package typealias Take = @Sendable (PBXEvent, String) async -> Void

    /// Where it listens.
    package struct Settings: Sendable {
        /// An IP address.
        package var host: String
        /// The port; 0 for any.
        package var port: Int
        /// What it shows to who connects; nil for plain HTTP.
        package var identity: TLSIdentity?

        /// Creates settings.
        package init(host: String, port: Int, identity: TLSIdentity? = nil) {
            self.host = host
            self.port = port
            self.identity = identity
        }
    }

    private let settings: Settings
    private let receivers: WebhookReceivers
    private let limits: WebhookLimits
    private let figures: WebhookFigures
    private let logger: Logger
    private let prepare: @Sendable () async -> Void
    private let onOpen: @Sendable (Int) async -> Void
    private let take: Take

    /// Creates a listener; nothing is opened before ``run()``.
    ///
    /// - Parameters:
    ///   - settings: where it listens.
    ///   - receivers: who judges.
    ///   - limits: where it draws its lines.
    ///   - figures: who counts.
    ///   - logger: who is told of what goes wrong.
    ///   - prepare: called before the first connection is taken.
    ///   - onOpen: called with the port once connections are taken.
    ///   - take: deals with an event.
    package init(
        settings: Settings,
        receivers: WebhookReceivers,
        limits: WebhookLimits = WebhookLimits(),
        figures: WebhookFigures,
        logger: Logger,
        prepare: @escaping @Sendable () async -> Void = {},
        onOpen: @escaping @Sendable (Int) async -> Void = { _ in },
        take: @escaping Take
    ) {
        self.settings = settings
        self.receivers = receivers
        self.limits = limits
        self.figures = figures
        self.logger = logger
        self.prepare = prepare
        self.onOpen = onOpen
        self.take = take
    }

    /// Serves until the service stops.
    ///
    /// - Throws: ``WebhookListenerError`` when the address can't be had.
    package func run() async throws {
        await prepare()
        let lanes = WebhookLanes(most: limits.backlog, judged: limits.connection.connections)
        let responder = WebhookResponder(
            receivers: receivers,
            limits: limits,
            gate: WebhookGate(limits),
            lanes: lanes,
            figures: figures,
            logger: logger
        )
        let listener: Listener
        do {
            listener = try await Listener.start(
                at: .address(SocketAddress(ipAddress: settings.host, port: settings.port)),
                limits: limits.connection,
                metrics: ServiceMetrics(),
                identity: settings.identity,
                logger: logger
            ) { request, writer, channel in
                let outcome = await responder.respond(to: request, over: channel)
                // Also when the answer is not waited for any more: the PBX will not send it again.
                defer { lanes.hand(outcome.events, of: outcome.pbx) }
                try await writer.write(response: outcome.response.head, body: outcome.response.body)
            }
        } catch {
            throw WebhookListenerError.address(
                "\(settings.host):\(settings.port)",
                reason: SystemError.words(of: error)
            )
        }
        await serve(listener, lanes)
    }

    private func serve(_ listener: Listener, _ lanes: WebhookLanes) async {
        let port = listener.server.localAddress?.port ?? settings.port
        logger.info(
            "listening for webhooks",
            metadata: ["address": "\(settings.host)", "port": "\(port)", "tls": "\(settings.identity != nil)"]
        )
        let stopping = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { [logger] in
                    do {
                        try await listener.run()
                    } catch {
                        logger.error("the listener for webhooks failed", metadata: ["error": "\(error)"])
                    }
                }
                let work = Task { await workThrough(lanes) }
                await onOpen(port)
                for await _ in stopping.stream { break }
                await listener.stop(within: limits.connection.stop)
                lanes.finish()
                await Self.wait(for: work, within: limits.connection.stop)
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            stopping.continuation.yield()
        }
        logger.info("no longer listening for webhooks")
    }

    /// Deals with the events of all PBXs until there are no more.
    private func workThrough(_ lanes: WebhookLanes) async {
        await withDiscardingTaskGroup { group in
            for await lane in lanes.lanes {
                group.addTask {
                    for await event in lane.events {
                        await take(event, lane.name)
                        lanes.done(lane.name)
                    }
                }
            }
        }
    }

    /// Waits for a task for a while, then cancels it.
    private static func wait(for task: Task<Void, Never>, within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await task.value }
            group.addTask {
                // Cancelled means that the task is done.
                do { try await Task.sleep(for: limit) } catch { return }
                task.cancel()
            }
            await group.next()
            group.cancelAll()
        }
    }
}
