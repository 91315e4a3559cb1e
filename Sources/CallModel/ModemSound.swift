/// Which way the sound of a modem's calls comes to this box: what is set for it, or left to its driver.
package struct ModemSound: Sendable, Hashable {
    package enum Way: String, Sendable, Hashable, CaseIterable {
        /// By driver and bus.
        case auto
        /// None: the modem only dials.
        case none
        /// A tty that carries samples.
        case tty
        /// A sound card.
        case alsa
    }

    package var way: Way
    /// The tty to use as it is; nil for the one that the bus shows.
    package var tty: String?
    /// The ALSA device to use as it is; nil for the card that the bus shows.
    package var device: String?

    /// Creates a choice; without anything it is left to driver and bus.
    package init(way: Way = .auto, tty: String? = nil, device: String? = nil) {
        self.way = way
        self.tty = tty
        self.device = device
    }
}
