package import FoundationEssentials

/// A network's end concerns a modem: the event `modem.sunset` (the contract's section 7).
package struct SunsetEvent: GatewayEvent, Hashable, Codable {
    /// When it was noticed.
    package var at: Date
    /// The modem's name.
    @OrNull package var modem: String?
    /// The last radio network over which the modem calls there, `gsm` or `umts`.
    package var technology: String
    /// Its last day, `2028-06-30`.
    package var date: String
    /// What that means, in one line.
    package var reason: String

    private var event = SunsetEvent.word

    private static let word = "modem.sunset"

    /// Creates an event.
    package init(modem: String?, technology: String, date: String, reason: String, at: Date = Date()) {
        self.at = at
        self.technology = technology
        self.date = date
        self.reason = reason
        self.modem = modem
    }

    /// See ``GatewayEvent/name``.
    package var name: String { Self.word }

    /// See ``GatewayEvent/subject``; nil.
    package var subject: UUID? { nil }

    private enum CodingKeys: String, CodingKey {
        case event, at, modem, technology, date, reason
    }
}
