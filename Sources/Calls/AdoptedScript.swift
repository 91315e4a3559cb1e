internal import CallFlows
internal import CallLog
internal import CallModel
internal import CallPlanning
internal import CallRecords
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
package import Lines
internal import Logging
package import Modem
internal import Settings
internal import Synchronization

/// A call that a dead program left up and that goes on as a call of this service, under its old id.
///
/// It is followed, can be hung up and takes tones; nothing is dialled or sent by itself.
package final class AdoptedCall: SurvivingCall {
    private let call: Call
    private let script: AdoptedScript

    private var tools: CallTools { call.tools }

    /// Looks whether the call that a modem has is to go on, and writes down that it does.
    ///
    /// - Returns: nil when it has to be ended.
    package static func take(_ listed: LeftBehindCall, _ modem: LineStatus, _ tools: CallTools) async -> AdoptedCall? {
        guard tools.configuration.gateway.afterCrash == .adopt else { return nil }
        do {
            let (entries, record) = try await tools.recorder.leftBehind(imei: modem.imei, tty: modem.tty)
            var granted: Duration?
            if let call = record?.call { granted = await tools.authority.granted(to: call) }
            let adoption = try Adoption(
                entries,
                record,
                listed: Adoption.Listed(
                    direction: listed.direction,
                    number: listed.number
                ),
                limit: tools.configuration.policy.maxDuration,
                granted: granted,
                at: Date()
            )
            let adopted = AdoptedCall(adoption, listed, tools)
            // Before it is written down as this service's: a stop of the service from here on finds it.
            guard adopted.enter(modem) else { throw Adoption.Refusal("there is such a call already") }
            do {
                if tools.desk.isStopping { throw Adoption.Refusal("the service is stopping") }
                try await tools.recorder.adopt(adoption, tty: modem.tty)
            } catch {
                tools.calls.withdraw(adoption.record.call)
                throw error
            }
            return adopted
        } catch {
            tools.log.warning("the call that was left up is ended: \(error)")
            return nil
        }
    }

    private init(_ adoption: Adoption, _ listed: LeftBehindCall, _ tools: CallTools) {
        script = AdoptedScript(adoption, listed)
        call = Call(script, id: adoption.record.call, tools: tools)
        // What the dead program reserved is settled, and was spent.
        call.markReserved()
        call.markCost(true)
    }

    /// Enters the call among the live ones.
    private func enter(_ modem: LineStatus) -> Bool {
        let record = script.adoption.record
        var details = CallRecorder.Details(
            method: CallMethod(rawValue: record.method) ?? .direct,
            direction: CallDirection(rawValue: record.direction) ?? .outgoing
        )
        details.target = record.target
        details.pbx = record.pbx
        details.modem = modem.name
        var status = call.status(details, .inProgress)
        status.requestedAt = record.requestedAt
        status.number = record.number
        status.connectedAt = record.connectedAt
        return tools.calls.insert(status, call)
    }

    /// Has the call go on, on the modem that is lent to it.
    package func begin(on lease: ModemLease) {
        script.take(lease)
        tools.log.notice("a call that was left up goes on", metadata: ["call": "\(call.id.uuidString.lowercased())"])
        guard !tools.begin(call) else { return }
        // The service runs nothing any more: all that is left is to end it. Nothing waits for that; the run hangs up within its
        // two minutes.
        call.hangUp()
        Task { [call] in _ = await call.run() }
    }

    /// Lets go of a call whose modem was lost before it could go on.
    package func drop() {
        let detail = "the modem was lost before the call could be taken over"
        let end = CallEnd(outcome: .modemFailed, by: .local, detail: detail, hangUpVerified: false)
        tools.emit(CallEvent(.progress(.ended(end)), call: call.id))
    }

    /// See ``SurvivingCall/makeWay``; this object is gone once the call goes on.
    package var makeWay: @Sendable () -> Void { { [weak call] in call?.hangUp() } }
}

/// How an adopted call goes on: an answered call is the same in either direction.
final class AdoptedScript: CallScript {
    let adoption: Adoption
    private let listed: LeftBehindCall
    private let lease = Mutex<ModemLease?>(nil)

    let tones = ManualTones(refusal: "tones are sent one series at a time, while the call is up")

    init(_ adoption: Adoption, _ listed: LeftBehindCall) {
        self.adoption = adoption
        self.listed = listed
    }

    /// Takes the modem that has the call.
    func take(_ lease: ModemLease) { self.lease.withLock { $0 = lease } }

    func letGo() { lease.withLock { $0 = nil } }

    func findModem(for call: Call) async -> Result<ModemLease?, Call.Refusal> {
        guard let lease = lease.withLock({ $0 }) else { return .failure(Call.Refusal(.interruptedEarly)) }
        return .success(lease)
    }

    /// Follows the call to its end.
    func make(_ call: Call, on lease: ModemLease?) async -> CallEnd {
        guard let lease else { return .interruptedEarly }
        let plan = IncomingCallMachine.Plan(
            number: adoption.record.number,
            maxDuration: adoption.lasts,
            hangUpWithin: .seconds(120)
        )
        let leg = ModemLeg(lease.session, lease.loop)
        var hooks = CallRun<IncomingCallMachine>.Hooks { [weak call] in call?.take($0) }
        hooks.soundNews = { [weak call] in call?.sound?.take($0) }
        let run = CallRun(IncomingCallMachine(plan: plan), on: leg, loop: lease.loop, hooks: hooks)
        call.runs(on: lease.session, leg, lease.loop) { run.post($0 == .makeWay ? .interrupted : .hangUp) }
        await run.begin { [adoption] in $0.adopt(answeredFor: adoption.answeredFor, at: $1) }
        if await !leg.adopt(listed) { await run.take(.leg(.failed("the modem has another call, or is gone"))) }
        var end = await run.result()
        end.hangUpVerified = await leg.ensureIdle() || (end.hangUpVerified && end.outcome == .modemFailed)
        end.detail = ["taken over after a crash", end.detail].compactMap(\.self).joined(separator: "; ")
        return end
    }

    func answer(_ call: Call) async throws(ControlError) { throw .conflict("the call is answered already") }
}
