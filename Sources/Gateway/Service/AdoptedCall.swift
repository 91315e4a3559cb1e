internal import CallFlows
internal import CallLog
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import Settings
internal import Synchronization

/// A call that a dead program left up and that goes on as a call of this service, under its old id.
///
/// It is followed, can be hung up and takes tones; nothing is dialled or sent by itself.
final class AdoptedCall: SteerableCall, ServiceWork, SurvivingCall {
    private struct State: Sendable {
        var lease: ModemLease?
        var run: CallRun<IncomingCallMachine>?
        var isHungUp = false
        var isSendingTones = false
    }

    private let adoption: Adoption
    private let listed: LeftBehindCall
    private let tools: CallTools
    private let state = Mutex(State())

    private var id: UUID { adoption.record.call }

    /// Looks whether the call that a modem has is to go on, and writes down that it does.
    ///
    /// - Returns: nil when it has to be ended.
    static func take(_ listed: LeftBehindCall, _ modem: LineStatus, _ tools: CallTools) async -> AdoptedCall? {
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
            let call = AdoptedCall(adoption, listed, tools)
            // Before it is written down as this service's: whoever stops the service from here on finds it.
            guard call.enter(modem) else { throw Adoption.Refusal("there is such a call already") }
            do {
                if tools.desk.isStopping { throw Adoption.Refusal("the service is stopping") }
                try await tools.recorder.adopt(adoption, tty: modem.tty)
            } catch {
                tools.calls.withdraw(adoption.record.call)
                throw error
            }
            return call
        } catch {
            tools.log.warning("the call that was left up is ended: \(error)")
            return nil
        }
    }

    private init(_ adoption: Adoption, _ listed: LeftBehindCall, _ tools: CallTools) {
        self.adoption = adoption
        self.listed = listed
        self.tools = tools
    }

    /// Enters the call among the live ones.
    private func enter(_ modem: LineStatus) -> Bool {
        let record = adoption.record
        var status = CallStatus(
            call: id,
            method: CallMethod(rawValue: record.method) ?? .direct,
            direction: CallDirection(rawValue: record.direction) ?? .outgoing,
            state: .inProgress,
            requestedAt: record.requestedAt
        )
        status.target = record.target
        status.number = record.number
        status.pbx = record.pbx
        status.modem = modem.name
        status.connectedAt = record.connectedAt
        return tools.calls.insert(status, self)
    }

    /// Has the call go on, on the modem that is lent to it.
    func begin(on lease: ModemLease) {
        state.withLock { $0.lease = lease }
        tools.log.notice("a call that was left up goes on", metadata: ["call": "\(id.uuidString.lowercased())"])
        guard !tools.begin(self) else { return }
        // The service runs nothing any more: all that is left is to end it.
        hangUp()
        Task { _ = await run() }
    }

    /// Lets go of a call whose modem was lost before it could go on.
    func drop() {
        let detail = "the modem was lost before the call could be taken over"
        tools.emit(
            CallEvent(
                .progress(.ended(CallEnd(outcome: .modemFailed, by: .local, detail: detail, hangUpVerified: false))),
                call: id
            )
        )
    }

    /// Follows the call to its end.
    func run() async -> CallEnd {
        guard let lease = state.withLock({ $0.lease }) else { return ModemCall.interruptedEarly }
        let plan = IncomingCallMachine.Plan(
            number: adoption.record.number,
            maxDuration: adoption.lasts,
            hangUpWithin: .seconds(120)
        )
        let leg = ModemLeg(lease.session, lease.loop)
        let run = CallRun(
            IncomingCallMachine(plan: plan),
            on: leg,
            loop: lease.loop,
            hooks: CallRun.Hooks { [tools, id] progress in
                if case .ended = progress { return }
                tools.emit(CallEvent(.progress(progress), call: id))
            }
        )
        state.withLock { $0.run = run }
        tools.desk.modem(of: lease.session, isBusy: true)
        await run.begin { [adoption] in $0.adopt(answeredFor: adoption.answeredFor, at: $1) }
        if await !leg.adopt(listed) { await run.take(.leg(.failed("the modem has another call, or is gone"))) }
        // What came before it had begun was passed over.
        if state.withLock({ $0.isHungUp }) { await run.take(.hangUp) }
        var end = await run.result()
        state.withLock { $0.run = nil }
        end.hangUpVerified = await lease.session.ensureIdle() || (end.hangUpVerified && end.outcome == .modemFailed)
        end.detail = ["taken over after a crash", end.detail].compactMap(\.self).joined(separator: "; ")
        tools.desk.modem(of: lease.session, isBusy: false)
        await tools.authority.settle(id, DialAuthority.Settlement(of: end, dialled: true))
        await lease.giveBack(clean: end.hangUpVerified && end.outcome != .modemFailed)
        tools.emit(CallEvent(.progress(.ended(end)), call: id))
        return end
    }

    // MARK: Steering

    func hangUp() {
        tools.calls.isEnding(id)
        let run = state.withLock { state in
            state.isHungUp = true
            return state.run
        }
        run?.post(.hangUp)
    }

    func answer() async throws(ControlError) { throw .conflict("the call is answered already") }

    func sendTones(_ tones: String) async throws(ControlError) {
        let session = state.withLock { state -> ModemSession? in
            guard state.run != nil, !state.isSendingTones else { return nil }
            state.isSendingTones = true
            return state.lease?.session
        }
        guard let session else { throw .conflict("tones are sent one series at a time, while the call is up") }
        defer { state.withLock { $0.isSendingTones = false } }
        try await Tones.send(tones, on: session, tone: .milliseconds(120), gap: .milliseconds(120))
    }
}
