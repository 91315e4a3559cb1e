package import FoundationEssentials

/// How an account at a PBX stands (the contract's section 6).
package struct AccountStatus: Sendable, Hashable, Codable {
    /// The words of the contract.
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Calls reach us over it.
        case registered
        /// It is being registered, or tried again after a while.
        case trying
        /// The registrar said no; it is not tried again before the configuration is read again.
        case refused
        /// It is not begun, or over.
        case off
    }

    /// Its name in the configuration.
    package var name: String
    /// How it stands.
    package var state: State
    /// Why it does not stand better, in one line.
    @OrNull package var reason: String?
    /// How many seconds the registration still holds.
    @OrNull package var expires: Int?
    /// The PBX that it belongs to.
    @OrNull package var pbx: String?

    /// Creates a status.
    package init(name: String, state: State, reason: String? = nil, expires: Int? = nil, pbx: String? = nil) {
        self.name = name
        self.state = state
        self.reason = reason
        self.expires = expires
        self.pbx = pbx
    }

    private enum CodingKeys: String, CodingKey {
        case name, state, reason, pbx
        case expires = "expires_s"
    }
}

/// An account stands differently: `account.registered`, `account.trying`, `account.refused`, `account.off`.
package struct AccountEvent: GatewayEvent, Hashable, Encodable {
    /// When.
    package var at: Date
    /// How it stands now.
    package var account: AccountStatus

    /// Creates an event.
    package init(_ account: AccountStatus, at: Date = Date()) {
        self.account = account
        self.at = at
    }

    /// See ``GatewayEvent/name``.
    package var name: String { "account.\(account.state.rawValue)" }

    /// See ``GatewayEvent/subject``; nil.
    package var subject: UUID? { nil }

    /// Encodes it as the contract writes events.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .event)
        try container.encode(at, forKey: .at)
        try container.encode(account.name, forKey: .account)
        try container.encodeIfPresent(account.reason, forKey: .reason)
        try container.encodeIfPresent(account.expires, forKey: .expires)
        try container.encodeIfPresent(account.pbx, forKey: .pbx)
    }

    private enum CodingKeys: String, CodingKey {
        case event, at, account, reason, pbx
        case expires = "expires_s"
    }
}
