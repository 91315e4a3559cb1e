/// A day of the calendar that hangs on the wall where the box is; years 1 to 9999.
package struct LocalDate: Sendable, Hashable {
    /// The first day that there is; stands for a clock that can't be read, which opens no limit.
    package static let earliest = LocalDate(known: 1, 1, 1)

    package let year: Int
    /// The month, 1 to 12.
    package let month: Int
    /// The day of the month, from 1 on.
    package let day: Int

    /// Creates a day; nil where the calendar has none such.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        guard (1...Self.days(inMonth: month, of: year)).contains(day) else { return nil }
        self.init(known: year, month, day)
    }

    /// Creates a day from a number such as 20260729; nil where the calendar has none such.
    package init?(packed: Int) {
        self.init(year: packed / 10_000, month: packed / 100 % 100, day: packed % 100)
    }

    private init(known year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day as a number that sorts: 20260729.
    package var packed: Int { year * 10_000 + month * 100 + day }

    /// The first day of its month.
    package var startOfMonth: LocalDate { LocalDate(known: year, month, 1) }

    /// The first day of the month behind its own.
    package var startOfNextMonth: LocalDate {
        month == 12 ? LocalDate(known: year + 1, 1, 1) : LocalDate(known: year, month + 1, 1)
    }

    /// The day behind it.
    package var next: LocalDate {
        day < Self.days(inMonth: month, of: year) ? LocalDate(known: year, month, day + 1) : startOfNextMonth
    }

    /// The day of the week, 1 (Monday) to 7 (Sunday), as ISO 8601 counts.
    package var weekday: Int {
        // Sakamoto's method: what a month shifts the weekday by, March being the first of a year of its own.
        let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let counted = month < 3 ? year - 1 : year
        let sundayIsZero = (counted + counted / 4 - counted / 100 + counted / 400 + shifts[month - 1] + day) % 7
        return sundayIsZero == 0 ? 7 : sundayIsZero
    }

    /// The last day, this one included, on which something happened that happens on a certain day of each month.
    ///
    /// - Parameter resetDay: 1 to 31; in shorter months it happens on their last day.
    package func latest(resetDay: Int) -> LocalDate {
        let here = LocalDate(known: year, month, Self.clamped(resetDay, month, year))
        if here <= self { return here }
        let (lastMonth, itsYear) = month == 1 ? (12, year - 1) : (month - 1, year)
        return LocalDate(known: itsYear, lastMonth, Self.clamped(resetDay, lastMonth, itsYear))
    }

    /// The first day behind this one on which it happens again.
    package func next(resetDay: Int) -> LocalDate {
        let month = latest(resetDay: resetDay).startOfNextMonth
        return LocalDate(known: month.year, month.month, Self.clamped(resetDay, month.month, month.year))
    }

    private static func clamped(_ day: Int, _ month: Int, _ year: Int) -> Int {
        max(1, min(day, days(inMonth: month, of: year)))
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension LocalDate: Comparable, CustomStringConvertible {
    /// Which of two days comes first.
    package static func < (left: LocalDate, right: LocalDate) -> Bool { left.packed < right.packed }

    /// The day as in ISO 8601: `2026-07-29`.
    package var description: String {
        let year = String(year)
        return String(repeating: "0", count: 4 - year.utf8.count) + year + "-\(Self.two(month))-\(Self.two(day))"
    }

    static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// What the clocks show when a call is asked for.
///
/// Both readings are taken by the caller at one moment. Days and quiet hours go by the wall, so that a change to or from
/// summer time neither shortens a day's limit nor opens it twice; windows of a minute or an hour go by the time that passes.
package struct PolicyTime: Sendable, Hashable {
    /// Seconds since 1970 in UTC.
    package var seconds: Int64
    /// The day on the wall.
    package var day: LocalDate
    /// The minute of that day, 0 to 1439.
    package var minute: Int

    /// Creates a reading of the clocks; minutes outside the day are brought to its end.
    package init(seconds: Int64, day: LocalDate, minute: Int) {
        self.seconds = seconds
        self.day = day
        self.minute = max(0, min(1439, minute))
    }
}
