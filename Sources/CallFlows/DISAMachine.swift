package import CallModel

/// What a listed caller does who rings the box to call on through it (direct inward system access), without any I/O: a PIN, a number,
/// and the call is placed.
///
/// | state \ input | digit | `#` | checked | time is up | joined | refused | gone |
/// |---|---|---|---|---|---|---|---|
/// | PIN | kept | compared → checking | – | as `#`, if something was keyed, else hang up | – | – | **ends** |
/// | checking | – | – | right → number; wrong → PIN again; locked **hang up** | – | – | – | **ends** |
/// | number | kept; `*` begins anew | place → placing; nothing keyed → asked again | – | keyed: place → placing; else hang up | – | – | **ends** |
/// | placing, which sounds like ringing | – | – | – | hang up | → joined | told → number again, the third time hang up | **ends** |
/// | joined | – | – | – | – | – | – | **ends** |
/// | over | – | – | – | – | – | – | – |
///
/// The PIN is compared by its owner (``Step/check(_:)``), in a time that does not depend on where it differs; it is in no description
/// of a step. What is keyed after the PIN is a number like one that a remote program asks for: calls for help, dear numbers and limits
/// stay closed to it. A machine lives for one call; tries are counted for a caller by ``PINGuard``, over all of his calls.
package struct DISAMachine: Sendable, Equatable {
    /// What happens.
    package enum Event: Sendable, Equatable {
        /// The caller has pressed a key.
        case digit(Character)
        /// Whether the PIN was right; the answer to ``Step/check(_:)``.
        case checked(isRight: Bool, isLocked: Bool)
        /// The other call is answered, and both hear each other.
        case joined
        /// The other call can't be made, or was not answered.
        case refused
        /// The armed instant has come.
        case timer
        /// The caller has left, or the call can't have sound.
        case gone
    }

    /// What is to be done.
    package enum Step: Sendable, Equatable {
        /// Play this to the caller, once or again and again; what was played before stops.
        case say([Playback], repeats: Bool = false)
        /// Compare this with the PIN, and feed `checked`.
        case check(Secret)
        /// Make the call to this number, and feed `joined` or `refused`.
        case place(String)
        /// Feed `timer` at this instant.
        case arm(ContinuousClock.Instant)
        /// Hang up, once what is being said has been heard; why.
        case hangUp(String)
    }

    /// Digits that nobody may read by accident.
    package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        private let digits: String

        init(_ digits: String) { self.digits = digits }

        /// The digits.
        package func reveal() -> String { digits }

        /// Nothing of it.
        package var description: String { "•" }
        /// Nothing of it.
        package var debugDescription: String { "•" }
    }

    private enum State: Sendable, Equatable {
        case ready
        case pin(Secret)
        case checking
        case number(String)
        case placing
        case joined
        case over
    }

    /// How long a key is waited for.
    ///
    /// What is announced takes up to six seconds of it.
    package static let keyWithin = Duration.seconds(20)
    /// How long all keys of the PIN may take, and those of a number: who keys on and on holds the modem no longer.
    package static let phaseWithin = Duration.seconds(90)
    /// How long the other call may take to be answered.
    package static let placeWithin = Duration.seconds(90)
    /// The longest PIN, and the longest number.
    package static let (pinLimit, numberLimit) = (12, 24)
    /// Numbers that may be tried in one call.
    package static let numberTries = 3

    private var state = State.ready
    private var refusals = 0
    /// When the PIN, or the number, has to be complete.
    private var phaseEnd: ContinuousClock.Instant?

    /// Creates the machine of a call that has not been answered.
    package init() {}

    /// Whether nothing more will come of it.
    package var isOver: Bool { state == .over }

    /// Whether what is keyed now may be a part of the PIN, and must be shown to nobody.
    package var keysAreSecret: Bool {
        switch state {
        case .ready, .pin, .checking, .over: true
        case .number, .placing, .joined: false
        }
    }

    /// Begins, once the call is answered.
    package mutating func start(at now: ContinuousClock.Instant) -> [Step] {
        guard state == .ready else { return [] }
        state = .pin(Secret(""))
        phaseEnd = now.advanced(by: Self.phaseWithin)
        return [.say([.phrase(.pin)]), key(now)]
    }

    /// Takes what happened; every event is legal at any time.
    package mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> [Step] {
        switch event {
        case .digit(let digit): return keyed(digit, at: now)
        case .checked(let isRight, let isLocked): return checked(isRight, isLocked, at: now)
        case .joined:
            guard state == .placing else { return [] }
            state = .joined
            return [.say([])]
        case .refused: return refused(at: now)
        case .timer: return timer(at: now)
        case .gone:
            state = .over
            return []
        }
    }

    private mutating func keyed(_ digit: Character, at now: ContinuousClock.Instant) -> [Step] {
        switch state {
        case .pin(let secret):
            if digit == "#" { return check(secret) }
            guard digit.isASCII, digit.isNumber else { return [key(now)] }
            // One more than a PIN may have is enough to be wrong.
            state = .pin(Secret(String((secret.reveal() + String(digit)).prefix(Self.pinLimit + 1))))
            return [key(now)]
        case .number(let number):
            switch digit {
            case "#": return number.isEmpty ? ask(at: now) : place(number, at: now)
            case "*":
                state = .number("")
                return [key(now)]
            case "0"..."9":
                guard number.count < Self.numberLimit else { return hangUp("the number that was keyed is too long") }
                state = .number(number + String(digit))
                return [key(now)]
            default: return [key(now)]
            }
        case .ready, .checking, .placing, .joined, .over: return []
        }
    }

    private mutating func check(_ secret: Secret) -> [Step] {
        state = .checking
        return [.check(secret)]
    }

    private mutating func checked(_ isRight: Bool, _ isLocked: Bool, at now: ContinuousClock.Instant) -> [Step] {
        guard state == .checking else { return [] }
        guard !isLocked else { return hangUp("the caller is locked after wrong PINs", saying: .wrong) }
        guard isRight else {
            state = .pin(Secret(""))
            return [.say([.phrase(.wrong), .phrase(.pin)]), key(now)]
        }
        phaseEnd = now.advanced(by: Self.phaseWithin)
        return ask(at: now)
    }

    private mutating func ask(at now: ContinuousClock.Instant) -> [Step] {
        state = .number("")
        return [.say([.phrase(.target)]), key(now)]
    }

    private mutating func place(_ number: String, at now: ContinuousClock.Instant) -> [Step] {
        state = .placing
        return [.say([.signal(.ringback)], repeats: true), .place(number), arm(Self.placeWithin, now)]
    }

    private mutating func refused(at now: ContinuousClock.Instant) -> [Step] {
        guard state == .placing else { return [] }
        refusals += 1
        guard refusals < Self.numberTries else { return hangUp("three numbers could not be reached", saying: .refused) }
        state = .number("")
        phaseEnd = now.advanced(by: Self.phaseWithin)
        return [.say([.signal(.congestion), .phrase(.refused), .phrase(.target)]), key(now)]
    }

    private mutating func timer(at now: ContinuousClock.Instant) -> [Step] {
        switch state {
        case .pin(let secret): secret.reveal().isEmpty ? hangUp("no PIN was keyed") : check(secret)
        case .number(let number): number.isEmpty ? hangUp("no number was keyed") : place(number, at: now)
        case .placing: hangUp("the other call took too long")
        case .ready, .checking, .joined, .over: []
        }
    }

    private mutating func hangUp(_ reason: String, saying phrase: Playback.Phrase? = nil) -> [Step] {
        state = .over
        return (phrase.map { [.say([.phrase($0)])] } ?? []) + [.hangUp(reason)]
    }

    /// Waits for the next key, and no longer than all of them may take.
    private func key(_ now: ContinuousClock.Instant) -> Step {
        let instant = now.advanced(by: Self.keyWithin)
        return .arm(phaseEnd.map { min($0, instant) } ?? instant)
    }

    private func arm(_ duration: Duration, _ now: ContinuousClock.Instant) -> Step { .arm(now.advanced(by: duration)) }
}

