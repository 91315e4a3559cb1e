package import DialPlan

extension Configuration {
    /// What may be called and how much, as the policy's engine takes it.
    ///
    /// Without a file the limit of calls per hour, which is a default, is left out: then there is only the person
    /// at the keyboard.
    package var dialRules: DialRules {
        var total = policy.limits
        total.callsPerHour = file == nil ? nil : policy.maxCallsPerHour
        var own: [String: UsageLimits] = [:]
        for modem in modems where !modem.limits.isEmpty { own[modem.name] = modem.limits }
        return DialRules(
            policy: policy.dialPolicy,
            limits: DialLimits(
                secondsPerCall: max(1, Int(policy.maxDuration.components.seconds)),
                total: total,
                modems: own,
                quietHours: policy.quietHours,
                currency: policy.currency
            )
        )
    }

    /// The tariff of a modem's SIM, at home or abroad; nil where none is configured.
    package func tariff(ofModem modem: String, isRoaming: Bool) -> Tariff? {
        let entry = self.modem(modem)
        return tariff(named: isRoaming ? entry?.roamingTariff : entry?.tariff)
    }

    /// The tariff of a PBX; nil where none is configured.
    package func tariff(ofPBX name: String) -> Tariff? {
        tariff(named: pbx.first { $0.name == name }?.tariff)
    }

    private func tariff(named name: String?) -> Tariff? {
        name.flatMap { name in tariffs.first { $0.name == name } }
    }
}
