internal import CallFlows
internal import CallLog
internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import Settings
internal import Synchronization

/// A call that comes in from somebody whom nobody expects: refused, left ringing, answered, or decided by a person.
///
/// Every way out ends with exactly one `call.ended` event.
final class IncomingServiceCall: SteerableCall, ServiceWork {
    private struct State: Sendable {
        var run: CallRun<IncomingCallMachine>?
        var isTalking = false
        var isSendingTones = false
    }

    /// How long a ring is left alone that nobody has to decide about: longer than any network lets it ring.
    private static let endless: Duration = .seconds(3600)

    let id = UUID()
    private let wish: Configuration.Gateway.UnknownCallers
    private let takesModem: Bool
    private let place: RingPlace
    private let tools: CallTools
    private let leg: ModemLeg
    private let state = Mutex(State())

    private init(
        _ wish: Configuration.Gateway.UnknownCallers,
        takesModem: Bool,
        place: RingPlace,
        tools: CallTools
    ) {
        self.wish = wish
        self.takesModem = takesModem
        self.place = place
        leg = ModemLeg(place.session, place.loop)
        self.tools = tools
    }

    /// Begins with the ring; to be called on the loop of its session.
    ///
    /// - Parameters:
    ///   - call: the call that rings.
    ///   - wish: what is done with it; with `answer` the modem has been told so already.
    ///   - takesModem: whether the modem is the call's; false where another call has it.
    /// - Returns: what takes the updates of the call.
    static func begin(
        _ call: IncomingCall,
        _ wish: Configuration.Gateway.UnknownCallers,
        takesModem: Bool,
        place: RingPlace,
        tools: CallTools
    ) -> @Sendable (IncomingUpdate) -> Void {
        let incoming = IncomingServiceCall(wish, takesModem: takesModem, place: place, tools: tools)
        incoming.ring(call)
        return { incoming.leg.take($0) }
    }

    private func ring(_ call: IncomingCall) {
        leg.follow(call)
        let number = tools.shown(call.number)
        let plan = IncomingCallMachine.Plan(
            number: number,
            decideWithin: wish == .ask ? .seconds(120) : Self.endless,
            maxDuration: tools.configuration.policy.maxDuration,
            hangUpWithin: .seconds(120)
        )
        let run = CallRun(
            IncomingCallMachine(plan: plan),
            on: leg,
            loop: place.loop,
            hooks: CallRun.Hooks { [weak self] progress in self?.take(progress) }
        )
        state.withLock { $0.run = run }
        var details = CallRecorder.Details(method: .direct, direction: .incoming)
        details.target = number
        details.number = number
        details.modem = place.modem.name
        details.payer = "none"
        tools.recorder.begin(id, details)
        tools.recorder.place(
            id,
            modem: place.modem.name,
            imei: place.modem.imei,
            imsi: nil,
            tty: place.modem.tty
        )
        var status = CallStatus(call: id, method: .direct, direction: .incoming, state: .ringing, requestedAt: Date())
        status.target = number
        status.modem = place.modem.name
        _ = tools.calls.insert(status, self)
        let request = CallEvent.Request(
            method: .direct,
            direction: .incoming,
            target: number ?? "",
            modem: place.modem.name
        )
        tools.emit(CallEvent(.requested(request), call: id))
        let decision: IncomingCallMachine.Decision =
            switch wish {
            case .reject: .refuse
            case .ignore, .ask: .ask
            case .answer: .answering
            }
        run.assumeIsolated { run in run.begin { $0.start(decision, at: $1) } }
        tools.begin(self)
    }

    /// Takes the modem for the call, and follows it to its end.
    func run() async -> CallEnd {
        guard let run = state.withLock({ $0.run }) else { return ModemCall.interruptedEarly }
        if wish == .answer {
            // The answer is on its way: waiting for a disk would cost the caller time, and nothing is spent by it that
            // would have to be known first.
            Task { [tools, id] in await Self.note(.answer, id, tools) }
        }
        var lease: ModemLease?
        if takesModem {
            lease = await tools.fleet.leaseForIncoming(place.session) { [weak self] in self?.interrupt() }
            // A call that dials was quicker, and this one would be in its way.
            if lease == nil { await run.take(.decline) }
        }
        await tools.identify(id, place.session)
        var end = await run.result()
        state.withLock { $0.isTalking = false }
        // Another call that has the modem looks by itself.
        if lease != nil { end = await leg.verify(end) }
        await lease?.giveBack(clean: end.hangUpVerified && end.outcome != .modemFailed)
        tools.emit(CallEvent(.progress(.ended(end)), call: id))
        return end
    }

    /// Writes a step down that is being taken already; a log that fails is only told of.
    static func note(_ step: JournalStep.Kind, _ call: UUID, _ tools: CallTools) async {
        do { try await tools.recorder.intend(step, call) } catch {
            tools.log.warning("the step \(step.rawValue) is missing in the journal: \(error)")
        }
    }

    private func take(_ progress: CallProgress) {
        if case .ended = progress { return }
        if case .inProgress = progress { state.withLock { $0.isTalking = true } }
        tools.emit(CallEvent(.progress(progress), call: id))
    }

    private func interrupt() {
        state.withLock { $0.run }?.post(.interrupted)
    }

    // MARK: Steering

    func hangUp() {
        tools.calls.isEnding(id)
        state.withLock { $0.run }?.post(.hangUp)
    }

    func answer() async throws(ControlError) {
        guard wish == .ask || wish == .ignore, let run = state.withLock({ $0.isTalking ? nil : $0.run }) else {
            throw .conflict("the call does not wait for a decision")
        }
        guard takesModem else { throw .conflict("another call has the modem") }
        do { try await tools.recorder.intend(.answer, id) } catch {
            throw .unavailable("a call that can't be written down isn't answered: \(error)")
        }
        await run.take(.accept)
    }

    func sendTones(_ tones: String) async throws(ControlError) {
        let mayBegin = state.withLock { state in
            guard state.isTalking, !state.isSendingTones else { return false }
            state.isSendingTones = true
            return true
        }
        guard mayBegin else { throw .conflict("tones can be sent once the call is answered, one series at a time") }
        defer { state.withLock { $0.isSendingTones = false } }
        try await Tones.send(tones, on: place.session, tone: .milliseconds(120), gap: .milliseconds(120))
    }
}
