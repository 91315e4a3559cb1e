internal import CallModel
package import DeviceDiscovery
internal import DialPlan
internal import FoundationEssentials
package import GatewayAPI
package import Logging
package import Modem
internal import NIOCore
internal import NIOPosix
package import Settings
internal import Synchronization

/// Every modem of the box: finds them, keeps each usable, and lends them to calls.
///
/// The fleet and the supervision of each modem live on one event loop; the modems' sessions have loops of their own.
package actor ModemFleet {
    /// What the fleet tells its owner, in order; never waits for it.
    package struct Hooks: Sendable {
        /// Takes every event of a modem.
        package var event: @Sendable (ModemEvent) -> Void
        /// A session was set up, so that incoming calls can be watched for; called again after each recovery.
        package var session: @Sendable (ModemStatus, ModemSession, any ModemLoop) -> Void

        /// Decides whether a call that a modem still has from before goes on; nil has it ended.
        var adopt: @Sendable (LeftBehindCall, ModemStatus) async -> AdoptedCall? = { _, _ in nil }
        /// Whether something is written down that a dead program may have left up on a modem.
        var mayHaveCall: @Sendable (ModemStatus) async -> Bool = { _ in false }

        /// Creates hooks.
        package init(
            event: @escaping @Sendable (ModemEvent) -> Void,
            session: @escaping @Sendable (ModemStatus, ModemSession, any ModemLoop) -> Void = { _, _, _ in }
        ) {
            self.event = event
            self.session = session
        }
    }

    /// Where the fleet hears of sticks.
    package typealias Devices = @Sendable () throws -> AsyncStream<DiscoveryEvent>

    /// How often the watchdog's sign of life is given, and how old it may be.
    private static let beatInterval: Duration = .seconds(2)
    private static let beatLimit: Duration = .seconds(10)
    /// How often ttys that are not there are looked for.
    static let ttyInterval: Duration = .seconds(1)
    /// How long after a new start of the watch a stick that is not reported again counts as gone.
    private static let confirmWithin: Duration = .seconds(3)
    /// How long calls wait for the first modems after the start, although none is known yet.
    static let startWithin: Duration = .seconds(5)

    nonisolated let executor: any SerialExecutor
    /// The executor of the fleet's loop.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let loop: any ModemLoop
    let log: Logger
    let source: any ModemSource
    let environment: ConfigurationEnvironment
    let devices: Devices
    let hooks: Hooks
    let limits: SupervisionMachine.Limits

    var configuration: Configuration
    /// The modems, in the order in which they came.
    var modems: [SupervisedModem] = []
    var ledger: FilePINLedger
    var nextID: UInt64 = 1
    var unconfirmed: Set<UInt64> = []
    /// The places, USB or tty, whose modems a person has taken out of service; until the service ends.
    var switchedOff: Set<String> = []
    private var tick: (any ModemTimer)?
    private(set) var isStopping = false
    private(set) var startedAt: ContinuousClock.Instant?
    private nonisolated let beat = Mutex<ContinuousClock.Instant?>(nil)

    // Leases; see ModemFleet+Leases.swift.
    var leases: [UInt64: Lease] = [:]
    var waiters: [Waiter] = []
    var nextLease: UInt64 = 1
    var nextWaiter: UInt64 = 1
    var callNumber = 0
    /// What each modem has done so far, by IMEI where it tells one.
    var records: [String: Record] = [:]

    /// Creates a fleet; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - configuration: the modems' names, PINs and ttys.
    ///   - environment: where credentials are found.
    ///   - devices: starts to tell of sticks, as `DeviceDiscovery.watch()` does.
    ///   - log: each line has the modem as metadata.
    ///   - hooks: who is told what happens.
    package init(
        configuration: Configuration,
        environment: ConfigurationEnvironment,
        devices: @escaping Devices,
        log: Logger,
        hooks: Hooks
    ) {
        self.init(
            configuration: configuration,
            environment: environment,
            devices: devices,
            source: TerminalSource(),
            loop: EventLoopModemLoop(ModemLoops.next()),
            limits: SupervisionMachine.Limits(),
            log: log,
            hooks: hooks
        )
    }

    init(
        configuration: Configuration,
        environment: ConfigurationEnvironment,
        devices: @escaping Devices,
        source: any ModemSource,
        loop: any ModemLoop,
        limits: SupervisionMachine.Limits,
        log: Logger,
        hooks: Hooks
    ) {
        self.configuration = configuration
        self.environment = environment
        self.devices = devices
        self.source = source
        self.loop = loop
        self.limits = limits
        self.log = log
        self.hooks = hooks
        executor = loop.serialExecutor
        ledger = FilePINLedger(path: configuration.gateway.stateDirectory + "/pin-attempts")
    }

    // MARK: Running

    /// Supervises until the task is cancelled, then closes every port, in bounded time.
    ///
    /// To be called once.
    package func run() async {
        guard startedAt == nil else { return }
        startedAt = loop.now
        matchTTYs()
        turn()
        _ = loop.schedule(at: loop.now + Self.startWithin) { [weak self] in self?.assumeIsolated { $0.endStart() } }
        var failures = 0
        while !Task.isCancelled {
            do {
                let events = try devices()
                unconfirmed = Set(modems.filter { isStick($0) }.map(\.id))
                _ = loop.schedule(at: loop.now + Self.confirmWithin) { [weak self] in
                    self?.assumeIsolated { $0.dropUnconfirmed() }
                }
                for await event in events {
                    failures = 0
                    take(event)
                }
                if !Task.isCancelled { log.warning("the watch for USB devices has ended; starting it again") }
            } catch {
                if failures == 0 { log.warning("USB devices can't be watched: \(error)") }
            }
            failures += 1
            // Cancelled means that the loop ends.
            if !Task.isCancelled { try? await Task.sleep(for: .seconds(min(60, 1 << min(failures, 6)))) }
        }
        await stop()
    }

    private func stop() async {
        isStopping = true
        tick?.cancel()
        for waiter in waiters { waiter.resume(.failure(.noModem("the service is stopping"))) }
        waiters = []
        await withTaskGroup(of: Void.self) { group in
            for modem in modems { group.addTask { await modem.stop() } }
        }
        modems = []
        beat.withLock { $0 = nil }
    }

    /// Whether the supervision truly works: its loop has turned within the last seconds.
    package nonisolated var isWorking: Bool {
        beat.withLock { $0 }.map { .now - $0 < Self.beatLimit } ?? false
    }

    /// Gives the sign of life, and looks for ttys that were missing.
    private func turn() {
        guard !isStopping else { return }
        beat.withLock { $0 = loop.now }
        let awaited = lookForTTYs()
        tick = loop.schedule(at: loop.now + (awaited ? Self.ttyInterval : Self.beatInterval)) { [weak self] in
            self?.assumeIsolated { $0.turn() }
        }
    }

    // MARK: What the modems tell

    func changed(_ modem: SupervisedModem, _ change: SupervisedModem.Change) {
        switch change {
        case .news(let news): tell(news, of: modem)
        case .identified: identified(modem)
        case .moved:
            dropLostLease(of: modem)
            forgetIfGone(modem)
            serve()
        case .signal(let dBm): hooks.event(ModemEvent(.signal, of: view(modem), signal: dBm))
        case .session:
            guard let connection = modem.assumeIsolated({ $0.connection }) else { return }
            hooks.session(view(modem), connection.session, connection.loop)
        case .adopting: reserve(modem)
        case .adopted(let call): handOver(modem, to: call)
        }
    }

    private func tell(_ news: SupervisionMachine.News, of modem: SupervisedModem) {
        let event =
            switch news {
            case .found: ModemEvent(.found, of: view(modem))
            case .ready: ModemEvent(.ready, of: view(modem))
            case .degraded(let reason): ModemEvent(.degraded, of: view(modem), reason: reason)
            case .lost(let reason): ModemEvent(.lost, of: view(modem), reason: reason)
            }
        hooks.event(event)
    }

    func view(_ modem: SupervisedModem) -> ModemStatus {
        var status = modem.assumeIsolated { $0.status }
        status.number = configuration.ownNumber(of: status.name)?.description
        return status
    }

    // MARK: Looking

    /// Every modem that is there or configured, in the order of the configuration, then of discovery.
    package func statuses() -> [ModemStatus] {
        let present = modems.map { view($0) }
        let names = configuration.modems.map(\.name)
        let configured = configuration.modems.map { entry -> ModemStatus in
            present.first { $0.name == entry.name } ?? absent(entry)
        }
        return configured + present.filter { status in !names.contains { $0 == status.name } }
    }

    private func absent(_ entry: Configuration.Modem) -> ModemStatus {
        var status = ModemStatus(name: entry.name, state: .absent, reason: "not found")
        switch entry.match {
        case .imei(let imei): status.imei = imei.digits
        case .iccid(let iccid): status.iccid = iccid.digits
        case .usbPath(let path): status.usbPath = path
        case .tty(let path): status.tty = path
        }
        return status
    }
}
