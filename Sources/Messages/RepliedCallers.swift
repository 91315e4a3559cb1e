package import FoundationEssentials

/// Callers whom nobody answered and who got a message, within the last day; without I/O, the times are arguments.
///
/// The day is counted by the clock of the run, which no one sets. Over a restart the box's own clock has to do:
///
/// | what is recalled is dated | it counts from |
/// |---|---|
/// | before now | then |
/// | later than now: one of the two clocks was wrong | this start on |
package struct RepliedCallers: Sendable {
    /// How long nothing more is sent to a number to which something was.
    package static let pause: Duration = .seconds(86_400)
    /// The most numbers that get something within that time: numbers can be forged, and each message costs.
    package static let most = 20
    /// No box ran this program before 2026: a clock that shows less has not been set since the start.
    package static let earliest = Date(timeIntervalSince1970: 1_767_225_600)
    private static let mark = "replied - "

    /// At most ``most``; those of an earlier run have no number, which stands in the log of messages.
    private var told: [(number: String?, at: ContinuousClock.Instant)] = []

    /// Nobody got one yet.
    package init() {}

    /// Whether a number may get a message now.
    package mutating func admits(_ number: String, at now: ContinuousClock.Instant, date: Date) -> Bool {
        told.removeAll { now - $0.at >= Self.pause }
        // What is sent before the clock is set could not be counted after a restart.
        return date >= Self.earliest && told.count < Self.most && !told.contains { $0.number == number }
    }

    /// Notes that a number got one.
    package mutating func note(_ number: String, at now: ContinuousClock.Instant) { told.append((number, now)) }

    /// Lines for a file, without the numbers.
    package func record(at now: ContinuousClock.Instant, date: Date) -> [String] {
        told.filter { now - $0.at < Self.pause }
            .map { Self.mark + "\(Int(date.timeIntervalSince1970) - Int((now - $0.at).components.seconds))" }
            .sorted()
    }

    /// Takes what was recorded before.
    package mutating func recall(_ lines: [String], at now: ContinuousClock.Instant, date: Date) {
        for line in lines where line.hasPrefix(Self.mark) {
            guard let seconds = Int64(line.dropFirst(Self.mark.count)) else { continue }
            let age = max(0, Int64(date.timeIntervalSince1970) &- seconds)
            told.append((nil, now - .seconds(min(age, Self.pause.components.seconds))))
        }
    }
}
