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
        /// How long the PBX's prompt tone is awaited instead, from the answer on; nil to go by the clock alone.
        ///
        /// Where the call has no sound, ``settle`` counts.
        package var promptWithin: Duration?
        /// Whether the call has sound into which tones can be played that the modem refuses.
        package var hasSound = false
        /// What is to be played to the other side, after which the call ends; nothing where people talk.
        package var announcement: [Playback] = []
        /// The key that the other side has to press before anything else happens; nil where the answer will do.
        package var confirmation: Confirmation?
        /// The silence between two tones.
        package var gap: Duration
        /// How long each tone lasts.
        package var tone: Duration
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
            tone: Duration = .milliseconds(120),
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
            self.tone = tone
            self.answerWithin = answerWithin
            self.maxDuration = maxDuration
            self.digitWithin = digitWithin
            self.hangUpWithin = hangUpWithin
        }
    }

    /// A key that shows that a person listens: a mailbox presses none.
    package struct Confirmation: Sendable, Equatable {
        /// The digits to be pressed, 1 to 8.
        package var digits: String
        /// How long they are awaited, counted from the hand-over.
        package var within: Duration

        /// Creates a confirmation.
        package init(digits: String, within: Duration = .seconds(45)) {
            self.digits = digits
            self.within = within
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
    package enum Event: CallMachineEvent {
        /// Something happened to its leg.
        case leg(LegEvent)
        /// The user or the service wants the call to end.
        case interrupted
        /// Our end has left the call, or has had its say; how.
        case finished(String)
        /// The armed instant has come.
        case timer

        /// Hung up here: it ends as it does when everything ends.
        package static var hangUp: Event { .interrupted }
    }
}
