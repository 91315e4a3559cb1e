public import CallLog
public import Contacts
public import FoundationEssentials

/// What the box remembers of people: its calls and its contacts.
///
/// Every method may wait for a disk, and returns in bounded time.
public protocol RecordControl: Sendable {
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
    func takeContacts(_ contacts: [Contact], replacing: Bool) async throws(ControlError) -> ContactStore.Changes

    /// Removes the contacts that are called exactly so (case and accents don't matter), or all of them for nil.
    ///
    /// - Returns: how many there were.
    func removeContacts(called name: String?) async throws(ControlError) -> Int
}

/// Which calls of the log are asked for.
public struct CallLogQuery: Sendable, Hashable {
    /// The most calls of one answer.
    public static let longestPage = 500

    /// Requested at this time or later.
    public var since: Date?
    /// Requested before this time.
    public var until: Date?
    /// With this target, or this number on the wire, as a person types it.
    public var number: String?
    /// On the modem with this name.
    public var modem: String?
    /// Made or taken in this way.
    public var method: String?
    /// Which came out like this, or `live`.
    public var outcome: String?
    /// The call behind which the list begins, by its id or the beginning of it.
    public var after: String?
    /// The most calls, at most ``longestPage``.
    public var limit = 50
    /// Whether the legs are wanted as well.
    public var withLegs = false

    /// Creates a query for the newest calls.
    public init() {}
}

/// Some calls of the log.
public struct LoggedCalls: Sendable, Hashable, Codable {
    /// The calls, newest first.
    public var calls: [CallRecord]
    /// Those among all that are being made: their program still runs.
    public var live: [String]
    /// The call behind which the next page begins; nil when this is the last one.
    public var next: String?

    /// Creates a page.
    public init(calls: [CallRecord], live: [String] = [], next: String? = nil) {
        self.calls = calls
        self.live = live
        self.next = next
    }
}

/// One call of the log and the steps that were written down for it.
public struct LoggedCall: Sendable, Hashable, Codable {
    /// One step.
    public struct Step: Sendable, Hashable, Codable {
        /// `dial`, `answer`, `ask_pbx` or `claim`.
        public var step: String
        /// When it was about to be taken.
        public var at: Date
        /// When it was over; nil while it is open.
        public var settledAt: Date?
        /// What became of it.
        public var result: String?
        /// Whether it is open although its program runs no more.
        public var isAbandoned: Bool

        /// Creates a step.
        public init(step: String, at: Date, settledAt: Date?, result: String?, isAbandoned: Bool) {
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

    /// The call.
    public var call: CallRecord
    /// The steps, oldest first.
    public var journal: [Step]

    /// Creates it.
    public init(call: CallRecord, journal: [Step]) {
        self.call = call
        self.journal = journal
    }
}

/// What was removed from the log.
public struct ErasedNumber: Sendable, Hashable, Codable {
    /// The number in the form in which the log had it.
    public var number: String
    /// In how many calls it stood.
    public var calls: Int

    /// Creates it.
    public init(number: String, calls: Int) {
        self.number = number
        self.calls = calls
    }
}

/// The contacts of a box, and by whose rules their numbers are read there.
public struct ContactList: Sendable, Hashable, Codable {
    /// The box's region, two letters.
    public var region: String
    /// The contacts, in the order of their file.
    public var contacts: [Contact]

    /// Creates a list.
    public init(region: String, contacts: [Contact]) {
        self.region = region
        self.contacts = contacts
    }
}
