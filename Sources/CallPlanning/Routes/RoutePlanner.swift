internal import CallFlows
package import CallModel
package import DialPlan
package import GatewayAPI
package import Settings

/// Turns what was asked for into a route, by the configuration: the same for the command line alone and the service.
package struct RoutePlanner: Sendable {
    let configuration: Configuration
    let environment: ConfigurationEnvironment

    package init(configuration: Configuration, environment: ConfigurationEnvironment) {
        self.configuration = configuration
        self.environment = environment
    }

    /// Decides how a request will be carried out; the policy's verdict is in the route.
    ///
    /// - Parameters:
    ///   - request: what is asked for.
    ///   - facts: what is known of this box, for `--via auto`.
    /// - Throws: ``ControlError/invalid(_:)`` when the request makes no sense, ``ControlError/configuration(_:)`` when
    ///   the configuration lacks what it needs.
    package func route(for request: DialRequest, facts: RouteFacts = RouteFacts()) throws(ControlError) -> Route {
        let target: PhoneNumber
        do {
            target = try PhoneNumber(typed: request.number, region: configuration.gateway.region)
        } catch {
            throw .invalid("\(request.number): \(error)")
        }
        // Nothing may stand in the way of a call for help, not even a secret that can't be read.
        if target.isEmergency { return try route(to: target, via: .direct, access: nil) }
        let via = request.via ?? .auto
        var facts = facts
        facts.hidesNumber = request.hidesNumber == true && request.accessNumber == nil
        var route: Route
        switch via {
        case .internet: route = try internet(to: target, request, facts)
        case .callback: route = try callback(to: target, request)
        case .auto: route = try choose(target, request, facts)
        default: route = try self.route(to: target, via: via, access: try access(for: request))
        }
        if request.hidesNumber == true { route.hideNumber() }
        if let refusal = refusal(ofAccess: request.accessNumber, route) { route.verdict = refusal }
        return route
    }

    /// Why an access number that came with the request must not be dialled.
    ///
    /// The SIM pays that leg. One of the configuration was chosen by the owner of this box.
    private func refusal(ofAccess number: String?, _ route: Route) -> PolicyVerdict? {
        guard let number, route.method == .callthrough, route.verdict.isAllowed,
            let access = try? DialString(typed: number)
        else { return nil }
        // A number of no plan, as a PBX in a private network has, is known by the configuration or not at all.
        guard !configuration.pbx.contains(where: { $0.callthrough?.accessNumber == access }) else { return nil }
        let verdict = configuration.policy.dialPolicy.verdict(onDialled: access, region: configuration.gateway.region)
        guard case .refused(let numberClass, let reason) = verdict else { return nil }
        return .refused(numberClass, reason: "the access number \(number) is not to be dialled: \(reason)")
    }

    /// The way over an account: of the PBX that was named, else the first that can be used, else the first.
    private func internet(
        to target: PhoneNumber,
        _ request: DialRequest,
        _ facts: RouteFacts
    ) throws(ControlError) -> Route {
        guard request.accessNumber == nil else { throw .invalid("--via internet: --access-number means nothing there") }
        let accounts = try candidateAccounts(request)
        let usable =
            accounts.first { obstacle(to: $0, facts) == nil && weakness(of: $0, facts) == nil }
            ?? accounts.first { obstacle(to: $0, facts) == nil }
        guard let account = usable ?? accounts.first else {
            guard let pbx = request.pbx else { throw .invalid("\(RouteError.internetNeedsAccount)") }
            throw .configuration("--pbx \(pbx): no account belongs to it in the configuration")
        }
        return route(over: account, to: target)
    }

    /// The way over an account that is named; nil where there is none.
    package func route(over name: String, to target: PhoneNumber) -> Route? {
        configuration.sip.accounts.first { $0.name == name }.map { route(over: $0, to: target) }
    }

    private func route(over account: Configuration.SIP.Account, to target: PhoneNumber) -> Route {
        let pbx = account.pbx.flatMap { name in configuration.pbx.first { $0.name == name } }
        return Route(
            over: account.name,
            pbx: account.pbx,
            to: target,
            format: account.numberFormat ?? pbx?.callthrough?.numberFormat ?? .national,
            policy: configuration.policy.dialPolicy
        )
    }

    private func candidateAccounts(_ request: DialRequest) throws(ControlError) -> [Configuration.SIP.Account] {
        guard let pbx = request.pbx else { return configuration.sip.accounts }
        _ = try candidatePBXs(request)
        return configuration.sip.accounts.filter { $0.pbx == pbx }
    }

    /// Why no call can be made over an account just now; nil where one can.
    private func obstacle(to account: Configuration.SIP.Account, _ facts: RouteFacts) -> String? {
        guard let accounts = facts.accounts else { return "no service runs here that could be registered" }
        guard let known = accounts.first(where: { $0.name == account.name }) else { return "it is not registered" }
        return known.obstacle
    }

    /// Who hears and speaks in calls to a number, by the first rule for it.
    package func audio(to target: PhoneNumber, _ facts: RouteFacts) -> AudioSpec? {
        rule(for: target, facts)?.rule.audio
    }

    /// Why people could not talk well over an account of late.
    private func weakness(of account: Configuration.SIP.Account, _ facts: RouteFacts) -> String? {
        facts.accounts?.first { $0.name == account.name }?.weakness
    }

    /// The first rule for a number, and how people call it.
    private func rule(for target: PhoneNumber, _ facts: RouteFacts) -> (rule: Configuration.RouteRule, name: String)? {
        for (place, rule) in configuration.routes.enumerated() where rule.fits(target.description) {
            switch rule.when.internet {
            case .good where !facts.isInternetGood: continue
            case .bad where facts.isInternetGood: continue
            case .good, .bad, nil: break
            }
            if let group = rule.when.group, !facts.groups.contains(where: { $0.lowercased() == group.lowercased() }) {
                continue
            }
            let times = rule.when.time
            let time = times.first { hours in facts.time.map { hours.contains($0) } ?? false }
            if !times.isEmpty, time == nil { continue }
            let when = [
                rule.when.group.map { "the group \($0)" }, time?.description,
                rule.when.internet.map { "the Internet is \($0.rawValue)" },
            ]
            let words = [rule.number] + when.compactMap(\.self)
            return (rule, "routes[\(place + 1)]: \(words.joined(separator: ", "))")
        }
        return nil
    }

    /// The way by a PBX that calls back: the one that was named, or the first that does.
    private func callback(to target: PhoneNumber, _ request: DialRequest) throws(ControlError) -> Route {
        guard request.accessNumber == nil else { throw .invalid("--via callback: --access-number means nothing there") }
        let pbx: Configuration.PBX?
        if request.pbx != nil {
            do { pbx = try configuration.pbx(request.pbx) } catch { throw .invalid("--pbx: \(error)") }
        } else {
            pbx = configuration.pbx.first { $0.callback != nil }
        }
        guard let pbx else { throw .invalid("\(RouteError.callbackNeedsPBX)") }
        guard pbx.callback != nil else {
            throw .configuration("--pbx \(pbx.name): it has no `callback` in the configuration")
        }
        return Route(callbackBy: pbx.name, to: target, policy: configuration.policy.dialPolicy)
    }

    /// Takes the cheapest permitted way, or the one that is preferred.
    private func choose(
        _ target: PhoneNumber,
        _ request: DialRequest,
        _ facts: RouteFacts
    ) throws(ControlError) -> Route {
        var ways: [(candidate: RouteChoice.Candidate, access: Route.Access?)] = []
        if request.accessNumber != nil {
            let access = try access(for: request)
            ways.append((candidate(.callthrough, nil, access, target, facts), access))
        } else {
            // A modem that was asked for is to make the call.
            for account in request.modem == nil || facts.isModemFound ? try candidateAccounts(request) : [] {
                ways.append((candidate(over: account, target, facts), nil))
            }
            for pbx in try candidatePBXs(request) {
                // The secret is read for the one that is taken, not before.
                if pbx.callthrough != nil {
                    let access = pbx.access(pin: nil)
                    ways.append((candidate(.callthrough, pbx, access, target, facts), access))
                }
                if pbx.callback != nil { ways.append((candidate(.callback, pbx, nil, target, facts), nil)) }
            }
        }
        // The way that most people want is tried first: without a SIM, then callthrough, callback, direct.
        let order: [CallMethod] = [.internet, .callthrough, .callback, .direct]
        ways.append((candidate(.direct, nil, nil, target, facts), nil))
        ways = order.flatMap { method in ways.filter { $0.candidate.method == method } }
        let rule = request.accessNumber == nil ? rule(for: target, facts) : nil
        let prefer =
            rule?.rule.via.compactMap { CallMethod(rawValue: $0.rawValue) }
            ?? configuration.policy.prefer.compactMap { CallMethod(rawValue: $0.rawValue) }
        let choice = RouteChoice(
            ways.map(\.candidate),
            prefer: prefer,
            by: rule?.name ?? "policy.prefer",
            currency: configuration.policy.currency
        )
        // Where none can be taken, the first one shows why: of a rule the first that it names.
        let shown =
            prefer.lazy.compactMap { method in ways.first { $0.candidate.method == method } }.first ?? ways.first
        let taken = choice.taken?.candidate ?? shown?.candidate
        var route = try self.route(by: taken, to: target, request)
        route.reason = reason(choice, ways.count, prefers: !prefer.isEmpty)
        if rule != nil, choice.taken == nil, let obstacle = taken?.obstacle {
            route.reason += " (\(rule?.name ?? "")): \(obstacle)"
        }
        if ways.count > 1 || choice.taken == nil { route.choice = choice }
        if choice.taken == nil, taken?.method == .internet, route.verdict.isAllowed {
            // Nothing is left to be tried: it ends with why.
            return route
        }
        if route.method == .internet {
            route.alternatives = try alternatives(ways.map(\.candidate), prefer, target, request)
        }
        return route
    }

    /// The ways that are left where the Internet fails, the best first; a callback has a PBX called that may be as far.
    private func alternatives(
        _ candidates: [RouteChoice.Candidate],
        _ prefer: [CallMethod],
        _ target: PhoneNumber,
        _ request: DialRequest
    ) throws(ControlError) -> [Route] {
        let usable = candidates.filter { candidate in
            candidate.obstacle == nil && [.callthrough, .direct].contains(candidate.method)
                && (prefer.isEmpty || prefer.contains(candidate.method))
        }
        let ordered = prefer.isEmpty ? usable : prefer.flatMap { method in usable.filter { $0.method == method } }
        guard let first = ordered.first else { return [] }
        var route = try route(by: first, to: target, request)
        route.reason = "the Internet has failed"
        return route.verdict.isAllowed ? [route] : []
    }

    private func route(
        by taken: RouteChoice.Candidate?,
        to target: PhoneNumber,
        _ request: DialRequest
    ) throws(ControlError) -> Route {
        switch taken?.method {
        case .internet:
            if let account = configuration.sip.accounts.first(where: { $0.name == taken?.account }) {
                return route(over: account, to: target)
            }
            return try route(to: target, via: .direct, access: nil)
        case .callthrough:
            var wish = request
            wish.pbx = taken?.pbx
            return try route(to: target, via: .callthrough, access: try access(for: wish))
        case .callback:
            return Route(callbackBy: taken?.pbx, to: target, policy: configuration.policy.dialPolicy)
        case .direct, .reverse, nil: return try route(to: target, via: .direct, access: nil)
        }
    }

    private func reason(_ choice: RouteChoice, _ count: Int, prefers: Bool) -> String {
        guard let taken = choice.taken else { return "none of the methods is possible" }
        if count == 1 { return "no access number is known" }
        if taken.candidate.method == .callthrough, taken.candidate.total == nil, !prefers {
            return "the PBX's number is known, and the landline number is shown"
        }
        return taken.reason
    }

    private func candidatePBXs(_ request: DialRequest) throws(ControlError) -> [Configuration.PBX] {
        guard request.pbx != nil else { return configuration.pbx }
        do { return [try configuration.pbx(request.pbx)].compactMap(\.self) } catch {
            throw .invalid("--pbx: \(error)")
        }
    }

    private func candidate(
        over account: Configuration.SIP.Account,
        _ target: PhoneNumber,
        _ facts: RouteFacts
    ) -> RouteChoice.Candidate {
        let route = route(over: account, to: target)
        let legs = CostLeg.legs(of: route, modem: "-", isRoaming: false, in: configuration)
        var candidate = RouteChoice.Candidate(method: .internet, pbx: account.pbx, account: account.name)
        candidate.sim = .zero
        candidate.pbxCost = perMinute(legs, .pbx, facts)
        candidate.obstacle =
            facts.hidesNumber
            ? Route.reasonNotToHide(.internet)
            : route.verdict.isAllowed
                ? obstacle(to: account, facts).map { "account \(account.name): \($0)" } : "refused by the policy"
        candidate.weakness = weakness(of: account, facts).map { "account \(account.name): \($0)" }
        return candidate
    }

    private func candidate(
        _ method: CallMethod,
        _ pbx: Configuration.PBX?,
        _ access: Route.Access?,
        _ target: PhoneNumber,
        _ facts: RouteFacts
    ) -> RouteChoice.Candidate {
        let legs = CostLeg.legs(
            method: method,
            target: target,
            dials: access?.number.text ?? "",
            pbx: pbx?.name,
            account: nil,
            modem: facts.modem ?? "-",
            isRoaming: facts.isRoaming,
            in: configuration
        )
        var candidate = RouteChoice.Candidate(method: method, pbx: pbx?.name)
        candidate.sim = perMinute(legs, .sim, facts)
        candidate.pbxCost = method == .direct ? .zero : perMinute(legs, .pbx, facts)
        candidate.obstacle = obstacle(to: method, pbx, access, target, facts)
        return candidate
    }

    /// What the next minute costs one payer; nothing while a leg has free minutes left.
    private func perMinute(_ legs: [CostLeg], _ payer: CostLeg.Payer, _ facts: RouteFacts) -> Money? {
        var sum = Money.zero
        for leg in legs where leg.payer == payer {
            guard let price = leg.price else { return nil }
            let free = facts.day.map { leg.freeSeconds(facts.usage, on: $0).reduce(0) { $0 + $1.seconds } } ?? 0
            sum += free >= price.billed(60) ? .zero : price.perMinute
        }
        return sum
    }

    private func obstacle(
        to method: CallMethod,
        _ pbx: Configuration.PBX?,
        _ access: Route.Access?,
        _ target: PhoneNumber,
        _ facts: RouteFacts
    ) -> String? {
        let verdict = configuration.policy.dialPolicy.verdict(on: target, as: access?.format ?? .plusE164)
        guard verdict.isAllowed else { return "refused by the policy" }
        // A way that was asked for by its number is not left for another one: it is refused, with the reason.
        if facts.hidesNumber, method != .direct { return Route.reasonNotToHide(method) }
        if facts.isRegistered == false { return "the modem is in no network" }
        guard method == .callback else { return nil }
        if !facts.canCallBack { return "no PBX can be asked for a callback as it is configured" }
        if let reason = pbx.flatMap({ facts.unreachable[$0.name] }) { return "the PBX can't be reached: \(reason)" }
        return nil
    }

    private func route(
        to target: PhoneNumber,
        via: Route.Via,
        access: Route.Access?
    ) throws(ControlError) -> Route {
        do {
            return try Route(to: target, via: via, access: access, policy: configuration.policy.dialPolicy)
        } catch {
            throw .invalid("\(error)")
        }
    }

    /// The way into the PBX: the number that was given, else the PBX that was named, else the first that is configured.
    private func access(for request: DialRequest) throws(ControlError) -> Route.Access? {
        if let accessNumber = request.accessNumber {
            guard request.pbx == nil else { throw .invalid("--pbx and --access-number: give one of them") }
            do { return Route.Access(number: try DialString(typed: accessNumber)) } catch {
                throw .invalid("--access-number \(accessNumber): \(error)")
            }
        }
        if request.via == .direct { return nil }
        let entry: Configuration.PBX?
        do { entry = try configuration.pbx(request.pbx) } catch { throw .invalid("--pbx: \(error)") }
        guard let entry else { return nil }
        guard let callthrough = entry.callthrough else {
            throw .configuration("--pbx \(entry.name): it has no `callthrough` in the configuration")
        }
        do { return entry.access(pin: try callthrough.readPIN(in: environment)) } catch {
            throw .configuration("\(error)")
        }
    }
}
