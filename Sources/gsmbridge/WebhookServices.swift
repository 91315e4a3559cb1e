import CallLog
import Calls
import FoundationEssentials
internal import Gateway
internal import GatewayAPI
import HTTP
import Logging
internal import Notify
import PBX
internal import PBXLinks
import ServiceLifecycle
import Settings
internal import WebRequests

/// What the service has to do with webhooks: the listener for those of PBXs, the sender of our own.
struct WebhookServices: Sendable {
    let figures = WebhookFigures()
    let sender: WebhookSender
    /// Nil when nothing listens for webhooks.
    let listener: WebhookListener?
    private let receivers: WebhookReceivers
    private let listen: Configuration.Webhooks.Listener?
    private let identity: TLSIdentity?
    private let environment: ConfigurationEnvironment
    private let directory: PBXDirectory
    private let log: Logger

    /// Makes what a configuration asks for; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - configuration: what the service runs with.
    ///   - environment: where secrets are found.
    ///   - directory: the accounts with which calls to the PBXs are made; what they expect is asked for by webhooks.
    ///   - events: what is sent.
    ///   - writer: the way to the database in which it is kept.
    ///   - log: who is told of what goes wrong.
    ///   - take: deals with the events of PBXs.
    /// - Throws: ``SecretError`` or ``WebhookListenerError``.
    init(
        _ configuration: Configuration,
        environment: ConfigurationEnvironment,
        directory: PBXDirectory,
        events: EventHub,
        writer: CallLogWriter,
        log: Logger,
        take: @escaping WebhookListener.Take
    ) throws {
        self.environment = environment
        self.directory = directory
        self.log = log
        listen = configuration.webhooks.listener
        sender = WebhookSender(
            events: events,
            writer: writer,
            destinations: try WebhookDestination.all(in: configuration, environment: environment),
            figures: figures,
            log: log
        )
        figures.note(Self.notes(configuration))
        guard let listen else {
            receivers = WebhookReceivers([])
            identity = nil
            listener = nil
            return
        }
        let receivers = WebhookReceivers(
            try Self.accounts(configuration, environment, directory),
            names: Self.names(configuration)
        ) { news, pbx in
            Self.keep(news, of: pbx, in: writer, log)
        }
        self.receivers = receivers
        identity = try listen.tls.map { tls in
            try TLSIdentity(certificate: tls.certificate, key: try tls.key.read(in: environment))
        }
        listener = WebhookListener(
            settings: WebhookListener.Settings(
                host: listen.listen.host,
                port: listen.listen.port,
                identity: identity
            ),
            receivers: receivers,
            figures: figures,
            logger: log,
            prepare: { await Self.restore(receivers, from: writer, log) },
            take: take
        )
    }

    /// Takes over a new configuration; what is wrong with a part of it leaves that part as it was.
    func reload(_ configuration: Configuration) async {
        figures.note(Self.notes(configuration))
        do {
            await sender.replace(try WebhookDestination.all(in: configuration, environment: environment))
        } catch {
            log.error("webhooks.notify stays as it was: \(error)")
        }
        let new = configuration.webhooks.listener
        if new?.listen != listen?.listen || (new?.tls == nil) != (listen?.tls == nil) {
            log.warning("webhooks.listen, and whether there is TLS, are taken over at the next start only")
        }
        guard listener != nil else { return }
        do {
            receivers.replace(
                try Self.accounts(configuration, environment, directory),
                names: Self.names(configuration)
            )
            if let identity, let tls = new?.tls {
                try identity.renew(certificate: tls.certificate, key: try tls.key.read(in: environment))
            }
            log.info("webhooks follow the new configuration")
        } catch {
            log.error("the listener for webhooks stays as it was: \(error)")
        }
    }

    /// What the box is called, in the configuration.
    private static func names(_ configuration: Configuration) -> [String] {
        [configuration.gateway.name, configuration.webhooks.publicURL?.host].compactMap(\.self)
            + configuration.web.names
    }

    /// The PBXs that send webhooks.
    private static func accounts(
        _ configuration: Configuration,
        _ environment: ConfigurationEnvironment,
        _ directory: PBXDirectory
    ) throws(SecretError) -> [PBXAccount] {
        var accounts: [PBXAccount] = []
        for pbx in configuration.pbx where pbx.webhook != nil {
            // One without is one whose secrets can't be read: that is said here.
            if let shared = directory.link(pbx.name)?.account {
                accounts.append(shared)
            } else {
                accounts.append(
                    try PBXAccount(pbx, region: configuration.gateway.region, environment: environment)
                )
            }
        }
        return accounts
    }

    /// Writes down what must not be played again; the answer does not wait for it.
    private static func keep(
        _ news: WebhookReceiver.Memories,
        of pbx: String,
        in writer: CallLogWriter,
        _ log: Logger
    ) {
        let seen = [(false, news.seen), (true, news.ended)]
            .flatMap { isCall, memories in
                memories.map {
                    SeenWebhook(pbx: pbx, isCall: isCall, fingerprint: $0.fingerprint, until: $0.until.milliseconds)
                }
            }
        writer.later { database in
            do throws(CallLogError) {
                try database.keepSeenWebhooks(seen, now: UnixTime.now.milliseconds)
            } catch {
                log.error("a webhook of \(pbx) could be played again after a restart: \(error)")
            }
        }
    }

    private static func restore(_ receivers: WebhookReceivers, from writer: CallLogWriter, _ log: Logger) async {
        let now = UnixTime.now
        let kept: [SeenWebhook]
        do throws(CallLogError) {
            kept = try await writer.perform { (database) throws(CallLogError) in
                try database.seenWebhooks(now: now.milliseconds)
            }
        } catch {
            return log.error("webhooks from before the start could be played again: \(error)")
        }
        var memories: [String: WebhookReceiver.Memories] = [:]
        for webhook in kept {
            let until = UnixTime(milliseconds: webhook.until)
            let memory = ReplayGuard.Memory(fingerprint: webhook.fingerprint, until: until)
            if webhook.isCall {
                memories[webhook.pbx, default: WebhookReceiver.Memories()].ended.append(memory)
            } else {
                memories[webhook.pbx, default: WebhookReceiver.Memories()].seen.append(memory)
            }
        }
        receivers.restore(memories, now: now)
    }

    /// What is said for nothing.
    private static func notes(_ configuration: Configuration) -> [String] {
        let names = configuration.pbx.filter { $0.webhook != nil }.map(\.name)
        if configuration.webhooks.listener == nil, !names.isEmpty {
            return ["the webhooks of \(names.joined(separator: ", ")) reach nobody: there is no webhooks.listen"]
        }
        if configuration.webhooks.listener != nil, names.isEmpty {
            return ["webhooks.listen is open for nobody: no PBX has a block webhook"]
        }
        return []
    }
}
