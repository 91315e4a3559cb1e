package import ATProtocol

/// The sound of a modem's call, without any I/O: when it is switched on, tried again, mended and switched off.
///
/// | state | wanted | answered | taken | refused | timer | repair | unwanted | call over |
/// |---|---|---|---|---|---|---|---|---|
/// | off | waiting, or arming in a call that is up | (up) | – | – | – | – | – | (down) |
/// | waiting | – | arming, after the family's pause | – | – | – | – | off | off, told |
/// | pausing | – | – | – | – | arming | – | off, disarmed | off, told, disarmed |
/// | arming, a command before the last | – | – | next command | next command | – | – | off, disarmed | off, told, disarmed |
/// | arming, the last command | – | – | on, told | pausing while tries are left, else off, told | – | – | off, disarmed | off, told, disarmed |
/// | on | told again | – | – | – | – | arming with the remedy, once a call | off, disarmed | off, disarmed |
///
/// Told of a repair is `repaired` and `lost` in the place of `opened` and `refused`. What a command that was sent earlier
/// is answered counts no more. A way without commands is on at once.
package struct SoundMachine: Sendable {
    /// What is to be done.
    package enum Step: Sendable, Equatable {
        /// Send this, and feed ``replied(_:to:at:)`` with its number.
        case send(ATCommand, number: Int)
        /// Send this; what it is answered does not matter.
        case tell(ATCommand)
        case opened
        /// It can't be had in this call; why.
        case refused(String)
        /// It is on again.
        case repaired
        /// It was on, and can't be had any more in this call; why.
        case lost(String)
        /// The call is over before it was on, or nobody wants it any more.
        case over
    }

    /// How a command was answered.
    package enum Reply: Sendable, Equatable {
        case taken
        /// What the modem said, or that it said nothing.
        case refused(String)
    }

    private enum State: Sendable, Equatable {
        case off
        case waiting
        /// The next try is due.
        case pausing(until: ContinuousClock.Instant)
        /// A command is out.
        case arming
        case on
    }

    private var state = State.off
    private var way: SoundWay?
    /// Since when the call is up; nil while it is not.
    private var upSince: ContinuousClock.Instant?
    /// The commands that follow the one that is out.
    private var queue: ArraySlice<ATCommand> = []
    private var attempt = 0
    private var triesUntil: ContinuousClock.Instant?
    private var isRepairing = false
    private var wasRepaired = false
    private var isPrepared = false
    /// Whether anything was sent that is to be undone.
    private var isTouched = false
    private var number = 0
    /// Whether the modem showed in the last call that it needs a restart; see ``SoundWay/refusalTellsWear``.
    package private(set) var isWorn = false

    /// Creates the machine of a session.
    package init() {}

    /// When ``timePassed(at:)`` is to be called; nil while nothing is waited for.
    package var nextDue: ContinuousClock.Instant? {
        if case .pausing(let until) = state { return until }
        return nil
    }

    /// Whether it is on.
    package var isOn: Bool { state == .on }

    // MARK: Inputs

    /// The sound is wanted, by this way.
    package mutating func wanted(_ way: SoundWay, at now: ContinuousClock.Instant) -> [Step] {
        switch state {
        case .on: return [.opened]
        case .waiting, .pausing, .arming: return []
        case .off: break
        }
        self.way = way
        isRepairing = false
        state = .waiting
        return upSince.map { begin(upSince: $0, at: now) } ?? []
    }

    /// The call is answered, and people talk.
    package mutating func answered(at now: ContinuousClock.Instant) -> [Step] {
        guard upSince == nil else { return [] }
        upSince = now
        wasRepaired = false
        switch state {
        case .waiting: return begin(upSince: now, at: now)
        case .off, .pausing, .arming, .on: return []
        }
    }

    /// A command was answered.
    package mutating func replied(_ reply: Reply, to number: Int, at now: ContinuousClock.Instant) -> [Step] {
        guard state == .arming, number == self.number, let way else { return [] }
        if !queue.isEmpty { return sendNext() }
        switch reply {
        case .taken:
            state = .on
            if way.refusalTellsWear, attempt > 1, !isRepairing { isWorn = true }
            return [isRepairing ? .repaired : .opened]
        case .refused(let words):
            let due = now + way.retryAfter
            guard attempt < way.attempts, let triesUntil, due <= triesUntil else {
                return fail(words)
            }
            state = .pausing(until: due)
            return []
        }
    }

    /// The time has come that ``nextDue`` said.
    package mutating func timePassed(at now: ContinuousClock.Instant) -> [Step] {
        guard case .pausing(let until) = state, until <= now else { return [] }
        return tryOnce()
    }

    /// The sound has stopped, although it is on.
    package mutating func repair(at now: ContinuousClock.Instant) -> [Step] {
        guard state == .on, let way else { return [] }
        guard !wasRepaired else { return [.lost("it has stopped again after it was switched on anew")] }
        guard !way.remedy.isEmpty || !way.arm.isEmpty else { return [.lost("no command brings it back")] }
        wasRepaired = true
        isRepairing = true
        attempt = 0
        triesUntil = now + way.armsWithin
        return tryOnce(with: way.remedy)
    }

    /// Nobody wants it any more.
    package mutating func unwanted() -> [Step] { stop() }

    /// The call is over, or the line gone.
    package mutating func ended() -> [Step] {
        upSince = nil
        return stop()
    }

    /// The modem has started anew: what was set for the sound is forgotten.
    package mutating func restarted() {
        isPrepared = false
        isWorn = false
    }

    // MARK: Parts

    private mutating func begin(upSince: ContinuousClock.Instant, at now: ContinuousClock.Instant) -> [Step] {
        guard let way else { return [] }
        let due = max(now, upSince + way.settles)
        attempt = 0
        triesUntil = due + way.armsWithin
        isWorn = false
        guard due > now else { return tryOnce() }
        state = .pausing(until: due)
        return []
    }

    private mutating func tryOnce(with remedy: [ATCommand] = []) -> [Step] {
        guard let way else { return [] }
        attempt += 1
        var commands = remedy
        if !isPrepared {
            commands += way.prepare
            isPrepared = true
        }
        commands += way.arm
        queue = commands[...]
        guard !queue.isEmpty else {
            state = .on
            return [isRepairing ? .repaired : .opened]
        }
        isTouched = true
        state = .arming
        return sendNext()
    }

    private mutating func sendNext() -> [Step] {
        guard let command = queue.popFirst() else { return [] }
        number += 1
        return [.send(command, number: number)]
    }

    private mutating func fail(_ words: String) -> [Step] {
        let command = way?.arm.last?.text ?? ""
        let tries = attempt == 1 ? "" : ", \(attempt) times"
        let reason = "the modem refuses to switch the sound on (\(command): \(words)\(tries))"
        let steps: [Step] = [isRepairing ? .lost(reason) : .refused(reason)]
        if way?.refusalTellsWear == true { isWorn = true }
        state = .off
        return steps + disarm()
    }

    private mutating func stop() -> [Step] {
        let before = state
        state = .off
        queue = []
        switch before {
        case .off: return []
        case .waiting: return [.over]
        case .pausing, .arming: return [isRepairing ? .lost("the call is over") : .over] + disarm()
        case .on: return disarm()
        }
    }

    private mutating func disarm() -> [Step] {
        defer { isTouched = false }
        guard isTouched, let way else { return [] }
        return way.disarm.map { .tell($0) }
    }
}
