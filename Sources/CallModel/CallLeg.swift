/// Something that can dial, ring, answer, send tones and hang up: one leg of a call, on any line.
///
/// Commands go in, events come out in the order in which they happen, and nothing here waits. A leg lives on one executor, on
/// which it is commanded and on which its listener is called.
package protocol CallLeg: AnyObject, Sendable {
    /// Begins what a command says; what becomes of it is an event. Every command is legal at any time.
    func perform(_ command: LegCommand)

    /// Has every event told from now on; there is one listener.
    func listen(_ take: @escaping @Sendable (LegEvent) -> Void)

    /// Whether the line is gone, so that nothing will ever come of the leg.
    var isGone: Bool { get }

    /// Has the call's sound switched on, once the call is answered, and says where it lies; waits for both.
    ///
    /// What becomes of it afterwards is told as ``LegEvent/sound(_:)``. The end of the call switches it off.
    func openSound() async throws(LegSoundError) -> LegSound

    /// The sound is not wanted any more: it is switched off, and an ``openSound()`` that still waits fails.
    func closeSound()

    /// Whether anything comes from the other side just now: nothing for a while, or again.
    func soundStands(still: Bool)
}

extension CallLeg {
    /// Most lines tell an end by themselves.
    package func soundStands(still: Bool) {}
}

/// What a leg is told to do.
package enum LegCommand: Sendable, Equatable {
    /// Dial this number; the line may be silent for so long until the answer.
    case dial(String, blocksFor: Duration)
    /// Answer the call that rings; `answered`, `answerFailed` or `released` follows.
    case answer
    /// Refuse the call that rings, as busy, and see that it stops; `hungUp` follows.
    case refuse
    /// End the call and verify it; `hungUp` follows.
    case hangUp
    /// Send this tone once; `toneTaken`, `toneRefused` or `toneFailed` follows, unless the call ends meanwhile. A secret one is never shown.
    case tone(Character, lasting: Duration, isSecret: Bool)
    /// The sound that was opened has stopped: try the line's remedy, once a call; `sound` says what came of it.
    case repairSound
}

/// What becomes of a leg.
package enum LegEvent: Sendable, Equatable {
    /// The number has gone out: from here on the call may cost something.
    case dialled
    /// The far end is being rung.
    case alerting
    /// It is answered, and the network says so.
    case answered
    /// The call that rings was not answered, and rings on; why.
    case answerFailed(String)
    /// The outstanding tone is taken; it sounds for so long from when it was sent.
    case toneTaken(Duration)
    /// The outstanding tone was plainly refused: it was not sent.
    case toneRefused(String)
    /// It is not known whether the outstanding tone was sent: it is never sent again.
    case toneFailed(String)
    /// Something was heard in the call's sound, or became of it.
    case heard(SoundEvent)
    /// The call is over.
    case released(CallRelease)
    /// The hang-up or the refusal is done; `verified` says that the line was seen without the call.
    case hungUp(verified: Bool)
    /// The line failed or vanished; whether the call still runs is unknown.
    case failed(String)
    /// Something became of its sound.
    case sound(SoundNews)
}

extension LegCommand: CustomStringConvertible {
    /// The command in words, without secrets.
    package var description: String {
        switch self {
        case .dial(let number, _): "dial \(number)"
        case .answer: "answer"
        case .refuse: "refuse"
        case .hangUp: "hang up"
        case .tone(let character, _, let isSecret): "send \(isSecret ? "•" : character)"
        case .repairSound: "repair the sound"
        }
    }
}
