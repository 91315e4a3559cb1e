/// Which way a call is asked to go (`--via`).
package enum Via: String, Sendable, CaseIterable, Codable {
    /// The cheapest that is possible: callthrough when an access number is known, else direct.
    case auto
    /// Over an account at a PBX (SIP).
    case internet
    case callthrough
    case callback
    case direct
}
