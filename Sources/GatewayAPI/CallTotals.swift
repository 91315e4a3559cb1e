/// How many calls there were, and how long people talked.
package struct CallTotals: Sendable, Hashable, Codable {
    /// How many calls have ended.
    package var calls = 0
    /// How many of them were answered.
    package var answered = 0
    /// How long they were answered, in seconds.
    package var seconds = 0.0

    /// Creates the sum of no calls.
    package init() {}

    /// The calls of a period, summed up in three ways.
    package struct Report: Sendable, Hashable, Codable {
        /// All of them.
        package var all = CallTotals()
        /// By how they were made.
        package var byMethod: [String: CallTotals] = [:]
        /// By modem; an empty name for calls that never had one.
        package var byModem: [String: CallTotals] = [:]
        /// By who paid; an empty name where that was not known.
        package var byPayer: [String: CallTotals] = [:]

        /// Creates the report of a period without calls.
        package init() {}

        private enum CodingKeys: String, CodingKey {
            case all
            case byMethod = "by_method"
            case byModem = "by_modem"
            case byPayer = "by_payer"
        }
    }

    package static func += (sum: inout CallTotals, other: CallTotals) {
        sum.calls += other.calls
        sum.answered += other.answered
        sum.seconds += other.seconds
    }
}
