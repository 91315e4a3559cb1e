internal import FoundationEssentials

/// The time of day as peers write it: milliseconds since 1970-01-01 00:00:00 UTC, without leap seconds.
package struct UnixTime: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    /// Takes milliseconds.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Takes seconds; those that no clock shows are cut to what can be counted.
    package init(seconds: Int64) {
        let limit = Int64.max / 1000
        milliseconds = min(max(seconds, -limit), limit) * 1000
    }

    /// What the system's clock shows.
    package static var now: UnixTime {
        UnixTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// Whole seconds, rounded down.
    package var seconds: Int64 { milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000 }

    /// Earlier comes before later.
    package static func < (left: UnixTime, right: UnixTime) -> Bool { left.milliseconds < right.milliseconds }

    /// The same time so much later; cut at the ends of what can be counted.
    package static func + (time: UnixTime, duration: Duration) -> UnixTime {
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
        return UnixTime(milliseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// How long it is from this time to another; negative for an earlier one.
    package func duration(to other: UnixTime) -> Duration {
        let (difference, overflow) = other.milliseconds.subtractingReportingOverflow(milliseconds)
        return .milliseconds(overflow ? (other > self ? .max : .min) : difference)
    }
}

extension UnixTime {
    /// Reads an instant as a PBX may write it: RFC 3339, or seconds since 1970, with or without a fraction.
    package init?(written text: String) {
        if let instant = UnixTime(rfc3339: text) {
            self = instant
            return
        }
        guard text.utf8.first.map({ (0x30...0x39).contains($0) }) == true, let seconds = Double(text), seconds.isFinite
        else { return nil }
        // Far behind what any clock shows, and well within what can be counted.
        self.init(milliseconds: Int64((min(seconds, 1e14) * 1000).rounded()))
    }

    /// Reads an instant of RFC 3339, such as `2026-11-23T08:15:30.5Z` or `2026-11-23T09:15:30+01:00`; nil at anything else.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard (20...40).contains(bytes.count) else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (13, ":"), (16, ":")]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }), bytes[10] == 0x54 || bytes[10] == 0x74,
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), year >= 1970, (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            var scale: Int64 = 100
            let first = index
            while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
                fraction += Int64(bytes[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > first, index < bytes.count else { return nil }
        }
        var offset: Int64 = 0
        switch bytes[index] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            guard index + 1 == bytes.count else { return nil }
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard index + 6 == bytes.count, bytes[index + 3] == UInt8(ascii: ":"),
                let hours = number((index + 1)..<(index + 3)), let minutes = number((index + 4)..<(index + 6)),
                hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * 60_000 * (bytes[index] == UInt8(ascii: "+") ? 1 : -1)
        default: return nil
        }
        let days = Self.days(year: year, month: month, day: day)
        let clock = ((days * 24 + hour) * 60 + minute) * 60 + second
        self.init(milliseconds: clock * 1000 + fraction - offset)
    }

    /// Days since 1970-01-01 in the Gregorian calendar; years are counted from March, so that the leap day comes last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Duration {
    /// Whole milliseconds, cut at what can be counted.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit = Int64.max / 2000
        return min(max(seconds, -limit), limit) * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
