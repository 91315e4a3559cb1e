internal import ATProtocol
internal import Logging

/// Whether a card's number can be kept from those who are called.
package enum NumberHiding: Sendable, Hashable {
    /// The network does not offer it.
    case never
    /// Where a call asks for it.
    case onDemand
    /// It is hidden unless a call says otherwise.
    case always
}

// Calls whose number is hidden (27.007 §7.7).
extension ModemSession {
    /// Why our number can't be kept from the one who is called; nil where it can, for all that is known.
    ///
    /// The network is asked, which takes up to 15 s: one that does not offer it would show the number. Where no answer comes, a
    /// manual of the family has to say that its modems do it.
    package func obstacleToHiding() async -> String? {
        guard driver.hiding != .unknown else {
            return "it is not known how modems of the family \(driver.family) do that"
        }
        switch await callerRestriction() {
        case .absent: return "the subscription does not offer it (AT+CLIR? says: not provisioned)"
        case .unknown: return "the network does not say whether it offers it (AT+CLIR? says: unknown)"
        case .permanent, .hiddenByDefault, .shownByDefault: return nil
        case nil:
            guard driver.hiding == .documented else {
                return "the network does not confirm that it does so (no answer to AT+CLIR?), "
                    + "and no manual of the family \(driver.family) says that its modems do"
            }
            log.warning("the network did not confirm that it keeps our number from the one who is called (AT+CLIR?)")
            return nil
        }
    }

    /// What the network has set up for the card; nil where it is not told.
    func callerRestriction() async -> CallerRestriction.Provision? {
        await ask(.callerRestriction)?.lazy.compactMap { CallerRestriction(clir: $0)?.provision }.first
    }
}

extension CallerRestriction.Provision {
    /// What it means for calls; nil where nothing is known.
    var ability: NumberHiding? {
        switch self {
        case .absent: .never
        case .permanent, .hiddenByDefault: .always
        case .shownByDefault: .onDemand
        case .unknown: nil
        }
    }
}
