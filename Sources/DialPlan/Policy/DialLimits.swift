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
    package var quietHours: [WeekHours]
    /// What costs are counted in, for people.
    package var currency: String

    /// Creates limits; nothing but an hour for a call unless given.
    package init(
        secondsPerCall: Int = 3600,
        total: UsageLimits = UsageLimits(),
        modems: [String: UsageLimits] = [:],
        quietHours: [WeekHours] = [],
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
