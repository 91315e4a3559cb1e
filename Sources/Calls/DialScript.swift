package import CallEndpoints
package import CallFlows
internal import CallLog
package import CallModel
internal import CallPlanning
internal import CallRecords
package import DialPlan
package import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import PBX
internal import PBXLinks
internal import Settings

/// What a call that is dialled, or that a PBX is asked to make, is to do.
package struct DialOrder: Sendable {
    var route: Route
    var maxDuration: Duration
    var modem: String?
    var queuesFor: Duration
    var origin: RequestOrigin
    /// Who hears and speaks at our end; nil for nobody.
    package var endpoint: CallEndpoint?
    /// The second call, where that is the endpoint: what it is to do.
    package var second: SecondOrder?
    /// What is played to the other side, after which the call ends.
    package var announcement: [Playback] = []
    /// The key that the other side has to press first.
    package var confirmation: OutgoingCallMachine.Confirmation?
    /// Whether the telephone that is our end has been rung already.
    var hasSummoned = false
    /// The modems that have failed it before anything was dialled.
    var failed: [String] = []
    /// For help: no other modem can be had, so that one which did not answer is dialled on all the same.
    var isLastResort = false

    /// Creates an order.
    ///
    /// - Parameters:
    ///   - modem: the modem as the user named it; nil for any.
    ///   - queuesFor: how long it may wait for a modem.
    ///   - origin: who asked for it.
    package init(route: Route, maxDuration: Duration, modem: String?, queuesFor: Duration, origin: RequestOrigin) {
        self.route = route
        self.maxDuration = maxDuration
        self.modem = modem
        self.queuesFor = queuesFor
        self.origin = origin
    }

    /// The call that carries it out, and its status while it waits for a modem.
    package func makeCall(_ id: UUID, _ tools: CallTools) -> (call: Call, status: CallStatus) {
        let script = DialScript(self)
        let call = Call(script, id: id, tools: tools)
        let endpoint = endpoint ?? CallEndpoint(.none)
        call.carry(CallSound(endpoint, of: call, second: second, isForHelp: route.isEmergency))
        return (call, call.status(script.details, .queued))
    }
}

/// A call that is dialled, or that a PBX is asked to make: permitted for the modem that it got, announced to the PBX where that
/// can be, and made.
final class DialScript: CallScript {
    /// How long a PBX may take to be told of a call; its caller waits for it.
    private static let announcesWithin: Duration = .seconds(5)
    /// How many modems may fail a call until it is given up; each costs its caller some 13 s.
    private static let mostFailures = 3
    /// How long help waits for another modem than one that failed: its call has to make way, which takes four seconds at most.
    private static let helpWaitsForOthers: Duration = .seconds(10)

    let order: DialOrder

    init(_ order: DialOrder) { self.order = order }

    var isHelp: Bool { order.route.isEmergency }

    /// What is known of the call when it is asked for.
    var details: CallRecorder.Details {
        var details = CallRecorder.Details(route: order.route, modem: order.modem)
        details.origin = order.origin.word
        return details
    }

    var tones: ManualTones {
        ManualTones(
            length: order.route.tone,
            gap: order.route.gap,
            refusal: "tones can be sent once the target is handed over, and one series at a time"
        )
    }

    func answer(_ call: Call) async throws(ControlError) {
        throw .conflict("an outgoing call is not answered here")
    }

    func findModem(for call: Call) async -> Result<ModemLease?, Call.Refusal> {
        call.open(details)
        guard order.route.verdict.isAllowed else { return .failure(Call.Refusal(.refused(order.route.verdict.reason))) }
        if order.route.method == .internet { return .success(nil) }
        let wish = ModemWish(modem: order.modem, for: order.route.isEmergency ? .help : .call, without: keptFree)
        return await call.lease(wish, within: order.queuesFor)
    }

    /// Has the call permitted for the modem that it got, and makes it; on the next where that one fails before anything is
    /// dialled.
    func make(_ call: Call, on lease: ModemLease?) async -> CallEnd {
        if order.route.method == .internet, lease == nil { return await overInternet(call) }
        guard let lease else { return .interruptedEarly }
        do {
            return try await makeCall(call, on: lease)
        } catch {
            return await goOn(call, after: error.end, on: lease)
        }
    }

