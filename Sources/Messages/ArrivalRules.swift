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
/// What is done is done to the number of the list. The times hold over a restart: ``record(at:)``, ``recall(_:at:)``.
///
/// The box's clock may be wrong, as that of one that has no battery is until the network has told it. A message is judged only while
/// it agrees with the service centre's (``freshFor``), so wrong codes and locks are counted by it, whatever it showed in between.
/// Nothing tells whether it is right when a number rings: the pause is counted by the clock of the run, which no one sets, and begins
/// anew with a start.
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
    private var wrong: [String: [Date]] = [:]
    private var locked: [String: Date] = [:]

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
            guard Self.isOver(since, at: date) else {
                // Two times that the service centre agreed with are not further apart: that one is of no clock of ours.
                if since > date.addingTimeInterval(2 * Self.freshFor) { locked[number] = date }
                return .locked
            }
            locked[number] = nil
        }
        // All are compared, so that the time tells nothing.
        var found: Rule?
        for rule in own where rule.code == order.code && rule.arrival.action == order.action { found = rule }
        if let found {
            wrong[number] = nil
            return follow(found.arrival, at: now)
        }
        var times = (wrong[number] ?? []).filter { !Self.isOver($0, at: date) }.map { min($0, date) }
        times.append(date)
        guard times.count >= Self.mostWrong else {
            wrong[number] = times
            return .wrongCode
        }
        wrong[number] = nil
        locked[number] = date
        return .nowLocked
    }

    private static func isOver(_ time: Date, at date: Date) -> Bool {
        date.timeIntervalSince(time) >= Double(lockedFor.components.seconds)
    }

    // MARK: Over a restart

    /// What numbers did, a line each, for a file: what it was, the number, and but for the pause the time in seconds since 1970.
    ///
    /// Wrong codes and locks that are over stay until a message shows that they are: the clock may be wrong now.
    package func record(at now: ContinuousClock.Instant) -> [String] {
        func line(_ word: String, _ number: String, _ time: Date) -> String {
            "\(word) \(number) \(Int(time.timeIntervalSince1970))"
        }
        let pauses = followed.filter { now - $0.value < Self.pause }.map { "followed \($0.key)" }
        let counted = wrong.flatMap { number, times in times.map { line("wrong", number, $0) } }
        return (pauses + counted + locked.map { line("locked", $0.key, $0.value) }).sorted()
    }

    /// Takes what was recorded before.
    package mutating func recall(_ lines: [String], at now: ContinuousClock.Instant) {
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count >= 2 else { continue }
            let number = String(words[1])
            // Years of four digits; what a damaged file has beyond is no time.
            let seconds =
                words.count == 3 ? Int64(words[2]).flatMap { (0...253_402_300_799).contains($0) ? $0 : nil } : nil
            let time = seconds.map { Date(timeIntervalSince1970: Double($0)) }
            switch (words[0], time) {
            case ("followed", _): followed[number] = now
            case ("wrong", let time?): wrong[number, default: []].append(time)
            case ("locked", let time?): locked[number] = time
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
