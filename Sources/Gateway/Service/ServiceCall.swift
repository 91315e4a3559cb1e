internal import CallFlows
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import PBX
internal import Settings
internal import Synchronization

/// One outgoing call of the service: waits for a modem, makes the call, gives the modem back.
///
/// Every way out ends with exactly one `call.ended` event.
final class ServiceCall: SteerableCall, ServiceWork {
    /// What the call is to do.
    struct Order: Sendable {
        var id: UUID
        var route: Route
        var maxDuration: Duration
        /// The modem as the user named it; nil for any.
        var modem: String?
        /// How long it may wait for a modem.
        var queuesFor: Duration
        /// Who asked for it.
        var origin: RequestOrigin
    }

    private struct State: Sendable {
        var isInterrupted = false
        /// The wait for a modem, while it lasts.
        var waiting: Task<Result<ModemLease, FleetError>, Never>?
        /// The call on its modem, while it lasts.
        var call: (any LentCall)?
        var session: ModemSession?
        var wasDialled = false
        var hasRung = false
        /// Whether the call's share of the limits was granted, and is to be settled.
        var isReserved = false
        var isTalking = false
        var isSendingTones = false
    }

    /// How long a PBX may take to be told of a call; its caller waits for it.
    private static let announcesWithin: Duration = .seconds(5)

    private let order: Order
    private let tools: CallTools
    private let state = Mutex(State())

    init(_ order: Order, tools: CallTools) {
        self.order = order
        self.tools = tools
    }

    /// Makes the call and returns how it ended.
    func run() async -> CallEnd {
        let route = order.route
        let details = CallEvent.Request(
            method: route.method,
            target: route.target.description,
            pbx: route.pbx,
            modem: order.modem
        )
        tools.recorder.begin(order.id, CallRecorder.Details(route: route, modem: order.modem))
        emit(CallEvent(.requested(details), call: order.id))
        guard route.verdict.isAllowed else {
            return ended(CallEnd(outcome: .policy, by: .local, detail: route.verdict.reason))
        }
        let lease: ModemLease
        do throws(FleetError) { lease = try await waitForModem() } catch {
            if state.withLock({ $0.isInterrupted }) { return ended(ModemCall.interruptedEarly) }
            return ended(CallEnd(outcome: error.outcome, by: .local, detail: error.reason))
        }
        tools.calls.took(lease.status.name, for: order.id)
        tools.recorder.place(
            order.id,
            modem: lease.status.name,
            imei: lease.status.imei,
            imsi: nil,
            tty: lease.status.tty
        )
        tools.desk.modem(of: lease.session, isBusy: true)
        let (end, wasDialled) = await call(on: lease)
        state.withLock { state in
            state.call = nil
            state.session = nil
            state.isTalking = false
        }
        tools.desk.modem(of: lease.session, isBusy: false)
        // What was refused has reserved nothing: under its id another call's reservation may lie.
        if state.withLock({ $0.isReserved }) {
            await tools.authority.settle(order.id, DialAuthority.Settlement(of: end, dialled: wasDialled))
        }
        // First the modem, then the news: who hears of the end may use the modem at once.
        let isClean = await !lease.session.mayComeUp && end.hangUpVerified && end.outcome != .modemFailed
        await lease.giveBack(clean: isClean)
        return ended(end)
    }

