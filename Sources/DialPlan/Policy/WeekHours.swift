/// A time of the day, on some or all days of the week, by the clock on the wall.
package struct WeekHours: Sendable, Hashable {
    /// The names of the days, Monday first.
    package static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// The days on which it begins, 1 (Monday) to 7 (Sunday).
    package let days: Set<Int>
    /// The minute of the day in which it begins, 0 to 1439.
    package let from: Int
    /// The minute in which it is over, 1 to 1440; not behind ``from`` where it is over on the next day.
    package let until: Int

    /// Reads `22:00-07:00`, `mon-fri 08:00-18:00` or `sat,sun 00:00-24:00`; nil for anything else and for a time that is over as
    /// it begins.
    package init?(text: String) {
        let words = text.split(separator: " ")
        guard let hours = words.last, words.count <= 2 else { return nil }
        var days = Set(1...7)
        if words.count == 2 {
            days = []
            for part in words[0].split(separator: ",", omittingEmptySubsequences: false) {
                guard let some = Self.days(part) else { return nil }
                days.formUnion(some)
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

    /// Whether a minute of a day is in it.
    package func contains(_ time: PolicyTime) -> Bool {
        if from < until { return days.contains(time.day.weekday) && (from..<until).contains(time.minute) }
        if time.minute >= from { return days.contains(time.day.weekday) }
        let dayBefore = time.day.weekday == 1 ? 7 : time.day.weekday - 1
        return time.minute < until && days.contains(dayBefore)
    }

    /// A day, or the days from one to another, over the end of the week where they are written so.
    private static func days(_ text: Substring) -> [Int]? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { dayNames.firstIndex(of: $0.lowercased()) }
        switch (ends.count, ends.first ?? nil, ends.last ?? nil) {
        case (1, let day?, _): return [day + 1]
        case (2, let first?, let last?):
            return (first...(last < first ? last + 7 : last)).map { $0 % 7 + 1 }
        default: return nil
        }
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

extension WeekHours: CustomStringConvertible {
    /// The time as the configuration writes it: `22:00-07:00`, `mon-fri 08:00-18:00`, `sat,sun 00:00-24:00`.
    package var description: String {
        let hours = "\(Self.shown(from))-\(Self.shown(until))"
        guard days.count < 7 else { return hours }
        var parts: [String] = []
        var day = 1
        while day <= 7 {
            guard days.contains(day) else {
                day += 1
                continue
            }
            let last = (day...7).prefix { days.contains($0) }.last ?? day
            // Two days are named, three and more are counted through.
            let names = Self.dayNames[(day - 1)..<last]
            parts.append(last - day < 2 ? names.joined(separator: ",") : "\(names.first ?? "")-\(names.last ?? "")")
            day = last + 1
        }
        return parts.joined(separator: ",") + " " + hours
    }
}
