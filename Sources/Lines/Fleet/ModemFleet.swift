internal import CallModel
package import DeviceDiscovery
package import Logging
package import Modem
internal import NIOCore
internal import Synchronization

/// Every modem of the box: finds them, keeps each usable, and lends them to calls.
///
/// The fleet and the supervision of each modem live on one event loop; the modems' sessions have loops of their own.
package actor ModemFleet {
    /// What the fleet tells its owner, in order; never waits for it.
    package struct Hooks: Sendable {
        /// Takes what happens to a modem, and how it stands then.
        package var news: @Sendable (LineNews, LineStatus) -> Void
        /// A session was set up, so that incoming calls can be watched for; called again after each recovery.
        package var session: @Sendable (LineStatus, ModemSession, any ModemLoop) -> Void

        /// Decides whether a call that a modem still has from before goes on; nil has it ended.
        package var adopt: @Sendable (LeftBehindCall, LineStatus) async -> (any SurvivingCall)? = { _, _ in nil }
        /// Whether something is written down that a dead program may have left up on a modem.
        package var mayHaveCall: @Sendable (LineStatus) async -> Bool = { _ in false }

        /// Takes how a modem stands whenever that has changed and no news tells it: it is lent, given back, free again.
        package var moved: @Sendable (LineStatus) -> Void = { _ in }
        /// Takes how a modem stands whenever card, network and signal were asked for.
        package var learnt: @Sendable (LineStatus) -> Void = { _ in }

        /// Creates hooks.
        package init(
            news: @escaping @Sendable (LineNews, LineStatus) -> Void,
            session: @escaping @Sendable (LineStatus, ModemSession, any ModemLoop) -> Void = { _, _, _ in }
        ) {
            self.news = news
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
    let ledger: any PINLedger
    let devices: Devices
    let hooks: Hooks
    let limits: SupervisionMachine.Limits
    let purpose: Purpose

    var settings: FleetSettings
    /// The modems, in the order in which they came.
    var modems: [SupervisedModem] = []
    var nextID: UInt64 = 1
    var unconfirmed: Set<UInt64> = []
    /// The places, USB or tty, whose modems a person has taken out of service; until the service ends.
    var switchedOff: Set<String> = []
    private var tick: (any ModemTimer)?
    private(set) var isStopping = false
    /// Whether every stick on the bus has been seen, where they are looked for once.
    var hasLooked = false
    private let wanted: AsyncStream<Void>
    /// Has ``run()`` begin, where it waits for a call.
    let want: AsyncStream<Void>.Continuation
    private(set) var startedAt: ContinuousClock.Instant?
    private nonisolated let beat = Mutex<ContinuousClock.Instant?>(nil)

    // Leases; see ModemFleet+Leases.swift.
    var leases: [UInt64: Lease] = [:]
    var waiters: [Waiter] = []
    /// Whether an order is being carried out, before which nobody gets the modem.
    var servesNobody = false
    var nextLease: UInt64 = 1
    var nextWaiter: UInt64 = 1
    var callNumber = 0
    /// What each modem has done so far, by IMEI where it tells one.
    var records: [String: Record] = [:]

    /// Creates a fleet; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - settings: the modems' names, PINs and ttys.
    ///   - ledger: remembers the cards on which a PIN was tried.
    ///   - devices: starts to tell of sticks, as `DeviceDiscovery.watch()` does.
    ///   - purpose: what the modems are for.
    ///   - log: each line has the modem as metadata.
    ///   - hooks: who is told what happens.
    package init(
        settings: FleetSettings,
        ledger: any PINLedger,
        devices: @escaping Devices,
        purpose: Purpose = .service,
        log: Logger,
        hooks: Hooks
    ) {
        self.init(
            settings: settings,
            ledger: ledger,
            devices: devices,
            source: TerminalSource(asksFirst: purpose == .service),
            loop: EventLoopModemLoop(ModemLoops.next()),
            limits: SupervisionMachine.Limits(),
            purpose: purpose,
            log: log,
            hooks: hooks
        )
    }

    init(
        settings: FleetSettings,
        ledger: any PINLedger,
        devices: @escaping Devices,
        source: any ModemSource,
        loop: any ModemLoop,
        limits: SupervisionMachine.Limits,
        purpose: Purpose = .service,
        log: Logger,
        hooks: Hooks
    ) {
        self.settings = settings
        self.ledger = ledger
        self.devices = devices
        self.source = source
        self.loop = loop
        self.limits = limits
        self.purpose = purpose
        (wanted, want) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
        self.log = log
        self.hooks = hooks
        executor = loop.serialExecutor
    }

    // MARK: Running

    /// Supervises until the task is cancelled, then closes every port, in bounded time.
    ///
    /// To be called once.
    package func run() async {
        guard startedAt == nil else { return }
        // For one call nothing is opened before it is known that there will be one.
        if purpose != .service { for await _ in wanted { break } }
        guard !Task.isCancelled else { return await stop() }
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
                    followBus(event)
                }
                if purpose != .service { await waitForTheEnd() }
                if !Task.isCancelled { log.warning("the watch for USB devices has ended; starting it again") }
            } catch {
                if failures == 0 { log.warning("USB devices can't be watched: \(error)") }
                if purpose != .service { await waitForTheEnd() }
            }
            failures += 1
            // Cancelled means that the loop ends.
            if !Task.isCancelled { try? await Task.sleep(for: .seconds(min(60, 1 << min(failures, 6)))) }
        }
        await stop()
    }

    private func stop() async {
        isStopping = true
        want.finish()
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

    func follow(_ change: SupervisedModem.Change, of modem: SupervisedModem) {
        switch change {
        case .news(let news):
            let status = view(modem)
            if case .signal = news {} else { modem.assumeIsolated { $0.toldState = status.state } }
            hooks.news(news, status)
        case .identified: recognise(modem)
        case .learnt: hooks.learnt(view(modem))
        case .moved:
            followLease(of: modem)
            forgetIfGone(modem)
            serve()
            if purpose != .service { dismissHopeless() }
            tellMove(of: modem)
        case .session:
            guard let connection = modem.assumeIsolated({ $0.connection }) else { return }
            hooks.session(view(modem), connection.session, connection.loop)
        case .adopting: reserve(modem)
        case .adopted(let call): handOver(modem, to: call)
        }
    }

    /// Tells where a modem has come to, once it has been told of at all.
    private func tellMove(of modem: SupervisedModem) {
        let status = view(modem)
        let told = modem.assumeIsolated { modem in
            defer { modem.toldState = status.state }
            return modem.toldState
        }
        if let told, told != status.state { hooks.moved(status) }
    }

    func view(_ modem: SupervisedModem) -> LineStatus {
        let leaseClass = leases[modem.id]?.leaseClass
        var status = modem.assumeIsolated { $0.status(lentFor: leaseClass) }
        status.number = status.name.flatMap { settings.modem($0) }?.number
        return status
    }

    // MARK: Looking

    /// Every modem that is there or configured, in the order of the configuration, then of discovery.
    package func statuses() -> [LineStatus] {
        let present = modems.map { view($0) }
        let names = settings.modems.map(\.name)
        let configured = settings.modems.map { entry -> LineStatus in
            present.first { $0.name == entry.name } ?? absent(entry)
        }
        return configured + present.filter { status in !names.contains { $0 == status.name } }
    }

    private func absent(_ entry: ModemSettings) -> LineStatus {
        var status = LineStatus(name: entry.name, state: .absent, reason: "not found")
        switch entry.match {
        case .imei(let imei): status.identity.imei = imei.digits
        case .iccid(let iccid): status.identity.iccid = iccid.digits
        case .usbPath(let path): status.usbPath = path
        case .tty(let path): status.tty = path
        }
        return status
    }
}
