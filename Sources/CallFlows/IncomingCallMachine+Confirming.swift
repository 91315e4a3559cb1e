internal import CallModel

// The key by which the other side shows that a person is there, before anybody is joined with it; and what is told to it.
extension IncomingCallMachine {
    /// Begins what comes behind the answer.
    mutating func beginTalk(at now: ContinuousClock.Instant) -> [CallStep] {
        guard let confirmation = plan.confirmation else {
            let words = plan.announcement
            return talk(words.isEmpty ? [] : [.sound(.announce(words, repeats: false))], at: now)
        }
        state = .confirming(entered: "")
        let words = plan.announcement + Playback.confirming(with: confirmation.digits)
        return [.sound(.announce(words, repeats: true)), arm(min(confirmation.within, plan.maxDuration), after: now)]
    }

    /// Has the time for the key count anew, because only now somebody is there to press it.
    mutating func waitAnew(at now: ContinuousClock.Instant) -> [CallStep] {
        guard case .confirming = state, let confirmation = plan.confirmation else { return [] }
        return [arm(min(confirmation.within, plan.maxDuration), after: now)]
    }

    private mutating func talk(_ sound: [CallStep] = [], at now: ContinuousClock.Instant) -> [CallStep] {
        state = .inProgress
        return [.report(.inProgress)] + sound + [arm(plan.maxDuration, after: now)]
    }

    /// Takes what is heard in the sound, or what became of it.
    mutating func heard(_ event: SoundEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .confirming(let entered): return confirming(event, entered, at: now)
        case .inProgress where !plan.announcement.isEmpty && plan.confirmation == nil: return announcing(event, at: now)
        case .ready, .ringing, .answering, .inProgress, .ending, .ended: return []
        }
    }

    private mutating func confirming(
        _ event: SoundEvent,
        _ entered: String,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        guard let wanted = plan.confirmation?.digits else { return [] }
        switch event {
        case .digit(let digit):
            let entered = String((entered + String(digit)).suffix(wanted.count))
            guard entered == wanted else {
                state = .confirming(entered: entered)
                return []
            }
            guard plan.announcement.isEmpty else {
                // What was to be told is told, and was understood.
                return [.report(.inProgress), .sound(.hush)] + end(.completed, detail: "confirmed", at: now)
            }
            return [.sound(.hush)] + talk(at: now)
        case .unavailable(let reason): return end(.modemFailed, detail: "nobody can confirm: \(reason)", at: now)
        case .prompt, .announced: return []
        }
    }

    private mutating func announcing(_ event: SoundEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .announced: end(.completed, detail: nil, at: now)
        case .unavailable(let reason):
            end(.modemFailed, detail: "the announcement was not played: \(reason)", at: now)
        case .digit, .prompt: []
        }
    }

    /// The clause for one who pressed nothing.
    var unconfirmed: String { "answered, but \(plan.confirmation?.digits ?? "the key") was not pressed" }
}
