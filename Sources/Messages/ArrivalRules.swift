internal import CallFlows
package import DialPlan
package import FoundationEssentials
package import Settings
package import TextCoding

/// What rings and messages of listed numbers come to; without I/O, the time is an argument.
///
/// | what comes | of a listed number | of another |
/// |---|---|---|
/// | a ring that was refused | its rule, unless one was followed within 2 min | nothing |
/// | a message, right code | its rule, unless one was followed within 2 min | nothing |
/// | a message, wrong code | counted: the third within an hour locks the number | nothing |
/// | a message of a locked number | nothing, for an hour from the third on | nothing |
/// | a message that is older than 10 min, or of the future, or undated | nothing | nothing |
///
/// What is done is done to the number of the list. The times hold over a restart: ``record(at:date:)``, ``recall(_:at:date:)``.
package struct ArrivalRules: Sendable {
    /// A rule, with its code.
    package struct Rule: Sendable {
        /// What a person has set.
        package var arrival: Configuration.Arrival
        /// The code of a message; nil where it can't be read, and then nothing is done.
        package var code: Secret?

        package init(_ arrival: Configuration.Arrival, code: Secret? = nil) {
            self.arrival = arrival
            self.code = code
        }
    }

    /// What is done.
    package enum Verdict: Sendable, Hashable {
        /// A PBX is asked to call the number back.
        case callback(PhoneNumber, pbx: String?)
        /// The number gets a message.
        case status(PhoneNumber)
        /// No rule fits.
        case unlisted
        /// One was followed for this number a moment ago.
        case tooSoon
        case wrongCode
        /// The third wrong code: the number is locked from here on.
        case nowLocked
        case locked
        /// It was under way for too long.
        case stale
    }

    /// How far apart what is done for one number is.
    package static let pause: Duration = .seconds(120)
    /// How many wrong codes lock a number.
    package static let mostWrong = 3
    /// How long a number is locked, and for how long wrong codes are remembered.
    package static let lockedFor: Duration = .seconds(3600)
    /// How old a message may be.
    package static let freshFor: TimeInterval = 600

    private var rules: [Rule]
    /// At most one entry for each listed number, as in all of these.
    private var followed: [String: ContinuousClock.Instant] = [:]
    private var wrong: [String: [ContinuousClock.Instant]] = [:]
    private var locked: [String: ContinuousClock.Instant] = [:]

    /// Takes the rules.
    package init(_ rules: [Rule]) { self.rules = rules }

    /// Takes other rules; what numbers did is remembered.
    package mutating func replace(_ rules: [Rule]) { self.rules = rules }

    /// Judges a ring that was refused.
    package mutating func ring(from caller: String, at now: ContinuousClock.Instant) -> Verdict {
        let rule = rules.first {
            $0.arrival.trigger == .ring && CallerMatch([$0.arrival.number.description]).matches(caller)
        }
        guard let rule else { return .unlisted }
        return follow(rule.arrival, at: now)
    }

    /// Judges a message.
    package mutating func message(_ order: MessageOrder, at now: ContinuousClock.Instant, date: Date) -> Verdict {
        let number = order.number
        let own = rules.filter { $0.arrival.trigger == .message && $0.arrival.number.description == number }
        guard !own.isEmpty else { return .unlisted }
        guard let sentAt = order.sentAt, abs(date.timeIntervalSince(sentAt)) <= Self.freshFor else { return .stale }
        if let since = locked[number] {
            guard now - since >= Self.lockedFor else { return .locked }
            locked[number] = nil
        }
        // All are compared, so that the time tells nothing.
        var found: Rule?
        for rule in own where rule.code == order.code && rule.arrival.action == order.action { found = rule }
        if let found {
            wrong[number] = nil
            return follow(found.arrival, at: now)
        }
        var times = (wrong[number] ?? []).filter { now - $0 < Self.lockedFor }
        times.append(now)
        guard times.count >= Self.mostWrong else {
            wrong[number] = times
            return .wrongCode
        }
        wrong[number] = nil
        locked[number] = now
        return .nowLocked
    }

    // MARK: Over a restart

    /// What numbers did, a line each, for a file: what it was, the number, and the time in seconds since 1970.
    package func record(at now: ContinuousClock.Instant, date: Date) -> [String] {
        func lines(_ word: String, _ times: [(String, ContinuousClock.Instant)], within limit: Duration) -> [String] {
            times.filter { now - $0.1 < limit }
                .map { "\(word) \($0.0) \(Int(date.timeIntervalSince1970) - Int((now - $0.1).components.seconds))" }
        }
        let counted = wrong.flatMap { number, times in times.map { (number, $0) } }
        return
            (lines("followed", followed.map { ($0, $1) }, within: Self.pause)
            + lines("wrong", counted, within: Self.lockedFor)
            + lines("locked", locked.map { ($0, $1) }, within: Self.lockedFor))
            .sorted()
    }

    /// Takes what was recorded before; a time that is to come, as a clock that was wrong has left it, is this one.
    package mutating func recall(_ lines: [String], at now: ContinuousClock.Instant, date: Date) {
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 3, let seconds = Int64(words[2]) else { continue }
            let age = max(0, Int64(date.timeIntervalSince1970) &- seconds)
            let (number, time) = (String(words[1]), now - .seconds(min(age, Self.lockedFor.components.seconds)))
            switch words[0] {
            case "followed": followed[number] = time
            case "wrong": wrong[number, default: []].append(time)
            case "locked": locked[number] = time
            default: continue
            }
        }
    }

    private mutating func follow(_ arrival: Configuration.Arrival, at now: ContinuousClock.Instant) -> Verdict {
        let number = arrival.number.description
        if let last = followed[number], now - last < Self.pause { return .tooSoon }
        followed[number] = now
        switch arrival.action {
        case .callback: return .callback(arrival.number, pbx: arrival.pbx)
        case .status: return .status(arrival.number)
        }
    }
}
