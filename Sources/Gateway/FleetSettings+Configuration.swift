internal import DialPlan
package import Lines
package import Settings

extension FleetSettings {
    /// What the configuration says of modems.
    package init(_ configuration: Configuration, _ environment: ConfigurationEnvironment) {
        self.init(
            modems: configuration.modems.map { ModemSettings($0, environment) },
            choice: configuration.gateway.modemChoice
        )
    }
}

extension ModemSettings {
    fileprivate init(_ entry: Configuration.Modem, _ environment: ConfigurationEnvironment) {
        self.init(
            name: entry.name,
            match: entry.match,
            number: entry.number?.description,
            serial: entry.serialSettings,
            pin: entry.pinProvider(in: environment)
        )
        sound = entry.audio.sound
    }
}
