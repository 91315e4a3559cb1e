internal import CallModel

// The key by which a caller shows that a person calls, before anybody is joined with him.
extension IncomingCallMachine {
    /// Begins what comes behind the answer.
    mutating func beginTalk(at now: ContinuousClock.Instant) -> [CallStep] {
        guard let confirmation = plan.confirmation else { return talk(at: now) }
        state = .confirming(entered: "")
        let words = Playback.confirming(with: confirmation.digits)
        return [.sound(.announce(words, repeats: true)), arm(min(confirmation.within, plan.maxDuration), after: now)]
    }

    private mutating func talk(at now: ContinuousClock.Instant) -> [CallStep] {
        state = .inProgress
        return [.report(.inProgress), arm(plan.maxDuration, after: now)]
    }

    /// Takes what is heard in the sound, or what became of it.
    mutating func heard(_ event: SoundEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        guard case .confirming(let entered) = state, let wanted = plan.confirmation?.digits else { return [] }
        switch event {
        case .digit(let digit):
            let entered = String((entered + String(digit)).suffix(wanted.count))
            guard entered == wanted else {
                state = .confirming(entered: entered)
                return []
            }
            return [.sound(.hush)] + talk(at: now)
        case .unavailable(let reason): return end(.modemFailed, detail: "nobody can confirm: \(reason)", at: now)
        case .prompt, .announced: return []
        }
    }

    /// The clause for a caller who pressed nothing.
    var unconfirmed: String { "answered, but \(plan.confirmation?.digits ?? "the key") was not pressed" }
}
