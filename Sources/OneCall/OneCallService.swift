package import CallModel
internal import CallRecords
internal import Calls
internal import DeviceDiscovery
package import DialPlan
internal import FoundationEssentials
package import Gateway
package import GatewayAPI
internal import Lines
package import Logging
internal import PBX
internal import Settings
internal import Synchronization

/// A service for one call of this process: the same parts, without a control interface, gone with the call.
///
/// What is asked for goes through ``GatewayControl`` and its events, as it does to a service that runs. Only the modem that
/// is named is opened, or the only one that is configured with a tty, else what is on the bus.
package final class OneCallService: Sendable {
    /// How long the modem may take to become usable: opening, and what setting it up may take at most.
    private static let readyWithin: Duration = .seconds(300)
    /// How long a modem may take that is opened only because a killed program may have left a call up on it.
    private static let endsWithin: Duration = .seconds(60)

    private struct State: Sendable {
        var isInterrupted = false
        /// Ends what is being done now.
        var giveUp: (@Sendable () -> Void)?
        /// Whether the PBX calls: what rings when that is not wanted any more is refused.
        var isCallback = false
        /// The end of the call, as it is told once the modem is free.
        var last: CallEvent?
    }

    private let service: GatewayService
    private let recorder: CallRecorder
    private let request: DialRequest
    /// Whether its modem was found here, and not asked for.
    private let isModemFound: Bool
    private let tty: String?
    private let log: Logger
    private let state = Mutex(State())

    /// Creates the service; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - request: what is asked for.
    ///   - parts: configuration, log and limits.
    ///   - isForHelp: whether it is a call for help.
    ///   - log: where the modem's side of it is logged.
    package init(_ request: DialRequest, parts: GatewayService.Parts, isForHelp: Bool, log: Logger) {
        isModemFound = request.modem == nil
        var request = request
        var parts = parts
        let entry =
            request.modem.map { parts.configuration.modem($0) ?? Self.tty(named: $0) }
            ?? Self.onlyTTY(of: parts.configuration)
        if let entry, entry.tty != nil {
            request.modem = entry.name
            parts.configuration.modems = [entry]
            parts.devices = { AsyncStream { $0.finish() } }
        } else {
            if let entry { request.modem = entry.name }
            // A tty that belongs to another name is not opened for this call.
            if request.modem != nil { parts.configuration.modems.removeAll { $0.tty != nil } }
            let settings = FleetSettings(parts.configuration, parts.environment)
            parts.devices = Self.sticks(request.modem, with: settings, isForHelp: isForHelp, log: log)
        }
        parts.configuration.gateway.unknownCallers = .ignore
        for index in parts.configuration.pbx.indices {
            parts.configuration.pbx[index].reverse = nil
            // The connection for events is the service's, if one runs.
            parts.configuration.pbx[index].options.application = nil
        }
        parts.configuration.gateway.queuesFor = Self.readyWithin
        parts.configuration.gateway.afterCrash = .hangUp
        parts.purpose = isForHelp ? .help : .oneCall
        service = GatewayService(parts, log: log)
        recorder = parts.recorder
        tty = entry?.tty
        self.request = request
        self.log = log
    }

    /// How the call would be made, and what the whole policy says of it; no modem is touched.
    package func preview() async throws(ControlError) -> (route: Route, decision: PolicyDecision) {
        try await service.preview(request, isModemFound: isModemFound)
    }

    /// Asks the call's modem where it is at this moment; nil where it can't be asked.
    package func modemNow() async -> ModemNow? {
        var modem = request.modem
        if modem == nil { modem = await service.modems().first?.name }
        guard let modem else { return nil }
        do throws(ControlError) { return try await service.modemNow(modem) } catch {
            log.debug("the modem was not asked where it is: \(error)")
            return nil
        }
    }

    /// Settles what dead programs left reserved of the limits.
    package func settleLeftReservations() async { await service.settleLeftReservations() }

    /// Asks the call to end: what was answered is hung up, what was not yet dialled is not dialled any more.
    ///
    /// ``run(_:)`` returns when that is done.
    package func interrupt() {
        let giveUp = state.withLock { state in
            state.isInterrupted = true
            return state.giveUp
        }
        giveUp?()
    }

    /// Makes the call and returns how it ended, once that is in the log and the modem is free.
    ///
    /// - Parameter tell: takes every event of the call, in order; the end last of all.
    /// - Throws: ``ControlError`` when the request makes no sense or the configuration lacks what it needs; then nothing
    ///   was done and there are no events.
    package func run(
        _ tell: @escaping @Sendable (any GatewayEvent) -> Void
    ) async throws(ControlError) -> CallEnd {
        let id = UUID()
        let (ends, end) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let admission = service.events.listen(from: nil) { [weak self] entry in
            guard entry.event.subject == id else { return true }
            if case .requested(let asked) = (entry.event as? CallEvent)?.kind {
                self?.state.withLock { $0.isCallback = asked.method == .callback }
            }
            guard let last = entry.event as? CallEvent, case .progress(.ended) = last.kind else {
                tell(entry.event)
                return true
            }
            self?.state.withLock { $0.last = last }
            end.finish()
            return true
        } ended: {
            end.finish()
        }
        guard admission != nil else { throw .failed("the call can't be watched") }
        let life = Task { [service] () -> (any Error)? in
            do {
                try await service.run()
                return nil
            } catch {
                return error
            }
        }
        let refusal = await dial(id)
        if refusal == nil { for await _ in ends { break } }
        state.withLock { $0.giveUp = nil }
        let (last, isCallback) = state.withLock { ($0.last, $0.isCallback) }
        let outcome: CallEnd? = if case .progress(.ended(let end)) = last?.kind { end } else { nil }
        if outcome?.outcome == .policy { await endLeftBehind() }
        await service.fleet.comeToRest(refusing: isCallback)
        service.stop(grace: .zero)
        if let failure = await life.value { log.error("\(failure)") }
        if let refusal { throw refusal }
        guard let last, let outcome else { throw .failed("the call's end was not told") }
        tell(last)
        return outcome
    }

    /// Asks the service for the call; returns why it does not make it.
    private func dial(_ id: UUID) async -> ControlError? {
        let control: any GatewayControl = service
        let asking = Task { [request] () -> ControlError? in
            do throws(ControlError) {
                _ = try await control.dial(request, id: id, origin: .local)
                return nil
            } catch {
                return error
            }
        }
        let isEarly = state.withLock { state in
            state.giveUp = { asking.cancel() }
            return state.isInterrupted
        }
        if isEarly { asking.cancel() }
        if let refusal = await asking.value { return refusal }
        // A call that is just over has nothing to hang up any more.
        let hangUp: @Sendable () -> Void = { Task { try? await control.interrupt(id) } }
        let isLate = state.withLock { state in
            state.giveUp = hangUp
            return state.isInterrupted
        }
        if isLate { hangUp() }
        return nil
    }

    /// Ends what a killed program left up on the modem, where the journal says that there may be something: a call that is
    /// refused now is no reason to let that one cost on.
    private func endLeftBehind() async {
        guard let tty, let modem = request.modem, await recorder.hasLeftBehind(tty: tty) else { return }
        do throws(FleetError) {
            // Setting it up ends what it has up.
            let lease = try await service.fleet.lease(ModemWish(modem: modem), within: Self.endsWithin)
            await lease.giveBack(clean: true)
        } catch {
            log.warning("a call may have been left up on \(tty): \(error.reason)")
        }
    }

    // MARK: Which modem

    private static func tty(named path: String) -> Configuration.Modem? {
        path.contains("/") ? Configuration.Modem(name: path, match: .tty(path)) : nil
    }

    /// The modem that is configured with a tty, if it is the only one.
    private static func onlyTTY(of configuration: Configuration) -> Configuration.Modem? {
        let candidates = configuration.modems.filter { $0.tty != nil }
        return candidates.count == 1 ? candidates.first : nil
    }

    /// Of the sticks that are on the bus now, the one to set up.
    private static func sticks(
        _ reference: String?,
        with settings: FleetSettings,
        isForHelp: Bool,
        log: Logger
    ) -> ModemFleet.Devices {
        {
            let sticks = try DeviceDiscovery.enumerate()
            return AsyncStream { found in
                let search = Task {
                    let wanted = await ModemInspection.wanted(
                        reference,
                        among: sticks,
                        with: settings,
                        isForHelp: isForHelp,
                        log: log
                    )
                    for stick in wanted { found.yield(.found(stick)) }
                    found.finish()
                }
                found.onTermination = { _ in search.cancel() }
            }
        }
    }
}
