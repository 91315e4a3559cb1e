internal import CallModel

// What the call's sound has to do with it: the prompt before the first tone, tones that are played, the key that confirms.
extension OutgoingCallMachine {
    /// The silence between the PBX's prompt and the first tone.
    static let afterPrompt = Duration.milliseconds(200)
    /// The wait before a refused tone is asked for once more.
    static let afterRefusal = Duration.milliseconds(500)

    /// Begins what comes behind the hand-over.
    mutating func beginTalk(limit: ContinuousClock.Instant, at now: ContinuousClock.Instant) -> [CallStep] {
        if let confirmation = plan.confirmation {
            state = .confirming(entered: "", limit: limit)
            let words = plan.announcement + Playback.confirming(with: confirmation.digits)
            let due = min(Self.instant(confirmation.within, after: now), limit)
            return [.sound(.announce(words, repeats: true)), arm(due)]
        }
        state = .inProgress(limit: limit)
        let sound: [CallStep] = plan.announcement.isEmpty ? [] : [.sound(.announce(plan.announcement, repeats: false))]
        return [.report(.inProgress)] + sound + [arm(limit)]
    }

    /// Sends a tone by the modem, or plays it.
    func send(_ tone: Tone) -> CallStep {
        isInBand
            ? .sound(.tone(tone.character, lasting: plan.tone, isSecret: tone.isSecret))
            : .leg(.tone(tone.character, lasting: plan.tone, isSecret: tone.isSecret))
    }

    /// Takes that the modem has plainly not sent a tone.
    mutating func toneRefused(_ reason: String, at now: ContinuousClock.Instant) -> [CallStep] {
        guard case .sending(let index, _, let limit) = state else { return [] }
        guard plan.hasSound, !isInBand else { return toneFailed(reason, at: now) }
        isInBand = isRefused
        isRefused = !isInBand
        return [wait(for: index, until: Self.instant(Self.afterRefusal, after: now), limit: limit)]
    }

    /// Takes what is heard in the sound, or what became of it.
    mutating func heard(_ event: SoundEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        switch state {
        case .waiting(next: 0, let limit) where plan.promptWithin != nil && !isPrompted:
            return prompted(event, limit: limit, at: now)
        case .confirming(let entered, let limit): return confirming(event, entered, limit: limit, at: now)
        case .inProgress where !plan.announcement.isEmpty && plan.confirmation == nil: return announcing(event, at: now)
        case .ready, .dialling, .waiting, .sending, .inProgress, .hangingUp, .ended: return []
        }
    }

    private mutating func prompted(
        _ event: SoundEvent,
        limit: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        let due: ContinuousClock.Instant
        switch event {
        case .prompt: due = Self.instant(Self.afterPrompt, after: now)
        case .unavailable: due = max(now, Self.instant(plan.settle, after: answeredAt ?? now))
        case .digit, .announced: return []
        }
        // A pause that the script begins with is meant as one behind the settle time.
        let pause = tones.first?.pauseBefore ?? .zero
        isPrompted = true
        return [wait(for: 0, until: Self.instant(pause, after: due), limit: limit)]
    }

    private mutating func confirming(
        _ event: SoundEvent,
        _ entered: String,
        limit: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) -> [CallStep] {
        switch event {
        case .digit(let digit):
            let wanted = plan.confirmation?.digits ?? ""
            let entered = String((entered + String(digit)).suffix(wanted.count))
            guard entered == wanted else {
                state = .confirming(entered: entered, limit: limit)
                return []
            }
            state = .inProgress(limit: limit)
            guard plan.announcement.isEmpty else {
                // What was to be told is told, and was understood.
                return [.report(.inProgress), .sound(.hush)] + hangUp(.completed, detail: "confirmed", at: now)
            }
            return [.report(.inProgress), .sound(.hush), arm(limit)]
        case .unavailable(let reason):
            return hangUp(.modemFailed, detail: "nobody can confirm: \(reason)", at: now)
        case .prompt, .announced: return []
        }
    }

    private mutating func announcing(_ event: SoundEvent, at now: ContinuousClock.Instant) -> [CallStep] {
        switch event {
        case .announced: return hangUp(.completed, detail: nil, at: now)
        case .unavailable(let reason):
            return hangUp(.modemFailed, detail: "the announcement was not played: \(reason)", at: now)
        case .digit, .prompt: return []
        }
    }

    /// The clause for a call that was answered by a machine, or by a person who pressed nothing.
    var unconfirmed: String { "answered, but \(plan.confirmation?.digits ?? "the key") was not pressed" }
}