    /// Has the call permitted for the modem that it got, and makes it.
    private func call(on lease: ModemLease) async -> (end: CallEnd, wasDialled: Bool) {
        let request = DialAuthority.Request(
            call: order.id,
            route: order.route,
            modem: lease.status.name ?? "-",
            isRoaming: lease.status.isRoaming,
            maxDuration: order.maxDuration,
            origin: order.origin
        )
        if order.route.method != .callback, !order.route.isEmergency { await lease.session.glance() }
        let decision = await tools.authority.authorise(request)
        guard decision.verdict.isAllowed else {
            return (CallEnd(outcome: .policy, by: .local, detail: decision.verdict.reason), false)
        }
        state.withLock { $0.isReserved = true }
        if order.route.method == .callback {
            return await callBack(on: lease, lasting: lasting(decision))
        }
        let (announced, announcement) = await announced(order.route, on: lease)
        var (route, granted) = (announced, decision)
        if route.dials != order.route.dials {
            // What will be called is what is reserved.
            await tools.authority.settle(order.id, .notDialled)
            granted = await tools.authority.authorise(request.by(route))
            if !granted.verdict.isAllowed {
                tools.log.warning("the number that the PBX named is not dialled: \(granted.verdict.reason)")
                await announcement?.withdraw(tools.log)
                route = order.route
                granted = await tools.authority.authorise(request)
            }
        }
        guard granted.verdict.isAllowed else {
            await announcement?.withdraw(tools.log)
            return (CallEnd(outcome: .policy, by: .local, detail: granted.verdict.reason), false)
        }
        var end = await make(route, lasting: lasting(granted), on: lease)
        guard let announcement else { return (end, state.withLock { $0.wasDialled }) }
        // An announcement dies with its call; one that was answered has used it up.
        if end.seconds == .zero { await announcement.withdraw(tools.log) }
        if isUnknown(end, route) {
            let reason = "the PBX did not know the call by its caller"
            end.detail = reason + (end.detail.map { " (\($0))" } ?? "")
            if hasScript, !state.withLock({ $0.isInterrupted }) {
                tools.log.notice(
                    "\(reason): the target is sent as tones",
                    metadata: ["call": "\(order.id.uuidString.lowercased())"]
                )
                end = await make(order.route, lasting: lasting(granted), on: lease)
            }
        }
        return (end, state.withLock { $0.wasDialled })
    }

    private func lasting(_ decision: PolicyDecision) -> Duration {
        decision.seconds.map { Duration.seconds($0) } ?? order.maxDuration
    }

    /// Makes the call on its modem.
    private func make(_ route: Route, lasting maxDuration: Duration, on lease: ModemLease) async -> CallEnd {
        let call = ModemCall(
            id: order.id,
            route: route,
            maxDuration: maxDuration,
            session: lease.session,
            loop: lease.loop,
            tty: lease.status.tty,
            recorder: tools.recorder,
            // The fleet looks again before anybody else gets the modem.
            looksTwice: false
        ) { [weak self] event in self?.take(event) }
        let goesOn = state.withLock { state in
            state.call = call
            state.session = lease.session
            return !state.isInterrupted
        }
        return goesOn ? await call.run() : ModemCall.interruptedEarly
    }

    /// Whether the PBX refused a call that it was told of, before it was answered.
    ///
    /// What it saw was not the caller that it expected. At a number that it named itself there is nothing else to be tried.
    private func isUnknown(_ end: CallEnd, _ route: Route) -> Bool {
        // Where it rang, the PBX knew the call and led it on: the target declined.
        end.outcome == .rejected && end.seconds == .zero && end.hangUpVerified && route.steps != order.route.steps
            && route.dials == order.route.dials && !state.withLock { $0.hasRung }
    }

    /// Whether whoever runs this box has said how the target is sent as tones; by default it is only assumed.
    private var hasScript: Bool {
        guard let pbx = order.route.pbx else { return false }
        return tools.configuration.settings.contains {
            $0.key == "pbx.\(pbx).callthrough.script" && $0.origin != .standard
        }
    }

    /// The route as the PBX wants it, where it can be told of the call beforehand, with what it was told; as it is where that
    /// fails.
    private func announced(_ route: Route, on lease: ModemLease) async -> (Route, Announcement?) {
        guard route.method == .callthrough, let link = route.pbx.flatMap({ tools.directory.link($0) }),
            link.capabilities.announcesCallthrough, !state.withLock({ $0.isInterrupted })
        else { return (route, nil) }
        let own = tools.configuration.ownNumber(of: lease.status.name)
        let request = CallthroughRequest(call: CallKey(order.id), target: route.target, caller: own)
        var announcement = Announcement(link: link, request: request)
        do throws(PBXError) {
            let ticket = try await link.announce(request, within: Self.announcesWithin)
            announcement.reference = ticket.reference
            if let reference = ticket.reference { tools.recorder.refer(order.id, to: reference.text) }
            let policy = tools.configuration.policy.dialPolicy
            if let route = route.announced(ticket, region: tools.configuration.gateway.region, policy: policy) {
                return (route, announcement)
            }
            tools.log.warning("what the PBX said to the announcement can't be used; the target is sent as tones")
            await announcement.withdraw(tools.log)
            return (route, nil)
        } catch {
            tools.log.notice("the call could not be announced, the target is sent as tones: \(error)")
            switch error.kind {
            // It may have been heard all the same.
            case .ambiguous:
                // Else the dialplan could lead the call on, and the target hear the tones.
                await announcement.withdraw(tools.log)
                return (route, announcement)
            case .unreachable: return (route, announcement)
            case .refused, .lost, .expired, .unsupported, .misconfigured: return (route, nil)
            }
        }
    }

