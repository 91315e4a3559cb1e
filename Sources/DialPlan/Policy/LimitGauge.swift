/// How far one limit is used up.
package struct LimitGauge: Sendable, Hashable {
    /// What is counted.
    package enum Unit: Sendable, Hashable {
        /// Calls that were begun.
        case calls
        /// Seconds that were talked or are reserved.
        case seconds
        /// Millionths of a unit of a currency.
        case money(currency: String)
    }

    /// When a limit leaves room again.
    package enum Opening: Sendable, Hashable {
        /// In so many seconds.
        case seconds(Int64)
        /// At the beginning of a day.
        case day(LocalDate)
        /// At a minute of today or tomorrow, in quiet hours.
        case minute(Int)
    }

    /// The key that sets the limit.
    package var key: String
    /// What is counted.
    package var unit: Unit
    /// The span in words: `within an hour`, `today`.
    package var span: String
    /// How much is used or reserved.
    package var used: Int64
    /// How much there is.
    package var allowed: Int64
    /// When there is more.
    package var opening: Opening

    package var left: Int64 { used < allowed ? allowed - max(0, used) : 0 }

    /// Whether four fifths are used up.
    package var isNearlyUsedUp: Bool { used.multipliedReportingOverflow(by: 5).partialValue >= allowed * 4 }
}

extension LimitGauge: CustomStringConvertible {
    /// What is used of what, and the key: `16 of 20 calls within an hour (policy.max_calls_per_hour)`.
    package var description: String { "\(amounts) (\(key))" }

    /// What is used of what: `16 of 20 calls within an hour`.
    package var amounts: String {
        switch unit {
        case .calls: "\(used) of \(allowed) calls \(span)"
        case .seconds: "\(Self.minutes(used)) of \(Self.minutes(allowed)) min \(span)"
        case .money(let currency):
            "\(Money(micros: used)) of \(Money(micros: allowed)) \(currency) \(span)"
        }
    }

    /// Minutes with one place behind the dot where they are not whole.
    static func minutes(_ seconds: Int64) -> String {
        let tenths = seconds / 6
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}

extension LimitGauge.Opening: CustomStringConvertible {
    /// The time in words: `in 12 min`, `on 2026-08-01 at 00:00`, `at 07:00`.
    package var description: String {
        switch self {
        case .seconds(let seconds):
            switch seconds {
            case ..<120: "in \(max(1, seconds)) s"
            case ..<7200: "in \((seconds + 59) / 60) min"
            default: "in \((seconds + 3599) / 3600) h"
            }
        case .day(let day): "on \(day) at 00:00"
        case .minute(let minute): "at \(WeekHours.shown(minute % 1440))"
        }
    }
}

extension Tariff {
    /// The free minutes of an account, with what is used of them.
    package func gauges(_ usage: Usage, account: String, at now: PolicyTime) -> [LimitGauge] {
        buckets.map { bucket in
            LimitGauge(
                key: "tariffs.\(name).free_minutes.\(bucket.name)",
                unit: .seconds,
                span: "free",
                used: Int64(usage.used(bucket, account: account, on: now.day)),
                allowed: Int64(bucket.seconds),
                opening: .day(now.day.next(resetDay: bucket.resetDay))
            )
        }
    }
}

extension DialLimits {
    /// Every limit that holds for a modem, with what is used of it.
    ///
    /// What is dated in the future counts as used now: a clock that was set back opens nothing.
    package func gauges(_ usage: Usage, at now: PolicyTime, modem: String?) -> [LimitGauge] {
        var gauges = Self.gauges(total, usage.entries, at: now, path: "policy", currency: currency)
        if let modem, let limits = modems[modem] {
            let own = usage.entries(of: modem)
            gauges += Self.gauges(limits, own, at: now, path: "modems.\(modem).limits", currency: currency)
        }
        return gauges
    }

    private static func gauges(
        _ limits: UsageLimits,
        _ entries: [UsageEntry],
        at now: PolicyTime,
        path: String,
        currency: String
    ) -> [LimitGauge] {
        var gauges: [LimitGauge] = []
        let windows: [(Int?, String, Int64, String)] = [
            (limits.callsPerMinute, "max_calls_per_minute", 60, "within a minute"),
            (limits.callsPerHour, "max_calls_per_hour", 3600, "within an hour"),
        ]
        for (allowed, key, length, span) in windows {
            guard let allowed else { continue }
            let begun = entries.map(\.at).filter { $0 > now.seconds - length }.sorted()
            // The one whose leaving makes room for another.
            let index = max(0, begun.count - allowed)
            let opens = index < begun.count ? begun[index] + length - now.seconds : length
            gauges.append(
                LimitGauge(
                    key: "\(path).\(key)",
                    unit: .calls,
                    span: span,
                    used: Int64(begun.count),
                    allowed: Int64(allowed),
                    opening: .seconds(opens)
                )
            )
        }
        let today = entries.filter { $0.day >= now.day.packed }
        let month = entries.filter { $0.day >= now.day.startOfMonth.packed }
        let tomorrow = LimitGauge.Opening.day(latestDay(of: today, now: now).next)
        let nextMonth = LimitGauge.Opening.day(latestDay(of: month, now: now).startOfNextMonth)
        let spans: [(Int64?, String, LimitGauge.Unit, String, LimitGauge.Opening, [UsageEntry])] = [
            (limits.callsPerDay.map(Int64.init), "max_calls_per_day", .calls, "today", tomorrow, today),
            (limits.secondsPerDay.map(Int64.init), "max_minutes_per_day", .seconds, "today", tomorrow, today),
            (limits.secondsPerMonth.map(Int64.init), "max_minutes_per_month", .seconds, "this month", nextMonth, month),
            (limits.costPerDay?.micros, "max_cost_per_day", .money(currency: currency), "today", tomorrow, today),
            (
                limits.costPerMonth?.micros, "max_cost_per_month", .money(currency: currency), "this month", nextMonth,
                month
            ),
        ]
        for (allowed, key, unit, span, opening, entries) in spans {
            guard let allowed else { continue }
            gauges.append(
                LimitGauge(
                    key: "\(path).\(key)",
                    unit: unit,
                    span: span,
                    used: entries.sum(unit),
                    allowed: allowed,
                    opening: opening
                )
            )
        }
        return gauges
    }

    private static func latestDay(of entries: [UsageEntry], now: PolicyTime) -> LocalDate {
        let latest = entries.reduce(now.day.packed) { max($0, $1.day) }
        return LocalDate(packed: latest) ?? now.day
    }
}

extension [UsageEntry] {
    /// What the calls use of a limit; a sum that is too large for words stays as large as there are words for.
    func sum(_ unit: LimitGauge.Unit) -> Int64 {
        switch unit {
        case .calls: Int64(count)
        case .seconds: reduce(Money.zero) { $0 + Money(micros: Int64(Swift.max(0, $1.seconds))) }.micros
        case .money: reduce(Money.zero) { $0 + Swift.max(.zero, $1.cost) }.micros
        }
    }
}
