internal import CallEndpoints
internal import CallLog
internal import CallModel
internal import CallPlanning
internal import CallRecords
internal import Calls
internal import ContactBook
internal import DialPlan
package import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Logging
internal import PBXLinks
internal import SIPCalls
internal import Settings

// Calls that are asked for: whether and how they are made.
extension GatewayService {
    /// How many calls may live at once, those that wait for a modem included.
    private static let mostCalls = 256

    /// See ``GatewayControl/dial(_:id:origin:)``.
    package func dial(
        _ request: DialRequest,
        id: UUID,
        origin: RequestOrigin
    ) async throws(ControlError) -> CallStatus {
        do throws(ControlError) {
            let request = try readable(request, origin)
            return try await accept(request, id: id, origin: origin)
        } catch {
            // Of a call that is not made nobody at the page hears anything.
            if live.entry(id) == nil { sounds.giveUpSeat(in: id) }
            // Not why: what was asked for may stand in the reason.
            log.info(
                "call: refused before it began (\(error.word)), to \(CallLog.masked(request.number))",
                metadata: ["call": "\(Self.name(id))", "origin": "\(origin.word)"]
            )
            throw error
        }
    }

    private func readable(_ request: DialRequest, _ origin: RequestOrigin) throws(ControlError) -> DialRequest {
        do throws(UnreadableNumber) { return try reading(request, origin) } catch { throw .invalid(error.reason) }
    }

    private func accept(
        _ request: DialRequest,
        id: UUID,
        origin: RequestOrigin
    ) async throws(ControlError) -> CallStatus {
        guard live.entry(id) == nil else { throw .conflict("the call \(Self.name(id)) is being made already") }
        // Help waits for no disk.
        let isHelp = EmergencyNumbers.contains(request.number, region: configuration.gateway.region)
        // One call's own id is new.
        if !isHelp, purpose == .service, await wasMade(id) { throw Self.repeated(id) }
        if let seconds = request.maxSeconds, !(1...86_400).contains(seconds) {
            throw .invalid("max_seconds: a call may last from 1 s to 24 h")
        }
        guard !isStopping || isHelp else { throw .unavailable("the service is stopping") }
        guard isHelp || live.statuses.count < Self.mostCalls else { throw .unavailable("too many calls wait already") }
        if purpose == .oneCall {
            await learnBalances()
            await learnNetwork(for: request)
        }
        var route = try await route(for: request)
        if let refusal = Self.helpRefusal(route, origin) { throw .policy(refusal) }
        if !isHelp { try await check(request.modem) }
        if purpose != .service, let refusal = await refusal(of: route, for: request, id) { route.verdict = refusal }
        // Of one call's rings only the PBX's is wanted: any other would keep it out.
        if purpose != .service, route.method == .callback { desk.refuseStrangers() }
        let (announcement, confirmation) = try words(of: request, on: route, origin: origin)
        // A call that is refused needs nobody to speak in it.
        let sound = route.verdict.isAllowed ? try await sound(for: request, id, on: route, origin: origin) : Sound()
        // It may have begun to stop meanwhile; a call that is entered then would never be run, nor end.
        guard !isStopping || isHelp else { throw .unavailable("the service is stopping") }
        var order = DialOrder(
            route: route,
            maxDuration: longest(request),
            modem: request.modem,
            queuesFor: route.isEmergency
                ? configuration.gateway.queuesFor
                : min(origin.queuesFor ?? configuration.gateway.queuesFor, configuration.gateway.queuesFor),
            origin: origin
        )
        order.endpoint = sound.endpoint
        order.second = sound.second
        (order.announcement, order.confirmation) = (announcement, confirmation)
        let (call, status) = order.makeCall(id, tools)
        // The id may have been taken while the modem was looked up.
        guard live.insert(status, call) else { throw Self.repeated(id) }
        guard case .enqueued = self.order.yield(call) else {
            live.withdraw(id)
            throw .unavailable("the service is not running, or has more calls to begin than it can")
        }
        return status
    }

    /// How long a call may last once it is answered, limits that are counted left out.
    func longest(_ request: DialRequest) -> Duration {
        let limit = configuration.policy.maxDuration
        return request.maxSeconds.map { min(limit, .seconds($0)) } ?? limit
    }

    /// How a request would be carried out.
    func route(for request: DialRequest) async throws(ControlError) -> Route {
        try planner.route(for: request, facts: await facts(for: request))
    }

    static func name(_ call: UUID) -> String { call.uuidString.lowercased() }

    private static func repeated(_ call: UUID) -> ControlError {
        .conflict("the call \(name(call)) was made before; take another id")
    }

    /// Whether an id was used before, also before this service was started; the log decides.
    private func wasMade(_ id: UUID) async -> Bool {
        if live.wasEnded(id) { return true }
        do throws(CallLogError) { return try await recorder.knows(id) } catch {
            // A call that can't be written down is not made either, unless it is for help.
            log.notice("whether the call \(Self.name(id)) was made before can't be looked up: \(error)")
            return false
        }
    }

    /// What is known of this box for the choice of a way.
    func facts(for request: DialRequest) async -> RouteFacts {
        // Free minutes matter only where there are tariffs to compare; help waits for no disk.
        let isHelp = EmergencyNumbers.contains(request.number, region: configuration.gateway.region)
        let usage = configuration.tariffs.isEmpty || isHelp ? nil : await authority.usage()
        let now = PolicyTime.now()
        var facts = RouteFacts(modem: request.modem, usage: usage ?? Usage(), day: now.day)
        facts.time = now
        if let number = try? PhoneNumber(typed: request.number, region: configuration.gateway.region) {
            // Without a service nothing was read yet.
            if purpose == .oneCall, !isHelp, configuration.routes.contains(where: { $0.when.group != nil }) {
                names.refresh(configuration, log)
            }
            facts.groups = names.groups(of: number.description)
        }
        facts.unreachable = directory.unreachable
        facts.canCallBack = directory.canCallBack
        // Only a modem that is named, or the only one, is known to make the call.
        let modems = await fleet.statuses().filter { $0.state != .absent }
        let modem = modems.first { $0.name == request.modem } ?? (modems.count == 1 ? modems.first : nil)
        if facts.modem == nil { facts.modem = modem?.name }
        facts.isRoaming = modem?.isRoaming
        if facts.isRoaming != nil { facts.isRegistered = true }
        // Help goes out from here, and asks nobody.
        if !isHelp { facts.accounts = await sip.facts() }
        return facts
    }

    /// Whether a modem that was named is one of ours; another is not the service's to open.
    func check(_ modem: String?) async throws(ControlError) {
        // An IMEI may be that of a stick that is not plugged in: then there is no modem for the call.
        guard let modem, modem.isEmpty || !modem.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return }
        guard await fleet.modem(modem) != nil || configuration.modem(modem) != nil else {
            throw Self.unknown(modem.isEmpty ? "without a name" : modem)
        }
    }
}
