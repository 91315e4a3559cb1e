import ArgumentParser
import CLinux
import CallLog
internal import CallPlanning
internal import CallRecords
import Calls
internal import Console
import Doctor
import FoundationEssentials
import Gateway
import GatewayAPI
import Glibc
import HTTP
import Logging
import PBX
import ServiceLifecycle
import Settings
import Synchronization
internal import Systemd

/// `gsmbridge run`: the service, in the foreground.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the service: look after every modem, and make calls on request.",
        discussion: """
            Runs in the foreground until SIGTERM or Ctrl-C: live calls then have --grace, and are hung up. A second \
            signal hangs them up at once, a third leaves. SIGHUP reads the configuration again; a wrong one is reported, \
            and the old one stays. Meant for systemd (Type=notify, watchdog), works without.

            EXAMPLES
              gsmbridge run
              gsmbridge run --config gsmbridge.yaml --socket /tmp/gsmbridge.sock

            EXIT STATUS
              0 stopped as asked; 1 failed; 78 wrong configuration
            """
    )

    @OptionGroup var configuration: ConfigOptions

    @Option(help: ArgumentHelp("The control socket. (default: the configuration's)", valueName: "path"))
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "How long live calls may go on at the end. (default: the configuration's)",
            valueName: "time"
        ),
        transform: DurationArgument.parseWithZero
    )
    var grace: Duration?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let loaded = try configuration.load()
        let tail = LogTail()
        let log = tail.logger(Logging.logger(level: common.verbose ? .debug : .info)) { Date().stamp }
        Logging.hearLibraries(from: common.verbose ? .debug : .warning)
        let path = loaded.controlSocket(option: socket)
        let writer = CallLogWriter(directory: loaded.gateway.stateDirectory) { opened in
            if let setAside = opened.setAside { log.warning("\(setAside)") }
        }
        let service = GatewayService(
            GatewayService.Parts(
                configuration: loaded,
                environment: .current,
                version: Version.current,
                recorder: CallRecorder(writer: writer),
                usage: StoredUsageLedger(writer: writer)
            ),
            log: log
        )
        var settings: ControlServer.Settings
        do { settings = try ControlServer.Settings(loaded, environment: .current) } catch {
            throw ConfigOptions.failure("\(error)")
        }
        settings.socket = path
        let webhooks: WebhookServices
        do {
            webhooks = try WebhookServices(
                loaded,
                environment: .current,
                directory: service.directory,
                events: service.events,
                writer: writer,
                log: log
            ) { event, pbx in
                service.take(event, from: pbx)
            }
        } catch let error as WebhookListenerError {
            throw Self.failure(error, loaded)
        } catch {
            throw ConfigOptions.failure("\(error)")
        }
        let server = ControlServer(
            control: service,
            settings: settings,
            webhooks: webhooks.figures,
            values: { await service.values },
            diagnosis: diagnosis(tail, log),
            logger: log
        )
        let signals = signals(for: service, webhooks, server, loaded, log: log)
        let notification = ServiceNotification(
            status: { await service.status() },
            isWorking: { service.isWorking },
            environment: .current,
            log: log
        )
        // Ended in the reverse order: calls first, while they can still be watched and told of; then the interface.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(service: server), .init(service: notification),
                    .init(service: ServiceUpkeep(service: service) { _ = clinux_drop_clean_pages() }),
                ]
                    + [.init(service: webhooks.sender)] + (webhooks.listener.map { [.init(service: $0)] } ?? [])
                    + [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                // It writes whole services into its lines, and with them what they hold.
                logger: Logging.logger(level: .error)
            )
        )
        do {
            try await group.run()
        } catch let error as ControlServerError {
            throw ConfigOptions.failure("\(error)")
        } catch let error as WebhookListenerError {
            throw Self.failure(error, loaded)
        } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        withExtendedLifetime(signals) {}
    }

    /// What the page can say of this box's health: what the doctor finds, and the end of the log.
    private func diagnosis(_ tail: LogTail, _ log: Logger) -> BoxDiagnosis {
        let path = configuration.config
        let doctor = { @Sendable (pbx: String?) in
            DoctorGathering(environment: .current, configurationPath: path, modem: nil, pbx: pbx, log: log)
        }
        return BoxDiagnosis(
            examine: { pbx in
                do throws(DoctorGathering.Failure) { return try await doctor(pbx).findings() } catch {
                    throw ControlError.notFound("there is no PBX \(pbx ?? "")")
                }
            },
            configuration: { doctor(nil).configurationFindings() },
            tail: { tail.all }
        )
    }

    /// Says what is wrong with the listener for webhooks, and where that is written.
    private static func failure(_ error: WebhookListenerError, _ loaded: Configuration) -> ExitCode {
        let setting = loaded.settings.first { $0.key == error.configurationKey }
        return ConfigOptions.failure((setting.map { "\($0.origin): " } ?? "") + "\(error)")
    }

    /// What signals do: stop, stop at once, leave; read the configuration again.
    private func signals(
        for service: GatewayService,
        _ webhooks: WebhookServices,
        _ server: ControlServer,
        _ loaded: Configuration,
        log: Logger
    ) -> StopSignals {
        let stops = Mutex(0)
        let grace = grace ?? loaded.gateway.grace
        let file = configuration
        return StopSignals { number in
            if number == SIGHUP {
                Task { await Self.reload(service, webhooks, server, from: file) }
                return
            }
            let count = stops.withLock { count in
                count += 1
                return count
            }
            if count > 2 { _exit(130) }
            service.stop(grace: count == 1 ? grace : .zero)
        }
    }

    private static func reload(
        _ service: GatewayService,
        _ webhooks: WebhookServices,
        _ server: ControlServer,
        from file: ConfigOptions
    ) async {
        do {
            let configuration = try Configuration.load(path: file.config)
            await service.reload(configuration)
            await webhooks.reload(configuration)
            server.reload(configuration, environment: .current)
        } catch {
            await service.reloadFailed(error)
        }
    }
}
