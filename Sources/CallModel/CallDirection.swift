/// Which way a call goes (the contract's `direction`).
package enum CallDirection: String, Sendable, Hashable, CaseIterable, Codable {
    /// A user, or a rule, asked for it.
    case outgoing
    /// The modem was rung.
    case incoming
}
