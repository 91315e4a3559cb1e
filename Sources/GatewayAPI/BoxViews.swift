package import FoundationEssentials

/// How a modem stood in a span of some minutes.
package struct SignalSpan: Sendable, Hashable, Codable {
    /// When the span begins.
    package var at: Date
    /// The mean of its minutes, in dBm; nil where it told none.
    @OrNull package var signal: Int?
    /// The weakest and the strongest of its minutes.
    @OrNull package var lowest: Int?
    @OrNull package var highest: Int?
    /// How many minutes are known.
    package var minutes: Int
    /// In how many of them the network had it.
    package var registered: Int

    package init(at: Date, signal: Int?, lowest: Int?, highest: Int?, minutes: Int, registered: Int) {
        self.at = at
        self.minutes = minutes
        self.registered = registered
        self.signal = signal
        self.lowest = lowest
        self.highest = highest
    }

    private enum CodingKeys: String, CodingKey {
        case at
        case signal = "signal_dbm"
        case lowest = "lowest_dbm"
        case highest = "highest_dbm"
        case minutes
        case registered = "registered_minutes"
    }
}

/// A limit of the policy, or the free minutes of a SIM's tariff, and how far they are used up.
package struct LimitStatus: Sendable, Hashable, Codable {
    /// The key that sets it.
    package var key: String
    /// The modem that it holds for; nil for all together.
    @OrNull package var modem: String?
    /// What is counted: `calls`, `seconds`, or the three letters of a currency, then in units of it.
    package var unit: String
    /// How much is used or reserved, and how much there is.
    package var used: Double
    package var allowed: Double
    /// What is used of what, and when there is more, in words.
    package var words: String
    package var opens: String

    package init(
        key: String,
        modem: String?,
        unit: String,
        used: Double,
        allowed: Double,
        words: String,
        opens: String
    ) {
        self.key = key
        self.unit = unit
        self.used = used
        self.allowed = allowed
        self.words = words
        self.opens = opens
        self.modem = modem
    }
}
