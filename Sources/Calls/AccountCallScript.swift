internal import CallEndpoints
internal import CallFlows
internal import CallLog
internal import CallModel
internal import CallRecords
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import Settings
internal import Synchronization

/// A call that comes in over an account: it rings people by the rules, else what is done with unknown callers.
package final class AccountCallScript: RingScript {
    /// How long a ring is left alone where no person has to decide.
    private static let endless: Duration = .seconds(180)

    let wish: Configuration.Gateway.UnknownCallers
    /// The rule by which people are rung or it is answered; nil for none.
    let people: Configuration.IncomingRule?
    private let leg: any AccountLeg
    /// What it is of a caller who is held here; nil for every other call.
    private let part: HoldBoard<UUID>.Part?
    private let running = Mutex<CallRun<IncomingCallMachine>?>(nil)

    var run: CallRun<IncomingCallMachine>? { running.withLock { $0 } }

    private init(
        _ wish: Configuration.Gateway.UnknownCallers,
        by rule: Configuration.IncomingRule?,
        _ leg: any AccountLeg,
        _ part: HoldBoard<UUID>.Part?
    ) {
        (self.wish, people, self.leg, self.part) = (wish, rule, leg, part)
    }

    /// Begins with the ring.
    ///
    /// - Parameters:
    ///   - account: the account's name.
    ///   - caller: the number as it came; nil where it is withheld.
    ///   - called: the number that was called, where the PBX tells it.
    ///   - diverted: the number from which it was sent on, where the PBX tells it.
    /// - Returns: the call; nil where the service begins none any more.
    package static func begin(
        _ account: String,
        from caller: String?,
        to called: String? = nil,
        divertedFrom diverted: String? = nil,
        on leg: any AccountLeg,
        _ tools: CallTools
    ) -> Call? {
        let rule = tools.rule(line: account, caller: caller)
        let byRule = rule.map { $0.audio == nil ? Configuration.Gateway.UnknownCallers.ask : .answer }
        let id = UUID()
        let part =
            tools.desk.isStopping ? nil : tools.desk.holds.place(id, at: account, from: caller, to: called, tools)
        let wish =
            tools.desk.isStopping ? .reject : part?.wish ?? byRule ?? tools.configuration.gateway.unknownCallers
        let script = AccountCallScript(wish, by: rule, leg, part)
        let call = Call(script, id: id, tools: tools)
        var details = CallRecorder.Details(method: .internet, direction: .incoming)
        details.number = tools.shown(caller) ?? caller
        details.target = details.number
        details.account = account
        details.pbx = tools.configuration.sip.accounts.first { $0.name == account }?.pbx
        details.payer = "none"
        details.origin = "account:\(account)"
        var line = CallRecord.Leg(kind: .sip, number: details.number, direction: "incoming", payer: "none")
        line.account = account
        details.legs = [line]
        var status = call.status(details, .ringing)
        status.line = account
        status.called = tools.shown(called) ?? called
        status.divertedFrom = tools.shown(diverted) ?? diverted
        guard tools.calls.insert(status, call) else {
            tools.desk.holds.ended(call)
            return nil
        }
        call.open(details)
        if part != nil {
            // Who is to hear it comes later.
            call.carry(CallSound(CallEndpoint(.none), of: call))
        } else if let rule, wish == .ask {
            call.carry(CallSound(CallEndpoint(.phone(rule.ringNames)), of: call))
        } else if wish == .answer {
            tools.carrySound(call, rule: rule, pbx: details.pbx, modem: nil)
        }
        script.start(details.number, call, caller)
        guard !tools.begin(call) else { return call }
        tools.desk.holds.ended(call)
        return nil
    }

    private func start(_ number: String?, _ call: Call, _ caller: String?) {
        let plan = self.plan(.internet, number, for: call, endless: Self.endless, asksForKey: part == nil)
        let hooks = CallRun<IncomingCallMachine>
            .Hooks(soundOf: call) { [weak call, part, people, leg] progress in
                // People talk once the two are joined.
                guard let part, progress == .inProgress else { return call?.take(progress) ?? () }
                if let call { call.tools.desk.holds.answered(call, on: leg, as: part, rule: people, caller) }
            }
        let run = CallRun(IncomingCallMachine(plan: plan), on: leg, loop: leg.loop, hooks: hooks)
        running.withLock { $0 = run }
        let hears: @Sendable (LegEvent) -> Void = { [weak call, part] event in
            guard case .arrival = part else { return run.post(.leg(event)) }
            if let call, case .heard(.digit(let digit)) = event { call.tools.desk.holds.heard(digit, in: call) }
        }
        let isSecret = if case .arrival = part { true } else { false }
        let hides: @Sendable () -> Bool = { [weak call] in isSecret && call?.isTalking == false }
        call.runs(on: nil, leg, leg.loop, hears: hears, hidesKeys: hides) {
            run.post($0 == .makeWay ? .interrupted : .hangUp)
        }
        let decision: IncomingCallMachine.Decision =
            switch wish {
            case .reject: .refuse
            case .ignore, .ask: .ask
            case .answer, .voicemail: .answer
            }
        leg.loop.start { await run.begin { $0.start(decision, at: $1) } }
    }

    func findModem(for call: Call) async -> Result<ModemLease?, Call.Refusal> {
        noteAnswer(of: call)
        return .success(nil)
    }

    /// Follows the call to its end.
    func make(_ call: Call, on lease: ModemLease?) async -> CallEnd {
        guard let run = running.withLock({ $0 }) else { return .interruptedEarly }
        var end = await run.result()
        await call.tools.desk.holds.settle(call.id)
        if end.outcome == .completed, let outcome = call.tools.desk.holds.outcome(of: call.id) { end.outcome = outcome }
        if case .refused(let reason) = part { end.detail = reason }
        call.tools.desk.holds.ended(call)
        return leg.verify(end)
    }
}

extension HoldBoard<UUID>.Part {
    /// What is done with such a call.
    fileprivate var wish: Configuration.Gateway.UnknownCallers {
        switch self {
        case .caller, .arrival: .answer
        case .refused: .reject
        }
    }
}
