/// Whether the subscription lets its number be hidden: the answer to `AT+CLIR?`, `+CLIR: <n>,<m>` (27.007 §7.7).
package struct CallerRestriction: Sendable, Hashable {
    /// What the network has set up for the card (`<m>`).
    package enum Provision: Int, Sendable, Hashable {
        /// Numbers can't be hidden.
        case absent
        /// The number is hidden in every call.
        case permanent
        case unknown
        /// Hidden unless a call says otherwise.
        case hiddenByDefault
        /// Shown unless a call says otherwise.
        case shownByDefault
    }

    /// What is set in the modem (`<n>`): 0 as the subscription says, 1 hidden, 2 shown.
    package var setting: Int
    /// See ``Provision``; nil where the modem did not say.
    package var provision: Provision?

    /// Reads one `+CLIR` line; nil for other lines.
    package init?(clir line: ATLine) {
        let read = line.withBytes { bytes -> (Int, Provision?)? in
            guard let fields = bytes.body(of: "+CLIR").map({ Fields($0) }), let setting = fields[0].int else {
                return nil
            }
            return (setting, fields[1].int.flatMap { Provision(rawValue: $0) })
        }
        guard let read else { return nil }
        (setting, provision) = read
    }
}
