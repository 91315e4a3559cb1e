package import CallModel
package import SerialPort

/// What is set for all modems.
package struct FleetSettings: Sendable {
    /// The modems that have a name, in the order in which they are listed; others are used all the same.
    package var modems: [ModemSettings]
    /// How one of several free modems is chosen for a call.
    package var choice: ModemChoice

    /// Creates settings.
    package init(modems: [ModemSettings] = [], choice: ModemChoice = .bestSignal) {
        self.modems = modems
        self.choice = choice
    }

    /// Finds a modem by its name, or by the IMEI or the tty that it is recognised by.
    func modem(_ reference: String) -> ModemSettings? {
        modems.first { $0.name == reference } ?? modems.first { $0.match.accepts(imei: reference, tty: reference) }
    }
}

/// What is set for one modem.
package struct ModemSettings: Sendable {
    package var name: String
    /// How it is recognised.
    package var match: ModemMatch
    /// The number of its card.
    package var number: String?
    /// How its tty is opened.
    package var serial: SerialSettings
    /// Reads the card's PIN each time it is called; nil when none is configured.
    package var pin: (@Sendable () throws -> String)?
    /// Which way its sound takes.
    package var sound = ModemSound()

    /// Creates settings.
    package init(
        name: String,
        match: ModemMatch,
        number: String? = nil,
        serial: SerialSettings = SerialSettings(),
        pin: (@Sendable () throws -> String)? = nil
    ) {
        self.name = name
        self.match = match
        self.number = number
        self.serial = serial
        self.pin = pin
    }

    /// The tty to open, when the modem is recognised by it; others must be discovered.
    var tty: String? {
        if case .tty(let path) = match { return path }
        return nil
    }
}