/// Compares PINs, and locks a caller for an hour after three wrong ones, in however many calls, and for twice as long after each
/// further one, a day at most.
///
/// A right PIN clears the count, and so does a day without a wrong one: a forged caller has some eight tries a day. Callers that are
/// locked or have failed are kept, 256 at most; the oldest go first.
package struct PINGuard: Sendable {
    /// Wrong PINs after which a caller is locked.
    package static let tries = 3
    /// For how long, the first time.
    package static let locksFor = Duration.seconds(3600)
    /// For how long wrong PINs are remembered.
    package static let remembersFor = Duration.seconds(86_400)
    private static let limit = 256

    private struct Entry: Sendable {
        var caller: String
        var failures: Int
        var last: ContinuousClock.Instant

        /// For how long the caller is locked from the last one on.
        var lock: Duration {
            guard failures >= PINGuard.tries else { return .zero }
            return min(PINGuard.locksFor * (1 << min(failures - PINGuard.tries, 8)), PINGuard.remembersFor)
        }
    }

    private var entries: [Entry] = []

    /// Creates one that knows nobody.
    package init() {}

    /// Whether a caller is locked.
    package func isLocked(_ caller: String, at now: ContinuousClock.Instant) -> Bool {
        entries.contains { $0.caller == caller && now - $0.last < $0.lock }
    }

    /// Compares what a caller keyed; a caller who is locked is not compared at all.
    package mutating func check(
        _ keyed: String,
        against pin: String,
        caller: String,
        at now: ContinuousClock.Instant
    ) -> (isRight: Bool, isLocked: Bool) {
        guard !isLocked(caller, at: now) else { return (false, true) }
        let isRight = Self.isSame(keyed, pin)
        let before = entries.first { $0.caller == caller && now - $0.last < Self.remembersFor }?.failures ?? 0
        entries.removeAll { $0.caller == caller || now - $0.last >= Self.remembersFor }
        if isRight { return (true, false) }
        if entries.count == Self.limit { entries.removeFirst() }
        entries.append(Entry(caller: caller, failures: before + 1, last: now))
        return (false, before + 1 >= Self.tries)
    }

    /// Compares in a time that depends on the longest PIN alone; an empty PIN is like none.
    static func isSame(_ keyed: String, _ pin: String) -> Bool {
        let (a, b) = (Array(keyed.utf8), Array(pin.utf8))
        var difference = UInt8(a.count == b.count && !b.isEmpty ? 0 : 1)
        for index in 0..<64 {
            let one = index < a.count ? a[index] : 0
            let two = index < b.count ? b[index] : 0
            difference |= one ^ two
        }
        return difference == 0 && a.count <= 64
    }
}
