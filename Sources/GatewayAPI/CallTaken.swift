package import FoundationEssentials

/// A call that rang was taken at the page: the event `call.taken`, for the others who saw it ring.
package struct CallTaken: GatewayEvent, Hashable, Codable {
    /// When.
    package var at: Date
    /// The call.
    package var call: UUID
    /// What the browser that took it calls itself.
    package var by: String

    private var event = CallTaken.word

    private static let word = "call.taken"

    /// Creates an event.
    package init(call: UUID, by: String, at: Date = Date()) {
        (self.at, self.call, self.by) = (at, call, by)
    }

    /// See ``GatewayEvent/name``.
    package var name: String { Self.word }

    /// See ``GatewayEvent/subject``.
    package var subject: UUID? { call }

    private enum CodingKeys: String, CodingKey {
        case event, at, call, by
    }

    /// Encodes the call's id as all events have it.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(event, forKey: .event)
        try fields.encode(at, forKey: .at)
        try fields.encode(call.name, forKey: .call)
        try fields.encode(by, forKey: .by)
    }
}
