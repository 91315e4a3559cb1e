/// What a person with a session at the page may do; each role may do what those before it may.
package enum WebRole: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Look.
    case see
    /// Make, take and end calls, write messages.
    case call
    /// Switch modems, erase records, see the settings and end the sessions of others.
    case admin

    package static func < (first: WebRole, second: WebRole) -> Bool { first.rank < second.rank }

    private var rank: Int {
        switch self {
        case .see: 0
        case .call: 1
        case .admin: 2
        }
    }
}
