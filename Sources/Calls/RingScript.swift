internal import CallEndpoints
internal import CallFlows
internal import CallLog
internal import CallModel
internal import GatewayAPI
internal import Settings

/// A call that comes in and was not expected, over a line of any kind: refused, left ringing, answered, or decided by a person.
protocol RingScript: CallScript {
    /// What is done with it.
    var wish: Configuration.Gateway.UnknownCallers { get }
    /// The call, once it has begun.
    var run: CallRun<IncomingCallMachine>? { get }
    /// Why a person can't take it; nil where nothing is in the way.
    var obstacle: String? { get }

    /// Has the sound of a call that rings telephones be that of the person at this box who has answered it.
    func seatAtBox(_ call: Call)
}

extension RingScript {
    var occupiesModem: Bool { false }
    var tones: ManualTones {
        ManualTones(refusal: "tones can be sent once the call is answered, one series at a time")
    }
    var obstacle: String? { nil }

    func seatAtBox(_ call: Call) { call.carry(CallSound(call.endAtBox, of: call)) }

    /// The plan for it.
    ///
    /// - Parameter endless: how long the ring is left alone where no person has to decide.
    func plan(
        _ method: CallMethod,
        _ number: String?,
        for call: Call,
        endless: Duration,
        asksForKey: Bool = true
    ) -> IncomingCallMachine.Plan {
        let longest = call.tools.configuration.policy.maxDuration
        if wish == .voicemail { call.carry(CallSound(messageOf: call)) }
        var plan = IncomingCallMachine.Plan(
            method: method,
            number: number,
            decideWithin: wish == .ask ? .seconds(120) : endless,
            maxDuration: wish == .voicemail ? min(CallSound.messageLimit, longest) : longest
        )
        if wish == .answer, asksForKey {
            plan.confirmation = people?.confirm.map { OutgoingCallMachine.Confirmation(digits: $0) }
        }
        return plan
    }

    /// The answer is on its way: waiting for a disk would cost the caller time, and nothing is spent by it that would have to be
    /// known first.
    func noteAnswer(of call: Call) {
        if wish == .answer || wish == .voicemail { call.errand { await call.note(.answer) } }
    }

    func answer(_ call: Call) async throws(ControlError) {
        guard wish == .ask || wish == .ignore, !call.isTalking, let run else {
            throw .conflict("the call does not wait for a decision")
        }
        if let obstacle { throw .conflict(obstacle) }
        // Asked for a key, who has taken it may not be its end; nothing is written down before.
        let isTaken = try await call.seatTaker()
        try await call.noteAnswer()
        // A person at this box answers: none of the phones that ring is our end.
        if !isTaken, call.ringsPhones { seatAtBox(call) }
        await run.take(.accept)
    }
}

extension CallRun<IncomingCallMachine>.Hooks {
    /// The hooks of a call whose sound is the call's own.
    init(soundOf call: Call, report: @escaping @Sendable (CallProgress) -> Void) {
        self.init(report: report)
        soundNews = { [weak call] in call?.sound?.take($0) }
        sound = { [weak call] command, tell in call?.perform(command, tell: tell) }
    }
}

extension CallSound {
    /// How long a caller's message may be.
    static let messageLimit: Duration = .seconds(180)
}
