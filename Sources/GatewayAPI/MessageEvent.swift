package import FoundationEssentials

/// An event of a message or of USSD, as the event stream and webhooks show it (the contract's section 7).
package struct MessageEvent: GatewayEvent, Hashable, Codable {
    /// What happened.
    package enum Kind: String, Sendable, Hashable, Codable {
        /// One came; or parts of it, where the others did not for a day.
        case received = "message.received"
        /// The network has taken one.
        case sent = "message.sent"
        /// The far phone has one.
        case delivered = "message.delivered"
        /// One was not sent, or never arrived; or whether it was can't be told.
        case failed = "message.failed"
        /// The network said something in USSD, in a session or by itself.
        case service = "ussd.received"
    }

    /// What happened.
    package var kind: Kind
    /// When.
    package var at: Date
    /// The message; nil for USSD.
    package var message: UUID?
    /// The other side.
    package var number: String?
    /// What the contacts call it.
    package var callerName: String?
    /// The text.
    package var text: String?
    /// What came and is no text, in base 64.
    package var data: Data?
    /// The modem's name.
    @OrNull package var modem: String?
    /// How the message stands.
    package var state: MessageRecord.State?
    /// How many parts it has.
    package var parts: Int?
    /// Why, in one line.
    package var reason: String?
    /// Whether the session of USSD is over.
    package var done: Bool?

    /// Creates an event of a message as it stands now.
    package init(_ kind: Kind, of record: MessageRecord, at: Date = Date()) {
        self.kind = kind
        self.at = at
        message = record.message
        number = record.number
        callerName = record.name
        // What a person wrote here needs no telling.
        text = record.direction == "incoming" ? record.text : nil
        data = record.direction == "incoming" ? record.data : nil
        modem = record.modem
        state = record.state
        parts = record.parts
        reason = record.reason
    }

    /// Creates an event of USSD.
    package init(service text: String, modem: String?, done: Bool, at: Date = Date()) {
        kind = .service
        self.at = at
        self.text = text
        self.modem = modem
        self.done = done
    }

    /// See ``GatewayEvent/name``.
    package var name: String { kind.rawValue }

    /// See ``GatewayEvent/subject``; nil.
    package var subject: UUID? { nil }

    private enum CodingKeys: String, CodingKey {
        case kind = "event"
        case at, message, number
        case callerName = "name"
        case text, data, modem, state, parts, reason, done
    }

    /// Writes the event; ids in lower case.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(at, forKey: .at)
        try fields.encodeIfPresent(message?.name, forKey: .message)
        try fields.encodeIfPresent(number, forKey: .number)
        try fields.encodeIfPresent(callerName, forKey: .callerName)
        try fields.encodeIfPresent(text, forKey: .text)
        try fields.encodeIfPresent(data, forKey: .data)
        try fields.encode(modem, forKey: .modem)
        try fields.encodeIfPresent(state, forKey: .state)
        try fields.encodeIfPresent(parts, forKey: .parts)
        try fields.encodeIfPresent(reason, forKey: .reason)
        try fields.encodeIfPresent(done, forKey: .done)
    }
}