    private func makeCall(_ call: Call, on lease: ModemLease) async throws(UntouchedFailure) -> CallEnd {
        let (tools, authority) = (call.tools, call.tools.authority)
        let request = DialAuthority.Request(
            call: call.id,
            route: order.route,
            modem: lease.status.name ?? "-",
            isRoaming: lease.status.isRoaming,
            maxDuration: order.maxDuration,
            origin: order.origin
        )
        if order.route.method != .callback, !order.route.isEmergency { await lease.session.glance() }
        let decision = await authority.authorise(request)
        guard decision.verdict.isAllowed else { return .refused(decision.verdict.reason) }
        call.markReserved()
        if let refusal = await summon(call) { return refusal }
        if order.route.method == .callback { return await callBack(call, on: lease, lasting: lasting(decision)) }
        let (announced, announcement) = await announced(order.route, call, on: lease)
        var (route, granted) = (announced, decision)
        if route.dials != order.route.dials {
            // What will be called is what is reserved.
            await authority.settle(call.id, .notDialled)
            granted = await authority.authorise(request.by(route))
            if !granted.verdict.isAllowed {
                tools.log.warning("the number that the PBX named is not dialled: \(granted.verdict.reason)")
                await announcement?.withdraw(tools.log)
                route = order.route
                granted = await authority.authorise(request)
            }
        }
        guard granted.verdict.isAllowed else {
            await announcement?.withdraw(tools.log)
            return .refused(granted.verdict.reason)
        }
        var end: CallEnd
        do throws(UntouchedFailure) {
            end = try await dial(route, call, lasting: lasting(granted), on: lease)
        } catch {
            await announcement?.withdraw(tools.log)
            throw error
        }
        // Help goes on to the next modem even where the dial may have gone out: a second call is better than none.
        if order.route.isEmergency, end.outcome == .modemFailed, end.seconds == .zero, !call.isEnding {
            throw UntouchedFailure(end: end)
        }
        guard let announcement else { return end }
        // An announcement dies with its call; one that was answered has used it up.
        if end.seconds == .zero { await announcement.withdraw(tools.log) }
        if isUnknown(end, route, call) {
            let reason = "the PBX did not know the call by its caller"
            end.detail = reason + (end.detail.map { " (\($0))" } ?? "")
            if hasScript(tools), !call.isEnding {
                tools.log.notice(
                    "\(reason): the target is sent as tones",
                    metadata: ["call": "\(call.id.uuidString.lowercased())"]
                )
                end = try await dial(order.route, call, lasting: lasting(granted), on: lease)
            }
        }
        return end
    }

    func lasting(_ decision: PolicyDecision) -> Duration {
        decision.seconds.map { Duration.seconds($0) } ?? order.maxDuration
    }

    /// Whether the PBX refused a call that it was told of, before it was answered.
    ///
    /// What it saw was not the caller that it expected. At a number that it named itself there is nothing else to be tried.
    private func isUnknown(_ end: CallEnd, _ route: Route, _ call: Call) -> Bool {
        // Where it rang, the PBX knew the call and led it on: the target declined.
        end.outcome == .rejected && end.seconds == .zero && end.hangUpVerified && route.steps != order.route.steps
            && route.dials == order.route.dials && !call.hasRung
    }

    /// Whether the configuration says how the target is sent as tones; by default it is only assumed.
    private func hasScript(_ tools: CallTools) -> Bool {
        guard let pbx = order.route.pbx else { return false }
        return tools.configuration.settings.contains {
            $0.key == "pbx.\(pbx).callthrough.script" && $0.origin != .standard
        }
    }

