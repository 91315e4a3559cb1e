internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import CallPlanning
internal import CallRecords
internal import DialPlan
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem

// Calls over an account, and what follows where the Internet fails.
extension DialScript {
    /// Makes the call over its account; where the PBX can't be reached and the first call is known to be gone, by the next way.
    func overInternet(_ call: Call) async -> CallEnd {
        let tools = call.tools
        let account = order.route.account ?? "-"
        let request = DialAuthority.Request(
            call: call.id,
            route: order.route,
            modem: "account.\(account)",
            isRoaming: false,
            maxDuration: order.maxDuration,
            origin: order.origin
        )
        let decision = await tools.authority.authorise(request)
        guard decision.verdict.isAllowed else { return .refused(decision.verdict.reason) }
        call.markReserved()
        if let refusal = await summon(call) { return refusal }
        let (end, mayGoOn) = await dial(order.route, over: account, call, lasting: lasting(decision))
        guard mayGoOn, !call.isEnding, let next = order.route.alternatives.first else { return end }
        let why = end.detail ?? end.outcome.rawValue
        tools.log.notice("the call goes on by \(next.method.rawValue): \(why)", metadata: ["call": "\(call.id.name)"])
        await tools.authority.settle(call.id, .notDialled)
        call.markCost(false)
        return await goOn(next, call)
    }

    /// Makes the call on a modem after all.
    private func goOn(_ route: Route, _ call: Call) async -> CallEnd {
        var order = order
        (order.route, order.hasSummoned) = (route, true)
        let script = DialScript(order)
        call.tools.calls.turn(call.id, to: route.method, pbx: route.pbx)
        call.tools.recorder.turn(call.id, to: script.details)
        let lease: ModemLease
        switch await call.lease(ModemWish(modem: order.modem, for: .call, without: keptFree), within: order.queuesFor) {
        case .failure(let refusal): return refusal.end
        case .success(nil): return .interruptedEarly
        case .success(let found?): lease = found
        }
        return await script.make(call, onNext: lease)
    }

    /// Has the telephone answered first that is to be our end, and the server found; why not, as the call's end.
    func summon(_ call: Call) async -> CallEnd? {
        guard !order.hasSummoned, !order.route.isEmergency, let endpoint = order.endpoint, !order.origin.isAtPhone
        else { return nil }
        // Behind the end of all calls no telephone is rung any more.
        if call.isEnding { return .interruptedEarly }
        let spec = endpoint.spec
        switch spec {
        case .phone, .sip: break
        case .audioSocket:
            do throws(AudioPortError) { try await endpoint.reach() } catch {
                return CallEnd(outcome: .pbxUnreachable, by: .local, detail: "\(spec): \(error)")
            }
            return call.isEnding ? .interruptedEarly : nil
        default: return nil
        }
        guard let accounts = call.tools.accounts else {
            return CallEnd(outcome: .noAnswer, by: .local, detail: "\(spec): nothing speaks SIP here")
        }
        let target = order.route.target.description
        let reason = await call.untilEnded {
            await accounts.summon(spec, for: call.id, shows: target, within: .seconds(45))
        }
        if call.isEnding { return .interruptedEarly }
        return reason.map { CallEnd(outcome: .noAnswer, by: .local, detail: "\(spec): \($0)") }
    }

    /// Dials over an account.
    ///
    /// - Returns: the end, and whether another way may be tried: nothing came of this one, for certain.
    private func dial(
        _ route: Route,
        over account: String,
        _ call: Call,
        lasting limit: Duration
    ) async -> (CallEnd, Bool) {
        let recorder = call.tools.recorder
        guard !call.isEnding else { return (.interruptedEarly, false) }
        if let failure = recorder.refusal { return (CallEnd(unrecorded: failure), false) }
        guard let leg = await call.tools.accounts?.leg(over: account) else {
            let detail = "no service runs here that has the account \(account)"
            return (CallEnd(outcome: .pbxUnreachable, by: .local, detail: detail), true)
        }
        call.tools.calls.took(line: account, for: call.id)
        var plan = route.plan(maxDuration: limit)
        (plan.announcement, plan.confirmation, plan.hasSound) = (order.announcement, order.confirmation, true)
        if plan.confirmation != nil { (call.sound as? CallSound)?.waitForKey() }
        var hooks = CallRun<OutgoingCallMachine>.Hooks { [weak call] progress in call?.take(progress) }
        hooks.journal = await NotedJournal(recorder.journal(for: call.id), dialling: route.dials)
        hooks.soundNews = { [weak call] in call?.sound?.take($0) }
        hooks.sound = { [weak call] command, tell in call?.perform(command, tell: tell) }
        let run = CallRun(OutgoingCallMachine(plan: plan), on: leg, loop: leg.loop, hooks: hooks)
        let hears: @Sendable (LegEvent) -> Void = { run.post(.leg($0)) }
        call.runs(on: nil, leg, leg.loop, hears: hears) { wish in
            if case .finish(let reason) = wish { run.post(.finished(reason)) } else { run.post(.interrupted) }
        }
        guard !call.isEnding else { return (.interruptedEarly, false) }
        let end = leg.verify(await run.run())
        let isUnreached = end.outcome == .pbxUnreachable && end.seconds == .zero && end.hangUpVerified
        return (end, isUnreached && !leg.wasEarly)
    }
}
