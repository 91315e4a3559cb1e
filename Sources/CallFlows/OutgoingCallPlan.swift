package import CallModel

extension OutgoingCallMachine {
    /// What a call is to do, and how long each part may take.
    package struct Plan: Sendable, Equatable {
        /// `callthrough` or `direct`; the machine treats them alike, a direct call just has no tones to send.
        package var method: CallMethod
        /// The number to dial, as it goes on the wire.
        package var number: String
        /// What is sent as tones after the answer.
        package var steps: [DTMFScript.Step]
        /// The pause between the answer and the first tone.
        package var settle: Duration
        /// The silence between two tones.
        package var gap: Duration
        /// How long the answer is awaited, counted from dialling.
        package var answerWithin: Duration
        /// How long the call may last, counted from the answer.
        package var maxDuration: Duration
        /// How long the modem may take to acknowledge one tone, the tone itself included.
        package var digitWithin: Duration
        /// How long the modem may take to hang up and to prove it.
        package var hangUpWithin: Duration

        /// Creates a plan; the durations have the contract's defaults, and negative ones count as zero.
        package init(
            method: CallMethod,
            number: String,
            steps: [DTMFScript.Step] = [],
            settle: Duration = .milliseconds(1500),
            gap: Duration = .milliseconds(120),
            answerWithin: Duration = .seconds(60),
            maxDuration: Duration = .seconds(3600),
            digitWithin: Duration = .seconds(10),
            hangUpWithin: Duration = .seconds(45)
        ) {
            self.method = method
            self.number = number
            self.steps = steps
            self.settle = settle
            self.gap = gap
            self.answerWithin = answerWithin
            self.maxDuration = maxDuration
            self.digitWithin = digitWithin
            self.hangUpWithin = hangUpWithin
        }
    }

    /// The plan's tones, each with the pauses that stand before it.
    ///
    /// Pauses behind the last tone are left out: from there on people talk.
    struct Tone: Sendable, Equatable {
        var character: Character
        var isSecret: Bool
        var pauseBefore: Duration

        static func list(_ steps: [DTMFScript.Step]) -> [Tone] {
            var tones: [Tone] = []
            var pause = Duration.zero
            for step in steps {
                switch step {
                case .digit(let character, let secret):
                    tones.append(Tone(character: character, isSecret: secret, pauseBefore: pause))
                    pause = .zero
                case .pause(let duration):
                    pause += min(max(duration, .zero), OutgoingCallMachine.longest)
                }
            }
            return tones
        }
    }
}

extension OutgoingCallMachine {
    /// What happens to a call.
    package enum Event: Sendable, Equatable {
        /// The called side is being rung.
        case alerting
        /// The network says that the call is answered.
        case answered
        /// The modem has taken the outstanding tone, which sounds for `tone` from when it was sent.
        case digitAcknowledged(tone: Duration)
        /// The modem refused the outstanding tone, or its answer leaves open whether it was sent: it is never resent.
        case digitFailed(String)
        /// The modem reports that the call is gone.
        case released(Release)
        /// The modem failed or vanished; its own side has tried to hang up.
        case modemFailed(String)
        /// The user or the service wants the call to end.
        case interrupted
        /// The hang-up is done; `verified` says that the modem was seen without a call.
        case hungUp(verified: Bool)
        /// The armed instant has come.
        case timer
    }

    /// What the shell has to do, in this order.
    package enum Action: Sendable, Equatable {
        /// Dial this number as a voice call.
        case dial(String)
        /// Send this tone once, and answer with `digitAcknowledged` or `digitFailed`; a secret one must not be logged.
        case sendDigit(Character, secret: Bool)
        /// End every call on the modem, verify it, and answer with `hungUp`.
        case hangUp
        /// Feed `timer` at this instant; replaces what was armed before.
        case arm(ContinuousClock.Instant)
        /// Feed no `timer` any more.
        case disarm
        /// Tell this to whoever watches.
        case report(CallProgress)
        /// The call is over: nothing follows.
        case finish(CallEnd)
    }
}

extension OutgoingCallMachine.Action: CustomStringConvertible {
    /// The action in words, without secrets.
    package var description: String {
        switch self {
        case .dial(let number): "dial \(number)"
        case .sendDigit(let character, let secret): "send \(secret ? "•" : character)"
        case .hangUp: "hang up"
        case .arm(let instant): "arm \(instant)"
        case .disarm: "disarm"
        case .report(let progress): "report \(progress)"
        case .finish(let end): "finish \(end)"
        }
    }
}
