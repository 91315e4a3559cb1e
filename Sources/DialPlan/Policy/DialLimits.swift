/// What may be used up, of one modem or of all together; nil is no limit.
package struct UsageLimits: Sendable, Hashable {
    /// How many calls may be begun within 60 s.
    package var callsPerMinute: Int?
    /// How many calls may be begun within 3600 s.
    package var callsPerHour: Int?
    /// How many calls may be begun on a day of the calendar.
    package var callsPerDay: Int?
    /// How many seconds may be talked in calls of a day.
    package var secondsPerDay: Int?
    /// How many seconds may be talked in calls of a month.
    package var secondsPerMonth: Int?
    /// What calls of a day may cost.
    package var costPerDay: Money?
    /// What calls of a month may cost.
    package var costPerMonth: Money?

    /// Creates limits; none unless given.
    package init(
        callsPerMinute: Int? = nil,
        callsPerHour: Int? = nil,
        callsPerDay: Int? = nil,
        secondsPerDay: Int? = nil,
        secondsPerMonth: Int? = nil,
        costPerDay: Money? = nil,
        costPerMonth: Money? = nil
    ) {
        self.callsPerMinute = callsPerMinute
        self.callsPerHour = callsPerHour
        self.callsPerDay = callsPerDay
        self.secondsPerDay = secondsPerDay
        self.secondsPerMonth = secondsPerMonth
        self.costPerDay = costPerDay
        self.costPerMonth = costPerMonth
    }

    /// Whether nothing is limited, so that no usage has to be known.
    package var isEmpty: Bool { self == UsageLimits() }

    /// Whether costs are limited, so that every price has to be known.
    package var limitsCost: Bool { costPerDay != nil || costPerMonth != nil }
}

/// Everything that limits calls, besides the classes and prefixes of ``DialPolicy``.
package struct DialLimits: Sendable, Hashable {
    /// How long one call may last from its answer on, in seconds.
    package var secondsPerCall: Int
    /// The limits of all modems together.
    package var total: UsageLimits
    /// The limits of single modems, by the modem's name.
    package var modems: [String: UsageLimits]
    /// The times in which no call may be begun.
    package var quietHours: [QuietHours]
    /// What costs are counted in, for people.
    package var currency: String

    /// Creates limits; nothing but an hour for a call unless given.
    package init(
        secondsPerCall: Int = 3600,
        total: UsageLimits = UsageLimits(),
        modems: [String: UsageLimits] = [:],
        quietHours: [QuietHours] = [],
        currency: String = "EUR"
    ) {
        self.secondsPerCall = secondsPerCall
        self.total = total
        self.modems = modems
        self.quietHours = quietHours
        self.currency = currency
    }

    /// Whether usage has to be known to judge a call of a modem.
    package func needUsage(modem: String?) -> Bool {
        !total.isEmpty || modem.flatMap { modems[$0] }.map { !$0.isEmpty } ?? false
    }
}

/// A time of the day in which no call may be begun, on some or all days of the week.
package struct QuietHours: Sendable, Hashable {
    /// The names of the days, Monday first.
    package static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// The days on which it begins, 1 (Monday) to 7 (Sunday).
    package let days: Set<Int>
    /// The minute of the day in which it begins, 0 to 1439.
    package let from: Int
    /// The minute in which it is over, 1 to 1440; not behind ``from`` where it is over on the next day.
    package let until: Int

    /// Reads `22:00-07:00`, or `sat,sun 00:00-24:00`; nil for anything else and for a time that is over as it begins.
    package init?(text: String) {
        let words = text.split(separator: " ")
        guard let hours = words.last, words.count <= 2 else { return nil }
        var days = Set(1...7)
        if words.count == 2 {
            days = []
            for name in words[0].split(separator: ",", omittingEmptySubsequences: false) {
                guard let index = Self.dayNames.firstIndex(of: name.lowercased()) else { return nil }
                days.insert(index + 1)
            }
        }
        let ends = hours.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let from = Self.minute(ends[0]), let until = Self.minute(ends[1]), from < 1440,
            until > 0,
            from != until
        else {
            // Midnight ends a day as 24:00; as an end, 00:00 means the same.
            guard ends.count == 2, let from = Self.minute(ends[0]), Self.minute(ends[1]) == 0, (1..<1440).contains(from)
            else { return nil }
            (self.days, self.from, self.until) = (days, from, 1440)
            return
        }
        (self.days, self.from, self.until) = (days, from, until)
    }

    /// Whether a minute of a day is quiet.
    package func contains(_ time: PolicyTime) -> Bool {
        if from < until { return days.contains(time.day.weekday) && (from..<until).contains(time.minute) }
        if time.minute >= from { return days.contains(time.day.weekday) }
        let dayBefore = time.day.weekday == 1 ? 7 : time.day.weekday - 1
        return time.minute < until && days.contains(dayBefore)
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            (parts[0] + parts[1]).utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60
        else { return nil }
        return hour < 24 || (hour == 24 && minute == 0) ? hour * 60 + minute : nil
    }

    static func shown(_ minute: Int) -> String { "\(LocalDate.two(minute / 60)):\(LocalDate.two(minute % 60))" }
}

extension QuietHours: CustomStringConvertible {
    /// The time as the configuration writes it: `22:00-07:00`, `sat,sun 00:00-24:00`.
    package var description: String {
        let hours = "\(Self.shown(from))-\(Self.shown(until))"
        guard days.count < 7 else { return hours }
        return days.sorted().map { Self.dayNames[$0 - 1] }.joined(separator: ",") + " " + hours
    }
}