    /// Has the PBX call the modem and the target.
    private func callBack(on lease: ModemLease, lasting maxDuration: Duration) async -> (CallEnd, Bool) {
        if let failure = tools.recorder.refusal { return (CallEnd(unrecorded: failure), false) }
        let name = order.route.pbx ?? ""
        guard let pbx = tools.directory.pbx(name), let link = tools.directory.link(name) else {
            let reason = "the PBX \(name) can't be asked: its secrets can't be read, or it is configured no more"
            return (CallEnd(outcome: .pbxUnreachable, by: .local, detail: reason), false)
        }
        await tools.identify(order.id, lease.session)
        let call = CallbackCall(
            id: order.id,
            target: order.route.target,
            pbx: pbx,
            own: await tools.ownNumber(on: lease, for: pbx),
            link: link,
            lease: lease,
            maxDuration: maxDuration,
            tools: tools
        ) { [weak self] event in self?.take(event) }
        let goesOn = state.withLock { state in
            state.call = call
            state.session = lease.session
            return !state.isInterrupted
        }
        guard goesOn else { return (ModemCall.interruptedEarly, false) }
        let end = await call.run()
        return (end, call.wasAsked)
    }

    private func waitForModem() async throws(FleetError) -> ModemLease {
        let wish = ModemWish(modem: order.modem, for: order.route.isEmergency ? .help : .call)
        let makeWay: @Sendable () -> Void = { [weak self] in self?.hangUp() }
        let task = Task { [fleet = tools.fleet, limit = order.queuesFor] () -> Result<ModemLease, FleetError> in
            do throws(FleetError) {
                return .success(try await fleet.lease(wish, within: limit, preempt: makeWay))
            } catch {
                return .failure(error)
            }
        }
        let isInterrupted = state.withLock { state in
            state.waiting = task
            return state.isInterrupted
        }
        if isInterrupted { task.cancel() }
        let result = await task.value
        state.withLock { $0.waiting = nil }
        return try result.get()
    }

    private func take(_ event: CallEvent) {
        switch event.kind {
        case .progress(.dialing): state.withLock { $0.wasDialled = true }
        case .progress(.alerting): state.withLock { $0.hasRung = true }
        case .progress(.inProgress): state.withLock { $0.isTalking = true }
        default: break
        }
        emit(event)
    }

    private func emit(_ event: CallEvent) { tools.emit(event) }

    private func ended(_ end: CallEnd) -> CallEnd {
        emit(CallEvent(.progress(.ended(end)), call: order.id))
        return end
    }

    // MARK: Steering

    func hangUp() {
        let (waiting, call) = state.withLock { state in
            state.isInterrupted = true
            return (state.waiting, state.call)
        }
        tools.calls.isEnding(order.id)
        waiting?.cancel()
        call?.interrupt()
    }

    func answer() async throws(ControlError) {
        throw .conflict("an outgoing call is not answered here")
    }

    func sendTones(_ tones: String) async throws(ControlError) {
        let session = state.withLock { state -> ModemSession? in
            guard state.isTalking, !state.isSendingTones else { return nil }
            state.isSendingTones = true
            return state.session
        }
        guard let session else {
            throw .conflict("tones can be sent once the target is handed over, and one series at a time")
        }
        defer { state.withLock { $0.isSendingTones = false } }
        try await Tones.send(tones, on: session, tone: order.route.tone, gap: order.route.gap)
    }
}
