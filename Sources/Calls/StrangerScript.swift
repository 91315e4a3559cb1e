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

/// A call that comes in and was not expected: refused, left ringing, answered, or decided by a person.
final class StrangerScript: RingScript {
    /// How long a ring is left alone where no person has to decide: longer than any network lets it ring.
    private static let endless: Duration = .seconds(3600)

    let wish: Configuration.Gateway.UnknownCallers
    /// The rule by which people are rung or it is answered; nil for none.
    let people: Configuration.IncomingRule?
    private let takesModem: Bool
    private let place: RingPlace
    private let leg: ModemLeg
    private let running = Mutex<CallRun<IncomingCallMachine>?>(nil)
    /// The caller, where it is one who calls on through the box.
    private let disa: DISACaller?

    var run: CallRun<IncomingCallMachine>? { running.withLock { $0 } }

    private init(
        _ wish: Configuration.Gateway.UnknownCallers,
        by rule: Configuration.IncomingRule?,
        takesModem: Bool,
        place: RingPlace,
        callingOn disa: DISACaller?
    ) {
        self.disa = disa
        self.wish = wish
        people = rule
        self.takesModem = takesModem
        self.place = place
        leg = ModemLeg(place.session, place.loop)
    }

    /// Begins with the ring; to be called on the loop of its session.
    ///
    /// - Parameters:
    ///   - ring: the call that rings.
    ///   - wish: what is done with it; with `answer` the modem has been told so already.
    ///   - rule: the rule that says so; nil where it is none.
    ///   - takesModem: whether the modem is the call's; false where another call has it.
    ///   - disa: the caller, where it is one who calls on through the box.
    /// - Returns: what takes the updates of the call.
    static func begin(
        _ ring: IncomingCall,
        _ wish: Configuration.Gateway.UnknownCallers,
        by rule: Configuration.IncomingRule? = nil,
        takesModem: Bool,
        place: RingPlace,
        tools: CallTools,
        callingOn disa: DISACaller? = nil
    ) -> @Sendable (IncomingUpdate) -> Void {
        let script = StrangerScript(wish, by: rule, takesModem: takesModem, place: place, callingOn: disa)
        let call = Call(script, tools: tools)
        var details = CallRecorder.Details(method: .direct, direction: .incoming)
        details.number = tools.shown(ring.number)
        details.target = details.number
        details.modem = place.modem.name
        details.payer = "none"
        _ = tools.calls.insert(call.status(details, .ringing), call)
        call.open(details, on: place.modem)
        // What another call has the modem for goes on.
        if disa != nil {
            // Whom the caller wants is keyed, and comes later.
            call.carry(CallSound(CallEndpoint(.none), of: call))
        } else if takesModem {
            if wish == .ask, let rule {
                // The first of them to take it.
                call.carry(CallSound(CallEndpoint(.phone(rule.ringNames)), of: call))
            } else {
                tools.carrySound(call, rule: rule, modem: place.modem.name)
            }
        }
        script.start(ring, details.number, call)
        tools.begin(call)
        return { [leg = script.leg] in leg.take($0) }
    }

    private func start(_ ring: IncomingCall, _ number: String?, _ call: Call) {
        leg.follow(ring)
        var plan = self.plan(.direct, number, for: call, endless: Self.endless)
        plan.hangUpWithin = .seconds(120)
        var hooks = CallRun<IncomingCallMachine>
            .Hooks(soundOf: call) { [weak call, disa] progress in
                call?.take(progress)
                if progress == .inProgress { disa?.begin() }
            }
        hooks.digit = { [weak call] in call?.heard($0, from: .modem) }
        let run = CallRun(IncomingCallMachine(plan: plan), on: leg, loop: place.loop, hooks: hooks)
        running.withLock { $0 = run }
        let hears: @Sendable (LegEvent) -> Void = { [disa] event in
            if let disa { disa.take(event) } else { run.post(.leg(event)) }
        }
        let hides: @Sendable () -> Bool = { [disa] in disa?.keysAreSecret == true }
        call.runs(on: place.session, leg, place.loop, hears: hears, hidesKeys: hides) {
            run.post($0 == .makeWay ? .interrupted : .hangUp)
        }
        let decision: IncomingCallMachine.Decision =
            switch wish {
            case .reject: .refuse
            case .ignore, .ask: .ask
            case .answer, .voicemail: .answering
            }
        run.assumeIsolated { run in run.begin { $0.start(decision, at: $1) } }
    }

    /// Takes the modem on which it rings, where no other call has it.
    func findModem(for call: Call) async -> Result<ModemLease?, Call.Refusal> {
        noteAnswer(of: call)
        guard takesModem else { return .success(nil) }
        return .success(await call.lease(ringingOn: place.session))
    }

    /// Follows the call to its end.
    func make(_ call: Call, on lease: ModemLease?) async -> CallEnd {
        guard let run else { return .interruptedEarly }
        // A call that dials was quicker, and this one would be in its way.
        if takesModem, lease == nil { await run.take(.decline) }
        await call.tools.identify(call.id, place.session)
        let calling = disa.map { disa in Task { await disa.run(call) } }
        let end = await run.result()
        disa?.end()
        await calling?.value
        // Another call that has the modem looks by itself.
        return lease == nil ? end : await leg.verify(end)
    }

    var obstacle: String? { takesModem ? nil : "another call has the modem" }

    func seatAtBox(_ call: Call) {
        call.carry(CallSound(call.endAtBox, of: call))
        // The card that the rule names goes before the modem's own end.
        if call.cardAtBox == nil { call.tools.carrySound(call, modem: place.modem.name) }
    }
}

extension Call {
    /// Whether the first to take it of those that ring is to be its end.
    var ringsPhones: Bool {
        if let sound = sound as? CallSound, case .phone = sound.spec { true } else { false }
    }

    /// Where a person at this box hears and speaks who takes it: at the sound card that the rule names, else nowhere.
    var endAtBox: CallEndpoint { CallEndpoint(cardAtBox ?? .none) }

    /// The sound card that the rule names, in any of its steps: a person at the box may answer before that step's time.
    var cardAtBox: AudioSpec? {
        guard let people else { return nil }
        var rung = people.ring + people.then.flatMap(\.ring)
        if case .ring(let person) = people.otherwise { rung.append(person) }
        return rung.first { if case .alsa = $0 { true } else { false } }
    }

    /// Writes a step down that is being taken already; a log that fails is only told of.
    func note(_ step: JournalStep.Kind) async {
        do { try await tools.recorder.intend(step, id) } catch {
            tools.log.warning("the step \(step.rawValue) is missing in the journal: \(error)")
        }
    }

    /// Writes down that the call is about to be answered.
    func noteAnswer() async throws(ControlError) {
        do { try await tools.recorder.intend(.answer, id) } catch {
            throw .unavailable("a call that can't be written down isn't answered: \(error)")
        }
    }
}
