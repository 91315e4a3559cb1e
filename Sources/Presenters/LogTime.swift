internal import ArgumentParser
internal import CallModel
package import FoundationEssentials
internal import Glibc
internal import Settings

/// Times as people write them, and as they are shown to them: in the local zone.
package enum LogTime {
    /// Reads a time.
    @Sendable package static func parse(_ text: String) throws -> Date {
        if let date = parsed(text) { return date }
        throw ValidationError(
            "write 2026-11-23, \"2026-11-23 14:00\", 2026-11-23T14:00:00Z, or how long ago: 90m, 36h, 7d"
        )
    }

    private static func parsed(_ text: String) -> Date? {
        if let days = text.hasSuffix("d") ? Int(text.dropLast()) : nil, (0...36_500).contains(days) {
            return Date().addingTimeInterval(-86_400 * Double(days))
        }
        if let duration = Duration(text: text) {
            return Date().addingTimeInterval(-Double(duration.inMilliseconds) / 1000)
        }
        if let date = localTime(text) { return date }
        for fraction in [false, true] {
            if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: fraction)) {
                return date
            }
        }
        return nil
    }

    /// Reads `2026-11-23`, or that with `14:00` or `14:00:30` behind a space, in the local zone.
    private static func localTime(_ text: String) -> Date? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let day = numbers(parts[0], "-", widths: [4, 2, 2]), day.count == 3 else {
            return nil
        }
        let clock = parts.count == 2 ? numbers(parts[1], ":", widths: [2, 2, 2]) : [0, 0]
        guard let clock, clock.count >= 2, (1...12).contains(day[1]), (1...31).contains(day[2]), clock[0] < 24,
            clock[1] < 60, clock.count < 3 || clock[2] < 60
        else { return nil }
        var time = tm()
        time.tm_year = day[0] - 1900
        time.tm_mon = day[1] - 1
        time.tm_mday = day[2]
        time.tm_hour = clock[0]
        time.tm_min = clock[1]
        time.tm_sec = clock.count == 3 ? clock[2] : 0
        time.tm_isdst = -1
        let seconds = mktime(&time)
        // The 31st of a shorter month has become the 1st of the next.
        return time.tm_mday == day[2] ? Date(timeIntervalSince1970: Double(seconds)) : nil
    }

    private static func numbers(_ text: Substring, _ separator: Character, widths: [Int]) -> [Int32]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count <= widths.count else { return nil }
        var numbers: [Int32] = []
        for (part, width) in zip(parts, widths) {
            guard part.utf8.count == width, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int32(part)
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// The local time, to the second.
    package static func local(_ date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970)
        var time = tm()
        localtime_r(&seconds, &time)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &time)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A duration in seconds as `m:ss` or `h:mm:ss`.
    package static func length(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds.rounded(), 0), 1e9))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
