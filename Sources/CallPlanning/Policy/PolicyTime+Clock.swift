package import DialPlan
internal import Glibc

extension PolicyTime {
    /// What the clocks of this box show now, in its own time zone.
    package static func now() -> PolicyTime {
        at(Int64(Glibc.time(nil)))
    }

    /// What the clock on the wall shows at a moment.
    ///
    /// - Parameter seconds: since 1970 in UTC.
    package static func at(_ seconds: Int64) -> PolicyTime {
        var moment = time_t(seconds)
        var parts = tm()
        guard localtime_r(&moment, &parts) != nil,
            let day = LocalDate(
                year: Int(parts.tm_year) + 1900,
                month: Int(parts.tm_mon) + 1,
                day: Int(parts.tm_mday)
            )
        else { return PolicyTime(seconds: seconds, day: .earliest, minute: 0) }
        return PolicyTime(seconds: seconds, day: day, minute: Int(parts.tm_hour) * 60 + Int(parts.tm_min))
    }
}
