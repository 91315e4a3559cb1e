package import FoundationEssentials

/// How a phone of the house stands (the contract's section 6).
package struct PhoneStatus: Sendable, Hashable, Codable {
    /// What it is.
    package enum Kind: String, Sendable, Hashable, Codable {
        /// A telephone that registers.
        case phone
        /// A PBX that is known by its address.
        case trunk
    }

    /// Its name in the configuration.
    package var name: String
    /// What it is.
    package var kind: Kind
    /// Whether it can be called.
    package var registered: Bool
    /// Where it is called; of several places the latest.
    @OrNull package var contact: String?
    /// All places where a phone is called, the latest last; nil for none.
    package var contacts: [String]?
    /// For how many seconds the latest holds.
    @OrNull package var expires: Int?
    /// How many live calls it has.
    package var calls: Int
    /// What it is called on displays.
    package var title: String?
    /// What it says it is.
    package var userAgent: String?

    /// Creates a status; a phone without a contact is not registered.
    package init(name: String, kind: Kind, contact: String? = nil, expires: Int? = nil, calls: Int = 0) {
        self.name = name
        self.kind = kind
        registered = contact != nil
        self.contact = contact
        self.expires = expires
        self.calls = calls
    }

    private enum CodingKeys: String, CodingKey {
        case name, kind, registered, contact, contacts, calls, title
        case expires = "expires_s"
        case userAgent = "user_agent"
    }
}

/// A phone can be called, or can't any more: `phone.registered`, `phone.gone`.
package struct PhoneEvent: GatewayEvent, Hashable, Encodable {
    /// When.
    package var at: Date
    /// How it stands now.
    package var phone: PhoneStatus

    /// Creates an event.
    package init(_ phone: PhoneStatus, at: Date = Date()) {
        self.phone = phone
        self.at = at
    }

    /// See ``GatewayEvent/name``.
    package var name: String { phone.registered ? "phone.registered" : "phone.gone" }

    /// See ``GatewayEvent/subject``; nil.
    package var subject: UUID? { nil }

    /// Encodes it as the contract writes events.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .event)
        try container.encode(at, forKey: .at)
        try container.encode(phone.name, forKey: .phone)
        try container.encodeIfPresent(phone.contact, forKey: .contact)
        try container.encodeIfPresent(phone.expires, forKey: .expires)
    }

    private enum CodingKeys: String, CodingKey {
        case event, at, phone, contact
        case expires = "expires_s"
    }
}

/// An address tries the doors: `phone.locked`, `sip.flood`.
package struct SIPAlarm: GatewayEvent, Hashable, Encodable {
    /// What happens.
    package enum Kind: Sendable, Hashable {
        /// An address is locked out, for a phone or for names that nobody has.
        case locked(phone: String?)
        /// Many come without a password.
        case flood
    }

    /// What happens.
    package var kind: Kind
    /// The address.
    package var source: String
    /// When.
    package var at: Date

    /// Creates an alarm.
    package init(_ kind: Kind, source: String, at: Date = Date()) {
        self.kind = kind
        self.source = source
        self.at = at
    }

    /// See ``GatewayEvent/name``.
    package var name: String { kind == .flood ? "sip.flood" : "phone.locked" }

    /// See ``GatewayEvent/subject``; nil.
    package var subject: UUID? { nil }

    /// Encodes it as the contract writes events.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .event)
        try container.encode(at, forKey: .at)
        if case .locked(let phone?) = kind { try container.encode(phone, forKey: .phone) }
        try container.encode(source, forKey: .source)
    }

    private enum CodingKeys: String, CodingKey {
        case event, at, phone, source
    }
}
