internal import CallEndpoints
internal import CallModel
internal import CallPlanning
internal import Calls
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import SIPCalls
internal import Settings

// Who hears and speaks at our end of a call.
extension GatewayService {
    /// What a call's sound is to be.
    struct Sound: Sendable {
        var endpoint: CallEndpoint?
        var second: SecondOrder?
    }

    /// Makes ready who hears and speaks: whom the request names, else the rule for the number, the PBX's entry, the modem's.
    ///
    /// Files are opened here, so that what is wrong with them costs no call. A call for help is made without, rather than not at all.
    func sound(
        for request: DialRequest,
        _ id: UUID,
        on route: Route,
        origin: RequestOrigin
    ) async throws(ControlError) -> Sound {
        do throws(ControlError) { return try await named(request, id, on: route, origin: origin) } catch {
            guard route.isEmergency else { throw error }
            log.warning("the call for help is made without sound: \(error)", metadata: ["call": "\(Self.name(id))"])
            return Sound()
        }
    }

    private func named(
        _ request: DialRequest,
        _ id: UUID,
        on route: Route,
        origin: RequestOrigin
    ) async throws(ControlError) -> Sound {
        // Who calls by a phone or a trunk hears and speaks there.
        switch origin {
        case .phone(let name), .trunk(let name): return Sound(endpoint: CallEndpoint(.phone(name)))
        case .local, .remote, .page, .rule: break
        }
        guard let spec = try await spec(of: request, route: route, origin: origin)?.naming(id.name), spec != .none
        else {
            return Sound()
        }
        switch spec {
        case .phone(let name):
            guard configuration.sip.phones.contains(where: { $0.name == name }) else {
                throw .invalid("audio: \(spec): there is no phone called \(name) in the configuration")
            }
        case .account(let name, let number):
            return Sound(
                endpoint: CallEndpoint(spec),
                second: try await second(number, over: name, origin: origin)
            )
        case .sip(let address):
            guard let address = SIPAddress(address) else {
                throw .invalid("audio: \(spec): that is no address of SIP")
            }
            guard address.transport != .tls else {
                throw .invalid("audio: \(spec): nothing checks its certificate; use UDP or TCP, or an account")
            }
        case .browser:
            guard sounds.keepSeat(in: id) else {
                throw .unavailable("audio: browser: too many speak at the page already")
            }
        case .audioSocketCall:
            guard sounds.claim(id) else {
                throw .invalid("audio: audiosocket: nothing is listened on; set audiosocket.listen, or name HOST:PORT")
            }
        case .none, .wave, .play, .record, .alsa, .audioSocket, .modem: break
        }
        let endpoint = CallEndpoint(spec)
        do throws(AudioSpecProblem) { try await endpoint.prepare() } catch { throw .invalid("audio: \(error)") }
        guard case .modem(let modem, let number) = spec else { return Sound(endpoint: endpoint) }
        let name = await self.name(ofModem: modem)
        if let first = request.modem, await self.name(ofModem: first) == name {
            throw .invalid("audio: \(spec): the second call needs another modem")
        }
        return Sound(endpoint: endpoint, second: try await second(number, on: name, origin: origin))
    }

    /// What a modem is called that is named by its IMEI, its tty or its place.
    private func name(ofModem reference: String) async -> String {
        await fleet.modem(reference)?.status.name ?? configuration.modem(reference)?.name ?? reference
    }

    func spec(
        of request: DialRequest,
        route: Route,
        origin: RequestOrigin
    ) async throws(ControlError) -> AudioSpec? {
        guard let text = request.audio else {
            if !route.isEmergency, !configuration.routes.isEmpty,
                let named = planner.audio(to: route.target, await facts(for: request))
            {
                return named
            }
            let pbx = route.pbx.flatMap { name in configuration.pbx.first { $0.name == name } }
            return pbx?.audio ?? request.modem.flatMap { configuration.modem($0) }?.audio.endpoint
        }
        let spec: AudioSpec
        do throws(AudioSpecError) { spec = try AudioSpec(text) } catch { throw .invalid("audio: \(error)") }
        guard origin == .local || spec.isForRemote else {
            throw .policy("audio: \(spec.kind) reads, writes or opens what is at this box: it is for people there only")
        }
        for path in [spec.files.read, spec.files.written].compactMap(\.self) where !path.hasPrefix("/") {
            throw .invalid("audio: write the path \(path) from / on: the service has a directory of its own")
        }
        return spec
    }

    /// Does what phones want.
    func serveSIP() async {
        await sip.serve(self) { [weak self] number, origin throws(ControlError) in
            guard let self else { throw .unavailable("the service is stopping") }
            return try await self.transferOrder(to: number, origin: origin)
        }
    }