    /// The route as the PBX wants it, where it can be told of the call beforehand, with what it was told; as it is where that
    /// fails.
    private func announced(_ route: Route, _ call: Call, on lease: ModemLease) async -> (Route, Announcement?) {
        guard route.method == .callthrough, let link = route.pbx.flatMap({ call.tools.directory.link($0) }),
            link.capabilities.announcesCallthrough, !call.isEnding
        else { return (route, nil) }
        let own = call.tools.configuration.ownNumber(of: lease.status.name)
        let request = CallthroughRequest(call: CallKey(call.id), target: route.target, caller: own)
        var announcement = Announcement(link: link, request: request)
        do throws(PBXError) {
            let ticket = try await link.announce(request, within: Self.announcesWithin)
            announcement.reference = ticket.reference
            if let reference = ticket.reference { call.tools.recorder.refer(call.id, to: reference.text) }
            let policy = call.tools.configuration.policy.dialPolicy
            if let route = route.announced(ticket, region: call.tools.configuration.gateway.region, policy: policy) {
                return (route, announcement)
            }
            call.tools.log.warning("what the PBX said to the announcement can't be used; the target is sent as tones")
            await announcement.withdraw(call.tools.log)
            return (route, nil)
        } catch {
            call.tools.log.notice("the call could not be announced, the target is sent as tones: \(error)")
            switch error.kind {
            // It may have been heard all the same.
            case .ambiguous:
                // Else the dialplan could lead the call on, and the target hear the tones.
                await announcement.withdraw(call.tools.log)
                return (route, announcement)
            case .unreachable: return (route, announcement)
            case .refused, .lost, .expired, .unsupported, .misconfigured: return (route, nil)
            }
        }
    }

    /// Has the PBX call the modem and the target.
    private func callBack(_ call: Call, on lease: ModemLease, lasting limit: Duration) async -> CallEnd {
        let tools = call.tools
        if let failure = tools.recorder.refusal { return CallEnd(unrecorded: failure) }
        let name = order.route.pbx ?? ""
        guard let pbx = tools.directory.pbx(name), let link = tools.directory.link(name) else {
            let reason = "the PBX \(name) can't be asked: its secrets can't be read, or it is configured no more"
            return CallEnd(outcome: .pbxUnreachable, by: .local, detail: reason)
        }
        await tools.identify(call.id, lease.session)
        let callback = CallbackCall(
            call,
            target: order.route.target,
            pbx: pbx,
            own: await tools.ownNumber(on: lease, for: pbx),
            link: link,
            lease: lease,
            maxDuration: limit,
            announcement: order.announcement,
            confirmation: confirmation(on: order.route, tools)
        )
        guard !call.isEnding else { return .interruptedEarly }
        return await callback.run()
    }
}

// Dialling on the modem that the call has got.
extension DialScript {
    /// Makes the call on another modem after one that failed while nothing had been dialled; where the user named that one, or
    /// no other is free, it ends as it failed.
    fileprivate func goOn(_ call: Call, after end: CallEnd, on lease: ModemLease) async -> CallEnd {
        if call.isEnding { return .interruptedEarly }
        // A call that was dialled before, and refused, is not begun anew.
        guard order.modem == nil, order.failed.count + 1 < Self.mostFailures else { return end }
        guard isHelp || !call.mayCost else { return end }
        await call.tools.authority.settle(call.id, .notDialled)
        // A dial for help that may have gone out stays open until the call ends: a crash looks for it on that modem.
        if !call.mayCost { call.tools.recorder.takeBack(call.id) }
        // What it has is found out while the call goes on, and not by the next one.
        await call.putAway(lease, clean: false)
        var order = order
        order.failed.append(lease.status.name ?? "-")
        order.hasSummoned = true
        let wish = ModemWish(for: isHelp ? .help : .call, without: order.failed + keptFree)
        var found = await call.lease(wish, within: isHelp ? Self.helpWaitsForOthers : .zero)
        if isHelp, !order.isLastResort, case .failure = found {
            // No other one can be had: help is dialled on one that may be deaf rather than not at all.
            order.isLastResort = true
            found = await call.lease(ModemWish(for: .help), within: order.queuesFor)
        }
        if call.isEnding { return .interruptedEarly }
        guard case .success(let next?) = found else { return end }
        call.tools.log.notice(
            "the call is made on \(next.status.name ?? "another modem"): \(end.detail ?? end.outcome.rawValue)",
            metadata: ["call": "\(call.id.name)"]
        )
        let last = await DialScript(order).make(call, onNext: next)
        guard last.outcome == .policy else { return last }
        // The one that failed is why another was asked.
        var both = end
        both.detail = [end.detail, last.detail].compactMap { $0 }.joined(separator: "; the next modem: ")
        return both
    }

    /// Whether help is dialled on this modem or not at all: no other is there to be asked.
    private func isLastChance(_ call: Call) async -> Bool {
        if order.isLastResort || order.modem != nil || order.failed.count + 1 >= Self.mostFailures { return true }
        return await call.tools.fleet.statuses().count <= order.failed.count + 1
    }

