package import CallModel
package import FoundationEssentials

/// What the box remembers of people: its calls and its contacts.
///
/// Every method may wait for a disk, and returns in bounded time.
package protocol RecordControl: Sendable {
    /// The calls that a query lets through, newest first.
    func loggedCalls(_ query: CallLogQuery) async throws(ControlError) -> LoggedCalls

    /// One call, by its id or the beginning of it.
    func loggedCall(_ reference: String) async throws(ControlError) -> LoggedCall

    /// Sums of the calls of a period.
    func callTotals(from start: Date, to end: Date) async throws(ControlError) -> CallTotals.Report

    /// Removes a number, as a person types it, from the log.
    func eraseCalls(number: String) async throws(ControlError) -> ErasedNumber

    /// Every contact, as it was taken in.
    func contacts() async throws(ControlError) -> ContactList

    /// Takes contacts in.
    ///
    /// - Parameter replacing: whether everything that was there goes.
    func takeContacts(_ contacts: [Contact], replacing: Bool) async throws(ControlError) -> ContactChanges

    /// Removes the contacts that are called exactly so (case and accents don't matter), or all of them for nil.
    ///
    /// - Returns: how many there were.
    func removeContacts(called name: String?) async throws(ControlError) -> Int
}

/// Which calls of the log are asked for.
package struct CallLogQuery: Sendable, Hashable {
    /// The most calls of one answer.
    package static let longestPage = 500
    /// What stands for the outcome of a call that has not ended.
    package static let live = "live"

    /// Requested at this time or later.
    package var since: Date?
    /// Requested before this time.
    package var until: Date?
    /// With this target, or this number on the wire, as a person types it.
    package var number: String?
    /// On the modem with this name.
    package var modem: String?
    /// Made or taken in this way.
    package var method: String?
    /// Which came out like this; ``live`` for those that have not ended.
    package var outcome: String?
    /// `incoming` or `outgoing`.
    package var direction: String?
    /// Incoming ones that ended without an answer, and no others.
    package var isMissed = false
    /// The call behind which the list begins, by its id or the beginning of it.
    package var after: String?
    /// The most calls, at most ``longestPage``.
    package var limit = 50
    /// Whether the legs are wanted as well.
    package var withLegs = false

    /// Creates a query for the newest calls.
    package init() {}
}

/// Some calls of the log.
package struct LoggedCalls: Sendable, Hashable, Codable {
    /// The calls, newest first.
    package var calls: [CallRecord]
    /// Those among all that are being made: their program still runs.
    package var live: [String]
    /// The call behind which the next page begins; nil when this is the last one.
    package var next: String?

    package init(calls: [CallRecord], live: [String] = [], next: String? = nil) {
        self.calls = calls
        self.live = live
        self.next = next
    }
}

/// One call of the log and the steps that were written down for it.
package struct LoggedCall: Sendable, Hashable, Codable {
    /// One step.
    package struct Step: Sendable, Hashable, Codable {
        /// `dial`, `answer`, `ask_pbx` or `claim`.
        package var step: String
        /// When it was about to be taken.
        package var at: Date
        /// When it was over; nil while it is open.
        package var settledAt: Date?
        /// What became of it.
        package var result: String?
        /// Whether it is open although its program runs no more.
        package var isAbandoned: Bool

        package init(step: String, at: Date, settledAt: Date?, result: String?, isAbandoned: Bool) {
            self.step = step
            self.at = at
            self.settledAt = settledAt
            self.result = result
            self.isAbandoned = isAbandoned
        }

        private enum CodingKeys: String, CodingKey {
            case step
            case at
            case settledAt = "settled_at"
            case result
            case isAbandoned = "abandoned"
        }
    }

    package var call: CallRecord
    /// The steps, oldest first.
    package var journal: [Step]

    package init(call: CallRecord, journal: [Step]) {
        self.call = call
        self.journal = journal
    }
}

/// What was removed from the log.
package struct ErasedNumber: Sendable, Hashable, Codable {
    /// The number in the form in which the log had it.
    package var number: String
    /// In how many calls it stood.
    package var calls: Int

    package init(number: String, calls: Int) {
        self.number = number
        self.calls = calls
    }
}

/// The contacts of a box, and by whose rules their numbers are read there.
package struct ContactList: Sendable, Hashable, Codable {
    /// The box's region, two letters.
    package var region: String
    /// The contacts, in the order of their file.
    package var contacts: [Contact]

    package init(region: String, contacts: [Contact]) {
        self.region = region
        self.contacts = contacts
    }
}

/// What an import of contacts changed.
package struct ContactChanges: Sendable, Hashable, Codable {
    /// How many contacts are new.
    package var added = 0
    /// How many were there and are different now.
    package var changed = 0
    /// How many were there as they are.
    package var unchanged = 0

    /// Creates the changes of an import.
    package init(added: Int = 0, changed: Int = 0, unchanged: Int = 0) {
        self.added = added
        self.changed = changed
        self.unchanged = unchanged
    }
}
