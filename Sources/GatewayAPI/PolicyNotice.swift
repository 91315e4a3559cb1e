package import FoundationEssentials

/// Something about limits that people should know: the event `policy.notice`, a line on standard error.
package struct PolicyNotice: GatewayEvent, Hashable, Codable {
    /// The event's name.
    package private(set) var name = "policy.notice"
    /// When.
    package var at: Date
    /// The call that brought it about.
    @Name package var call: UUID
    /// What there is to know, in one line.
    package var reason: String
    /// The limit that it is about, by its key in the configuration.
    package var limit: String?
    /// How much of the limit is used up, in calls, seconds or millionths of the currency.
    package var used: Int64?
    /// How much the limit allows, in the same unit.
    package var allowed: Int64?

    package init(_ reason: String, call: UUID, at: Date = Date()) {
        self.reason = reason
        self.call = call
        self.at = at
    }

    /// See ``GatewayEvent/subject``.
    package var subject: UUID? { call }

    private enum CodingKeys: String, CodingKey {
        case name = "event"
        case at
        case call
        case reason
        case limit
        case used
        case allowed
    }
}

extension PolicyNotice: CustomStringConvertible {
    /// One line for a person.
    package var description: String { reason }
}
