internal import ATProtocol

// Calls whose number is hidden (27.007 §7.7).
extension ModemSession {
    /// Why our number can't be kept from the one who is called; nil where it can, for all that is known.
    ///
    /// The network is asked, which takes up to 15 s: one that does not offer it would show the number.
    package func obstacleToHiding() async -> String? {
        guard driver.hidesNumber else { return "it is not known how modems of the family \(driver.family) do that" }
        guard let restriction = await callerRestriction() else { return nil }
        return restriction == .absent ? "the subscription does not offer it (AT+CLIR? says: not provisioned)" : nil
    }

    /// What the network has set up for the card; nil where it is not told.
    func callerRestriction() async -> CallerRestriction.Provision? {
        await ask(.callerRestriction)?.lazy.compactMap { CallerRestriction(clir: $0)?.provision }.first
    }
}
