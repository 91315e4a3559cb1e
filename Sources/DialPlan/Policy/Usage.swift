/// One call as far as limits go: reserved at its worst, or settled at what it was.
package struct UsageEntry: Sendable, Hashable, Codable {
    package var call: String
    /// When it was reserved, in seconds since 1970.
    package var at: Int64
    /// The day on the wall then.
    package var day: Int
    /// The modem that it goes over.
    package var modem: String
    /// The seconds that count: reserved, or talked.
    package var seconds: Int
    /// The cost that counts, of all legs whose price is known.
    package var cost: Money
    /// What each leg is billed by.
    package var legs: [ReservedLeg] = []
    /// Whether the call may still be going on.
    package var isOpen: Bool
    /// When it is over at the latest, in seconds since 1970.
    package var deadline: Int64
    /// What the clock showed when the entry was first seen to be dated later than that; nil for one that never was.
    package var seen: Sighting?

    /// A moment at which an entry was seen to be dated in the future.
    package struct Sighting: Sendable, Hashable, Codable {
        /// In seconds since 1970.
        package var at: Int64
        /// The day on the wall.
        package var day: Int

        package init(at: Int64, day: Int) {
            self.at = at
            self.day = day
        }
    }

    package init(
        call: String,
        at: Int64,
        day: Int,
        modem: String,
        seconds: Int,
        cost: Money,
        legs: [ReservedLeg] = [],
        isOpen: Bool,
        deadline: Int64,
        seen: Sighting? = nil
    ) {
        self.call = call
        self.at = at
        self.day = day
        self.modem = modem
        self.seconds = seconds
        self.cost = cost
        self.legs = legs
        self.isOpen = isOpen
        self.deadline = deadline
        self.seen = seen
    }

    /// Whether it is dated later than the clock shows.
    func isAhead(of now: PolicyTime) -> Bool { at > now.seconds || day > now.day.packed }

    /// The sighting to write down now, where the entry is dated in the future and that was not seen before, or only by
    /// a clock that has been set back since.
    package func sighting(at now: PolicyTime) -> Sighting? {
        guard isAhead(of: now) else { return nil }
        if let seen, seen.at <= now.seconds, seen.day <= now.day.packed { return nil }
        return Sighting(at: now.seconds, day: now.day.packed)
    }

    /// The entry as limits count it now: one that is dated in the future counts from the moment when that was first
    /// seen.
    ///
    /// So a clock that was wrong once closes no limit for years, and one that is set back opens none.
    func counted(at now: PolicyTime) -> UsageEntry {
        guard isAhead(of: now) else { return self }
        let moment = sighting(at: now) ?? seen ?? Sighting(at: now.seconds, day: now.day.packed)
        var entry = self
        entry.at = min(at, moment.at)
        entry.day = min(day, moment.day)
        return entry
    }

    /// How long an open call may be answered, in seconds: what is reserved without the time for hanging up.
    package var granted: Int { max(0, seconds - DialRules.hangUpAllowance) }

    /// The entry with what the call turned out to be.
    ///
    /// - Parameter answered: how long it was answered, in seconds begun; 0 for a call without an answer, which costs
    ///   nothing. A call that outlasted its reservation counts in full.
    package func settled(answered: Int) -> UsageEntry {
        var entry = self
        entry.isOpen = false
        entry.seconds = max(0, answered)
        entry.cost = .zero
        entry.legs = legs.map { $0.settled(answered: max(0, answered)) }
        for leg in entry.legs { entry.cost += leg.cost(entry.seconds) }
        return entry
    }
}

/// How one leg of a reserved call is billed.
package struct ReservedLeg: Sendable, Hashable, Codable {
    /// The price; nil when it is not known.
    package var price: CallPrice?
    /// Whose minutes it uses: the modem's or the PBX's name.
    package var account: String
    /// The free seconds that it takes, by the name of their bucket, in the order of use.
    package var free: [FreeUse] = []

    /// Free seconds taken from a bucket.
    package struct FreeUse: Sendable, Hashable, Codable {
        /// The bucket's name.
        package var bucket: String
        /// How many.
        package var seconds: Int
    }

    /// What a call of so many seconds costs on this leg; nothing where the price is not known.
    package func cost(_ seconds: Int) -> Money {
        price?.cost(seconds, free: free.reduce(0) { $0 + $1.seconds }) ?? .zero
    }

    /// The leg with only those free seconds that the call needed.
    func settled(answered: Int) -> ReservedLeg {
        var leg = self
        var needed = price?.billed(answered) ?? 0
        leg.free = free.compactMap { use in
            let taken = min(use.seconds, needed)
            needed -= taken
            return taken > 0 ? FreeUse(bucket: use.bucket, seconds: taken) : nil
        }
        return leg
    }
}

/// What was used so far, as far back as any limit looks.
package struct Usage: Sendable {
    /// The calls, in any order; those dated in the future belong to them.
    package var entries: [UsageEntry]
    /// Why earlier calls may be missing here, with the remedy; nil when none are.
    ///
    /// No limit can be kept then.
    package var gap: String?

    package init(_ entries: [UsageEntry] = [], gap: String? = nil) {
        self.entries = entries
        self.gap = gap
    }

    /// The usage as limits count it now.
    func counted(at now: PolicyTime) -> Usage { Usage(entries.map { $0.counted(at: now) }, gap: gap) }

    /// The first day whose calls may matter on a day: that of the month before, for a bucket's period spans two months.
    package static func firstDay(for day: LocalDate) -> LocalDate {
        day.latest(resetDay: 1).latest(resetDay: 31).startOfMonth
    }

    /// The calls of a modem, or all.
    func entries(of modem: String?) -> [UsageEntry] {
        guard let modem else { return entries }
        return entries.filter { $0.modem == modem }
    }

    /// The free seconds of a bucket that are used in the period of a day.
    func used(_ bucket: FreeMinutes, account: String, on day: LocalDate) -> Int {
        let start = day.latest(resetDay: bucket.resetDay).packed
        var used = 0
        for entry in entries where entry.day >= start {
            for leg in entry.legs where leg.account == account {
                for use in leg.free where use.bucket == bucket.name { used += use.seconds }
            }
        }
        return used
    }
}
