/// A registration at a PBX, without I/O.
///
/// The stack refreshes what is registered by itself, and each answer comes here. The table says what follows in each phase; `–` is
/// nothing, and an answer below 200 is nothing everywhere.
///
/// | phase | begin | 2xx | 401, 407 | 403, 404, 405, 410, 501, 604 | another answer | the alarm | end |
/// |---|---|---|---|---|---|---|---|
/// | idle | asking | – | – | – | – | – | ended |
/// | asking | – | registered | the password once; then refused | refused | waiting | – | ended |
/// | registered | – | registered | as asking | refused | waiting | asking, when it has lapsed | ended |
/// | waiting | – | – | – | – | – | asking | ended |
/// | refused | – | – | – | – | – | – | ended |
/// | ended | – | – | – | – | – | – | – |
///
/// A password that was refused is not tried again, nor is an account that is: PBXs lock those who go on, and their whole address.
struct AccountMachine {
    /// How an account stands.
    enum Phase: Hashable {
        case idle
        /// A REGISTER is under way.
        case asking
        /// Calls reach us until then, and the stack refreshes it before.
        case registered(until: ContinuousClock.Instant)
        /// It is tried again then.
        case waiting(until: ContinuousClock.Instant)
        /// It is not tried again.
        case refused
        case ended
    }

    /// What is to be done.
    enum Step: Hashable {
        case register
        case authenticate(realm: String)
        /// What it has open is closed, and the registration taken back with it.
        case close
        /// The machine wants to be told when this time has come; the next replaces it.
        case alarm(ContinuousClock.Instant)
        /// How it stands has changed.
        case tell
    }

    /// The first pause after a failure, which doubles up to the longest; each is made up to a fifth longer or shorter.
    static let shortestPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(600)
    /// How long a registration is believed beyond its end, while the stack tries to refresh it: one transaction (RFC 3261, 64·T1).
    static let patience = Duration.seconds(32)

    private(set) var phase = Phase.idle
    /// Why it does not stand better, in one line.
    private(set) var reason: String?
    /// Failures since it last was registered.
    private var failures = 0
    /// Whether the password was sent since it was last accepted.
    private var hasTriedPassword = false

    mutating func begin() -> [Step] {
        guard phase == .idle else { return [] }
        phase = .asking
        return [.register, .tell]
    }

    mutating func take(
        _ answer: RegisterAnswer,
        at now: ContinuousClock.Instant,
        _ random: inout some RandomNumberGenerator
    ) -> [Step] {
        guard answer.status >= 200 else { return [] }
        switch phase {
        case .idle, .waiting, .refused, .ended: return []
        case .asking, .registered: break
        }
        switch answer.status {
        case 200..<300: return accept(answer, at: now)
        case 401, 407:
            guard let realm = answer.realm else {
                return refuse("the registrar asks for a way to prove oneself that is not known here (\(answer.status))")
            }
            guard !hasTriedPassword else { return refuse("the user or the password is wrong (\(answer.status))") }
            hasTriedPassword = true
            return [.authenticate(realm: realm)]
        case 403, 404, 405, 410, 501, 604: return refuse("the registrar refuses: \(answer.status) \(answer.phrase)")
        default: return wait(answer, at: now, &random)
        }
    }

    /// Tells the machine that there is no way to ask, say because the password can't be read; it does not try again.
    mutating func give(up why: String) -> [Step] {
        switch phase {
        case .refused, .ended: []
        case .idle, .asking, .registered, .waiting: refuse(why)
        }
    }

    mutating func alarm(at now: ContinuousClock.Instant) -> [Step] {
        switch phase {
        case .idle, .asking, .refused, .ended: return []
        case .waiting(let end):
            guard now >= end else { return [.alarm(end)] }
            phase = .asking
            return [.register, .tell]
        case .registered(let end):
            guard now >= end + Self.patience else { return [.alarm(end + Self.patience)] }
            phase = .asking
            hasTriedPassword = false
            reason = "the registration has lapsed"
            return [.register, .tell]
        }
    }

    mutating func end() -> [Step] {
        defer { phase = .ended }
        return phase == .ended ? [] : [.close, .tell]
    }

    private mutating func accept(_ answer: RegisterAnswer, at now: ContinuousClock.Instant) -> [Step] {
        let until = now + .seconds(max(1, min(answer.expires ?? 3600, 86_400)))
        // A refresh is no news.
        let isNews = if case .registered = phase { false } else { true }
        phase = .registered(until: until)
        reason = nil
        failures = 0
        hasTriedPassword = false
        return [.alarm(until + Self.patience)] + (isNews ? [.tell] : [])
    }

    private mutating func refuse(_ why: String) -> [Step] {
        phase = .refused
        reason = why
        return [.tell]
    }

    private mutating func wait(
        _ answer: RegisterAnswer,
        at now: ContinuousClock.Instant,
        _ random: inout some RandomNumberGenerator
    ) -> [Step] {
        var pause = Self.shortestPause * (1 << min(failures, 10))
        pause = min(pause, Self.longestPause) * Double.random(in: 0.8...1.2, using: &random)
        if let seconds = answer.retryAfter { pause = max(pause, .seconds(min(max(0, seconds), 3600))) }
        failures += 1
        hasTriedPassword = false
        reason =
            answer.status == 408
            ? "the registrar does not answer"
            : "the registrar can't be reached or refuses for now: \(answer.status) \(answer.phrase)"
        phase = .waiting(until: now + pause)
        return [.alarm(now + pause), .tell]
    }
}
