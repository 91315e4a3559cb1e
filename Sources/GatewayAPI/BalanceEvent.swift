package import FoundationEssentials

/// What a SIM had at a time.
package struct SIMBalance: Sendable, Hashable, Codable {
    /// The modem's name.
    package var modem: String
    /// When it was asked for.
    package var at: Date
    /// The amount; nil where the answer had none, or none came.
    @OrNull package var amount: Double?
    /// What it is counted in.
    package var currency: String

    package init(modem: String, at: Date, amount: Double?, currency: String) {
        self.modem = modem
        self.at = at
        self.currency = currency
        self.amount = amount
    }
}

/// The balance of a SIM: the events `sim.balance` and `sim.balance_low` (the contract's section 7), and the end of the latter.
package struct BalanceEvent: GatewayEvent, Hashable, Codable {
    /// What happened.
    package enum Kind: String, Sendable, Hashable, Codable {
        /// It was asked for.
        case balance = "sim.balance"
        /// It is below what is set.
        case low = "sim.balance_low"
        /// It is no longer.
        case restored = "sim.balance_restored"
    }

    /// What happened.
    package var kind: Kind
    /// When.
    package var at: Date
    /// The modem's name.
    package var modem: String
    /// The amount.
    package var amount: Double
    /// What it is counted in.
    package var currency: String

    /// Creates an event.
    package init(_ kind: Kind, modem: String, amount: Double, currency: String, at: Date = Date()) {
        self.kind = kind
        self.modem = modem
        self.amount = amount
        self.currency = currency
        self.at = at
    }

    /// See ``GatewayEvent/name``.
    package var name: String { kind.rawValue }

    /// See ``GatewayEvent/subject``; nil.
    package var subject: UUID? { nil }

    private enum CodingKeys: String, CodingKey {
        case kind = "event"
        case at, modem, amount, currency
    }
}