    /// Makes the call on a modem that it got on its way, and gives that back.
    func make(_ call: Call, onNext lease: ModemLease) async -> CallEnd {
        call.tools.desk.modem(of: lease.session, isBusy: true)
        let end = await make(call, on: lease)
        let isClean = await !lease.session.mayComeUp && end.hangUpVerified && end.outcome != .modemFailed
        await call.putAway(lease, clean: isClean)
        return end
    }

    fileprivate func dial(
        _ route: Route,
        _ call: Call,
        lasting limit: Duration,
        on lease: ModemLease
    ) async throws(UntouchedFailure) -> CallEnd {
        guard !call.isEnding else { return .interruptedEarly }
        let (session, recorder) = (lease.session, call.tools.recorder)
        if !route.isEmergency, let failure = recorder.refusal { return CallEnd(unrecorded: failure) }
        let identity = await session.identity
        recorder.place(call.id, imei: identity.imei, imsi: identity.imsi, tty: lease.status.tty)
        var plan = route.plan(maxDuration: limit)
        (plan.announcement, plan.confirmation) = (order.announcement, confirmation(on: route, call.tools))
        if plan.confirmation != nil { (call.sound as? CallSound)?.waitForKey() }
        plan.hasSound = await session.maySound
        let digits = plan.steps.compactMap { step in if case .digit(let digit, _) = step { digit } else { nil } }
        if !plan.hasSound, let digit = await session.unsendable(in: digits) {
            // Known before the call, and paid for nothing.
            return CallEnd(
                outcome: .modemFailed,
                by: .local,
                detail: "this modem can't send the digit \(digit); take it out of the script, or take another modem"
            )
        }
        // The disk and the modem are busy at the same time; nothing is dialled before both have answered.
        async let noted = NotedJournal(recorder.journal(for: call.id), dialling: route.dials)
        do throws(ModemError) {
            let isLast = await isLastChance(call)
            try await session.prepareToDial(isForEmergency: route.isEmergency, mayBeDeaf: isLast)
        } catch {
            _ = await noted
            guard call.isEnding else {
                let end = CallEnd(outcome: error.callOutcome, by: .local, detail: error.description)
                guard error.callOutcome == .modemFailed else { return end }
                throw UntouchedFailure(end: end)
            }
            // Nothing was dialled by this call; one that an earlier run left behind is ended all the same.
            _ = await session.ensureIdle()
            return .interruptedEarly
        }
        if route.hidesNumber, let obstacle = await session.obstacleToHiding() {
            _ = await noted
            _ = await session.ensureIdle()
            return CallEnd(outcome: .noService, by: .local, detail: "our number can't be hidden: \(obstacle)")
        }
        // It has no call any more; what a crash left open is closed.
        recorder.modemIsIdle(imei: identity.imei, tty: lease.status.tty)
        var hooks = CallRun<OutgoingCallMachine>.Hooks { [weak call] progress in call?.take(progress) }
        hooks.journal = await noted
        hooks.soundNews = { [weak call] in call?.sound?.take($0) }
        hooks.digit = { [weak call] in call?.heard($0, from: .modem) }
        hooks.sound = { [weak call] command, tell in call?.perform(command, tell: tell) }
        let leg = ModemLeg(session, lease.loop, isHidden: route.hidesNumber)
        let run = CallRun(OutgoingCallMachine(plan: plan), on: leg, loop: lease.loop, hooks: hooks)
        let hears: @Sendable (LegEvent) -> Void = { run.post(.leg($0)) }
        call.runs(on: session, leg, lease.loop, hears: hears) { wish in
            if case .finish(let reason) = wish { run.post(.finished(reason)) } else { run.post(.interrupted) }
        }
        guard !call.isEnding else { return .interruptedEarly }
        // The fleet looks again before another call gets the modem.
        return await leg.verify(await run.run(), waits: false)
    }
}

/// The modem failed before anything was dialled on it; of help also where that is not known.
private struct UntouchedFailure: Error {
    /// How the call ends where no other modem makes it.
    let end: CallEnd
}

extension CallEnd {
    static func refused(_ reason: String?) -> CallEnd { CallEnd(outcome: .policy, by: .local, detail: reason) }
}