    /// What the call is to do that a phone's call is transferred to: like one that the phone dials.
    private func transferOrder(to number: String, origin: RequestOrigin) async throws(ControlError) -> SecondOrder {
        var request = DialRequest(number: number)
        var route = try planner.route(for: request, facts: await facts(for: request))
        guard !route.isEmergency else { throw .policy("nobody is transferred to an emergency number") }
        if route.method == .callback {
            // Its own call comes in, and is nobody's second.
            request.via = .direct
            route = try planner.route(for: request, facts: await facts(for: request))
        }
        guard route.verdict.isAllowed else { throw .policy(route.verdict.reason) }
        return SecondOrder(
            DialOrder(
                route: route,
                maxDuration: configuration.policy.maxDuration,
                modem: nil,
                queuesFor: min(.seconds(3), configuration.gateway.queuesFor),
                origin: origin
            )
        )
    }

    /// What the second call is to do: dial its number over an account, under the same policy and limits.
    private func second(
        _ number: String,
        over account: String,
        origin: RequestOrigin
    ) async throws(ControlError) -> SecondOrder {
        var request = DialRequest(number: number)
        request.via = .internet
        var route = try planner.route(for: request, facts: await facts(for: request))
        guard !route.isEmergency else {
            throw .policy("audio: emergency numbers are not dialled over accounts")
        }
        guard let over = planner.route(over: account, to: route.target) else {
            throw .invalid("audio: there is no account called \(account) in the configuration")
        }
        route = over
        guard route.verdict.isAllowed else {
            throw .policy("audio: the second call is refused: \(route.verdict.reason)")
        }
        return SecondOrder(
            DialOrder(
                route: route,
                maxDuration: configuration.policy.maxDuration,
                modem: nil,
                queuesFor: configuration.gateway.queuesFor,
                origin: origin
            )
        )
    }

    /// What the second call is to do: dial its number directly on its modem, under the same policy and limits.
    private func second(
        _ number: String,
        on modem: String,
        origin: RequestOrigin
    ) async throws(ControlError) -> SecondOrder {
        guard purpose == .service else {
            throw .invalid("audio: modem:\(modem): two calls need the service; start it, or leave out --standalone")
        }
        guard await fleet.modem(modem) != nil || configuration.modem(modem) != nil else {
            throw .invalid("audio: modem:\(modem): there is no modem of this name")
        }
        var request = DialRequest(number: number)
        request.via = .direct
        request.modem = modem
        let route = try planner.route(for: request, facts: await facts(for: request))
        if route.isEmergency, !origin.mayCallHelp {
            throw .policy("audio: emergency numbers are dialled for people at this box only, not for remote ones")
        }
        guard route.verdict.isAllowed else {
            throw .policy("audio: the second call is refused: \(route.verdict.reason)")
        }
        try await check(modem)
        return SecondOrder(
            DialOrder(
                route: route,
                maxDuration: configuration.policy.maxDuration,
                modem: modem,
                // The first call is answered by then, and is paid.
                queuesFor: .zero,
                origin: origin
            )
        )
    }

    /// How long a caller who calls on waits for a free modem.
    private static let queuesCaller = Duration.seconds(5)

    /// Who may call on through the box, where the PIN can be read.
    func disaAccess() -> DISAAccess? {
        guard purpose == .service, let settings = configuration.disa else { return nil }
        do throws(Configuration.DISA.PINProblem) {
            let pin = try settings.readPIN(in: environment)
            return DISAAccess(settings, pin: pin) { [weak self] number in
                guard let self else { throw ControlError.unavailable("the service is stopping") }
                return try await order(forCaller: number)
            }
        } catch {
            log.error("nobody can call on through the box: \(error)")
            return nil
        }
    }

    /// What is dialled for a caller: a remote one, for whom help, dear numbers and limits stay closed.
    private func order(forCaller number: String) async throws(ControlError) -> DialOrder {
        guard !EmergencyNumbers.contains(number, region: configuration.gateway.region) else {
            throw .policy("emergency numbers are dialled for people at this box only, not for callers")
        }
        let request = DialRequest(number: number)
        var facts = await facts(for: request)
        // A PBX that calls back would ring the modem that the caller has.
        facts.canCallBack = false
        let route = try planner.route(for: request, facts: facts)
        guard !route.isEmergency, route.verdict.isAllowed else { throw .policy(route.verdict.reason) }
        return DialOrder(
            route: route,
            maxDuration: configuration.policy.maxDuration,
            modem: nil,
            queuesFor: min(Self.queuesCaller, configuration.gateway.queuesFor),
            origin: .rule
        )
    }
}
