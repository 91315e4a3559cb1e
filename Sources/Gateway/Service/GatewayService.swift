internal import CallAudio
internal import CallEndpoints
internal import CallLog
internal import CallModel
package import CallPlanning
package import CallRecords
internal import Calls
package import ConfigurationText
internal import ContactBook
internal import DeviceDiscovery
internal import DialPlan
internal import FoundationEssentials
package import GatewayAPI
internal import LineStatuses
package import Lines
package import Logging
internal import Messages
internal import Modem
package import PBX
package import PBXLinks
internal import SIPCalls
internal import ServiceLifecycle
package import Settings
internal import Synchronization

/// The running box: modems that are looked after, calls on them, events of both, steered from outside.
///
/// ``run()`` is the whole life of it; everything else may be called at any time and returns in bounded time.
package actor GatewayService: LocalControl, Service {
    /// What the service is built from.
    package struct Parts: Sendable {
        /// What a person has set.
        package var configuration: Configuration
        /// Where secrets and defaults come from.
        package var environment: ConfigurationEnvironment
        /// The program's version.
        package var version: String
        /// Tells of sticks on the bus and of changes.
        package var devices: ModemFleet.Devices
        /// What the modems are for: every call, or one alone.
        package var purpose = ModemFleet.Purpose.service
        /// Makes the way to each PBX.
        package var connect: PBXDirectory.Connect = PBXDirectory.network
        /// Keeps the journal and the records of calls.
        package var recorder: CallRecorder
        /// Keeps what limits and tariffs count.
        package var usage: any UsageLedger

        /// Creates the parts of a service that looks at the real bus.
        package init(
            configuration: Configuration,
            environment: ConfigurationEnvironment,
            version: String,
            recorder: CallRecorder,
            usage: any UsageLedger,
            devices: @escaping ModemFleet.Devices = { try DeviceDiscovery.watch() }
        ) {
            self.configuration = configuration
            self.environment = environment
            self.version = version
            self.recorder = recorder
            self.usage = usage
            self.devices = devices
        }
    }

    /// See ``GatewayControl/events``.
    package nonisolated let events: EventHub

    let live: LiveCalls
    package let fleet: ModemFleet
    let log: Logger
    let recorder: CallRecorder
    let version: String
    let environment: ConfigurationEnvironment
    let startedAt = Date()
    let desk = IncomingDesk()
    let names = CallerNames()
    let sip: SIPLines
    let messages: MessageDesk
    /// What messages of listed numbers ask for.
    let messageOrders: AsyncStream<MessageOrder>
    /// The most of them that wait.
    private static let mostMessageOrders = 16
    var arrivals: ArrivalRules
    /// What listed numbers did, for the next start.
    let arrivalLedger: FileLedger
    /// Callers whom nobody answered and who got a message, within the last day.
    var replied = RepliedCallers()
    /// Whether what listed numbers did in earlier runs was read: until then nothing that costs is done for them, and nothing is
    /// written over it.
    var arrivalsAreKnown = false
    let sounds: AudioDesk
    /// What the SIMs have.
    let balances = BalanceBook()
    /// The ways to the PBXs; webhooks are checked with the accounts in it.
    package nonisolated let directory: PBXDirectory
    /// The most calls that may wait for being begun; they do so for moments.
    private static let mostOrders = 256
    private let orders: AsyncStream<Call>
    let order: AsyncStream<Call>.Continuation
    private let stops: AsyncStream<Duration>
    private let requestStop: AsyncStream<Duration>.Continuation

    private(set) var configuration: Configuration
    private(set) var planner: RoutePlanner
    private(set) var authority: DialAuthority
    private let usage: any UsageLedger
    let purpose: ModemFleet.Purpose
    private(set) var isStopping = false
    /// Whether it was asked to stop without waiting, or once more; who waits for the calls meanwhile.
    private var isUrgent = false
    private var waiting: Task<Void, Never>?
    /// Who may call on through the box, as it was when the configuration was taken.
    private var disa: DISAAccess?
    /// Why the configuration was last not taken over; nil where it was.
    private(set) var reloadFailure: String?

    /// Creates a service; nothing is opened before ``run()``.
    package init(_ parts: Parts, log: Logger) {
        let events = EventHub()
        self.events = events
        self.log = log
        recorder = parts.recorder
        version = parts.version
        environment = parts.environment
        configuration = parts.configuration
        planner = RoutePlanner(configuration: parts.configuration, environment: parts.environment)
        usage = parts.usage
        purpose = parts.purpose
        authority = DialAuthority(
            parts.configuration,
            parts.usage,
            notices: events,
            log,
            level: parts.purpose == .service ? .warning : .debug
        )
        authority.balances = balances
        // One call follows none of them.
        let isService = parts.purpose == .service
        arrivals = ArrivalRules(isService ? Self.arrivalRules(parts.configuration, parts.environment, log) : [])
        arrivalLedger = FileLedger(path: parts.configuration.gateway.stateDirectory + "/arrivals")
        Self.spare(parts.configuration, balances)
        live = LiveCalls(events: events, log: log)
        sip = SIPLines(parts.environment, events: events, log: log) { [desk] in desk.tools }
        (orders, order) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostOrders))
        // The first two requests count: to stop, and to make haste.
        (stops, requestStop) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(4))
        sounds = AudioDesk(log: log)
        directory = PBXDirectory(environment: parts.environment, connect: parts.connect)
        // Before the first request: the listener for webhooks works with the same accounts. No connection is opened yet.
        var pbxLog = log
        // For one call a secret that can't be read is told where it is missed.
        if purpose != .service { pbxLog.logLevel = .critical }
        directory.rebuild(parts.configuration, log: pbxLog)
        // The room for messages needs the fleet, and the fleet tells the room.
        let room = Mutex<MessageDesk?>(nil)
        var hooks = ModemFleet.Hooks(
            news: { news, line in events.publish(ModemEvent(news, of: line)) },
            session: { [recorder, desk] status, session, loop in
                desk.watch(session, loop, status)
                room.withLock { $0 }?.watch(session, status)
                // Set up anew, it has no call from before but one that goes on: what else a crash left open is closed.
                recorder.modemIsIdle(imei: status.imei, tty: status.tty)
            }
        )
        hooks.moved = { line in
            let modem = ModemStatus(line)
            events.publish(ModemEvent(.state, of: modem, reason: modem.reason))
        }
        if purpose == .service {
            let sunsets = SunsetWatch()
            hooks.learnt = { [log] line in
                guard let event = sunsets.take(line) else { return }
                log.warning("\(event.modem ?? "a modem"): \(event.reason)")
                events.publish(event)
            }
        }
        // Help waits for no disk.
        if purpose != .help {
            hooks.mayHaveCall = { [recorder] modem in await recorder.hasLeftBehind(imei: modem.imei, tty: modem.tty) }
        }
        hooks.adopt = { [desk] call, modem in
            guard let tools = desk.tools, !desk.isStopping else { return nil }
            return await AdoptedCall.take(call, modem, tools)
        }
        fleet = ModemFleet(
            settings: FleetSettings(parts.configuration, parts.environment),
            ledger: FileLedger(path: parts.configuration.gateway.stateDirectory + "/pin-attempts"),
            devices: parts.devices,
            purpose: parts.purpose,
            log: log,
            hooks: hooks
        )
        let (messageOrders, messageOrder) = AsyncStream.makeStream(
            of: MessageOrder.self,
            bufferingPolicy: .bufferingOldest(Self.mostMessageOrders)
        )
        self.messageOrders = messageOrders
        let takeOrder: @Sendable (MessageOrder) -> Void = { _ = messageOrder.yield($0) }
        messages = Self.desk(parts, fleet, names, events, balances, order: takeOrder, log)
        // One call leaves the messages to the service.
        if parts.purpose == .service { room.withLock { [messages] in $0 = messages } }
    }

    // MARK: Life

    /// Runs until ``stop(grace:)``, a graceful shutdown or a cancellation; no call is left up behind it.
    package func run() async throws {
        let (names, configuration, log, isService) = (names, configuration, log, purpose == .service)
        if isService { names.refresh(configuration, log) }
        disa = disaAccess()
        // Before the first call may come.
        if isService { prepareVoicemail() }
        desk.configure(tools)
        if isService { listenForAudioSocket() }
        directory.start({ [desk] event, pbx in desk.take(event, from: pbx) }, log: log)
        sounds.take { [sip] call, id throws(AudioPortError) in try await sip.port(of: call, named: id) }
        if isService {
            recorder.closeLeftOnAccounts()
            await recallArrivals()
            await sip.configure(configuration)
        }
        let supervision = Task { [fleet] in await fleet.run() }
        let replies = isService ? Task { await self.replyToRings() } : nil
        let orders = isService ? Task { await self.followOrders() } : nil
        let grace = configuration.gateway.grace
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    group.addTask { await self.drainWhenAsked() }
                    if isService {
                        group.addTask { await self.serveSIP() }
                        group.addTask { await self.messages.run() }
                    } else {
                        // Nothing is read before the modem of one call is asked; who rings is known when it does.
                        group.addTask { names.refresh(configuration, log) }
                    }
                    for await call in self.orders { group.addTask { _ = await call.run() } }
                }
            } onCancel: {
                self.requestStop.yield(.zero)
            }
        } onGracefulShutdown: {
            self.requestStop.yield(grace)
        }
        await sip.stop()
        // The fleet first: it hangs up, while the others may wait for a disk or a modem's answer.
        for task in [supervision, replies, orders] { task?.cancel() }
        await supervision.value
        for task in [replies, orders] { await task?.value }
        // Half of what the unit's TimeoutStopSec gives: a disk that others keep busy may take this long to take it.
        if await !recorder.drain(within: .seconds(60)) { log.warning("the call log could not be written to its end") }
        desk.close()
        sounds.stop()
        await directory.stop()
        directory.close()
        events.close()
    }

    /// What a call that begins now works with.
    var tools: CallTools {
        var tools = CallTools(
            configuration: configuration,
            fleet: fleet,
            calls: live,
            recorder: recorder,
            authority: authority,
            directory: directory,
            desk: desk,
            names: names,
            sounds: sounds,
            accounts: sip,
            log: log,
            order: { [order] call in if case .enqueued = order.yield(call) { true } else { false } }
        )
        tools.disa = disa
        return tools
    }

    /// Stops: takes no new calls, gives the live ones time to end, then hangs them up.
    ///
    /// Asked again, the time is up as the second request says. ``run()`` returns when all is done.
    package nonisolated func stop(grace: Duration) {
        requestStop.yield(grace)
    }

    /// Waits for the request to stop, and ends the calls.
    private func drainWhenAsked() async {
        var requests = stops.makeAsyncIterator()
        let grace = await requests.next() ?? .zero
        isStopping = true
        desk.stop()
        await messages.stop()
        let count = live.statuses.count
        log.notice("stopping: \(count) live call\(count == 1 ? " has" : "s have") \(grace.spoken)")
        isUrgent = grace == .zero
        // One for both waits: who is cancelled while it waits for a stream ends that for all.
        await withDiscardingTaskGroup { [stops] group in
            group.addTask {
                for await _ in stops { await self.hurry() }
            }
            await waitForCalls(within: grace)
            for call in live.all where !call.isHelp { call.hangUp() }
            if !isUrgent, live.all.contains(where: \.isHelp) {
                log.notice("stopping: a call for help goes on; ask again to end it")
                await waitForCalls(within: .seconds(86_400))
            }
            group.cancelAll()
        }
        for call in live.all { call.hangUp() }
        // What is still on its way comes to an end by itself: every part of a call has its own limit.
        order.finish()
        sip.takeNoMore()
    }

    /// Waits for the end of the live calls, until the service is asked to stop once more.
    private func waitForCalls(within limit: Duration) async {
        guard !isUrgent else { return }
        let wait = Task { [live] in await live.becomesEmpty(within: limit) }
        waiting = wait
        await wait.value
    }

    /// The service was asked to stop once more.
    private func hurry() {
        isUrgent = true
        waiting?.cancel()
    }

    /// Takes note that a new configuration could not be used: it is a warning of ``status()`` until one can.
    package func reloadFailed(_ error: ConfigurationError) {
        for problem in error.problems { log.error("\(problem)") }
        log.error("the configuration was not reloaded; the old one stays in force")
        let first = error.problems.first.map { "\($0)" } ?? ""
        reloadFailure = "the configuration was not reloaded, the old one stays in force: \(first)"
    }

    /// Takes a new configuration; live calls go on as they began.
    package func reload(_ configuration: Configuration) async {
        reloadFailure = nil
        let (old, oldListener) = (self.configuration.gateway, self.configuration.audioSocket.listen)
        if old.socket != configuration.gateway.socket || old.stateDirectory != configuration.gateway.stateDirectory {
            log.warning("gateway.socket and gateway.state_dir are taken over at the next start only")
        }
        self.configuration = configuration
        planner = RoutePlanner(configuration: configuration, environment: environment)
        authority = DialAuthority(configuration, usage, notices: events, log)
        authority.balances = balances
        arrivals.replace(Self.arrivalRules(configuration, environment, log))
        Self.spare(configuration, balances)
        directory.rebuild(configuration, log: log)
        disa = disaAccess()
        prepareVoicemail()
        listenForAudioSocket(before: oldListener)
        desk.configure(tools)
        names.refresh(configuration, log)
        await messages.configure(MessageSettings(configuration))
        await fleet.configure(FleetSettings(configuration, environment))
        await sip.configure(configuration)
        log.notice("configuration reloaded")
    }

    /// Whether the service does its work; what the watchdog is fed by.
    package nonisolated var isWorking: Bool { fleet.isWorking }

    /// See ``IncomingDesk/take(_:from:)``.
    package nonisolated func take(_ event: PBXEvent, from pbx: String) { desk.take(event, from: pbx) }
}
