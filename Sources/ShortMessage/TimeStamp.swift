/// A time as a service centre writes it, with its zone (3GPP TS 23.040 §9.2.3.11).
package struct TimeStamp: Sendable, Hashable {
    /// Seconds since 1970 in UTC.
    package var seconds: Int64
    /// How far the local time was ahead of UTC, in minutes.
    package var zone: Int

    /// Reads seven octets; nil where they are no time.
    init?(_ octets: ArraySlice<UInt8>) {
        let values = octets.map { Int($0 & 0x0F) * 10 + Int($0 >> 4) }
        guard values.count == 7, octets.prefix(6).allSatisfy({ $0 & 0x0F <= 9 && $0 >> 4 <= 9 }),
            let last = octets.last
        else { return nil }
        let (month, day, hour, minute, second) = (values[1], values[2], values[3], values[4], values[5])
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61 else { return nil }
        // Quarters of an hour; the sign is bit 3 of the first semi-octet.
        let quarters = Int(last & 0x07) * 10 + Int(last >> 4)
        zone = (last & 0x08 == 0 ? 1 : -1) * quarters * 15
        // Two digits of a year: messages are no older than the standard.
        let year = values[0] + (values[0] >= 90 ? 1900 : 2000)
        let local = Self.days(year, month, day) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        seconds = local - Int64(zone * 60)
    }

    /// The days since 1970 of a date of the Gregorian calendar; years begin in March, so that the leap day is the last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
