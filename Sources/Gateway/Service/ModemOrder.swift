/// What a person wants done with a modem.
package enum ModemOrder: String, Sendable, Hashable, Codable, CaseIterable {
    /// Have it start anew.
    case restart
    /// Take it out of service, until `on` or the end of the service.
    case off
    /// Take it into service again.
    case on
}
